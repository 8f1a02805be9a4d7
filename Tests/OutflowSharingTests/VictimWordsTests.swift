// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowSharing

/// Names of destinations that give the victim's host away, however they spell it.
@Suite struct VictimWordsTests {
    private func word(of host: String, in destination: String) -> String? {
        var report = Report()
        report.ledger = [
            .init(
                id: "T", route: .web, state: .taken, source: .init(kind: .host, id: "10.0.0.5", name: host),
                destination: .init(kind: .domain, id: destination), bytes: .zero, onWire: nil, distinctObjects: nil,
                reads: 0, first: .earliest, last: .earliest, records: 1, evidence: [])
        ]
        return VictimWords(report).word(in: destination)
    }

    @Test(arguments: [
        ("kit", "kit.drop.example"), ("kit", "kit-files.drop.example"), ("eva", "eva.drop.example"),
        ("ws-042", "ws042.drop.example"), ("ws-042", "ws-042.drop.example"), ("ws042", "ws-042.drop.example"),
        ("müller-pc", "xn--mller-kva.drop.example"), ("müller-pc.uni.example", "xn--mller-pc-65a.drop.example"),
        ("lindenberg-pc", "lindenberg.drop.example"), ("x", "10-0-0-5.drop.example"), ("x", "10.0.0.5.drop.example"),
        ("x", "0a000005.drop.example"), ("x", "10_0_0_5.drop.example"),
    ]) func isFound(host: String, destination: String) {
        #expect(word(of: host, in: destination) != nil)
    }

    /// Short words count by themselves only, and common ones not at all.
    @Test(arguments: [
        ("kit", "kitchen.drop.example"), ("www", "www.drop.example"), ("ns.uni.example", "ns.drop.example"),
        ("vpn", "vpn-1.drop.example"), ("ws-042", "other.drop.example"), ("x", "10-0-0-6.drop.example"),
    ]) func isNotFound(host: String, destination: String) {
        #expect(word(of: host, in: destination) == nil)
    }
}
