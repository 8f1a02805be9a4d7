// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

/// Partners' indicators behind the values of a case: their markings say who may learn of these.
///
/// Three rules, each of which can only restrict:
/// 1. An indicator stands behind every value that it names, contains, or lies below or above of, wherever in the report it was
///    met; and behind all other names and addresses that a transfer gives such a value.
/// 2. The indicators of a case stand behind each destination of its transfers, whatever they are about (a user agent, a hash, a
///    pattern): the case may have been found by them alone. Excepted are transfers that a detector or rule of ours found too.
/// 3. They stand behind the case as a whole, its hours and amounts among it, when no detector or rule of ours is in it.
struct CaseWarnings {
    typealias Source = Report.IndicatorSource

    /// Indicators that the case as a whole rests on; none when something of our own is in it.
    let whole: [Source]
    private let ofCase: [Source]
    private let own: [Report.Finding]
    private var values = WarnedValues()
    /// All names and addresses that transfers give to one destination, by each of them.
    private var aliases: [String: Set<String>] = [:]

    init(_ findings: [Report.Finding], of report: Report) {
        ofCase = Self.distinct(findings.compactMap(\.indicator))
        own = findings.filter { $0.indicator == nil && $0.kind != .indicator }
        whole = own.isEmpty ? ofCase : []
        for finding in report.findings {
            guard let indicator = finding.indicator else { continue }
            for entity in finding.entities where !VictimWords.isVictims(entity.kind) || entity.id.contains("@") {
                values.add(entity, indicator)
            }
        }
        if values.isEmpty { return }
        for transfer in report.ledger {
            let names = Self.names(transfer)
            for name in names { aliases[name, default: []].formUnion(names) }
        }
    }

    /// Those behind a value that was taken from the destination of some transfers.
    func behind(_ value: String, from transfers: [Report.Transfer]) -> [Source] {
        var found: [Source] = []
        for name in Set([value]).union(aliases[value] ?? []).sorted() { found += values.indicators(about: name) }
        if !ofCase.isEmpty, !transfers.allSatisfy(isOurs) { found += ofCase }
        return Self.distinct(found)
    }

    /// Whether an indicator is about this very value.
    func name(_ value: String) -> Bool { values.name(value) }

    /// Whether a detector or rule of ours found a transfer: it cites one of its records, or names both ends.
    private func isOurs(_ transfer: Report.Transfer) -> Bool {
        let far = Self.names(transfer)
        let near = Set(
            [transfer.source.id, transfer.source.name, transfer.session, transfer.store].compactMap { $0 })
        return own.contains { finding in
            let named = finding.entities.map(\.id)
            return named.contains(where: far.contains) && named.contains(where: near.contains)
                || finding.evidence.contains { origin in
                    transfer.evidence.contains { $0.input == origin.input && $0.offset == origin.offset }
                }
        }
    }

    private static func names(_ transfer: Report.Transfer) -> Set<String> {
        Set([transfer.destination.id] + transfer.destination.addresses + [transfer.destination.name].compactMap { $0 })
    }

    private static func distinct(_ sources: [Source]) -> [Source] {
        var seen: Set<Source> = []
        return sources.filter { seen.insert($0).inserted }
    }
}

/// Values that partners warn of, by what lies in, below and above them.
struct WarnedValues {
    private var named: Set<String> = []
    private var exact: [String: [Report.IndicatorSource]] = [:]
    /// Names, by each name that they lie under.
    private var below: [String: [Report.IndicatorSource]] = [:]
    private var networks: [(network: Network, source: Report.IndicatorSource)] = []

    var isEmpty: Bool { exact.isEmpty && networks.isEmpty }

    /// Whether it was added as it stands.
    func name(_ value: String) -> Bool { named.contains(value) }

    /// Adds what an indicator's finding names.
    mutating func add(_ entity: Report.NamedEntity, _ source: Report.IndicatorSource) {
        if entity.kind == "network" {
            // One that cannot be read restricts all.
            networks.append((Network(entity.id) ?? Network(IPAddress(high: 0, low: 0), prefixLength: 0), source))
            return
        }
        named.insert(entity.id)
        exact[entity.id, default: []].append(source)
        let host = Self.host(entity.id)
        if let address = IPAddress(host) {
            exact[address.description, default: []].append(source)
            return
        }
        exact[host, default: []].append(source)
        for name in Self.parents(of: host) { below[name, default: []].append(source) }
    }

    /// Indicators that name a value, contain it, or are names below or above it.
    func indicators(about value: String) -> [Report.IndicatorSource] {
        var found = exact[value] ?? []
        let host = Self.host(value)
        if host != value { found += exact[host] ?? [] }
        if let address = IPAddress(host) {
            found += exact[address.description] ?? []
            return found + networks.filter { $0.network.contains(address) }.map(\.source)
        }
        found += below[host] ?? []
        for name in Self.parents(of: host) { found += exact[name] ?? [] }
        return found
    }

    /// The host of a URL, of a mail address, or of a name or address with a port; in lower case, without a last dot.
    private static func host(_ text: String) -> String {
        var rest = text.lowercased()[...]
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        if rest.first == "[", let end = rest.firstIndex(of: "]") {
            rest = rest[rest.index(after: rest.startIndex)..<end]
        } else if rest.count(where: { $0 == ":" }) == 1, let colon = rest.firstIndex(of: ":") {
            rest = rest[..<colon]
        }
        if rest.last == "." { rest = rest.dropLast() }
        return String(rest)
    }

    /// All names above a name that have a dot.
    private static func parents(of name: String) -> [String] {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 2 else { return [] }
        return (1..<labels.count - 1).map { labels[$0...].joined(separator: ".") }
    }
}
