// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowIntelligence

/// Checks that the profile is read as it was written, and that damage to any of its bytes is survived.
func expectWholeAfterWriting(_ profile: Indicator.Profile, at location: SourceLocation = #_sourceLocation) {
    var blob = BlobWriter()
    profile.write(into: &blob)
    blob.bytes.withUnsafeBytes { bytes in
        var reader = BlobReader(bytes)
        #expect(Indicator.Profile(from: &reader) == profile, sourceLocation: location)
    }
    for index in blob.bytes.indices {
        for value: UInt8 in [0, 1, 2, 127, 128, 255] {
            var bytes = blob.bytes
            bytes[index] = value
            bytes.withUnsafeBytes { bytes in
                var reader = BlobReader(bytes)
                _ = Indicator.Profile(from: &reader)
            }
        }
    }
}
