// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

/// Findings, transfers and internal copies with the keys that they share, and how many share each key.
///
/// Keys are numbered; all orders derive from what the keys are, never from the order of input.
struct CaseGraph {
    /// One finding or transfer.
    struct Item {
        /// Keys that say who acted: a finding's hosts and accounts, a transfer's source.
        var actors: [Int] = []
        /// All its other keys.
        var others: [Int] = []
        var stretch: Stretch
    }

    let findings: [Item]
    let transfers: [Item]
    /// Findings by key, strongest first; transfers by key.
    let findingsByActor: [[Int]]
    let findingsByOther: [[Int]]
    let transfersByActor: [[Int]]
    let transfersByOther: [[Int]]
    /// Findings by an actor and another of their keys, strongest first.
    private let findingsByPair: [UInt64: [Int]]
    /// The keys, by number.
    let keys: [EntityKey]
    /// By key: how many hosts and accounts share it.
    let sharedBy: [Int]
    /// By key: of these, how many have a finding with it.
    let suspectedBy: [Int]
    /// By key: whether it is a service that the world shares.
    let isPublic: [Bool]

    /// The graph of a report; its findings are in their final order.
    init(_ report: Report) {
        let findingKeys = report.findings.map(\.keys)
        let sourceKeys = report.ledger.map(\.sourceKeys)
        let otherKeys = report.ledger.map(\.otherKeys)
        keys = Set((findingKeys + sourceKeys + otherKeys).joined()).sorted()
        let number = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        func numbers(_ keys: [EntityKey]) -> [Int] { keys.compactMap { number[$0] } }

        // An address is a host of ours if something left it, or if a finding calls it a host.
        var isActor = keys.map(\.isActor)
        for key in sourceKeys.joined() { if let key = number[key] { isActor[key] = true } }
        for finding in report.findings {
            for entity in finding.entities.sorted().prefix(Report.Finding.keyLimit) where entity.kind == "host" {
                for key in numbers(EntityKey.keys(kind: "host", id: entity.id)) { isActor[key] = true }
            }
        }
        let transfers = report.ledger.indices.map { index in
            let transfer = report.ledger[index]
            return Item(
                actors: numbers(sourceKeys[index]), others: numbers(otherKeys[index]),
                stretch: Stretch(transfer.first.microseconds, transfer.last.microseconds))
        }
        let canonical = Self.canonical(keys, transfers)
        let findings = zip(report.findings, findingKeys).map { finding, keys in
            var item = Item(stretch: Stretch(finding.first.microseconds, finding.last.microseconds))
            for key in numbers(keys) {
                if isActor[key] { item.actors.append(key) } else { item.others.append(key) }
            }
            // A finding on a host's name is one on its address.
            for key in item.actors where !item.actors.contains(canonical[key]) { item.actors.append(canonical[key]) }
            return item
        }
        var isPublic = [Bool](repeating: false, count: keys.count)
        for (index, transfer) in report.ledger.enumerated() where transfer.hasSharedDestination {
            for key in transfers[index].others where keys[key].family == .domain || keys[key].family == .address {
                isPublic[key] = true
            }
        }
        self.isPublic = isPublic

        let strength = report.findings.indices.sorted {
            (report.findings[$1].suspicion, $0) < (report.findings[$0].suspicion, $1)
        }
        findingsByActor = Self.index(strength, findings, \.actors, keys.count)
        findingsByOther = Self.index(strength, findings, \.others, keys.count)
        transfersByActor = Self.index(Array(transfers.indices), transfers, \.actors, keys.count)
        transfersByOther = Self.index(Array(transfers.indices), transfers, \.others, keys.count)
        findingsByPair = Self.pairs(strength, findings)
        self.findings = findings
        self.transfers = transfers
        suspectedBy = Self.shares(findings, canonical, keys)
        sharedBy = Self.shares(findings + transfers, canonical, keys)
    }

    /// How far apart things may lie that share `key`; nil if it joins nothing.
    func reach(_ key: Int) -> Int64? {
        isPublic[key] ? nil : Rarity.reach(weight: keys[key].weight, sharedBy: sharedBy[key])
    }

    /// The strongest findings that have both keys, the first as an actor.
    func findings(_ actor: Int, _ other: Int) -> [Int] { findingsByPair[Self.pair(actor, other)] ?? [] }

    private static func pair(_ actor: Int, _ other: Int) -> UInt64 { UInt64(actor) << 32 | UInt64(other) }

    /// Of a finding with very many entities the first only: they may be an attacker's choice.
    private static func pairs(_ order: [Int], _ findings: [Item]) -> [UInt64: [Int]] {
        var pairs: [UInt64: [Int]] = [:]
        for finding in order {
            let item = findings[finding]
            for actor in item.actors.prefix(8) {
                for other in (item.others + item.actors).prefix(24) where other != actor {
                    let key = pair(actor, other)
                    guard pairs[key]?.count ?? 0 < CaseJoiner.lookLimit else { continue }
                    pairs[key, default: []].append(finding)
                }
            }
        }
        return pairs
    }

    private static func index(
        _ order: [Int], _ items: [Item], _ list: KeyPath<Item, [Int]>, _ count: Int
    ) -> [[Int]] {
        var index = [[Int]](repeating: [], count: count)
        for item in order { for key in items[item][keyPath: list] { index[key].append(item) } }
        return index
    }

    /// A host's name stands for its address where the ledger knows one address of that name.
    private static func canonical(_ keys: [EntityKey], _ transfers: [Item]) -> [Int] {
        var addresses = [Int?](repeating: nil, count: keys.count)
        var isUnsure = [Bool](repeating: false, count: keys.count)
        for transfer in transfers {
            guard let address = transfer.actors.first, keys[address].family == .address else { continue }
            for name in transfer.actors.dropFirst() {
                if let known = addresses[name], known != address { isUnsure[name] = true }
                addresses[name] = address
            }
        }
        return keys.indices.map { isUnsure[$0] ? $0 : addresses[$0] ?? $0 }
    }

    /// By key, the number of different actors beside it. An item's actor is its host before its account.
    private static func shares(_ items: [Item], _ canonical: [Int], _ keys: [EntityKey]) -> [Int] {
        var pairs: [UInt64] = []
        for item in items {
            let machine = item.actors.first { keys[$0].family != .account }
            guard let actor = (machine ?? item.actors.first).map({ canonical[$0] }) else { continue }
            for key in item.actors + item.others where canonical[key] != actor {
                pairs.append(UInt64(key) << 32 | UInt64(actor))
            }
        }
        pairs.sort()
        var counts = [Int](repeating: 0, count: keys.count)
        var last: UInt64?
        for pair in pairs where pair != last {
            counts[Int(pair >> 32)] += 1
            last = pair
        }
        return counts.map { max($0, 1) }
    }
}
