// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension RuleMatcher {
    /// Who and what the last record is about: kind of entity and name, without repetition, as the record has them.
    public var entities: [(kind: String, name: String)] {
        var found: [(kind: String, name: String)] = []
        for (kind, slot) in set.entitySlots {
            var index = fields.heads[slot]
            while index >= 0, found.count < 64 {
                if fields.values[Int(index)].kind != .object, let text = fields.text(Int(index))?.trimmed,
                    text.count > 1,
                    text.count <= 1024
                {
                    for name in Self.names(kind, text) where !isCommon(kind, name) {
                        if !found.contains(where: { $0 == (kind, name) }) { found.append((kind, name)) }
                    }
                }
                index = fields.values[Int(index)].next
            }
        }
        return found
    }

    /// What a field's value names, written as the ledger writes such.
    private static func names(_ kind: String, _ text: Bytes) -> [String] {
        switch kind {
        case "address":
            guard let address = IPAddress(text) else { return [] }
            let name = address.description
            // No address, and a machine's own, say nothing.
            return ["0.0.0.0", "::", "::1"].contains(name) || name.hasPrefix("127.") ? [] : [name]
        case "hash":
            // Sysmon: SHA1=...,MD5=...
            return text.string.split(separator: ",").compactMap { part in
                let digits = part.split(separator: "=").last ?? part
                return digits.count >= 32 && digits.utf8.allSatisfy { $0.isHexDigit } ? digits.lowercased() : nil
            }
        case "host", "domain": return text.firstIndex(of: UInt8(ascii: "/")) != nil ? [] : [text.string.lowercased()]
        case "account": return [text.firstIndex(of: UInt8(ascii: "@")) != nil ? text.string.lowercased() : text.string]
        default: return [text.string]
        }
    }

    private func isCommon(_ kind: String, _ name: String) -> Bool {
        guard kind == "account" else { return false }
        let folded = CaseFolding.fold(Array(name.utf8))
        return folded.withUnsafeBytes { bytes in set.mapping.commonAccounts.contains { $0.matches(Bytes(bytes)) } }
    }

    /// For each rule that matched the last record and that correlations are about: the number of the plan's base, and the
    /// values of its fields, the first of several.
    public func forEachCorrelated(_ body: (_ base: Int, _ values: [String?]) -> Void) {
        guard !set.correlationSlots.isEmpty else { return }
        for rule in matches {
            guard let (base, slots) = set.correlationSlots[rule] else { continue }
            show(for: rule)
            defer { show(for: nil) }
            body(
                base,
                slots.map { slot in
                    var index = fields.heads[slot]
                    while index >= 0, fields.values[Int(index)].kind == .bare { index = fields.values[Int(index)].next }
                    guard index >= 0, let text = fields.text(Int(index)), text.count <= 4096 else { return nil }
                    return text.string
                })
        }
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool { (0x30...0x39).contains(self) || (0x41...0x46).contains(self & 0xDF) }
}
