// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowEstate
import OutflowRecords
import Testing

@Suite struct ConfigurationTests {
    static let example = """
        networks:
          local: [10.0.0.0/8, 2001:db8::/32]
          not_local: [10.66.0.0/16]
        tenants:
          - name: Example University
            aws_accounts: ["123456789123", 012345678912]
            microsoft365: [Example.edu, 2B3C7A9E-0F00-4000-8000-00C04FD430C8]
            domains: [example.edu]
        sanctioned:
          - name: Offsite backup
            domains: [backup.example.net]
            networks: [198.51.100.0/24]
            accounts: ["999988887777"]
            routes: [network, cloud-object]
        destinations:
          - class: file-sharing
            domains: [files.partner.example]
        logs:
          - path: "**/ezproxy*.log"
            log_format: '%h %{ezproxy-session}i %u %t "%r" %s %b'
            time_zone: +01:00
            format: ezproxy

        """

    @Test func everyPartIsRead() throws {
        let estate = try Estate.parse(yaml: Self.example, file: "outflow.yaml")
        #expect(estate.localNetworks.map { $0.description } == ["10.0.0.0/8", "2001:db8::/32"])
        #expect(estate.excludedNetworks.map { $0.description } == ["10.66.0.0/16"])
        let tenant = try #require(estate.tenants.first)
        #expect(tenant.name == "Example University")
        #expect(tenant.awsAccounts == ["123456789123", "012345678912"], "a number keeps its leading zero")
        #expect(tenant.microsoft365 == ["example.edu", "2b3c7a9e-0f00-4000-8000-00c04fd430c8"])
        let sanction = try #require(estate.sanctioned.first)
        #expect(sanction.routes == ["network", "cloud-object"])
        #expect(estate.classes.kind(of: "eu.files.partner.example") == .fileSharing)
        let options = estate.logOptions("/srv/logs/2024/ezproxy-may.log")
        #expect(options.logFormat == #"%h %{ezproxy-session}i %u %t "%r" %s %b"#)
        #expect(options.zoneOffsetMinutes == 60)
        #expect(options.format == "ezproxy")
        #expect(estate.logOptions("/srv/logs/conn.log") == Estate.LogOptions())
    }

    @Test(arguments: [
        "", "\n", "# nothing yet\n", "~", "---\n...\n", "networks:\ntenants:\n", "\u{FEFF}networks:\r\n  local: []\r\n",
    ])
    func whatIsLeftEmptyIsUnconfigured(_ yaml: String) throws {
        #expect(try Estate.parse(yaml: yaml, file: "outflow.yaml") == Estate())
    }

    @Test func allErrorsComeAtOnceInOrder() {
        let yaml = """
            netwroks:
              local: [10.0.0.0/8]
            networks:
              local: [10.0.0.1/16, 300.0.0.0/8, 10.0.0.0/33]
              remote: []
            tenants:
              - aws_accounts: ["12345"]
                name: [x]
              - just text
            sanctioned:
              - name: Backup
                routes: [netwrok]
            destinations:
              - class: cloud-storrage
                domains: [files.example, "https://example.org/", 192.0.2.1]
            logs:
              - path: "a[b"
                time_zone: Europe/Berlin
                format: ezprxy
              - log_format: x
            """
        let vocabulary = Estate.Vocabulary(formats: ["ezproxy", "squid"])
        expectErrors(
            yaml, vocabulary,
            """
            outflow.yaml:1:1: unknown key "netwroks" in the configuration; did you mean "networks"?
            outflow.yaml:4:11: "10.0.0.1/16" is no network; the address has bits beyond the first 16; did you mean "10.0.0.0/16"?
            outflow.yaml:4:24: "300.0.0.0/8" is no network; write it as 10.0.0.0/8 or 2001:db8::/32
            outflow.yaml:4:37: "10.0.0.0/33" is no network; the length of its prefix is 0 to 32
            outflow.yaml:5:3: unknown key "remote" in networks; its keys are local, not_local
            outflow.yaml:7:20: "12345" is no AWS account; an account number has 12 digits
            outflow.yaml:8:11: the name of a tenant is text, not a list
            outflow.yaml:9:5: a tenant is a mapping, not the text "just text"; its keys are name, aws_accounts, microsoft365, domains
            outflow.yaml:11:5: sanctioned destination "Backup" names nothing; give it domains, networks or accounts
            outflow.yaml:12:14: no route is called "netwrok"; did you mean "network"?
            outflow.yaml:14:12: no class is called "cloud-storrage"; did you mean "cloud-storage"?
            outflow.yaml:15:30: "https://example.org/" is no domain; only the domain, without scheme, path and user
            outflow.yaml:15:54: "192.0.2.1" is no domain; an address belongs under networks
            outflow.yaml:17:11: pattern "a[b" has a "[" that is not closed; close it, or write [[] for a bracket
            outflow.yaml:18:16: "Europe/Berlin" is no time zone; give the offset from UTC that held when the log was written, as in "+01:00"
            outflow.yaml:19:13: no log format is called "ezprxy"; did you mean "ezproxy"?
            outflow.yaml:20:5: a log without path; path is a pattern such as "**/ezproxy*.log"
            """)
    }

    @Test(arguments: [
        ("networks: [", #"outflow.yaml:2:1: not YAML: did not find expected node content"#),
        ("a: b: c", #"outflow.yaml:1:5: not YAML: mapping values are not allowed in this context"#),
        ("tenants: x", #"outflow.yaml:1:10: tenants is a list, not the text "x"; write [a, b] or one "- a" a line"#),
        (
            "- networks",
            "outflow.yaml:1:1: the configuration is a mapping, not a list; "
                + "its keys are networks, tenants, sanctioned, destinations, logs"
        ),
        (
            "tenants:\n-\n",
            "outflow.yaml:2:2: a tenant is a mapping, not nothing; its keys are name, aws_accounts, microsoft365, domains"
        ),
        (
            "networks: {}\nlogs: []\nnetworks: {}",
            #"outflow.yaml:1:1: key "networks" stands here more than once; join their values under one key"#
        ),
        (
            "logs:\n  - path: *.log",
            #"outflow.yaml:2:11: a bare value may not begin with "*" or "&"; put it in quotes, as in path: "*.log""#
        ),
        (
            "logs:\n  - path: *log",
            #"outflow.yaml:2:11: a bare value may not begin with "*"; put it in quotes, as in path: "*.log""#
        ),
        (
            "a: &x [1]\nb: *x",
            #"outflow.yaml:2:4: anchors and aliases are not allowed; "#
                + #"write the value out; quote it if it is meant to begin with "&" or "*""#
        ),
        ("logs: []\n---\nlogs: []", "outflow.yaml:2:1: a second document begins here; keep one document a file"),
        (
            "tenants:\n  - name: \u{7}",
            "outflow.yaml:2:11: character U+7 is not allowed in YAML; write it with an escape in double quotes"
        ),
        (
            "networks:\n  not_local: [10.0.0.0/8]",
            "outflow.yaml:2:14: not_local names exceptions, but local is missing; name the networks that are inside"
        ),
        (
            #""\e[31mred": x"#,
            "outflow.yaml:1:1: unknown key \"\\u{1b}[31mred\" in the configuration; its keys are networks, tenants, sanctioned, destinations, logs"
        ),
        (
            "tenants: [{name: A}, {name: A}]",
            #"outflow.yaml:1:22: there are two tenants called "A"; join them into one"#
        ),
    ])
    func anErrorSaysWhereAndWhatToDo(_ yaml: String, _ message: String) {
        expectErrors(yaml, Estate.Vocabulary(), message)
    }

    @Test func aLogFormatThatCannotBeUsedIsNamedWithItsPlace() {
        let vocabulary = Estate.Vocabulary(logFormatFault: { $0.contains("%t") ? nil : "no time field" })
        expectErrors(
            "logs:\n  - path: a\n    log_format: \"%h %t\"\n  - path: b\n    log_format: \"%h\"", vocabulary,
            #"outflow.yaml:5:17: "%h": no time field"#)
    }

    @Test func bytesThatAreNoTextAreRefused() {
        let bytes = Array("networks:\n  local: [".utf8) + [0xFF, 0xFE]
        #expect(
            errors { _ = try Estate.parse(bytes: bytes, file: "c.yaml") }
                == "c.yaml:2:11: bytes that are not UTF-8; save the file as UTF-8")
    }

    @Test func aFileBeyondTheLimitIsRefused() {
        let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: 1 << 20)
        #expect(errors { _ = try Estate.parse(bytes: bytes, file: "c.yaml") } == "")
        #expect(
            errors { _ = try Estate.parse(bytes: bytes + [0x23], file: "c.yaml") }
                == "c.yaml:1:1: the file has 1048577 bytes; a configuration file may have 1 MiB at most")
    }

    @Test func aliasBombsAreRefusedEvenInKeys() {
        var bomb = "a0: &a0 [x, x]\n"
        for level in 1...60 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(
            errors { _ = try Estate.parse(yaml: bomb, file: "c.yaml") }.hasPrefix("c.yaml:2:10: anchors and aliases"))
        #expect(
            errors { _ = try Estate.parse(yaml: bomb + "? *a60\n: x\n", file: "c.yaml") }.contains(
                "anchors and aliases"))
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func deepNestingIsRefused(_ unit: String) {
        let yaml = String(repeating: unit, count: 100_000)
        #expect(errors { _ = try Estate.parse(yaml: yaml, file: "c.yaml") } != "")
    }

    @Test func manyErrorsAreCutShortInText() throws {
        let yaml = "networks:\n  local: [" + String(repeating: "x, ", count: 1000) + "]\n"
        let text = errors { _ = try Estate.parse(yaml: yaml, file: "c.yaml") }
        #expect(text.split(separator: "\n").count == 21)
        #expect(text.hasSuffix("and 980 more errors"))
    }

    @Test func damagedFilesNeverTrap() {
        let seed = UInt64.random(in: 0 ... .max)
        var chance = SplitMix64(state: seed)
        let sound = Array(Self.example.utf8)
        var refused = 0
        for _ in 0..<2000 {
            var bytes = sound
            for _ in 0...Int.random(in: 0..<4, using: &chance) {
                let at = Int.random(in: 0..<bytes.count, using: &chance)
                switch Int.random(in: 0..<4, using: &chance) {
                case 0: bytes[at] = UInt8.random(in: 0 ... .max, using: &chance)
                case 1: bytes.remove(at: at)
                case 2: bytes.insert("[]{}:,-?*&!|>'\"%@`#\n\t ".utf8.randomElement(using: &chance) ?? 0, at: at)
                default: bytes.removeSubrange(at...)
                }
                if bytes.isEmpty { break }
            }
            do {
                _ = try Estate.parse(bytes: bytes, file: "c.yaml")
            } catch {
                refused += 1
                #expect(!error.all.isEmpty && error.all.allSatisfy { $0.position != nil }, "seed \(seed): \(error)")
            }
        }
        #expect(refused > 0, "seed \(seed)")
    }

    @Test func filesAreRead() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("outflow.yaml").path
        #expect(errors { _ = try Estate.load(path: path) } == "\(path): cannot be read: No such file or directory")
        try Self.example.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try Estate.load(path: path) == Estate.parse(yaml: Self.example, file: "x"))
        #expect(errors { _ = try Estate.load(path: folder.path) } == "\(folder.path): cannot be read: Is a directory")
        // Endless, but not read beyond the limit.
        #expect(errors { _ = try Estate.load(path: "/dev/zero") }.contains("1 MiB at most"))
    }

    // MARK: Helpers

    private func expectErrors(
        _ yaml: String, _ vocabulary: Estate.Vocabulary, _ expected: String,
        at location: SourceLocation = #_sourceLocation
    ) {
        let text = errors { _ = try Estate.parse(yaml: yaml, file: "outflow.yaml", vocabulary: vocabulary) }
        #expect(text == expected, sourceLocation: location)
    }

    /// The text of the configuration errors that `body` throws; empty if it throws none.
    private func errors(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }
}

/// A small generator whose results a seed repeats (Sebastiano Vigna, public domain).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
