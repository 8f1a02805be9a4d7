// SPDX-License-Identifier: Apache-2.0

import OutflowEstate
import OutflowSimulator
import Testing

@Suite("Thefts are asked for in YAML, and errors say where")
struct TheftFileTests {
    private let plan = EstatePlan(kind: .university, hosts: 50, days: 40, seed: 1)

    private func parse(_ yaml: String) throws -> [TheftPlan] {
        try TheftFile.parse(Array(yaml.utf8), file: "t.yaml", for: plan)
    }

    @Test("Every key is read")
    func whole() throws {
        let thefts = try parse(
            """
            thefts:
              - id: quiet
                route: network
                size: 2 GB
                over: 30 days
                start: 2024-01-05 02:30
                cunning: [existing-service, business-hours, split-accounts]
                accounts: 3
              - {route: library, size: 15 papers/day, over: 10 days, start: day 12}
              - {route: network, size: 1 KB/h, over: 2 days, start: day 0 23:59, cunning: [dns]}
              - {route: mail, size: 1 mailbox, over: 90 s, start: day 3}
            """)
        #expect(thefts.map(\.id) == ["quiet", "theft-2", "theft-3", "theft-4"])
        #expect(thefts.map(\.route) == [.network, .library, .dns, .mail])
        #expect(thefts.map(\.amount) == [2_000_000_000, 150, 48_000, 1])
        #expect(thefts.map(\.unit) == [.bytes, .papers, .bytes, .mailboxes])
        let seconds: [Int64] = [2_592_000, 864_000, 172_800, 90]
        #expect(thefts.map { $0.duration / 1_000_000 } == seconds)
        #expect(thefts.map(\.start.day) == [4, 12, 0, 3] && thefts[0].start.minute == 150)
        #expect(thefts.map(\.accounts) == [3, 1, 1, 1])
        #expect(thefts[0].cunning == [.existingService, .businessHours, .splitAccounts])
        #expect(try parse("").isEmpty)
    }

    @Test(
        "What is wrong is told with line and column",
        arguments: [
            ("rute: network", "t.yaml:2:5: unknown key \"rute\" in a theft; did you mean \"route\"?"),
            ("route: netwrk", "t.yaml:2:12: no route is called \"netwrk\"; did you mean \"network\"?"),
            ("over: 1 fortnight", "t.yaml:2:11: over is a length of time, not \"1 fortnight\""),
            ("start: day 40", "t.yaml:2:12: the theft begins on day 40; days 0 to 39 are recorded"),
            ("start: 2024-01-05 25:00", "t.yaml:2:12: start is a local time"),
            ("start: yesterday", "t.yaml:2:12: start is a local time"),
            (
                "{route: mail, size: 2 GB, over: 1 h, start: day 1}",
                "t.yaml:2:25: size on route mail counts messages or"
            ),
            (
                "{route: network, size: 1 YB, over: 1 h, start: day 1}",
                "t.yaml:2:28: size on route network counts bytes"
            ),
            ("{route: network, size: -1 GB, over: 1 h, start: day 1}", "t.yaml:2:28: size is an amount"),
            (
                "{route: network, size: 9999999999999 TB, over: 1 h, start: day 1}",
                "t.yaml:2:28: size is more than 2^50"
            ),
            (
                "{route: mail, size: 5 messages, over: 1 h, start: day 1, cunning: [dns]}",
                "2:72: dns means nothing on route mail"
            ),
            ("{route: network, size: 1 GB, over: 40 days, start: day 1}", "goes on after the recording's last day"),
            ("accounts: 0", "t.yaml:2:15: accounts is a number from 1 to 1000"),
            ("{route: network, over: 1 h, start: day 1}", "a theft needs \"size\""),
            ("[1]", "a theft is a mapping, not a list"),
        ])
    func wrong(theft: String, message: String) {
        let error = #expect(throws: ConfigurationErrors.self) { try parse("thefts:\n  - \(theft)\n") }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "none")")
    }

    @Test("Damaged files are errors, never a crash")
    func damaged() throws {
        let whole = Array("thefts:\n  - {route: network, size: 1 GB, over: 1 h, start: day 1}\n".utf8)
        for at in whole.indices {
            for byte: UInt8 in [0, 0x0A, 0x7B, 0xFF, UInt8(ascii: "9"), UInt8(ascii: "-")] {
                var damaged = whole
                damaged[at] = byte
                _ = try? TheftFile.parse(damaged, file: "t.yaml", for: plan)
            }
            _ = try? TheftFile.parse(Array(whole[..<at]), file: "t.yaml", for: plan)
        }
    }

    @Test("What cannot happen in the estate is told with its place")
    func impossible() throws {
        var plan = EstatePlan(kind: .company, hosts: 20, days: 10, seed: 1)
        plan.thefts = try TheftFile.parse(
            Array("thefts:\n  - {route: library, size: 9 papers, over: 1 h, start: day 1}\n".utf8), file: "t.yaml",
            for: plan)
        let error = #expect(throws: ConfigurationErrors.self) { try EstateSimulation(plan) }
        #expect(error?.description.hasPrefix("t.yaml:2:5: theft \"theft-1\": a company has no library") == true)
    }
}
