// SPDX-License-Identifier: Apache-2.0

import COutflowRules

/// The project's own rules for data theft (`rules/`), which the program carries with it.
public enum OwnRules {
    /// The files, by their paths below `rules/`.
    static var files: [(path: String, text: String)] {
        (0..<outflow_rule_file_count()).map { number in
            let file = outflow_rule_file_at(number)
            let bytes = UnsafeBufferPointer(start: file.text, count: file.length)
            return (String(cString: file.path), String(decoding: bytes, as: UTF8.self))
        }
    }
}

extension RuleCollection {
    /// Adds the project's own rules, but those whose id a rule has that was added before: a user's copy of one comes first.
    public mutating func addOwnRules() {
        for file in OwnRules.files { add(file.text, path: "outflow/rules/\(file.path)", unlessThere: true) }
    }
}
