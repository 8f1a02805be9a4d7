// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `outflow hub` on a socket, with the tools that partners use.
@Suite("Hub", .serialized)
struct HubCommandTests {
    static let collection = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"

    /// A folder with a loaded hub.
    private func folder() throws -> Folder {
        let folder = try Folder()
        try folder.write(
            "hub.json",
            """
            {"discovery": {"title": "Test hub", "default": "https://hub.example.org/api1/"},
             "api_roots": [{"path": "api1", "title": "One", "max_content_length": 10000000, "collections": [
              {"id": "\(Self.collection)", "title": "Shared", "can_read": true, "can_write": true,
               "media_types": ["application/stix+json;version=2.1"], "objects": []}]}],
             "users": [{"name": "admin", "password": "Password0", "read": ["*"], "write": ["*"]},
                       {"name": "reader", "password": "Password1", "read": ["\(Self.collection)"], "write": []}]}
            """)
        let load = try Program.run(["hub", "load", "hub.json"], in: folder)
        #expect(load.status == 0, "\(load.errors)")
        #expect(load.output == "loaded 1 API roots, 1 collections, 2 users, 0 objects\n")
        return folder
    }

    private func serve(_ folder: Folder, _ options: [String] = [], _ body: (String) throws -> Void) throws {
        try ServedHub.run(in: folder, options, body)
    }

    @Test(
        .enabled(if: Peers.python != nil, "needs python3 with venv, and PyPI for taxii2-client and stix2"),
        arguments: [[], ["--tls"]])
    func partnersTools(options: [String]) throws {
        let folder = try folder()
        try serve(folder, options) { url in
            let trust = options.isEmpty ? [] : [folder.path + "/outflow-hub/tls.crt"]
            let outcome = try Tool.run(
                Peers.python ?? "", [Peers.script("taxii_peers.py"), url, Self.collection] + trust)
            #expect(outcome.status == 0 && outcome.output == "all done\n", "\(outcome.output)")
        }
        // A second hub made of the first one's dump serves the same.
        // A file that others could read is its owner's alone then.
        let file = folder.path + "/dump.json"
        FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o644])
        let dump = try Program.run(["hub", "dump", "dump.json"], in: folder)
        #expect(dump.status == 0)
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        let load = try Program.run(["hub", "load", "dump.json", "--data", "second"], in: folder)
        #expect(load.output == "loaded 1 API roots, 1 collections, 2 users, 258 objects\n")
        let again = try Program.run(["hub", "dump", "--data", "second"], in: folder)
        #expect(again.output == (try String(contentsOfFile: folder.path + "/dump.json", encoding: .utf8)))
    }

    @Test(
        .enabled(
            if: Peers.chromium != nil && Peers.playwright != nil,
            "needs chromium, python3 with venv, and PyPI for playwright"),
        arguments: [[], ["--tls"]])
    func pagesInABrowser(options: [String]) throws {
        let folder = try folder()
        try folder.write("conn.log", Samples.log(200))
        try folder.write("list.txt", "203.0.113.9\n")
        let scan = try Program.run(["scan", "conn.log", "--indicators", "list.txt", "--out", "report"], in: folder)
        #expect(scan.status == 0, "\(scan.errors)")
        let add = try Program.run(["hub", "add", "report", "--name", "Library"], in: folder)
        #expect(add.status == 0 && add.output.hasPrefix("added 1 cases, "), "\(add)")
        let chief = #"{"users": [{"name": "chief", "password": "Password9", "read": ["*"], "admin": true}]}"#
        try folder.write("chief.json", chief)
        #expect(try Program.run(["hub", "load", "chief.json"], in: folder).status == 0)
        try serve(folder, options) { url in
            #expect(url.hasPrefix(options.isEmpty ? "http://" : "https://"))
            var arguments = [Peers.script("web_pages.py"), Peers.chromium ?? "", url, "chief", "Password9"]
            if let pictures = ProcessInfo.processInfo.environment["OUTFLOW_SCREENSHOTS"] { arguments.append(pictures) }
            let outcome = try Tool.run(Peers.playwright ?? "", arguments)
            #expect(outcome.status == 0 && outcome.output == "all seen\n", "\(outcome.output)")
        }
    }

    @Test(
        .enabled(
            if: Peers.chromium != nil && Peers.playwright != nil,
            "needs chromium, python3 with venv, and PyPI for playwright"))
    func aCaseIsSharedInABrowser() throws {
        let folder = try folder()
        try folder.write(
            "logs/conn.log",
            ConnSample.header
                + (0..<40).map { ConnSample.row($0, "10.9.8.7", "203.0.113.66", bytes: 50_000_000) }.joined())
        try folder.write("list.csv", "indicator,type,confidence,tlp\n203.0.113.66,ip,90,clear\n")
        let scan = try Program.run(
            ["scan", "logs", "--local", "10.0.0.0/8", "--indicators", "list.csv", "--out", "report"], in: folder)
        #expect(scan.status == 0, "\(scan.errors)")
        #expect(try Program.run(["hub", "add", "report"], in: folder).status == 0)
        let chief = #"{"users": [{"name": "chief", "password": "Password9", "read": ["*"], "admin": true}]}"#
        try folder.write("chief.json", chief)
        #expect(try Program.run(["hub", "load", "chief.json"], in: folder).status == 0)
        // `admin` of the sample may read everything and is no administrator: it belongs to the partner here.
        try folder.write(
            "partners.json",
            #"{"from": "University", "partners": [{"name": "isac", "relation": "community", "collection": "\#(Self.collection)", "accounts": ["admin", "reader"]}]}"#
        )
        try serve(folder, ["--partners", "partners.json"]) { url in
            let outcome = try Tool.run(
                Peers.playwright ?? "",
                [
                    Peers.script("web_share.py"), Peers.chromium ?? "", url, "chief", "Password9", "203.0.113.66",
                    "10.9.8.7",
                ])
            #expect(outcome.status == 0 && outcome.output == "sent\n", "\(outcome.output)")
            // What the person sent is what the partner's program reads.
            try folder.write("password", "Password1")
            let reader = try Folder()
            try reader.write("password", "Password1")
            let collection = url.replacingOccurrences(of: "/taxii2/", with: "/api1/collections/\(Self.collection)/")
            let poll = try Program.run(
                [
                    "taxii", "poll", collection, "--out", "in", "--state", "state", "--user", "reader",
                    "--password-file", "password",
                ],
                in: reader)
            #expect(poll.status == 0, "\(poll)")
            let bundle = try String(contentsOfFile: reader.path + "/in/bundle-000001.json", encoding: .utf8)
            #expect(
                bundle.contains("203.0.113.66") && !bundle.contains("10.9.8.7") && bundle.contains("Signature of these")
            )
        }
    }

    @Test(.enabled(if: Program.works(["python3", "--version"]), "needs python3"))
    func brokenBodiesAreTheClientsFault() throws {
        let folder = try folder()
        // Nothing on standard error either, which `serve` checks.
        try serve(folder) { url in
            let port = Self.port(url)
            let outcome = try Tool.run(
                "/usr/bin/env", ["python3", Peers.script("hub_broken.py"), port, Self.collection])
            #expect(outcome.status == 0 && outcome.output == "all refused\n", "\(outcome.output)")
        }
    }

    private static func port(_ url: String) -> String {
        url.split(separator: "/").dropFirst().first?.split(separator: ":").last.map(String.init) ?? ""
    }

    @Test(.enabled(if: Program.works(["python3", "--version"]), "needs python3"))
    func silentConnectionsKeepNobodyOut() throws {
        let folder = try folder()
        try serve(folder, ["--max-connections-per-address", "20"]) { url in
            let outcome = try Tool.run(
                "/usr/bin/env", ["python3", Peers.script("hub_silent.py"), Self.port(url), "300", "20"])
            #expect(outcome.status == 0 && outcome.output == "served\n", "\(outcome.output)")
        }
    }

    @Test(.enabled(if: Program.works(["python3", "--version"]), "needs python3"))
    func aProxyEncryptsAndNamesTheClient() throws {
        let folder = try folder()
        try serve(folder, ["--public-url", "https://hub.example.org", "--trusted-proxy", "127.0.0.1"]) { url in
            let outcome = try Tool.run("/usr/bin/env", ["python3", Peers.script("hub_front.py"), Self.port(url)])
            #expect(
                outcome.output == """
                    https://hub.example.org/api1/ max-age=31536000
                    303 Path=/; HttpOnly; SameSite=Strict; Secure
                    403 \n
                    """, "\(outcome.output)")
        }
        let audit = try Program.run(["hub", "audit"], in: folder).output
        #expect(audit.contains("203.0.113.5") && !audit.contains("198.51.100.9"), "\(audit)")
        for wrong in [["--public-url", "hub.example.org"], ["--trusted-proxy", "proxy"], ["--max-connections", "0"]] {
            #expect(try Program.run(["hub"] + wrong, in: folder).status == 2)
        }
    }

    @Test(.enabled(if: Program.works(["openssl", "version"]), "needs openssl"))
    func theCertificateSpeaksForWhatOthersDial() throws {
        let folder = try folder()
        let file = folder.path + "/outflow-hub/tls.crt"
        func speaks(for name: String, _ kind: String = "host") throws -> Bool {
            try Tool.run("/usr/bin/env", ["openssl", "x509", "-noout", "-check\(kind)", name, "-in", file]).output
                .contains("does match")
        }
        func start(_ options: [String]) throws -> String {
            try Program.run(["hub", "--tls", "--listen", "0.0.0.0:0"] + options, in: folder) { process in
                for _ in 0..<4_000 {
                    usleep(5_000)
                    let output = try String(contentsOfFile: folder.path + "/.stdout", encoding: .utf8)
                    if output.hasSuffix("\n") { break }
                }
                process.terminate()
            }.errors
        }
        #expect(try start(["--name", "Hub.example.org", "--name", "192.0.2.7"]).isEmpty)
        let machine = ProcessInfo.processInfo.hostName
        for name in ["hub.example.org", "localhost"] { #expect(try speaks(for: name), "\(name)") }
        #expect(try speaks(for: "192.0.2.7", "ip") && !speaks(for: "192.0.2.8", "ip"))
        #expect(try speaks(for: String(machine)) || machine == "localhost", "\(machine)")
        // It is kept: what it does not speak for is said, and what to do.
        #expect(try start([]).isEmpty)
        let warning = try start(["--name", "other.example.org"])
        #expect(
            warning.contains("does not speak for other.example.org;") && warning.contains("remove it and"), "\(warning)"
        )
        #expect(try !speaks(for: "other.example.org"))
        for name in ["a b", "", "-x", "a,DNS:b", "x..y"] {
            #expect(try Program.run(["hub", "--tls", "--name", name], in: folder).status == 2, "\(name)")
        }
    }

    @Test(
        .enabled(
            if: Program.works(["python3", "--version"]) && Program.works(["openssl", "version"]),
            "needs python3 and openssl"))
    func aCertificateEndsOnAnOpenConnectionToo() throws {
        let folder = try folder()
        let outcome = try withExtendedLifetime(folder) {
            try Tool.run(
                "/usr/bin/env",
                ["python3", Peers.script("hub_expiry.py"), Program.path, folder.path, Self.collection])
        }
        #expect(outcome.status == 0 && outcome.output == "200 401 True\n", "\(outcome.output)")
    }

    @Test func othersAreServedOverTLSOnly() throws {
        let folder = try folder()
        for address in ["0.0.0.0:0", "[::]:0", "hub.example.org:6100", "192.0.2.1:6100"] {
            let refusal = try Program.run(["hub", "--listen", address], in: folder)
            #expect(refusal.status != 0 && refusal.errors.contains("--insecure"), "\(address): \(refusal)")
        }
        #expect(try Program.run(["hub", "--certificate", "x.pem"], in: folder).status != 0)
        let missing = try Program.run(["hub", "--certificate", "x.pem", "--key", "y.pem"], in: folder)
        #expect(missing.status == 1 && missing.errors.contains("x.pem"), "\(missing)")
    }

    /// `OUTFLOW_HUB_KILLS` says how often; 200 is what was promised.
    @Test(.enabled(if: Program.works(["python3", "--version"]), "needs python3"))
    func whatWasAcknowledgedSurvivesBeingKilled() throws {
        let rounds = ProcessInfo.processInfo.environment["OUTFLOW_HUB_KILLS"] ?? "10"
        let seed = String(UInt32.random(in: 0...UInt32.max))
        // The folder goes with its value.
        let folder = try folder()
        let outcome = try withExtendedLifetime(folder) {
            try Tool.run(
                "/usr/bin/env",
                ["python3", Peers.script("hub_kills.py"), Program.path, folder.path + "/outflow-hub", rounds, seed])
        }
        #expect(outcome.status == 0, "seed \(seed): \(outcome.output)")
    }

    @Test func whatCannotBeDoneIsSaid() throws {
        let folder = try Folder()
        let dump = try Program.run(["hub", "dump"], in: folder)
        #expect(dump.status == 1 && dump.errors.contains("there is no hub"))
        try folder.write("bad.json", "{\"users\": [{\"name\": 5}]}")
        let load = try Program.run(["hub", "load", "bad.json"], in: folder)
        #expect(
            load.status == 1 && load.errors.contains("users[0].name (line 1, byte 20): not a string"), "\(load.errors)")
        #expect(try Program.run(["hub", "load", "missing.json"], in: folder).status == 1)
        for arguments in [
            ["--listen", "nonsense"], ["--page-size", "0"], ["--page-size", "x"], ["--listen", "127.0.0.1:99999"],
        ] {
            #expect(try Program.run(["hub"] + arguments, in: folder).status == 2)
        }
    }
}

/// Python with the tools of TAXII's makers, from PyPI.
enum Peers {
    /// The interpreter; nil if it cannot be had here.
    static let python: String? = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-taxii-peers").path
        let python = folder + "/bin/python"
        let isReady = ["-c", "import taxii2client, stix2"]
        if Program.works([python] + isReady) { return python }
        guard Program.works(["python3", "-m", "venv", folder]),
            Program.works([python, "-m", "pip", "install", "--quiet", "taxii2-client==2.3.0", "stix2==3.0.2"]),
            Program.works([python] + isReady)
        else { return nil }
        return python
    }()

    /// The interpreter with medallion, the TAXII server of OASIS; nil if it cannot be had here.
    static let medallion: String? = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-medallion").path
        let python = folder + "/bin/python"
        if Program.works([python, "-c", "import medallion"]) { return python }
        guard Program.works(["python3", "-m", "venv", folder]),
            Program.works([python, "-m", "pip", "install", "--quiet", "medallion==3.0.0"]),
            Program.works([python, "-c", "import medallion"])
        else { return nil }
        return python
    }()

    /// The interpreter with playwright; nil if it cannot be had here.
    static let playwright: String? = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-playwright").path
        let python = folder + "/bin/python"
        if Program.works([python, "-c", "import playwright"]) { return python }
        guard Program.works(["python3", "-m", "venv", folder]),
            Program.works([python, "-m", "pip", "install", "--quiet", "playwright==1.49.1"]),
            Program.works([python, "-c", "import playwright"])
        else { return nil }
        return python
    }()

    /// Debian's Chromium, or another.
    static let chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static func script(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Peers/" + name
    }
}

/// A command of the system.
enum Tool {
    static func run(_ command: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: command)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
