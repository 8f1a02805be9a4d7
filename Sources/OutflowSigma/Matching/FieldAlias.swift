// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A field that takes another one's values when it has none of its own.
struct FieldAlias: Sendable {
    var slot: Int
    var from: Int
    /// What the values are called; nil for as they are.
    var values: ValueMap?
}

extension RecordFields {
    /// Lets fields have other ones' values, in place of what was shown before.
    ///
    /// - Parameters:
    ///   - aliases: fields that take other ones' values when they have none of their own.
    ///   - wins: fields that take them even then, the first choice of each first. What they take is what the record has
    ///     under that name: `ParentProcessId: ProcessId` beside `ProcessId: NewProcessId`.
    func show(_ aliases: [FieldAlias], wins: [FieldAlias] = []) {
        undoAliases()
        let taken = wins.map { (alias: $0, chain: chain($0.from)) }
        for alias in aliases where heads[alias.slot] < 0 { take(alias, chain(alias.from)) }
        for (alias, chain) in taken.reversed() { take(alias, chain) }
    }

    /// Whether the record has both a field and what would win over it.
    func hasBoth(_ alias: FieldAlias) -> Bool {
        heads[alias.slot] >= 0 && heads[alias.from] >= 0 && alias.slot != alias.from
    }

    private func take(_ alias: FieldAlias, _ chain: Chain) {
        guard chain.head >= 0 else { return }
        guard let map = alias.values else { return replace(alias.slot, chain) }
        replace(alias.slot, .none)
        var index = chain.head
        while index >= 0 {
            let next = values[Int(index)].next
            if let name = folded(Int(index)).flatMap({ map.name(of: $0.text) }) {
                add(alias.slot, name, .string)
            } else {
                add(alias.slot, values[Int(index)].raw, values[Int(index)].kind)
            }
            index = next
        }
    }
}
