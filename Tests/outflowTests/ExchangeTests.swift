// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// Two organisations, each with a hub: what one finds, the other looks for, and says that it saw it.
@Suite("Exchange", .serialized) struct ExchangeTests {
    static let alerts = "0b7f27b2-5d6f-4cf3-9a1c-6f0b3a3f1c01"
    static let sightings = "0b7f27b2-5d6f-4cf3-9a1c-6f0b3a3f1c02"

    /// A folder with logs in which one host sends much to an address, and the report of a scan.
    private func organisation(_ host: String, bytes: Int) throws -> Folder {
        let folder = try Folder()
        try folder.write(
            "logs/conn.log",
            ConnSample.header
                + (0..<40).map { ConnSample.row($0, host, "203.0.113.66", bytes: bytes) }.joined())
        return folder
    }

    private func scan(_ folder: Folder, _ options: [String]) throws -> String {
        let scan = try Program.run(
            ["scan", "logs", "--local", "10.0.0.0/8", "--out", "r", "--quiet"] + options, in: folder)
        #expect(scan.status == 0, "\(scan.errors)")
        let text = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/r/report.json"))
        let root = try JSONSerialization.jsonObject(with: text) as? [String: Any]
        return try #require((root?["cases"] as? [[String: Any]])?.first?["id"] as? String)
    }

    /// Makes a signing key; gives what partners pin.
    private func key(_ folder: Folder, _ id: String) throws -> String {
        let share = try Program.run(
            ["share", id, "--report", "r", "--to", "nobody", "--tlp", "red", "--key", "key", "--out", "first.json"],
            in: folder)
        #expect(share.status == 0, "\(share.errors)")
        return try #require(share.output.split(separator: " ").last).trimmingCharacters(in: .newlines)
    }

    @Test func anAlertGoesOutAndASightingComesBack() throws {
        let secrets = ["victims": "10.9.8.7", "partners": "10.1.1.1"]
        let ours = try organisation("10.9.8.7", bytes: 50_000_000)
        try ours.write("warned.csv", "indicator,type,confidence,tlp\n203.0.113.66,ip,90,clear\n")
        let theirs = try organisation("10.1.1.1", bytes: 70_000_000)
        let ourCase = try scan(ours, ["--indicators", "warned.csv"])
        // Before the alert the partner's own case knows of no warning; its id is enough to make the key.
        let ourKey = try key(ours, ourCase)

        let hubA = try ServedHub.folder(
            [(Self.alerts, "Alerts for the ISAC"), (Self.sightings, "Sightings")],
            users: [
                #"{"name": "chief", "password": "Password0", "read": ["*"], "write": ["*"], "admin": true}"#,
                #"{"name": "isac-reader", "password": "Password1", "read": ["\#(Self.alerts)"], "write": []}"#,
            ])
        let hubB = try ServedHub.folder(
            [(Self.sightings, "Sightings for the university")],
            users: [
                #"{"name": "chief", "password": "Password2", "read": ["*"], "write": ["*"], "admin": true}"#,
                #"{"name": "university", "password": "Password3", "read": ["\#(Self.sightings)"], "write": []}"#,
            ])
        for (folder, password, name) in [
            (ours, "Password0", "a"), (ours, "Password3", "b"), (theirs, "Password1", "a"), (theirs, "Password2", "b"),
        ] { try folder.write("password-\(name)", password + "\n") }

        try ServedHub.run(in: hubA, ["--tls"]) { urlA in
            try ServedHub.run(in: hubB) { urlB in
                let rootA = urlA.replacingOccurrences(of: "/taxii2/", with: "/api1/")
                let rootB = urlB.replacingOccurrences(of: "/taxii2/", with: "/api1/")
                let alertsA = "\(rootA)collections/\(Self.alerts)/"
                let sightingsB = "\(rootB)collections/\(Self.sightings)/"
                let ca = ["--ca", hubA.path + "/outflow-hub/tls.crt"]

                // The server says what it has, to those who trust its certificate and know their password.
                let strange = try Program.run(
                    ["taxii", "discover", urlA, "--user", "chief", "--password-file", "password-a"], in: ours)
                #expect(strange.status == 1 && strange.errors.contains("TLS"), "\(strange)")
                let wrong = try Program.run(
                    ["taxii", "discover", urlA, "--user", "chief", "--password-file", "password-b"] + ca, in: ours)
                #expect(wrong.status == 1 && wrong.errors.contains("refused with 401"), "\(wrong)")
                let asA = ["--user", "chief", "--password-file", "password-a"] + ca
                let discover = try Program.run(["taxii", "discover", urlA] + asA, in: ours)
                #expect(discover.status == 0 && discover.output.contains(rootA), "\(discover)")
                let collections = try Program.run(["taxii", "collections", rootA] + asA, in: ours)
                #expect(collections.output.contains("\(alertsA)  read+write  Alerts for the ISAC\n"), "\(collections)")

                // A case is sent, signed for the ISAC.
                try ours.write(
                    "us.json",
                    #"{"from": "University", "partners": [{"name": "isac", "relation": "community", "collection": "\#(alertsA)"}]}"#
                )
                let share = try Program.run(
                    [
                        "share", ourCase, "--report", "r", "--to", "isac", "--tlp", "amber", "--partners", "us.json",
                        "--key", "key",
                        "--send",
                    ] + asA, in: ours)
                #expect(share.status == 0 && share.output.contains(" objects taken"), "\(share)")

                // The partner reads it once, and knows whose it is.
                try theirs.write(
                    "us.json",
                    #"{"from": "isac", "partners": [{"name": "University", "keys": ["\#(ourKey)"], "collection": "\#(sightingsB)"}]}"#
                )
                let reading =
                    [
                        "taxii", "poll", alertsA, "--out", "inbox", "--state", "state", "--partners", "us.json",
                        "--user", "isac-reader", "--password-file", "password-a",
                    ] + ca
                let poll = try Program.run(reading, in: theirs)
                #expect(
                    poll.status == 0 && poll.output.contains("signed by University") && poll.errors.isEmpty, "\(poll)")
                let again = try Program.run(reading, in: theirs)
                #expect(again.output == "0 objects arrived\n", "\(again)")
                let inbox = try String(contentsOfFile: theirs.path + "/inbox/bundle-000001.json", encoding: .utf8)
                #expect(inbox.contains("203.0.113.66") && !inbox.contains(secrets["victims"] ?? ""))
                // It may not write there.
                let push = try Program.run(
                    [
                        "taxii", "push", alertsA, "inbox/bundle-000001.json", "--user", "isac-reader",
                        "--password-file", "password-a",
                    ]
                        + ca, in: theirs)
                #expect(push.status == 1 && push.errors.contains("may not add"), "\(push)")

                // It finds the address in its own logs, under the marking that it came with, and says so.
                let theirCase = try scan(theirs, ["--indicators", "inbox"])
                let report = try String(contentsOfFile: theirs.path + "/r/report.json", encoding: .utf8)
                #expect(report.contains(#""tlp":"TLP:AMBER""#) && report.contains(#""source":"University""#))
                let theirKey = try key(theirs, theirCase)
                let back = try Program.run(
                    [
                        "share", theirCase, "--report", "r", "--to", "University", "--tlp", "amber", "--partners",
                        "us.json", "--key",
                        "key", "--send", "--user", "chief", "--password-file", "password-b",
                    ], in: theirs)
                #expect(back.status == 0, "\(back)")

                // We read the sighting, and show it to our people.
                try ours.write(
                    "them.json", #"{"from": "University", "partners": [{"name": "isac", "keys": ["\#(theirKey)"]}]}"#)
                let hear = try Program.run(
                    [
                        "taxii", "poll", sightingsB, "--out", "heard", "--state", "state-b", "--partners", "them.json",
                        "--user",
                        "university", "--password-file", "password-b",
                    ], in: ours)
                #expect(hear.status == 0 && hear.output.contains("signed by isac"), "\(hear)")
                let heard = try String(contentsOfFile: ours.path + "/heard/bundle-000001.json", encoding: .utf8)
                #expect(heard.contains(#""type":"sighting""#) && !heard.contains(secrets["partners"] ?? ""))
                let keep = try Program.run(
                    ["taxii", "push", "\(rootA)collections/\(Self.sightings)/", "heard/bundle-000001.json"] + asA,
                    in: ours)
                #expect(keep.status == 0, "\(keep)")
                let shown = try Program.run(
                    [
                        "taxii", "poll", "\(rootA)collections/\(Self.sightings)/", "--out", "shown", "--state",
                        "state-c", "--type",
                        "sighting",
                    ] + asA, in: ours)
                #expect(shown.output.contains("1 objects arrived"), "\(shown)")
                try versionsAndEnd(rootA, asA, ca, ours: ours, theirs: theirs)
            }
        }
        // What nobody named left neither hub.
        for hub in [hubA, hubB] {
            let dump = try Program.run(["hub", "dump"], in: hub)
            for secret in secrets.values { #expect(!dump.output.contains(secret)) }
        }
    }

    /// One object of a collection: its versions are listed, and deleted by those who may.
    private func versionsAndEnd(
        _ root: String, _ owner: [String], _ ca: [String], ours: Folder, theirs: Folder
    ) throws {
        let text = try String(contentsOfFile: ours.path + "/shown/bundle-000001.json", encoding: .utf8)
        let id = "sighting--" + (text.components(separatedBy: "\"sighting--").dropFirst().first?.prefix(36) ?? "")
        let object = ["\(root)collections/\(Self.sightings)/", id]
        let versions = try Program.run(["taxii", "versions"] + object + owner, in: ours)
        #expect(versions.status == 0 && versions.output.split(separator: "\n").count == 1, "\(versions)")
        let reader = ["--user", "isac-reader", "--password-file", "password-a"] + ca
        let refused = try Program.run(["taxii", "delete"] + object + ["--version", "all"] + reader, in: theirs)
        #expect(refused.status == 1, "\(refused)")
        let version = versions.output.trimmingCharacters(in: .newlines)
        let end = try Program.run(["taxii", "delete"] + object + ["--version", version] + owner, in: ours)
        #expect(end.status == 0 && end.output.contains("deleted"), "\(end)")
        let gone = try Program.run(["taxii", "versions"] + object + owner, in: ours)
        #expect(gone.status == 1 && gone.errors.contains("404"), "\(gone)")
    }

    /// The client with a server of somebody else's.
    @Test(.enabled(if: Peers.medallion != nil, "needs python3 with venv, and PyPI for medallion"))
    func theClientSpeaksWithMedallion() throws {
        let folder = try Folder()
        let media = "application/taxii+json;version=2.1"
        try folder.write(
            "data.json",
            """
            {"/discovery": {"title": "m", "default": "http://localhost/api1/", "api_roots": ["http://localhost/api1/"]},
             "api1": {"information": {"title": "One", "versions": ["\(media)"], "max_content_length": 6000},
              "status": [], "collections": [{"id": "\(Self.alerts)", "title": "C", "can_read": true, "can_write": true,
               "media_types": ["application/stix+json;version=2.1"], "objects": [], "manifest": []}]}}
            """)
        try folder.write(
            "config.json",
            """
            {"backend": {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend",
              "filename": "\(folder.path)/data.json"},
             "users": {"admin": "Password0"}, "taxii": {"max_page_size": 7}}
            """)
        try folder.write("password", "Password0")
        let objects = (0..<40).map { number in
            #"{"type": "indicator", "spec_version": "2.1", "id": "indicator--00000000-0000-4000-8000-0000000000\#(number + 10)", "created": "2020-01-01T00:00:00.000Z", "modified": "2020-01-01T00:00:00.000Z", "pattern": "[ipv4-addr:value = '198.51.100.\#(number)']", "pattern_type": "stix", "valid_from": "2020-01-01T00:00:00Z"}"#
        }
        try folder.write("bundle.json", #"{"type": "bundle", "objects": [\#(objects.joined(separator: ","))]}"#)
        let server = Process()
        let port = Int.random(in: 20_000...30_000)
        server.executableURL = URL(fileURLWithPath: Peers.medallion ?? "")
        server.arguments = ["-m", "medallion.scripts.run", "--port", String(port), folder.path + "/config.json"]
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer { server.terminate() }
        let root = "http://127.0.0.1:\(port)/"
        let sign = ["--user", "admin", "--password-file", "password"]
        var discover = try Program.run(["taxii", "discover", root + "taxii2/"] + sign, in: folder)
        for _ in 0..<100 where discover.status != 0 {
            usleep(100_000)
            discover = try Program.run(["taxii", "discover", root + "taxii2/"] + sign, in: folder)
        }
        #expect(discover.status == 0 && discover.output.hasPrefix("m\n"), "\(discover)")
        let collection = "\(root)api1/collections/\(Self.alerts)/"
        let list = try Program.run(["taxii", "collections", root + "api1/"] + sign, in: folder)
        #expect(list.output == "\(collection)  read+write  C\n", "\(list)")
        let push = try Program.run(["taxii", "push", collection, "bundle.json"] + sign, in: folder)
        #expect(push.status == 0 && push.output.contains("40 of 40 objects taken"), "\(push)")
        let reading = ["taxii", "poll", collection, "--out", "in", "--state", "state"] + sign
        let poll = try Program.run(reading, in: folder)
        #expect(poll.status == 0 && poll.output.hasSuffix("40 objects arrived\n"), "\(poll)")
        let again = try Program.run(reading, in: folder)
        #expect(again.status == 0 && again.output == "0 objects arrived\n", "\(again)")
    }

    /// Whatever a server sends, the client ends, with little memory, and says why.
    @Test(.enabled(if: Program.works(["python3", "--version"]), "needs python3"))
    func aHostileServerIsLeft() throws {
        let folder = try Folder()
        let server = Process()
        let pipe = Pipe()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        server.arguments = ["python3", Peers.script("hostile_server.py")]
        server.standardOutput = pipe
        try server.run()
        defer { kill(server.processIdentifier, SIGKILL) }
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.trimmingCharacters(in: .newlines)))
        for (kind, words) in [
            ("big", "longer than 1048576 bytes"), ("liar", "longer than 1048576 bytes"),
            ("drip", "no whole answer within 2 seconds"), ("redirect", "sends elsewhere"), ("deep", "no JSON"),
            ("json", "no JSON"), ("list", "no JSON object"), ("empty", "no discovery resource"),
        ] {
            let outcome = try Program.run(
                ["taxii", "discover", "http://127.0.0.1:\(port)/\(kind)/", "--timeout", "2", "--max-answer", "1"],
                in: folder)
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(kind): \(outcome)")
            #expect(outcome.peakMemory < 150 << 20, "\(kind): \(outcome.peakMemory)")
        }
        // Nobody there.
        let nobody = try Program.run(["taxii", "discover", "http://127.0.0.1:1/", "--timeout", "5"], in: folder)
        #expect(nobody.status == 1 && nobody.errors.contains("127.0.0.1:1"), "\(nobody)")
        for wrong in [
            ["taxii", "poll", "https://h/"], ["taxii", "discover", "https://h/", "--user", "a", "--token-file", "b"],
            ["taxii", "push", "https://h/"], ["taxii", "discover", "https://h/", "--client-key", "x"],
        ] { #expect(try Program.run(wrong, in: folder).status == 2, "\(wrong)") }
        let plain = try Program.run(["taxii", "discover", "http://hub.example.org/"], in: folder)
        #expect(plain.status == 1 && plain.errors.contains("--insecure"), "\(plain)")
    }

    @Test func whatSpeaksInAPartnersNameWaitsForItsSignature() throws {
        let ours = try organisation("10.9.8.7", bytes: 50_000_000)
        try ours.write("warned.csv", "indicator,type,confidence,tlp\n203.0.113.66,ip,90,clear\n")
        let id = try scan(ours, ["--indicators", "warned.csv"])
        let ourKey = try key(ours, id)
        let hub = try ServedHub.folder(
            [(Self.alerts, "Alerts")],
            users: [#"{"name": "all", "password": "Password0", "read": ["*"], "write": ["*"]}"#])
        try ours.write("password", "Password0")
        let theirs = try Folder()
        try theirs.write("us.json", #"{"from": "isac", "partners": [{"name": "University", "keys": ["\#(ourKey)"]}]}"#)
        try theirs.write("password", "Password0")
        try ours.write("us.json", #"{"from": "University"}"#)
        try ServedHub.run(in: hub, ["--page-size", "3"]) { url in
            let collection = url.replacingOccurrences(of: "/taxii2/", with: "/api1/collections/\(Self.alerts)/")
            let sign = ["--user", "all", "--password-file", "password"]
            func poll() throws -> Program.Outcome {
                try Program.run(
                    ["taxii", "poll", collection, "--out", "in", "--state", "state", "--partners", "us.json"] + sign,
                    in: theirs)
            }
            let share = try Program.run(
                [
                    "share", id, "--report", "r", "--to", "isac", "--tlp", "amber", "--partners", "us.json", "--key",
                    "key", "--out",
                    "alert.json",
                ], in: ours)
            #expect(share.status == 0, "\(share)")
            // Without a signature nobody knows whether it is the university's.
            let bare = try Program.run(["taxii", "push", collection, "alert.json"] + sign, in: ours)
            #expect(bare.status == 0, "\(bare)")
            let first = try poll()
            #expect(first.status == 0 && first.errors.contains("wait for its signature"), "\(first)")
            #expect(
                !((try? String(contentsOfFile: theirs.path + "/in/bundle-000001.json", encoding: .utf8)) ?? "")
                    .contains("indicator--"))
            let signed = try Program.run(
                ["taxii", "push", collection, "alert.json", "--key", "key", "--to", "isac"] + sign, in: ours)
            #expect(signed.status == 0, "\(signed)")
            let second = try poll()
            #expect(
                second.status == 0 && second.output.contains("signed by University") && second.errors.isEmpty,
                "\(second)")
            let names = try FileManager.default.contentsOfDirectory(atPath: theirs.path + "/in").sorted()
            let last = try String(contentsOfFile: theirs.path + "/in/" + (names.last ?? ""), encoding: .utf8)
            #expect(last.contains("indicator--") && last.contains("University"))
        }
    }
}

/// Lines of a Zeek connection log.
enum ConnSample {
    static let header = """
        #separator \\x09
        #set_separator\t,
        #empty_field\t(empty)
        #unset_field\t-
        #path\tconn
        #fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents
        #types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\tstring\tcount\tcount\tcount\tcount\tset[string]

        """

    static func row(_ number: Int, _ from: String, _ to: String, bytes: Int) -> String {
        "\(1_588_371_890 + number * 60).000001\tC\(number)\t\(from)\t5000\t\(to)\t443\ttcp\tssl\t10.0\t\(bytes)\t100\tSF\tT\tF\t0\tShADadfF\t10\t\(bytes + 520)\t10\t620\t-\n"
    }
}
