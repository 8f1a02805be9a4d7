// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

extension Pattern {
    /// Whether all of `text` is what the pattern stands for. For a pattern that is not cased, both are folded.
    ///
    /// Greedy with one step back, to the last `*` only: time is at most the product of both lengths, memory none.
    func matches(_ text: Bytes) -> Bool {
        var at = 0
        var part = 0
        var resumePart = -1
        var resumeAt = 0
        while true {
            if part < parts.count {
                if case .any = parts[part] {
                    resumePart = part + 1
                    resumeAt = at
                    part += 1
                    // What ends in a wildcard matches whatever is left.
                    if part == parts.count { return true }
                    continue
                }
                if let next = step(parts[part], text, at) {
                    at = next
                    part += 1
                    continue
                }
            } else if at == text.count {
                return true
            }
            guard resumePart >= 0, resumeAt < text.count else { return false }
            resumeAt = next(text, resumeAt, before: parts[resumePart])
            if resumeAt > text.count { return false }
            at = resumeAt
            part = resumePart
        }
    }

    /// The next place after `at` where `part` may begin: literals are found in linear time.
    private func next(_ text: Bytes, _ at: Int, before part: Part) -> Int {
        guard case .literal(let bytes) = part else { return at + max(1, CaseFolding.scalarLength(text, at)) }
        let hit = bytes.withUnsafeBufferPointer {
            outflow_find(text.start + (at + 1), text.count - at - 1, $0.baseAddress, $0.count)
        }
        return hit.map { $0 - text.start } ?? text.count + 1
    }

    /// Where `part` ends when it begins at `at`; nil when it does not.
    private func step(_ part: Part, _ text: Bytes, _ at: Int) -> Int? {
        switch part {
        case .literal(let bytes):
            guard text.count - at >= bytes.count else { return nil }
            return bytes.withUnsafeBytes { Bytes($0) == text[at..<at + bytes.count] } ? at + bytes.count : nil
        case .one:
            return at < text.count ? at + max(1, CaseFolding.scalarLength(text, at)) : nil
        case .dash:
            guard at < text.count else { return nil }
            let length = Dash.length(text, at)
            return length > 0 ? at + length : nil
        case .any, .placeholder:
            return nil
        }
    }
}
