// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowIntelligence
import OutflowJSON
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowSharing

/// Alerts made of an invented case whose victim's strings are known.
@Suite struct AlertTests {
    static let start = Timestamp(microseconds: 1_588_371_890_123_456)

    /// Strings of the victim's, none of which may get out.
    static let secrets = [
        "10.1.2.3", "198.51.100.77", "fileserver7", "alice.liddell", "quartz-university", "quarterly-salaries.xlsx",
        "wonderland-backups", "AKIAQUARTZKEY00001", "111122223333", "/var/log/quartz",
    ]

    /// A report with one case: data to an address, to a name made for the victim, to a known service and a cloud account.
    static func report(tlp: String? = "TLP:GREEN") -> Report {
        var report = Report()
        report.localNetworks = [
            .init(cidr: "10.0.0.0/8", why: "configured"), .init(cidr: "198.51.100.64/26", why: "configured"),
        ]
        report.tenants = ["111122223333", "quartz-university.example"]
        let host = Report.Entity(kind: .host, id: "10.1.2.3", name: "fileserver7.quartz-university.example")
        func transfer(_ id: String, _ route: Route, _ to: Report.Entity, _ kind: String = "unknown") -> Report.Transfer
        {
            var one = Report.Transfer(
                id: id, route: route, state: .taken, source: host, destination: to, destinationClass: kind,
                store: "wonderland-backups", session: "AKIAQUARTZKEY00001",
                bytes: ByteBounds(atLeast: 12_345_678_901, atMost: 23_456_789_012), onWire: nil, distinctObjects: 77,
                reads: 0, first: start, last: Timestamp(microseconds: start.microseconds + 7_200_000_000),
                records: 4321,
                evidence: [], notes: ["alice.liddell read quarterly-salaries.xlsx"])
            one.caseID = "C-1"
            return one
        }
        report.ledger = [
            transfer("T-1", .network, .init(kind: .address, id: "203.0.113.9")),
            transfer("T-2", .network, .init(kind: .domain, id: "quartz-university.drop.example")),
            transfer("T-3", .web, .init(kind: .domain, id: "quartz.storage.example"), "cloud-storage"),
            transfer("T-4", .snapshot, .init(kind: .account, id: "999988887777", tenant: "999988887777")),
            transfer("T-5", .network, .init(kind: .address, id: "198.51.100.77")),
            transfer("T-6", .dns, .init(kind: .domain, id: "evil.example")),
        ]
        report.findings = [
            .init(
                id: "F-1", kind: .indicator, name: "cert", title: "host 10.1.2.3 met evil.example",
                techniques: ["T1048", "T1071.004"],
                entities: [.init(kind: "host", id: "10.1.2.3"), .init(kind: "domain", id: "evil.example")],
                first: start,
                last: start, notes: ["/var/log/quartz"],
                indicator: .init(source: "cert", id: "indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2", tlp: tlp))
        ]
        report.cases = [
            .init(
                id: "C-1", title: "alice.liddell to 203.0.113.9", suspicion: .likely,
                transfers: report.ledger.map(\.id), findings: ["F-1"],
                entities: [
                    .init(kind: "account", id: "alice.liddell@quartz-university.example"),
                    .init(kind: "file", id: "quarterly-salaries.xlsx"), .init(kind: "host", id: "10.1.2.3"),
                ],
                story: [.init(at: start, tactic: "Exfiltration", text: "fileserver7 sent quarterly-salaries.xlsx")],
                assessment: .init(
                    bytes: ByteBounds(atLeast: 12_345_678_901, atMost: 23_456_789_012), next: ["ask alice.liddell"]))
        ]
        return report
    }

    static func alert(
        _ report: Report = AlertTests.report(), to partner: Partner = Partner(name: "isac", relation: .community),
        tlp: TLP = .green, including: Set<String> = [], replacing: JSONTree? = nil, now: Int64 = 1_600_000_000
    ) -> Alert {
        Alert(
            CaseFacts(report.cases[0], of: report), to: partner, marking: tlp, sender: "Somebody",
            identifiers: STIXIdentifier(namespace: [UInt8](repeating: 7, count: 16)), including: including,
            bundleID: "5d0092c5-5f74-4287-9642-33f4c354e56d", now: Timestamp(microseconds: now * 1_000_000),
            replacing: replacing)
    }

    /// What a detector says of the transfer to the address.
    static let alarm = Report.Finding(
        id: "F-2", kind: .detector, name: "outbound", title: "10.1.2.3 sent much to 203.0.113.9",
        entities: [.init(kind: "address", id: "203.0.113.9"), .init(kind: "host", id: "10.1.2.3")], first: start,
        last: start)

    private func types(_ alert: Alert) -> [String] {
        (alert.bundle["objects"]?.list ?? []).compactMap { $0["type"]?.string }
    }

    /// Where no record tells a time, none is shared, nor an amount where nothing was seen to leave.
    @Test func whatHasNoTimeIsToldWithoutOne() {
        var report = Self.report()
        let none = Timestamp.unknown
        report.findings = report.findings.map {
            var finding = $0
            (finding.first, finding.last) = (none, none)
            finding.indicator = .init(
                source: "partner", id: "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", tlp: "TLP:CLEAR")
            return finding
        }
        report.cases[0].transfers = []
        report.cases[0].story = [.init(at: none, tactic: "Exfiltration", text: "s1 met an address")]
        let text = Self.alert(report).bundle.text
        #expect(text.contains("sighting--") && !text.contains("first_seen") && !text.contains("1970-"))
        #expect(text.contains("The records tell no time.") && text.contains("No data was seen to leave"))
    }

    @Test func nothingOfTheVictimsGetsOut() {
        for partner in [Partner(name: "cert", relation: .public), Partner(name: "isac", relation: .organisation)] {
            for tlp in TLP.allCases {
                let alert = Self.alert(to: partner, tlp: tlp)
                for text in [alert.bundle.text, MISPEvent.event(alert).text] {
                    for secret in Self.secrets {
                        #expect(!text.lowercased().contains(secret.lowercased()), "\(secret) in \(text)")
                    }
                    // Times to the hour, amounts to the order of magnitude, and no id that could be guessed back.
                    for exact in ["12345678901", "4321", "22:24", "C-1", "T-1", "F-1"] {
                        #expect(!text.contains(exact), "\(exact)")
                    }
                }
            }
        }
    }

    @Test func thePartnersPartIsThere() {
        let alert = Self.alert()
        let text = alert.bundle.text
        for part in [
            "203.0.113.9", "evil.example", "999988887777", "T1048", "cloud-storage", "between 10 GB and 100 GB",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        for type in [
            "report", "indicator", "sighting", "observed-data", "identity", "attack-pattern", "note",
            "course-of-action", "relationship", "marking-definition", "opinion",
        ] {
            #expect(types(alert).contains(type), "\(type)")
        }
        let withheld = alert.decisions.filter { if case .withheld = $0.verdict { true } else { false } }
        #expect(withheld.contains { $0.title.contains("quartz-university.drop.example") })
        #expect(withheld.contains { $0.title.contains("198.51.100.77") })
    }

    @Test func whatAPartnerMarkedGoesNoFurther() {
        // The name that the CERT warned of is withheld with all that leads to it; what a detector of ours found too goes.
        for tlp in ["TLP:AMBER", "TLP:RED", nil] {
            var report = Self.report(tlp: tlp)
            #expect(Self.alert(report, tlp: .amber).isEmpty)
            report.findings.append(Self.alarm)
            report.cases[0].findings.append(Self.alarm.id)
            let alert = Self.alert(report, tlp: .amber)
            #expect(!alert.bundle.text.contains("evil.example"), "\(tlp ?? "unmarked")")
            #expect(!alert.bundle.text.contains("999988887777"), "\(tlp ?? "unmarked")")
            #expect(!types(alert).contains("sighting"))
            #expect(alert.bundle.text.contains("203.0.113.9"))
        }
        // Its source may have it back, within the alert's marking.
        let back = Self.alert(Self.report(tlp: "TLP:AMBER"), to: Partner(name: "cert"), tlp: .amber)
        #expect(types(back).contains("sighting"))
    }

    @Test func onlyWhatIsNamedIsSharedOfTheVictims() {
        let alert = Self.alert(including: ["quarterly-salaries.xlsx"])
        #expect(alert.bundle.text.contains("quarterly-salaries.xlsx"))
        #expect(!alert.bundle.text.contains("alice.liddell"))
    }

    /// One name that logs have as an account and as a principal is one object, which can be named as well.
    @Test func oneNameOfTwoKindsIsOneObject() {
        var report = Self.report()
        let name = "alice.liddell@quartz-university.example"
        report.cases[0].entities.append(.init(kind: "principal", id: name))
        let alert = Self.alert(report, including: [name])
        #expect(
            types(alert).count { $0 == "user-account" } == types(Self.alert(report)).count { $0 == "user-account" } + 1)
        #expect(alert.bundle.text.contains(name))
        #expect(!Self.alert(report).bundle.text.contains(name))
    }

    @Test func newVersionsKeepTheirBeginningAndWhatIsGoneIsRevoked() throws {
        let first = Self.alert()
        #expect(Self.alert(replacing: first.bundle, now: 1_700_000_000).bundle.text == first.bundle.text)
        var report = Self.report()
        report.ledger.removeAll { $0.id == "T-1" }
        let second = Self.alert(report, replacing: first.bundle, now: 1_700_000_000)
        let objects = second.bundle["objects"]?.list ?? []
        let gone = try #require(objects.first { $0["pattern"]?.string?.contains("203.0.113.9") == true })
        #expect(gone["revoked"] == true)
        #expect(gone["modified"]?.string?.hasPrefix("2023-11-14T22:13:20") == true)
        let whole = try #require(objects.first { $0["type"]?.string == "report" })
        #expect(whole["created"]?.string?.hasPrefix("2020-09-13T12:26:40") == true)
        #expect(whole["modified"]?.string?.hasPrefix("2023-11-14T22:13:20") == true)
    }

    /// What a partner marked more restrictively in a part: the part stays in, the rest goes out.
    @Test(arguments: ["TLP:RED", ""])
    func techniquesOfAStricterMarkingStayIn(marking: String) {
        var report = Self.report()
        report.findings[0].indicator?.techniqueTLP = marking
        let text = Self.alert(report).bundle.text
        #expect(text.contains("evil.example") && Self.alert().bundle.text.contains("T1071.004"))
        #expect(!text.contains("T1048") && !text.contains("T1071.004"))
    }

    /// A revoked object keeps its granular markings, and goes only to those whom these allow too.
    @Test func granularMarkingsOfWhatIsTakenBackCount() throws {
        let first = Self.alert()
        var report = Self.report()
        report.ledger.removeAll { $0.id == "T-1" }
        for (tlp, isAllowed) in [(TLP.green, true), (.red, false)] {
            var bundle = first.bundle
            let objects = (bundle["objects"]?.list ?? []).map { object in
                guard object["pattern"]?.string?.contains("203.0.113.9") == true else { return object }
                var marked = object
                marked["granular_markings"] = [["marking_ref": .string(tlp.stixID), "selectors": ["pattern"]]]
                return marked
            }
            bundle["objects"] = .list(objects)
            let second = Self.alert(report, replacing: bundle, now: 1_700_000_000)
            let gone = second.bundle["objects"]?.list.first {
                $0["revoked"] == true && $0["pattern"]?.string?.contains("203.0.113.9") == true
            }
            #expect((gone != nil) == isAllowed)
            if isAllowed { #expect(gone?["granular_markings"]?.list.count == 1) }
        }
    }

    @Test func observablesHaveTheIdsThatTheSpecificationGives() {
        // What the stix2 library computes.
        #expect(STIXCase.observable("address", "198.51.100.3")?.id == "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4")
        #expect(STIXCase.observable("domain", "example.com")?.id == "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7")
    }

    @Test func mispEventsHaveObjectsGalaxiesAndSightings() throws {
        let event = try #require(MISPEvent.event(Self.alert())["Event"])
        let objects = event["Object"]?.list ?? []
        #expect(objects.compactMap { $0["name"]?.string }.sorted() == ["annotation", "course-of-action"])
        for object in objects {
            #expect(object["Attribute"]?.list.allSatisfy { $0["object_relation"]?.string != nil } == true)
            #expect(object["template_uuid"]?.string?.utf8.count == 36)
        }
        let clusters = event["Galaxy"]?.list.first?["GalaxyCluster"]?.list ?? []
        #expect(clusters.contains { $0["value"]?.string?.hasSuffix(" - T1048") == true })
        let seen = event["Attribute"]?.list.filter { $0["Sighting"] != nil } ?? []
        #expect(seen.contains { $0["value"]?.string == "203.0.113.9" })
        // To the hour.
        for attribute in seen {
            let time = attribute["Sighting"]?.list.first?["date_sighting"]?.string.flatMap { Int64($0) }
            #expect(time.map { $0 % 3_600 == 0 } == true)
        }
    }

    @Test func mispEventsSayNoMoreThanTheirMarking() {
        let event = MISPEvent.event(Self.alert(tlp: .amber))["Event"]
        #expect(event?["distribution"]?.string == "0")
        #expect(event?["Tag"]?.list.first?["name"]?.string == "tlp:amber")
        let attributes = event?["Attribute"]?.list ?? []
        #expect(attributes.contains { $0["value"]?.string == "203.0.113.9" && $0["to_ids"] == true })
        #expect(MISPEvent.feed([MISPEvent.event(Self.alert())]).map(\.name).contains("manifest.json"))
    }

    /// The validator of OASIS, named by the environment: a path to `stix2_validator`.
    static let validator = ProcessInfo.processInfo.environment["OUTFLOW_STIX_VALIDATOR"]

    @Test(.enabled(if: validator != nil, "OUTFLOW_STIX_VALIDATOR does not name stix2_validator"))
    func theValidatorOfOASISFindsNoError() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-stix-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for tlp in TLP.allCases {
            let alert = Self.alert(
                to: Partner(name: "cert", relation: .organisation), tlp: tlp,
                including: [
                    "alice.liddell@quartz-university.example", "quarterly-salaries.xlsx", "10.1.2.3",
                    "wonderland-backups",
                ])
            try Data(alert.bundle.canonical).write(to: folder.appendingPathComponent("\(tlp).json"))
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.validator))
        process.arguments = [folder.path, "--version", "2.1", "--silent"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let words = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: words, as: UTF8.self))")
    }
}
