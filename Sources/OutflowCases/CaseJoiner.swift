// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Joins findings, transfers and internal copies that belong together. `docs/cases.md` has the rules in words.
///
/// Everything is joined that has reason to be, in whatever order it is looked at: the result is a function of the
/// report. The cost is linear but for sorting: of what shares a key only neighbours in time are compared, and of the
/// findings that share one with a transfer the strongest ``lookLimit``.
struct CaseJoiner {
    /// What belongs together: indices into findings, ledger and staging, in order.
    struct Group {
        var findings: [Int] = []
        var transfers: [Int] = []
        var staging: [Int] = []
        /// By transfer: the findings that it was joined by, strongest first, and whether only by who acted.
        var reasons: [Int: (findings: [Int], isWeak: Bool)] = [:]
    }

    /// How many findings of a key are looked at for each transfer.
    static let lookLimit = 64
    /// How many transfers a finding brings with it that names no destination.
    static let companionLimit = 8

    private let report: Report
    let graph: CaseGraph
    private var sets: UnionFind
    private var reasons: [[Int]]
    private var weak: [[Int]]

    init(_ report: Report) {
        self.report = report
        graph = CaseGraph(report)
        sets = UnionFind(report.findings.count + report.ledger.count + report.staging.count)
        reasons = .init(repeating: [], count: report.ledger.count)
        weak = .init(repeating: [], count: report.ledger.count)
    }

    /// The groups that have a finding, in order of their first one.
    mutating func join() -> [Group] {
        joinFindings()
        joinTransfers()
        joinStaging()
        joinCompanions()
        return groups()
    }

    private func node(transfer: Int) -> Int { report.findings.count + transfer }
    private func node(staging: Int) -> Int { report.findings.count + report.ledger.count + staging }

    // MARK: Findings with findings

    /// Findings that share a key close enough in time. In order of time, each is joined to what came before it.
    private mutating func joinFindings() {
        for key in graph.keys.indices {
            guard let reach = graph.reach(key) else { continue }
            let sharing = (graph.findingsByActor[key] + graph.findingsByOther[key]).sorted {
                (graph.findings[$0].stretch.first, $0) < (graph.findings[$1].stretch.first, $1)
            }
            guard var latest = sharing.first else { continue }
            for finding in sharing.dropFirst() {
                let (before, now) = (graph.findings[latest].stretch, graph.findings[finding].stretch)
                if before.gap(to: now) <= reach { sets.union(latest, finding) }
                if now.last > before.last { latest = finding }
            }
        }
        // Equal ids are one finding, whatever else they say.
        var byID: [String: Int] = [:]
        for (index, finding) in report.findings.enumerated() {
            if let twin = byID[finding.id] { sets.union(twin, index) } else { byID[finding.id] = index }
        }
    }

    // MARK: Findings with transfers

    private mutating func joinTransfers() {
        for index in report.ledger.indices where !report.ledger[index].isSanctioned {
            for finding in candidates(index) where matches(finding, index) {
                reasons[index].append(finding)
                sets.union(finding, node(transfer: index))
            }
            reasons[index].sort()
        }
    }

    /// The strongest findings of each of the transfer's keys, each finding once.
    private func candidates(_ index: Int) -> [Int] {
        let transfer = graph.transfers[index]
        var seen: Set<Int> = []
        var candidates: [Int] = []
        func add(_ list: [Int]) {
            var left = Self.lookLimit
            for finding in list {
                if left == 0 { return }
                left -= 1
                if seen.insert(finding).inserted { candidates.append(finding) }
            }
        }
        for key in transfer.others {
            for actor in transfer.actors { add(graph.findings(actor, key)) }
            add(graph.findingsByOther[key])
            // Whoever got it may be an account or a host that a finding is about.
            add(graph.findingsByActor[key])
        }
        // A store or a mailbox that was shared is the source itself; a finding on it may name nobody else.
        for key in transfer.actors where graph.keys[key].family == .store { add(graph.findingsByActor[key]) }
        return candidates
    }

    /// Whether a finding and a transfer tell of one thing: they share both ends, or a session that is nobody else's, or
    /// a far end that is rare.
    private func matches(_ finding: Int, _ index: Int) -> Bool {
        let (one, other) = (graph.findings[finding], graph.transfers[index])
        let gap = one.stretch.gap(to: other.stretch)
        guard gap <= Rarity.farthest else { return false }
        let findingKeys = one.actors + one.others
        let sharesActor = other.actors.contains { findingKeys.contains($0) }
        for key in other.others where findingKeys.contains(key) {
            if sharesActor { return true }
            switch graph.keys[key].family {
            case .session: if graph.sharedBy[key] <= 2 { return true }
            case .address, .domain, .host, .hash:
                guard let reach = graph.reach(key), gap <= reach else { continue }
                if report.ledger[index].isConnection { return true }
                // An address from which many read is suspect when most of who used it are.
                if graph.suspectedBy[key] * 2 > graph.sharedBy[key] { return true }
            // A store is used by those who may, too; an account that got something is no reason by itself.
            case .store, .account, .file, .other: continue
            }
        }
        // What was shared is the source itself, and who got it is named nowhere else.
        return sharesActor && other.actors.contains { graph.keys[$0].family == .store }
            && !one.others.contains { graph.keys[$0].isFarEnd }
    }

    // MARK: Internal copies

    /// Links findings on both hosts of a copy, unless either host copies with everybody.
    private mutating func joinStaging() {
        var partners: [String: Set<String>] = [:]
        for copy in report.staging {
            partners[copy.source, default: []].insert(copy.destination)
            partners[copy.destination, default: []].insert(copy.source)
        }
        let number = Dictionary(uniqueKeysWithValues: graph.keys.enumerated().map { ($1, $0) })
        let places = Dictionary(
            report.ledger.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { one, _ in one })
        for (index, copy) in report.staging.enumerated() {
            let ends = [copy.source, copy.destination]
            guard ends.allSatisfy({ (partners[$0]?.count ?? 0) <= Rarity.most }) else { continue }
            let stretch = Stretch(copy.first.microseconds, copy.last.microseconds)
            for end in ends {
                for key in EntityKey.keys(kind: "host", id: end).compactMap({ number[$0] }) {
                    for finding in graph.findingsByActor[key].prefix(Self.lookLimit)
                    where graph.findings[finding].stretch.gap(to: stretch) <= Rarity.day {
                        sets.union(node(staging: index), finding)
                    }
                }
            }
            for id in copy.followedBy {
                if let place = places[id], !reasons[place].isEmpty {
                    sets.union(node(staging: index), node(transfer: place))
                }
            }
        }
    }

    // MARK: Companions

    /// A finding that names no far end is joined by what its host or account sent at that time: the largest transfers
    /// only, and none to services that the world shares. They are suspect for who sent them, which is weaker.
    private mutating func joinCompanions() {
        for key in graph.keys.indices where !graph.transfersByActor[key].isEmpty {
            let lone = graph.findingsByActor[key].filter { finding in
                !graph.findings[finding].others.contains { graph.keys[$0].isFarEnd }
            }
            guard !lone.isEmpty else { continue }
            let sent = graph.transfersByActor[key].filter { index in
                let transfer = report.ledger[index]
                return !transfer.isSanctioned && transfer.state != .attempted && reasons[index].isEmpty
                    && !(transfer.isConnection && transfer.hasSharedDestination)
            }.sorted { a, b in
                let (one, other) = (report.ledger[a].bytes, report.ledger[b].bytes)
                if one.atLeast != other.atLeast { return one.atLeast > other.atLeast }
                let (high, otherHigh) = (one.atMost ?? .max, other.atMost ?? .max)
                return high != otherHigh ? high > otherHigh : report.ledger[a].id < report.ledger[b].id
            }
            for finding in lone.prefix(Self.lookLimit) where report.findings[finding].suspicion > .none {
                let routes = Routes.of(report.findings[finding].techniques)
                var left = Self.companionLimit
                for index in sent where routes.isEmpty || routes.contains(report.ledger[index].route) {
                    if left == 0 { break }
                    let gap = graph.transfers[index].stretch.gap(to: graph.findings[finding].stretch)
                    guard gap <= Rarity.day else { continue }
                    left -= 1
                    weak[index].append(finding)
                }
            }
        }
    }

    // MARK: Result

    private mutating func groups() -> [Group] {
        var byRoot: [Int: Int] = [:]
        var groups: [Group] = []
        for finding in report.findings.indices {
            let root = sets.find(finding)
            let group = byRoot[root] ?? groups.count
            if group == groups.count {
                groups.append(Group())
                byRoot[root] = group
            }
            groups[group].findings.append(finding)
        }
        for index in report.ledger.indices {
            let isWeak = reasons[index].isEmpty
            // Of several findings the strongest decides to which group a companion goes.
            let all = isWeak ? weak[index] : reasons[index]
            let ordered = all.sorted {
                (report.findings[$1].suspicion, $0) < (report.findings[$0].suspicion, $1)
            }
            guard let first = ordered.first, let group = byRoot[sets.find(first)] else { continue }
            let mine = ordered.filter { byRoot[sets.find($0)] == group }
            groups[group].transfers.append(index)
            groups[group].reasons[index] = (mine, isWeak)
        }
        for index in report.staging.indices {
            if let group = byRoot[sets.find(node(staging: index))] { groups[group].staging.append(index) }
        }
        return groups
    }
}

extension EntityKey {
    /// Whether it says where data went or by which session: a finding with one names what it is about.
    var isFarEnd: Bool {
        switch family {
        case .address, .domain, .session, .store: true
        case .host, .account, .hash, .file, .other: false
        }
    }
}
