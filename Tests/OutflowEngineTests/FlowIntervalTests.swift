// SPDX-License-Identifier: Apache-2.0

import OutflowEngine
import OutflowLedger
import OutflowRecords
import Testing

/// VPC Flow Logs tell intervals of flows. Several interfaces on one path, and logs of several lengths of interval, tell the
/// same packets: what left is within the bounds however they cut it.
@Suite struct FlowIntervalTests {
    private struct Packet {
        var second: Int
        var bytes: Int
    }

    private static let header =
        "version interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"

    private func line(_ interface: Int, _ packets: ArraySlice<Packet>, isAnswer: Bool = false) -> String {
        let ends = isAnswer ? "203.0.113.9 10.1.0.5 443 50000" : "10.1.0.5 203.0.113.9 50000 443"
        let bytes = packets.reduce(0) { $0 + $1.bytes }
        let start = 1_772_400_000 + (packets.first?.second ?? 0)
        let end = 1_772_400_000 + (packets.last?.second ?? 0)
        return "2 eni-\(interface) \(ends) 6 \(packets.count) \(bytes) \(start) \(end) ACCEPT OK\n"
    }

    /// What one interface logs of packets in order of time, in intervals that begin `offset` seconds before the first.
    private func lines(
        _ interface: Int, _ packets: [Packet], interval: Int, offset: Int, isAnswer: Bool = false
    ) -> [String] {
        var lines: [String] = []
        var from = 0
        for index in 1...packets.count {
            let isLast = index == packets.count
            let number = (packets[from].second + offset) / interval
            guard isLast || (packets[index].second + offset) / interval != number else { continue }
            lines.append(line(interface, packets[from..<index], isAnswer: isAnswer))
            from = index
        }
        return lines
    }

    private func bounds(_ lines: [String]) throws -> ByteBounds {
        let folder = try Folder()
        let path = try folder.write("flows.log", Array((Self.header + lines.joined()).utf8))
        let report = try scanned([path])
        for transfer in report.ledger {
            var options = Explainer.Options()
            options.searchesAll = true
            let explanation = try Explainer(report, folder: folder.path, options: options).explain(transfer.id)
            #expect(explanation.agrees, "\(explanation.comparisons)")
        }
        return report.ledger.reduce(ByteBounds.zero) { $0 + $1.bytes }
    }

    @Test(arguments: seeds(30))
    func boundsHoldTheTruth(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var second = 0
        let packets = (0..<dice.number(1...400)).map { _ in
            second += dice.number(0...9) == 0 ? dice.number(0...400) : dice.number(0...6)
            return Packet(second: second, bytes: dice.number(120...1500))
        }
        let answers = packets.map { Packet(second: $0.second, bytes: 40) }
        let offset = dice.number(0...599)
        // An interface alone: nothing overlaps, so that all counts.
        let alone = lines(1, packets, interval: 60, offset: offset)
        let total = packets.reduce(0) { $0 + $1.bytes }
        #expect(try bounds(alone).atMost == UInt64(total), "seed \(seed)")
        var all = alone + lines(1, answers, interval: 60, offset: offset, isAnswer: true)
        for interface in 2...dice.number(2...4) {
            let interval = dice.number(0...1) == 0 ? 60 : 600
            all += lines(interface, packets, interval: interval, offset: dice.number(0...599))
        }
        let seen = try bounds(all)
        let payload = total - 40 * packets.count
        #expect(seen.atLeast <= payload && seen.atMost ?? 0 >= payload, "seed \(seed): \(payload) \(seen)")
        #expect(seen.atMost ?? .max < UInt64(total + total / 2), "seed \(seed): \(total) \(seen)")
        // In whatever order.
        #expect(try bounds(all.shuffled(using: &dice)) == seen, "seed \(seed)")
    }
}
