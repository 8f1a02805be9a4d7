// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// A local host and an address outside that a finding names together.
struct NamedPair: Hashable {
    var source: IPAddress
    var destination: IPAddress

    /// The pairs of some findings. Of a finding's entities at most 64 are looked at.
    static func of(_ findings: [Report.Finding]) -> Set<NamedPair> {
        var pairs: Set<NamedPair> = []
        for finding in findings {
            let named = finding.entities.sorted().prefix(64)
            let addresses = named.filter { $0.kind == "address" || $0.kind == "ip" || $0.kind == "host" }
                .compactMap { IPAddress($0.id) }
            for source in addresses {
                for destination in addresses where destination != source {
                    pairs.insert(NamedPair(source: source, destination: destination))
                }
            }
        }
        return pairs
    }
}

extension FlowLedger {
    /// Takes those of the named pairs out of what is only added up: a transfer that a finding names has a line in the
    /// ledger, however small it is. ``conclude(_:threads:isLocal:)`` comes first.
    ///
    /// - Returns: the sums that get their line now, none of which was listed before.
    func list(
        _ pairs: Set<NamedPair>, in conclusion: inout FlowConclusion, _ context: FlowConclusion.Context,
        isLocal: (IPAddress) -> Bool
    ) -> [FlowSum] {
        guard !pairs.isEmpty, !conclusion.rest.isEmpty, sensorKinds() == 1 else { return [] }
        var listed: Set<Listed> = []
        for sum in conclusion.sums
        where pairs.contains(NamedPair(source: sum.source, destination: sum.destination)) {
            for member in sum.members { listed.insert(Listed(member, sum.answered)) }
        }
        var found: [LargestFlows.Candidate] = []
        for (number, shard) in shards.enumerated() {
            shard.withTables { tables in
                for row in 0..<tables.groupCount {
                    let group = tables.groups.base[row]
                    if group.records == 0 { continue }
                    let ends = tables.pair(of: group)
                    for answered in [false, true] {
                        let pair = NamedPair(
                            source: answered ? ends.responder : ends.originator,
                            destination: answered ? ends.originator : ends.responder)
                        guard pairs.contains(pair), isLocal(pair.source), !isLocal(pair.destination) else { continue }
                        let candidate = tables.candidate(row, shard: number, answered: answered)
                        let member = FlowSum.Member(shard: number, group: UInt32(truncatingIfNeeded: row))
                        if candidate.upper > 0, !pair.destination.isLocalOnly,
                            !listed.contains(Listed(member, answered)), context.isAlone(group, pair, answered)
                        {
                            found.append(candidate)
                        }
                    }
                }
            }
        }
        for candidate in found {
            guard var rest = conclusion.rest[candidate.route] else { continue }
            rest.remove(candidate)
            conclusion.rest[candidate.route] = rest.transfers > 0 ? rest : nil
        }
        return found.map(sum)
    }

    private struct Listed: Hashable {
        var shard: Int
        var group: UInt32
        var answered: Bool

        init(_ member: FlowSum.Member, _ answered: Bool) {
            shard = member.shard
            group = member.group
            self.answered = answered
        }
    }
}

extension FlowConclusion.Context {
    /// Whether a group is one transfer by itself: no name and no body joins it with others.
    fileprivate func isAlone(_ group: FlowGroup, _ pair: NamedPair, _ answered: Bool) -> Bool {
        let end = Timestamp(microseconds: group.last)
        return (answered || names(pair.source, pair.destination, group.port, end).isEmpty)
            && !hasBodies(
                FlowConclusion.Pair(
                    source: pair.source, destination: pair.destination, port: group.port, answered: answered))
    }
}

extension FlowTables {
    /// One direction of a group, with its bounds.
    func candidate(_ row: Int, shard: Int, answered: Bool) -> LargestFlows.Candidate {
        let group = groups.base[row]
        let slack = slack[row]
        let upper = answered ? group.received : group.sent
        return LargestFlows.Candidate(
            group, lower: upper &- min(upper, answered ? slack.received : slack.sent), upper: upper, shard: shard,
            number: row, answered: answered)
    }
}
