// SPDX-License-Identifier: Apache-2.0

import COutflowRules

extension LogSourceMapping {
    /// The mapping that is used when the user gives none.
    public static let standard: LogSourceMapping = {
        do { return try LogSourceMapping(standardText) } catch { preconditionFailure("standard mapping: \(error)") }
    }()

    /// The text of ``standard``, for users to begin their own from: `mappings/log-sources.yml`, as the program carries it.
    public static let standardText: String = {
        let file = outflow_log_source_mapping()
        return String(decoding: UnsafeBufferPointer(start: file.text, count: file.length), as: UTF8.self)
    }()
}
