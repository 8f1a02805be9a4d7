// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// What left in a case, without counting a content twice.
///
/// Each transfer counts a content once. Two transfers may still be the same bytes: one sending that two kinds of logs
/// tell of (a library proxy and a network sensor), or a content that was fetched by a host and then sent on by it. Such
/// transfers form a group; of a group, at least what its largest route shows left, and at most all together.
struct CaseTotals {
    /// Payload that left, as bounds.
    private(set) var bytes = ByteBounds.zero
    /// Size of what was made reachable besides, no read of it seen: at most so much; nil if unknown.
    private(set) var exposed: ByteBounds?
    /// Groups of transfers that may be the same content, as places in what was given.
    private(set) var groups: [[Int]] = []

    /// The totals of some transfers, in the ledger's order.
    init(_ transfers: [Report.Transfer]) {
        let counted = transfers.indices.filter {
            let transfer = transfers[$0]
            return !transfer.isSanctioned && (transfer.state == .taken || transfer.state == .accessed)
        }
        for transfer in transfers where transfer.state == .exposed && !transfer.isSanctioned {
            exposed = (exposed ?? .zero) + transfer.bytes
        }
        var sets = UnionFind(transfers.count)
        var isRelayed = Set<Int>()
        for twin in Self.twins(transfers, counted) {
            sets.union(twin.one, twin.other)
            if twin.isRelay { isRelayed.insert(twin.one) }
        }
        var byRoot: [Int: Int] = [:]
        var members: [[Int]] = []
        for index in counted {
            let root = sets.find(index)
            if let group = byRoot[root] {
                members[group].append(index)
            } else {
                byRoot[root] = members.count
                members.append([index])
            }
        }
        for group in members {
            // What one route shows, the ledger counted once; passed on over the same route it is there twice.
            let hasRelay = group.contains { isRelayed.contains($0) }
            var views: [String: ByteBounds] = [:]
            for index in group {
                let view = transfers[index].route.rawValue + (hasRelay ? " " + transfers[index].source.id : "")
                views[view, default: .zero] += transfers[index].bytes
            }
            var sum = group.reduce(ByteBounds.zero) { $0 + transfers[$1].bytes }
            sum.atLeast = views.values.map(\.atLeast).max() ?? 0
            bytes += sum
            if views.count > 1 { groups.append(group) }
        }
    }

    /// Pairs that chain together what may be the same content: those that share the far end at the same time by other
    /// routes, and those that end where another begins. Where very many share an end, all of them: that can only
    /// weaken a lower bound.
    private static func twins(
        _ transfers: [Report.Transfer], _ counted: [Int]
    ) -> [(one: Int, other: Int, isRelay: Bool)] {
        var pairs: [(one: Int, other: Int, isRelay: Bool)] = []
        var byEnd: [EntityKey: [Int]] = [:]
        var bySource: [EntityKey: [Int]] = [:]
        for index in counted {
            for key in ends(transfers[index]) { byEnd[key, default: []].append(index) }
            for key in transfers[index].sourceKeys { bySource[key, default: []].append(index) }
        }
        let limit = 64
        for (key, arriving) in byEnd {
            if arriving.count > limit {
                for index in arriving { pairs.append((arriving[0], index, false)) }
            } else {
                for (place, one) in arriving.enumerated() {
                    for other in arriving[..<place] where mayBeOne(transfers[one], transfers[other]) {
                        pairs.append((one, other, false))
                    }
                }
            }
            guard let leaving = bySource[key] else { continue }
            let areMany = arriving.count > limit || leaving.count > limit
            for one in areMany ? arriving : [] { pairs.append((one, leaving[0], true)) }
            for next in areMany ? leaving : [] { pairs.append((next, leaving[0], true)) }
            for one in areMany ? [] : arriving {
                // Not what had left before anything arrived.
                for next in leaving where next != one && transfers[next].last >= transfers[one].first {
                    pairs.append((one, next, true))
                }
            }
        }
        return pairs
    }

    private static func mayBeOne(_ one: Report.Transfer, _ other: Report.Transfer) -> Bool {
        one.route != other.route && one.first <= other.last && other.first <= one.last && !isDivided(one, other)
    }

    /// Whether two transfers are parts of one connection's bytes: of a flow whose bodies were seen, the ledger counts the
    /// bodies by the web route and what is left by the network's.
    private static func isDivided(_ one: Report.Transfer, _ other: Report.Transfer) -> Bool {
        one.isConnection && other.isConnection && one.source.id == other.source.id
            && one.destination.id == other.destination.id && !one.service.isEmpty && one.service == other.service
    }

    /// What the far end is known by: addresses and names, not sessions and stores.
    private static func ends(_ transfer: Report.Transfer) -> [EntityKey] {
        transfer.otherKeys.filter { $0.family == .address || $0.family == .domain }
    }
}
