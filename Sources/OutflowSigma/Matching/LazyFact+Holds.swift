// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension LazyFact {
    /// Whether the fact holds for one of the field's values.
    func holds(_ fields: RecordFields) -> Bool {
        var index = fields.heads[slot]
        while index >= 0 {
            if holds(fields, Int(index)) { return true }
            index = fields.values[Int(index)].next
        }
        return false
    }

    private func holds(_ fields: RecordFields, _ index: Int) -> Bool {
        switch test {
        case .pattern(let pattern): fields.folded(index).map { fields.matches(pattern, $0.text) } ?? false
        case .casedPattern(let pattern): fields.text(index).map { fields.matches(pattern, $0) } ?? false
        case .regex(let regex): fields.text(index).map { fields.search(regex, $0) } ?? false
        case .network(let network):
            fields.text(index).flatMap { IPAddress($0) }.map { network.contains($0) } ?? false
        case .number(let comparison, let bound):
            fields.text(index).flatMap { DecimalNumber($0) }.map { comparison.holds($0, bound) } ?? false
        case .date(let part, let comparison, let bound):
            fields.text(index).flatMap { part.value(in: $0) }.map { comparison.holds($0, bound) } ?? false
        case .field(let slot, let relation, let isCased): holds(fields, index, relation, slot, isCased)
        }
    }

    private func holds(
        _ fields: RecordFields, _ index: Int, _ relation: Predicate.Relation, _ slot: Int, _ isCased: Bool
    ) -> Bool {
        func text(_ index: Int) -> Bytes? { isCased ? fields.text(index) : fields.folded(index)?.text }
        guard let left = text(index) else { return false }
        var other = fields.heads[slot]
        // Texts that are equal are looked at once; other relations are looked for.
        while other >= 0, fields.mayStep(relation == .equals ? 8 : 32 &+ left.count / 8) {
            if let right = text(Int(other)), relation.holds(left, right) { return true }
            other = fields.values[Int(other)].next
        }
        return false
    }
}

extension Bytes {
    /// The decimal number that the text is, with optional sign, fraction and exponent; nil for anything else.
    var number: Double? {
        guard count > 0, count <= 64 else { return nil }
        for index in 0..<count {
            let byte = self[index]
            guard
                byte &- 0x30 <= 9 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
                    || byte | 0x20 == UInt8(ascii: "e")
            else { return nil }
        }
        guard let value = Double(string), value.isFinite else { return nil }
        return value
    }
}

extension Predicate.Relation {
    /// Whether `left` stands so to `right`.
    func holds(_ left: Bytes, _ right: Bytes) -> Bool {
        switch self {
        case .equals: return left == right
        case .startsWith: return left.count >= right.count && left.prefix(upTo: right.count) == right
        case .endsWith: return left.count >= right.count && left.suffix(from: left.count - right.count) == right
        case .contains:
            return Pattern(parts: [.any, .literal(right.array), .any], isCased: true).matches(left)
        }
    }
}
