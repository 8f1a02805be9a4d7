// SPDX-License-Identifier: Apache-2.0

import CCodecs

/// SHA-256 (FIPS 180-4) of bytes in memory.
enum Digest {
    static let length = 32

    /// The digest; nil if the library has none.
    static func sha256(_ bytes: [UInt8]) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: length)
        return EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 ? digest : nil
    }
}
