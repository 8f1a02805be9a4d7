// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowDetection
import OutflowLedger
import OutflowRecords
import Testing

/// Detection in what hosts ask the DNS for: types of records, and names that do not exist.
@Suite struct NameDetectionTests {
    /// Addresses of a few names a day, texts of one that all ask for, and now and then a slip of the keyboard.
    static let life: [Deed] = (0..<40).flatMap { day in
        (UInt32(0)..<60).flatMap { host -> [Deed] in
            let client = 0x0A00_0100 + host
            var deeds = (0..<5).map { Deed.query(client, "www\($0).site\(host % 7).example", day: day, $0) }
            deeds.append(Deed.query(client, "v\(day).version.example", type: 16, day: day, 6))
            if (Int(host) + day) % 9 == 0 {
                deeds.append(Deed.query(client, "wwww.typo\(host).example", exists: false, day: day, 7))
            }
            return deeds
        }
    }

    private static func names(_ deeds: [Deed]) -> Set<String> {
        Set(Detection.findings(life + deeds).filter { $0.suspicion >= .likely }.map(\.name))
    }

    @Test func ordinaryQuestionsRaiseNothing() { #expect(Self.names([]).isEmpty) }

    @Test(arguments: [(16, true), (10, true), (65_399, true), (1, false), (28, false)] as [(UInt16, Bool)])
    func recordsThatCarryText(_ type: UInt16, _ isFound: Bool) {
        // Short names, a few an hour for days: bytes in names alone say little.
        let theft = (30..<40).flatMap { day in
            (0..<40).map { Deed.query(0x0A00_0107, "a\($0).drop.example", type: type, day: day, 100 + $0) }
        }
        #expect(Self.names(theft).contains("dns-texts") == isFound)
    }

    @Test func aProgramThatGuessesDomains() throws {
        let guesses = (30..<40).flatMap { day in
            (0..<400).map { Deed.query(0x0A00_0107, "x.q\(day)z\($0).example", exists: false, day: day, 100 + $0) }
        }
        let found = Detection.findings(Self.life + guesses)
        let finding = try #require(found.first { $0.name == "dns-failures" && $0.suspicion >= .likely })
        #expect(finding.techniques == ["T1568.002"])
        #expect(finding.entities == [.init(kind: "host", id: "10.0.1.7")])
        #expect(!finding.evidence.isEmpty)
    }
}
