// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

extension Pattern {
    /// Whether all of `text` is what the pattern stands for. For a pattern that is not cased, both are folded.
    func matches(_ text: Bytes) -> Bool {
        var steps = Int.max
        return matches(text, steps: &steps) ?? false
    }

    /// The same, in so many steps at most, which are taken off; nil when they do not suffice.
    ///
    /// What stands before the first `*` is compared with the beginning, what stands behind the last one with the end, from
    /// behind. What stands between is looked for from left to right: of all places, the first leaves the most for what comes
    /// behind it, so nothing is looked for twice. Pieces of text are found in linear time, which costs no steps. A piece with
    /// wildcards for single characters in it is compared where the first text in it is found; that costs steps, a byte each.
    func matches(_ text: Bytes, steps: inout Int) -> Bool? {
        guard let first = parts.firstIndex(of: .any), let last = parts.lastIndex(of: .any) else {
            return end(of: parts[...], in: text, from: 0, to: text.count, steps: &steps) == text.count
        }
        guard var at = end(of: parts[..<first], in: text, from: 0, to: text.count, steps: &steps),
            let end = start(of: parts[(last + 1)...], in: text, from: at, to: text.count)
        else { return false }
        var piece = first + 1
        while piece <= last {
            let next = parts[piece...].firstIndex(of: .any) ?? last
            guard let found = find(parts[piece..<next], in: text, from: at, to: end, steps: &steps) else {
                return steps > 0 ? false : nil
            }
            at = found
            piece = next + 1
        }
        return true
    }

    /// Where the first occurrence of a piece without `*` ends; nil for none, and when no steps are left.
    private func find(
        _ piece: ArraySlice<Part>, in text: Bytes, from: Int, to: Int, steps: inout Int
    ) -> Int? {
        var at = from
        guard let anchor = piece.firstIndex(where: \.isLiteral), case .literal(let bytes) = piece[anchor] else {
            // Dashes and single characters only.
            while at <= to, steps > 0 {
                if let end = end(of: piece, in: text, from: at, to: to, steps: &steps) { return end }
                at += at < to ? max(1, CaseFolding.scalarLength(text, at)) : 1
            }
            return nil
        }
        while at <= to, steps > 0 {
            let hit = bytes.withUnsafeBufferPointer {
                outflow_find(text.start + at, to - at, $0.baseAddress, $0.count)
            }
            guard let place = hit.map({ $0 - text.start }) else { return nil }
            if start(of: piece[..<anchor], in: text, from: from, to: place) != nil,
                let end = end(
                    of: piece[(anchor + 1)...], in: text, from: place + bytes.count, to: to, steps: &steps)
            {
                return end
            }
            steps -= anchor - piece.startIndex + 1
            at = place + 1
        }
        return nil
    }

    /// Where parts without `*` end that begin at `from`; nil when they do not.
    private func end(of parts: ArraySlice<Part>, in text: Bytes, from: Int, to: Int, steps: inout Int) -> Int? {
        var at = from
        for part in parts {
            steps -= 1
            switch part {
            case .literal(let bytes):
                guard to - at >= bytes.count else { return nil }
                for byte in bytes {
                    guard text.start[at] == byte else { return nil }
                    at += 1
                    steps -= 1
                }
            case .one:
                guard at < to else { return nil }
                at += max(1, CaseFolding.scalarLength(text, at))
            case .dash:
                guard at < to else { return nil }
                let length = Dash.length(text, at)
                guard length > 0 else { return nil }
                at += length
            case .any, .placeholder: return nil
            }
            guard at <= to else { return nil }
        }
        return at
    }

    /// Where parts without `*` begin that end at `to`, not before `from`; nil when they do not.
    private func start(of parts: ArraySlice<Part>, in text: Bytes, from: Int, to: Int) -> Int? {
        var at = to
        for part in parts.reversed() {
            switch part {
            case .literal(let bytes):
                guard at - from >= bytes.count else { return nil }
                at -= bytes.count
                guard bytes.withUnsafeBytes({ Bytes($0) == text[at..<at + bytes.count] }) else { return nil }
            case .one:
                guard at > from else { return nil }
                // The character that ends here; bytes that are none stand for one each.
                at -= (2...4).first { $0 <= at - from && CaseFolding.scalarLength(text, at - $0) == $0 } ?? 1
            case .dash:
                guard let length = [1, 3].first(where: { $0 <= at - from && Dash.length(text, at - $0) == $0 }) else {
                    return nil
                }
                at -= length
            case .any, .placeholder: return nil
            }
        }
        return at
    }
}

extension Pattern.Part {
    fileprivate var isLiteral: Bool { if case .literal = self { true } else { false } }
}
