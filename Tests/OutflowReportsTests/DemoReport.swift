// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowCases
import OutflowLedger
import OutflowRecords

/// Reports to test with: what a scan of a small university might conclude.
enum DemoReport {
    static func time(_ text: String) -> Timestamp { withBytes(of: text) { Timestamp(iso8601: $0) }! }

    /// Five transfers: enough to read a golden.
    static var small: Report {
        var report = Report()
        report.inputs = Array(full.inputs.prefix(6))
        report.localNetworks = full.localNetworks
        report.tenants = full.tenants
        report.gaps = Array(full.gaps.prefix(2))
        let ids = [
            "T-5f0c1d9a7be24431", "T-0a71e3c5d8f96b20", "T-c4d1207fe85a93b6", "T-8e5b30c97f1a6d42",
            "T-39f8a6d1042ce57b",
        ]
        report.ledger = full.ledger.filter { ids.contains($0.id) }
        report.staging = full.staging
        sum(&report)
        return report
    }

    /// Routes and states of every kind.
    static var full: Report {
        var report = Report()
        report.inputs = inputs
        report.localNetworks = [
            .init(cidr: "10.0.0.0/16", why: "configured (--local)"),
            .init(
                cidr: "2001:db8:40::/48",
                why:
                    "inferred: 96 % of connections start here, and its hosts answer to each other and to nobody outside"
            ),
        ]
        report.tenants = ["faculty-of-arts", "university"]
        report.gaps = [
            .init(
                route: .network, from: time("2020-05-02T03:10:00Z"), to: time("2020-05-02T05:40:00Z"),
                what: "no records from sensor zeek-1, which wrote every minute before and after",
                effect: "flows of two and a half hours are missing; at_least still holds"),
            .init(
                route: .mail, from: time("2020-05-01T23:00:00Z"), to: time("2020-05-01T23:59:59Z"),
                what: "MailItemsAccessed was throttled (IsThrottled) for m.weber@uni.example",
                effect: "more messages may have been read than are listed"),
            .init(
                route: .cloudObject, from: nil, to: nil, what: "no CloudTrail data events for 3 of 14 buckets",
                effect: "reads of their objects cannot be seen"),
        ]
        report.ledger = transfers.sorted { a, b in
            if a.isSanctioned != b.isSanctioned { return b.isSanctioned }
            return a.state != b.state ? a.state < b.state : a.bytes.atLeast > b.bytes.atLeast
        }
        report.staging = [
            .init(
                id: "S-71d0b6a2c94e8f35", source: "10.0.1.6", destination: "10.0.1.4", service: "445/tcp smb",
                bytes: .exactly(3_407_872), first: time("2020-05-01T22:41:07Z"), last: time("2020-05-01T22:43:30Z"),
                records: 3,
                followedBy: ["T-5f0c1d9a7be24431"],
                evidence: [Origin(input: 4, offset: 88_120, length: 311)])
        ]
        sum(&report)
        return report
    }

    /// The full report with findings, the cases that they make, and limits.
    static var suspicious: Report {
        var report = full
        report.findings = [
            .init(
                id: "F-1a2b3c4d5e6f7081", kind: .detector, name: "new-destination",
                title: "Sent far more than ever to a destination that is new", techniques: ["T1048", "T1567.002"],
                entities: [.init(kind: "domain", id: "dav.files-store.example"), .init(kind: "host", id: "10.0.1.4")],
                first: time("2020-05-01T00:00:00Z"), last: time("2020-05-01T23:59:59Z"),
                evidence: [Origin(input: 4, offset: 70_120_441, length: 288)], suspicion: .likely,
                notes: ["2,164,178 B on 2020-05-01; the most of its 30 days before was 0 B: p = 1/1,801, e = 21.2."]),
            .init(
                id: "F-2b3c4d5e6f708192", kind: .rule, name: "7d4d4b1e-d4a5-4f7e-9c53-1a3a4d3f2b10",
                title: "Archive with a password made by rar.exe", techniques: ["T1560.001"],
                entities: [.init(kind: "account", id: "UNI\\pbeesly"), .init(kind: "host", id: "NASHUA")],
                first: time("2020-05-01T22:40:00Z"), last: time("2020-05-01T22:40:00Z"),
                evidence: [Origin(input: 2, offset: 1_104_881, length: 3_122)], suspicion: .possible),
            .init(
                id: "F-3c4d5e6f70819203", kind: .indicator, name: "national CERT, event 4711",
                title: "Address of a server to which stolen data was sent", techniques: ["T1041"],
                entities: [.init(kind: "address", id: "192.0.2.44"), .init(kind: "host", id: "10.0.1.4")],
                first: time("2020-05-01T22:54:03Z"), last: time("2020-05-01T22:58:47Z"),
                evidence: [Origin(input: 4, offset: 70_120_441, length: 288)], suspicion: .possible,
                notes: ["TLP:GREEN, confidence 70 of 100, valid until 2020-06-01."]),
            .init(
                id: "F-4d5e6f7081920314", kind: .detector, name: "bucket-new-network",
                title: "Bucket read from a network that is new to it", techniques: ["T1530"],
                entities: [
                    .init(kind: "account", id: "AROA3X:web-server"), .init(kind: "store", id: "uni-backups-2019"),
                ],
                first: time("2020-05-02T11:02:08Z"), last: time("2020-05-02T11:02:41Z"),
                evidence: [Origin(input: 0, offset: 4_118, length: 1_804)], suspicion: .likely),
            .init(
                id: "F-5e6f708192031425", kind: .rule, name: "new-device", title: "Sign-in from a new device",
                techniques: ["T9999"], entities: [.init(kind: "account", id: "a.svensson@uni.example")],
                first: time("2020-05-02T07:00:00Z"), last: time("2020-05-02T07:00:00Z"), suspicion: .none),
        ]
        report.limits = [
            .init(route: .network, over: "1 minute", smallest: 48_000_000, alarms: "1/month"),
            .init(route: .network, over: "1 hour", smallest: 31_000_000, alarms: "1/month"),
            .init(route: .network, over: "1 day", smallest: 4_200_000, alarms: "1/month"),
            .init(route: .network, over: "30 days", smallest: 880_000, alarms: "1/month"),
            .init(route: .dns, over: "1 hour", smallest: 61_000, alarms: "1/month"),
            .init(route: .dns, over: "30 days", smallest: nil, alarms: "1/month"),
            .init(route: .library, over: "1 day", smallest: 41, unit: "documents", alarms: "1/month"),
        ]
        report.joinCases()
        return report
    }

    /// As many transfers as asked for, none of them remarkable.
    static func large(_ count: Int) -> Report {
        var report = full
        let pattern = report.ledger[0]
        for index in 0..<max(0, count - report.ledger.count) {
            var transfer = pattern
            transfer.id = "T-" + hex(UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
            transfer.bytes = ByteBounds(atLeast: UInt64(900_000 - min(index, 899_999)), atMost: UInt64(1_000_000))
            transfer.source.id = "10.0.\(index / 250 % 250).\(index % 250)"
            transfer.source.name = nil
            transfer.destination.id = "host\(index % 700).example.net"
            transfer.destination.name = nil
            report.ledger.insert(transfer, at: 1 + index)
        }
        sum(&report)
        return report
    }

    /// The same report with every string that comes from a log replaced.
    static func replacingStrings(_ report: Report, _ replace: (String) -> String) -> Report {
        var report = report
        for index in report.inputs.indices {
            report.inputs[index].path = replace(report.inputs[index].path)
            let old = report.inputs[index].rejected
            var new = Rejections()
            for example in old.examples { new.add(Rejection(offset: example.offset, reason: replace(example.reason))) }
            new.add(count: old.count - new.count)
            report.inputs[index].rejected = new
        }
        for index in report.localNetworks.indices {
            report.localNetworks[index].why = replace(report.localNetworks[index].why)
        }
        report.tenants = report.tenants.map(replace)
        for index in report.gaps.indices {
            report.gaps[index].what = replace(report.gaps[index].what)
            report.gaps[index].effect = replace(report.gaps[index].effect)
        }
        func entity(_ entity: Report.Entity) -> Report.Entity {
            Report.Entity(
                kind: entity.kind, id: replace(entity.id), name: entity.name.map(replace),
                tenant: entity.tenant.map(replace),
                addresses: entity.addresses.map(replace))
        }
        for index in report.ledger.indices {
            report.ledger[index].source = entity(report.ledger[index].source)
            report.ledger[index].destination = entity(report.ledger[index].destination)
            report.ledger[index].service = replace(report.ledger[index].service)
            report.ledger[index].store = report.ledger[index].store.map(replace)
            report.ledger[index].session = report.ledger[index].session.map(replace)
            report.ledger[index].notes = report.ledger[index].notes.map(replace)
        }
        for index in report.staging.indices {
            report.staging[index].source = replace(report.staging[index].source)
            report.staging[index].destination = replace(report.staging[index].destination)
            report.staging[index].service = replace(report.staging[index].service)
        }
        func named(_ entity: Report.NamedEntity) -> Report.NamedEntity {
            .init(kind: replace(entity.kind), id: replace(entity.id))
        }
        for index in report.findings.indices {
            report.findings[index].name = replace(report.findings[index].name)
            report.findings[index].title = replace(report.findings[index].title)
            report.findings[index].entities = report.findings[index].entities.map(named)
            report.findings[index].techniques = report.findings[index].techniques.map(replace)
            report.findings[index].notes = report.findings[index].notes.map(replace)
        }
        for index in report.cases.indices {
            report.cases[index].title = replace(report.cases[index].title)
            report.cases[index].entities = report.cases[index].entities.map(named)
            for step in report.cases[index].story.indices {
                report.cases[index].story[step].text = replace(report.cases[index].story[step].text)
                report.cases[index].story[step].tactic = replace(report.cases[index].story[step].tactic)
            }
            let assessment = report.cases[index].assessment
            report.cases[index].assessment.supports = assessment.supports.map(replace)
            report.cases[index].assessment.against = assessment.against.map(replace)
            report.cases[index].assessment.next = assessment.next.map(replace)
        }
        for index in report.limits.indices where report.limits[index].unit != "bytes" {
            report.limits[index].unit = replace(report.limits[index].unit)
        }
        return report
    }

    static func sum(_ report: inout Report) {
        report.totals = Report.Totals()
        for transfer in report.ledger {
            if transfer.isSanctioned {
                report.totals.sanctioned.add(transfer)
            } else {
                report.totals.byRoute[transfer.route, default: Report.Total()].add(transfer)
                report.totals.byState[transfer.state, default: Report.Total()].add(transfer)
            }
        }
    }

    static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    // MARK: Inputs

    private static var inputs: [Report.Input] {
        var conn = Report.Input(
            path: "logs/zeek/conn.2020-05-01.log.gz", format: "zeek-tsv", bytes: 48_113_022,
            sha256: "9f2b6c1e" + String(repeating: "0a7d", count: 14), records: 1_204_331, duplicates: 18_220,
            first: time("2020-05-01T00:00:00.112Z"), last: time("2020-05-03T23:59:59.801Z"))
        conn.rejected.add(Rejection(offset: 81_120_441, reason: "line ends in the middle of field id.resp_h"))
        conn.rejected.add(Rejection(offset: 99_310_007, reason: "orig_bytes is not a number: \"1.2.3\""))
        conn.rejected.add(count: 3)
        var odd = Report.Input(
            path: "logs/old/router.bin", format: "unrecognised", bytes: 77_214,
            sha256: "11c0" + String(repeating: "be21", count: 15))
        odd.rejected.add(Rejection(offset: 0, reason: "no known log format begins like this"))
        var broken = Report.Input(
            path: "logs/zeek/http.2020-05-02.log.gz", format: "zeek-json", bytes: 1_020_414,
            sha256: "7d1e" + String(repeating: "44f0", count: 15), records: 20_118, first: time("2020-05-02T00:00:01Z"),
            last: time("2020-05-02T17:22:40Z"))
        broken.rejected.add(Rejection(offset: 8_388_608, reason: "gzip stream ends early; the file is cut off"))
        func plain(_ path: String, _ format: String, _ records: UInt64, _ bytes: UInt64) -> Report.Input {
            Report.Input(
                path: path, format: format, bytes: bytes, sha256: "c0ffee00" + String(repeating: "5a1d", count: 14),
                records: records, duplicates: records / 40, first: time("2020-05-01T00:00:04Z"),
                last: time("2020-05-03T21:04:11.5Z"))
        }
        return [
            plain("logs/aws/cloudtrail.zip!2020/05/02/events.json", "cloudtrail", 8_114, 2_211_009),
            plain("logs/library/ezproxy.log", "ezproxy", 310_771, 61_240_118),
            plain("logs/m365/audit-export.csv", "m365-audit", 40_210, 90_118_442), odd, conn, broken,
        ]
    }

    // MARK: Transfers

    private static var transfers: [Report.Transfer] {
        [
            .init(
                id: "T-5f0c1d9a7be24431", route: .network, state: .taken,
                source: .init(kind: .host, id: "10.0.1.4", name: "NASHUA", tenant: "university"),
                destination: .init(
                    kind: .domain, id: "dav.files-store.example", name: nil, addresses: ["192.0.2.44", "192.0.2.45"]),
                destinationClass: "cloud-storage", service: "80/tcp http", bytes: .exactly(1_082_089),
                onWire: 2_164_178,
                distinctObjects: 1, reads: 2, first: time("2020-05-01T22:54:03.1Z"), last: time("2020-05-01T22:58:47Z"),
                records: 4,
                evidence: [
                    Origin(input: 4, offset: 70_120_441, length: 288), Origin(input: 5, offset: 12_118, length: 702),
                ],
                notes: [
                    "WebDAV PUT sent twice: the first was answered 401, the second 201; the same content by SHA-1, counted once.",
                    "Seen by two sensors (uids CPk1Dq3 and CvBx81q); counted once.",
                ]),
            .init(
                id: "T-d2079b6e41fa8c53", route: .network, state: .taken,
                source: .init(kind: .host, id: "10.0.1.6", name: "UTICA", tenant: "university"),
                destination: .init(kind: .address, id: "198.51.100.23"), destinationClass: "unknown",
                service: "1234/tcp",
                bytes: ByteBounds(atLeast: 524_836, atMost: 611_204), onWire: 611_204, distinctObjects: nil, reads: 1,
                first: time("2020-05-02T03:04:11Z"), last: time("2020-05-02T03:12:59Z"), records: 2,
                evidence: [Origin(input: 4, offset: 71_002_204, length: 290)],
                notes: [
                    "The connection was still open at the last record: bytes after it are not known but bounded by its last byte count."
                ]),
            .init(
                id: "T-6b18f0e2a93d75c4", route: .dns, state: .taken,
                source: .init(kind: .host, id: "10.0.3.77", tenant: "faculty-of-arts"),
                destination: .init(kind: .domain, id: "x7.telemetry-cdn.example"), destinationClass: "unknown",
                service: "53/udp dns", bytes: ByteBounds(atLeast: 0, atMost: 69_977), onWire: 69_977,
                distinctObjects: nil,
                reads: 2_214, first: time("2020-05-01T09:00:00Z"), last: time("2020-05-03T20:41:00Z"), records: 2_214,
                evidence: [Origin(input: 4, offset: 10_118, length: 190)],
                notes: [
                    "Names of 41 to 63 letters under one domain that no other host asks for. How much of a name is payload the log cannot tell."
                ]),
            .init(
                id: "T-0a71e3c5d8f96b20", route: .cloudObject, state: .taken,
                source: .init(
                    kind: .principal, id: "AROA3X:web-server", name: "assumed role web-server", tenant: "university"),
                destination: .init(kind: .address, id: "203.0.113.9"), service: "s3 GetObject",
                store: "uni-backups-2019",
                session: "ASIA3XAMPLE7KEY", bytes: .exactly(89), onWire: 178, distinctObjects: 1, reads: 2,
                first: time("2020-05-02T11:02:08Z"), last: time("2020-05-02T11:02:41Z"), records: 2,
                evidence: [
                    Origin(input: 0, offset: 4_118, length: 1_804), Origin(input: 0, offset: 9_552, length: 1_811),
                ],
                notes: ["The same object was read twice: 89 B of content, 178 B on the wire."]),
            .init(
                id: "T-b50e94d7c2a1683f", route: .library, state: .taken,
                source: .init(kind: .principal, id: "s1204418", tenant: "university"),
                destination: .init(kind: .address, id: "203.0.113.180"), destinationClass: "unknown", service: "https",
                store: "journals.publisher.example", session: "Hk2Qp91xYv0",
                bytes: ByteBounds(atLeast: 411_208_114, atMost: nil),
                onWire: 438_100_771, distinctObjects: 301, reads: 14_208, first: time("2020-05-02T01:11:00Z"),
                last: time("2020-05-02T04:47:31Z"), records: 14_208,
                evidence: [Origin(input: 1, offset: 31_118_002, length: 214)],
                notes: ["301 documents, of which 12 in ranges whose union is not whole."]),
            .init(
                id: "T-c4d1207fe85a93b6", route: .mail, state: .accessed,
                source: .init(
                    kind: .mailbox, id: "m.weber@uni.example", name: "Müller-Weber, Marta", tenant: "university"),
                destination: .init(kind: .address, id: "2001:db8:ffff::25"), service: "Exchange REST",
                session: "app 8f2c (GraphRunner)", bytes: .unknown, onWire: nil, distinctObjects: 7, reads: 7,
                first: time("2020-05-01T23:14:00Z"), last: time("2020-05-01T23:40:12Z"), records: 7,
                evidence: [Origin(input: 2, offset: 1_104_881, length: 3_122)],
                notes: [
                    "Two exports hold these records; each counts once.", "The log does not tell the size of messages.",
                ]),
            .init(
                id: "T-8e5b30c97f1a6d42", route: .snapshot, state: .exposed,
                source: .init(
                    kind: .store, id: "snap-0f3ab9125d77c1e20", name: "snapshot of db-students", tenant: "university"),
                destination: .init(kind: .account, id: "612899039241"), service: "ec2 ModifySnapshotAttribute",
                bytes: ByteBounds(atLeast: 0, atMost: 80_000_000_000), onWire: nil, distinctObjects: 1, reads: 0,
                first: time("2020-05-02T12:30:00Z"), last: time("2020-05-03T12:30:00Z"), records: 1,
                evidence: [Origin(input: 0, offset: 771_204, length: 1_204)],
                notes: [
                    "Shared with an account outside the organisation for 24 hours; no copy was seen, and one made there would not be logged here."
                ]),
            .init(
                id: "T-17c6d80b35fe924a", route: .saasFile, state: .attempted,
                source: .init(kind: .principal, id: "j.ortiz@uni.example", tenant: "faculty-of-arts"),
                destination: .init(kind: .anyone, id: "public"), service: "SharePoint", store: "sites/exam-board",
                bytes: .zero, onWire: 0, distinctObjects: 0, reads: 3, first: time("2020-05-03T08:00:00Z"),
                last: time("2020-05-03T08:01:30Z"), records: 3,
                evidence: [Origin(input: 2, offset: 88_204_011, length: 2_080)],
                notes: []),
            .init(
                id: "T-39f8a6d1042ce57b", route: .network, state: .taken,
                source: .init(kind: .host, id: "10.0.0.12", name: "backup01", tenant: "university"),
                destination: .init(kind: .domain, id: "vault.backup-provider.example", addresses: ["198.51.100.200"]),
                destinationClass: "cloud-storage", service: "443/tcp tls", isSanctioned: true,
                bytes: ByteBounds(atLeast: 5_204_118_004, atMost: 5_204_220_118), onWire: 5_204_220_118,
                distinctObjects: nil,
                reads: 3, first: time("2020-05-01T01:00:00Z"), last: time("2020-05-03T01:48:00Z"), records: 3,
                evidence: [Origin(input: 4, offset: 118_004, length: 288)], notes: []),
        ]
    }
}
