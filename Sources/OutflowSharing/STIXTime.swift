// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Times as STIX writes them.
enum STIXTime {
    /// Whole seconds since 1970; nil for what is no time.
    static func seconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { Timestamp(iso8601: Bytes($0)) }.map { $0.microseconds / 1_000_000 }
    }
}
