// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The pattern of a LIKE: `%` stands for any number of characters, `_` for one (STIX 2.1 section 9.6.1). Both sides are
/// compared in Unicode normalization form C.
struct LikePattern: Sendable {
    private let scalars: [Unicode.Scalar]

    init(_ text: String) { scalars = Array(text.precomposedStringWithCanonicalMapping.unicodeScalars) }

    /// Whether the text as a whole is of the pattern. Takes at most the product of both lengths in steps.
    func matches(_ text: String) -> Bool {
        let text = Array(text.precomposedStringWithCanonicalMapping.unicodeScalars)
        var at = 0
        var inText = 0
        // Where to go on when what follows the last `%` does not fit: one character further.
        var star: (at: Int, inText: Int)?
        while inText < text.count {
            if at < scalars.count, scalars[at] == "%" {
                star = (at, inText)
                at += 1
            } else if at < scalars.count, scalars[at] == "_" || scalars[at] == text[inText] {
                at += 1
                inText += 1
            } else if let last = star {
                star = (last.at, last.inText + 1)
                at = last.at + 1
                inText = last.inText + 1
            } else {
                return false
            }
        }
        return scalars[at...].allSatisfy { $0 == "%" }
    }

    /// Elementary steps that a text of so many bytes may take.
    func cost(_ length: Int) -> Int { (scalars.count + 1) * (length + 1) / 16 + 1 }
}
