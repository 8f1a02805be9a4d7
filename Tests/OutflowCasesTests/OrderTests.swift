// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowCases
import OutflowLedger
import OutflowRecords
import Testing

/// A seeded generator (SplitMix64, Steele, Lea, Flood 2014): a failing case is repeated from its seed.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

/// Cases are a function of the report, not of the order in which it was put together.
@Suite("Order of input")
struct OrderTests {
    /// A small world in which many share hosts, addresses, sessions and times: everything that can be joined is.
    private func report(_ dice: inout Dice) -> Report {
        var report = Report()
        let kinds: [Report.Finding.Kind] = [.rule, .indicator, .detector]
        let techniques = [[], ["T1048"], ["T1041", "T1078"], ["T1530"], ["T1114"], ["T0"]]
        for number in 0..<Int.random(in: 1...30, using: &dice) {
            var entities: [String] = []
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                let some = Int.random(in: 1...6, using: &dice)
                entities.append(
                    [
                        "host 10.0.0.\(some)", "host HOST\(some)", "account ACME\\user\(some)",
                        "address 198.51.100.\(some)",
                        "domain s\(some).example", "session key\(some)", "store bucket\(some)", "file a\(some).zip",
                    ].randomElement(using: &dice) ?? "")
            }
            report.findings.append(
                Made.finding(
                    "F-\(number)", entities, kind: kinds.randomElement(using: &dice) ?? .rule,
                    name: "name \(Int.random(in: 0..<4, using: &dice))",
                    techniques: techniques.randomElement(using: &dice) ?? [],
                    at: Int64.random(in: 0..<40, using: &dice) * Made.day / 2,
                    suspicion: Suspicion.allCases.randomElement(using: &dice) ?? .none,
                    evidence: [Origin(input: 0, offset: UInt64(number), length: 1)]))
        }
        for number in 0..<Int.random(in: 0...30, using: &dice) {
            let isNetwork = Bool.random(using: &dice)
            let some = Int.random(in: 1...6, using: &dice)
            let low = UInt64.random(in: 0..<4, using: &dice) * 1_000
            report.ledger.append(
                Made.transfer(
                    "T-\(number)", from: isNetwork ? "10.0.0.\(some)" : "ACME\\user\(some)",
                    to: Bool.random(using: &dice)
                        ? "198.51.100.\(Int.random(in: 1...6, using: &dice))"
                        : "s\(Int.random(in: 1...6, using: &dice)).example",
                    kind: isNetwork ? .host : .account,
                    route: isNetwork ? [Route.network, .web].randomElement(using: &dice) ?? .web : .cloudObject,
                    state: TransferState.allCases.randomElement(using: &dice) ?? .taken,
                    bytes: ByteBounds(atLeast: low, atMost: Bool.random(using: &dice) ? nil : low + 500),
                    at: Int64.random(in: 0..<40, using: &dice) * Made.day / 2,
                    name: isNetwork && Bool.random(using: &dice) ? "HOST\(some)" : nil,
                    class: Int.random(in: 0..<6, using: &dice) == 0 ? "cloud-storage" : "unknown",
                    store: isNetwork ? nil : "bucket\(some)", session: isNetwork ? nil : "key\(some)",
                    isSanctioned: Int.random(in: 0..<10, using: &dice) == 0))
        }
        for number in 0..<Int.random(in: 0...6, using: &dice) {
            report.staging.append(
                Report.Staging(
                    id: "S-\(number)", source: "10.0.0.\(Int.random(in: 1...6, using: &dice))",
                    destination: "10.0.0.\(Int.random(in: 1...6, using: &dice))", service: "445/tcp smb",
                    bytes: .exactly(5_000), first: Made.time(0), last: Made.time(Made.day), records: 1,
                    followedBy: ["T-\(Int.random(in: 0..<30, using: &dice))"], evidence: []))
        }
        return report
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func findingsMayComeInAnyOrder(seed: UInt64) {
        var dice = Dice(seed: seed)
        let made = report(&dice)
        var one = made
        one.joinCases()
        for _ in 0..<3 {
            var other = made
            other.findings.shuffle(using: &dice)
            other.joinCases()
            #expect(other.cases == one.cases, "seed \(seed)")
            #expect(other.findings == one.findings && other.ledger == one.ledger, "seed \(seed)")
        }
    }

    /// The ledger comes sorted; if it did not, the same would still belong together.
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func membersDoNotDependOnTheLedgersOrder(seed: UInt64) {
        var dice = Dice(seed: seed)
        let made = report(&dice)
        var (one, other) = (made, made)
        other.findings.shuffle(using: &dice)
        other.ledger.shuffle(using: &dice)
        other.staging.shuffle(using: &dice)
        one.joinCases()
        other.joinCases()
        func members(_ report: Report) -> [String: [String]] {
            Dictionary(
                uniqueKeysWithValues: report.cases.map {
                    ($0.id, ["\($0.suspicion) \($0.assessment.bytes)"] + $0.findings.sorted() + $0.transfers.sorted())
                })
        }
        #expect(members(other) == members(one), "seed \(seed)")
        func marks(_ report: Report) -> [String: String] {
            Dictionary(uniqueKeysWithValues: report.ledger.map { ($0.id, "\($0.caseID ?? "") \($0.suspicion)") })
        }
        #expect(marks(other) == marks(one), "seed \(seed)")
    }

    /// What holds of every case, whatever it was made of.
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func whatHoldsOfEveryCase(seed: UInt64) {
        var dice = Dice(seed: seed)
        var report = report(&dice)
        report.joinCases()
        let transfers = Dictionary(uniqueKeysWithValues: report.ledger.map { ($0.id, $0) })
        #expect(Set(report.cases.map(\.id)).count == report.cases.count, "seed \(seed)")
        for told in report.cases {
            #expect(told.suspicion > .none && !told.findings.isEmpty, "seed \(seed)")
            let held = told.transfers.compactMap { transfers[$0] }
            #expect(held.allSatisfy { $0.caseID == told.id && !$0.isSanctioned }, "seed \(seed)")
            // No more than all together, no less than the largest by itself, of what left or was read.
            let gone = held.filter { $0.state == .taken || $0.state == .accessed }
            let most = gone.reduce(ByteBounds.zero) { $0 + $1.bytes }
            let bytes = told.assessment.bytes
            #expect(bytes.atLeast <= most.atLeast && bytes.atMost == most.atMost, "seed \(seed)")
            #expect(bytes.atLeast >= gone.map(\.bytes.atLeast).max() ?? 0, "seed \(seed)")
            let tactics = told.story.map { Tactic(rawValue: $0.tactic)?.id ?? "?" }
            #expect(!tactics.contains("?"), "seed \(seed)")
        }
        let held = report.cases.flatMap(\.findings)
        #expect(Set(held).count == held.count, "seed \(seed)")
    }

    enum Shape: CaseIterable { case oneHost, oneAddress, everybody, chains, hostOfNames }

    /// So many findings in a shape that would be quadratic if each were compared with each.
    private func many(_ count: Int, _ shape: Shape) -> Report {
        let findings = (0..<count).map { number in
            let own = "10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
            let next = number + 1
            let after = "10.\(next >> 16 & 255).\(next >> 8 & 255).\(next & 255)"
            let entities: [String]
            switch shape {
            case .oneHost: entities = ["host 10.0.0.1", "address 198.51.100.7"]
            case .oneAddress: entities = ["host \(own)", "address 198.51.100.7"]
            case .everybody: entities = ["host \(own)"]
            case .chains: entities = ["host \(own)", "host \(after)"]
            case .hostOfNames: entities = ["host 10.0.0.1", "domain a\(number).example", "file f\(number)"]
            }
            return Made.finding(
                "F-\(number)", entities, kind: .rule, name: "rule \(number % 100)", at: Int64(number) * 1_000_000,
                suspicion: .likely)
        }
        let ledger = (0..<2_000).map { (number: Int) -> Report.Transfer in
            let high = number >> 8
            let source: String = number % 2 == 0 ? "10.0.0.1" : "10.0.\(high).\(number & 255)"
            let destination: String = number % 3 == 0 ? "198.51.100.7" : "a\(number).example"
            return Made.transfer("T-\(number)", from: source, to: destination, at: Int64(number) * 1_000_000)
        }
        return Made.report(findings, ledger)
    }

    #if DEBUG
        static let few = 4_000
    #else
        static let few = 20_000
    #endif

    /// Five times as many findings (100,000 where the build is optimised) take some five times as much of the processor's
    /// time. Comparing all with all would take 25 times as much.
    @Test(arguments: Shape.allCases) func theCostIsLinear(shape: Shape) {
        func cost(_ count: Int) -> Double {
            var report = many(count, shape)
            let before = Self.processorSeconds()
            report.joinCases()
            let spent = Self.processorSeconds() - before
            #expect(!report.cases.isEmpty)
            return spent
        }
        let few = min(cost(Self.few), cost(Self.few))
        #expect(cost(5 * Self.few) < 14 * max(few, 0.1))
    }

    /// Seconds that this thread has had of a processor.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
