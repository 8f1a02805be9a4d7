// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowDetection
import OutflowLedger
import OutflowRecords
import Testing

/// Detection in cloud, mail and sign-in logs: each feature with a theft that raises it, beside a life that does not.
@Suite struct AccountDetectionTests {
    /// Six pipelines that read their buckets every night from where they run, and list them first.
    static let cloud: [Deed] = (0..<40).flatMap { day in
        (0..<6).flatMap { pipeline in
            [Deed.list("arn:role/p\(pipeline)", "b\(pipeline)", from: "10.0.\(pipeline).9", day: day)]
                + (0..<30).map {
                    Deed.read("arn:role/p\(pipeline)", "b\(pipeline)", $0, from: "10.0.\(pipeline).9", day: day)
                }
        }
    }

    static func pull(listed: Bool = true, client: String = "aws-cli/2.1", from address: String = "198.51.100.7")
        -> [Deed]
    {
        (listed ? [Deed.list("arn:role/p2", "b2", from: address, day: 36)] : [])
            + (100..<500).map { Deed.read("arn:role/p2", "b2", $0, from: address, by: client, day: 36) }
    }

    /// A hundred mailboxes, read every day by the programs that all have; now and then one gets a new telephone.
    static let mail: [Deed] = (0..<40).flatMap { day in
        (0..<100).flatMap { box in
            Deed.mail("u\(box)@x.example", by: box % 40 == day ? "phone" : "outlook", messages: 5, day: day)
        }
    }

    /// A hundred people who sign in from where they work with what they have.
    static let signIns: [Deed] = (0..<40).flatMap { day in
        (0..<100).map {
            Deed.identity(.signIn, "u\($0)", from: "10.1.\($0).4", device: "desk-\($0)", day: day, $0)
        }
    }

    static func named(_ name: String, _ findings: [Report.Finding]) -> Report.Finding? {
        findings.first { $0.name == name && $0.suspicion >= .likely }
    }

    @Test func ordinaryLifeRaisesNothing() {
        #expect(Detection.findings(Self.cloud).isEmpty)
        #expect(Detection.findings(Self.mail).isEmpty)
        #expect(Detection.findings(Self.signIns).isEmpty)
    }

    @Test func keysUsedFromAnotherNetworkThanEver() throws {
        let found = try #require(Self.named("stray-network", Detection.findings(Self.cloud + Self.pull(listed: false))))
        #expect(found.entities.contains(.init(kind: "account", id: "arn:role/p2")))
        #expect(found.title.contains("198.51.100"))
        #expect(!found.evidence.isEmpty)
        #expect(found.notes.contains { $0.contains("p-value") })
    }

    @Test func aBucketListedAndThenReadByANewNetwork() throws {
        let with = Detection.findings(Self.cloud + Self.pull())
        let found = try #require(Self.named("listed-then-read", with))
        #expect(found.entities.contains(.init(kind: "store", id: "b2")))
        // Others may read a bucket: who did is named.
        #expect(found.entities.contains(.init(kind: "account", id: "arn:role/p2")))
        #expect(Self.named("listed-then-read", Detection.findings(Self.cloud + Self.pull(listed: false))) == nil)
    }

    @Test func anotherProgramFromTheUsualNetwork() throws {
        let pull = Self.pull(listed: false, client: "rclone/1.66", from: "10.0.2.9")
        let found = try #require(Self.named("new-program", Detection.findings(Self.cloud + pull)))
        #expect(found.title.contains("rclone"))
        let usual = Self.pull(listed: false, client: "aws-cli/2.9", from: "10.0.2.9")
        #expect(Self.named("new-program", Detection.findings(Self.cloud + usual)) == nil, "a new version of the same")
    }

    @Test func aMailboxSynchronisedByARareApplication() throws {
        let theft = Deed.mail("u7@x.example", by: "mailharbor", folders: 4, day: 33)
        let found = try #require(Self.named("rare-mail-reader", Detection.findings(Self.mail + theft)))
        #expect(found.entities.contains(.init(kind: "mailbox", id: "u7@x.example")))
        #expect(found.entities.contains(.init(kind: "session", id: "mailharbor")))
    }

    /// A few papers a day from where each works; now and then one reads elsewhere.
    static let library: [Deed] = (0..<50).flatMap { day in
        (0..<100).flatMap { reader in
            (0..<(1 + (reader * 7 + day * 13) % 5)).map {
                let isAway = (reader + day * 3) % 40 == 0
                return Deed.paper("r\(reader)", $0, from: isAway ? "100.64.\(day).1" : "10.2.\(reader).4", day: day)
            }
        }
    }

    /// Little enough a day, each account from a network of its own.
    @Test func accountsThatReadALittleElsewhereDayByDay() throws {
        #expect(Detection.findings(Self.library).isEmpty)
        let theft = (30..<50).flatMap { day in
            (0..<5).flatMap { account in
                (100..<115).map { Deed.paper("r\(account)", $0, from: "203.0.\(account).9", day: day) }
            }
        }
        let found = Detection.findings(Self.library + theft).filter { $0.suspicion >= .likely }
        let accounts = Set(found.flatMap(\.entities).filter { $0.kind == "account" }.map(\.id))
        #expect(accounts == ["r0", "r1", "r2", "r3", "r4"])
    }

    @Test func rulesByWhichMailGoesOutside() throws {
        let rules = (0..<40).map { Deed.forward("u7@x.example", to: "box\($0)@y.example", day: 33) }
        let few = (0..<3).map { Deed.forward("u\($0)@x.example", to: "me\($0)@y.example", day: 10 * $0) }
        #expect(Self.named("forwards", Detection.findings(few)) == nil)
        // The mailbox is the thing that is forwarded, so that each rule to somebody else is one.
        #expect(try #require(Self.named("forwards", Detection.findings(few + rules))).techniques == ["T1114.003"])
    }

    @Test func signInsFromManyNewNetworks() {
        let theft = (0..<30).map { Deed.identity(.signIn, "u7", from: "203.0.\($0).1", device: "desk-7", day: 33, $0) }
        #expect(Self.named("sign-in-networks", Detection.findings(Self.signIns + theft)) != nil)
    }

    @Test func signInsWithManyNewDevices() {
        let theft = (0..<30).map { Deed.identity(.signIn, "u7", from: "10.1.7.4", device: "box-\($0)", day: 33, $0) }
        #expect(Self.named("new-devices", Detection.findings(Self.signIns + theft)) != nil)
    }

    static let cities = [(52.5, 13.4), (48.1, 11.6), (40.7, -74.0), (-33.9, 151.2), (35.7, 139.7), (-23.5, -46.6)]

    /// Between two cities of one country, on most days.
    static let travellers: [Deed] = (0..<40).flatMap { day in
        (0..<100).map { Deed.signIn("u\($0)", country: "DE", at: cities[($0 + day) % 2], day: day, second: $0) }
    }

    @Test func signInsFromManyCountries() throws {
        let theft = (0..<30).map {
            Deed.signIn("u7", country: "C\($0)", at: Self.cities[0], day: 33, second: 60 + $0)
        }
        #expect(Detection.findings(Self.travellers).isEmpty)
        #expect(Self.named("new-countries", Detection.findings(Self.travellers + theft)) != nil)
    }

    @Test func signInsThatNobodyTravelsBetween() throws {
        let theft = (0..<2).map {
            Deed.signIn("u7", country: "DE", at: Self.cities[3 * $0], day: 33, second: 60 + $0)
        }
        let found = try #require(Self.named("impossible-travel", Detection.findings(Self.travellers + theft)))
        #expect(found.title.contains("100000 km/h"), "no bound but its own")
        #expect(found.evidence.count >= 2)
        // Sixteen hours to Sydney.
        let flight = (0..<2).map {
            Deed.signIn("u7", country: "DE", at: Self.cities[3 * $0], day: 33, second: -36_000 + 60 + 61_000 * $0)
        }
        #expect(Self.named("impossible-travel", Detection.findings(Self.travellers + flight)) == nil)
    }

    @Test func aNetworkThatTriesManyAccounts() throws {
        let mistakes = (0..<40).map { Deed.identity(.refused, "u\($0)", from: "10.1.\($0).4", day: $0) }
        let spray = (0..<80).map { Deed.identity(.refused, "u\($0)", from: "198.51.100.3", day: 33, $0) }
        #expect(Self.named("refused-accounts", Detection.findings(Self.signIns + mistakes)) == nil)
        let found = try #require(
            Self.named("refused-accounts", Detection.findings(Self.signIns + mistakes + spray)))
        #expect(found.entities == [.init(kind: "network", id: "198.51.100")])
        #expect(found.techniques == ["T1110.003"])
    }

    @Test func accessGivenToManyApplications() {
        let theft = (0..<60).map { Deed.identity(.consent, "u7", application: "app-\($0)", day: 33, $0) }
        #expect(Self.named("consents", Detection.findings(Self.signIns + theft)) != nil)
    }

    /// Halves in any order, repeated, through partials: the same findings.
    @Test func anySplitGivesTheSame() throws {
        let theft = Deed.mail("u7@x.example", by: "mailharbor", folders: 4, day: 33)
        let spray = (0..<80).map { Deed.identity(.refused, "u\($0)", from: "198.51.100.3", day: 33, $0) }
        let deeds = Self.cloud + Self.pull() + Self.mail.filter { $0.day > 10 } + theft + Self.signIns + spray
        let once = Detection.findings(deeds)
        #expect(Set(once.map(\.name)).isSuperset(of: ["stray-network", "rare-mail-reader", "refused-accounts"]))
        let seed = Int.random(in: 1..<deeds.count - 1)
        var (left, right) = (Detection(), Detection())
        left.observe(Array(deeds[..<seed]))
        right.observe(Array(deeds[seed...]), offset: seed)
        right.observe(Array(deeds[seed...]), offset: seed)
        func carried(_ detection: Detection) throws -> Detection {
            var detection = detection
            var encoder = StateEncoder()
            detection.encode(into: &encoder)
            var decoder = try StateDecoder(encoder.finish())
            return try Detection(from: &decoder)
        }
        var merged = try carried(right)
        merged.merge(try carried(left), inputMap: [0])
        merged.merge(left, inputMap: [0])
        #expect(merged.findings == once, "split at \(seed)")
    }
}
