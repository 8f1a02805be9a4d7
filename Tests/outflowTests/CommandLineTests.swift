// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import OutflowActivities
import Testing

/// What the program does with its arguments, its streams and signals.
@Suite("Command line")
struct CommandLineTests {
    @Test(
        "wrong usage is 2, with a message that names what was wrong",
        arguments: [
            (["scan"], "paths"), (["scan", "x", "--threads", "0"], "--threads"),
            (["scan", "x", "--local", "10.0.0.0/99"], "10.0.0.0/99"),
            (["scan", "x", "--local", "10.1.2.3/16"], "10.1.0.0/16"), (["scan", "x", "--nonsense"], "nonsense"),
            (["nonsense"], "nonsense"), (["scan", "x", "--top", "-1"], "--top"),
            (["scan", "x", "--exit-code", "2"], "--exit-code"),
            (["simulate", "--seed", "x", "--out", "d"], "seed"),
        ])
    func wrongUsage(arguments: [String], mentions: String) throws {
        let folder = try Folder()
        let outcome = try Program.run(arguments, in: folder)
        #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
        #expect(outcome.errors.contains(mentions), "\(outcome.errors)")
        #expect(!folder.holds("outflow-report"))
    }

    @Test func helpAndVersion() throws {
        let folder = try Folder()
        let help = try Program.run(["--help"], in: folder)
        #expect(help.status == 0 && help.errors.isEmpty)
        for command in ["scan", "simulate", "sources"] { #expect(help.output.contains("  \(command)")) }
        let version = try Program.run(["--version"], in: folder)
        #expect(version.status == 0 && version.output.split(separator: ".").count == 3)
    }

    /// Nothing could be read: that is no empty ledger, whether or not anybody wants to see it printed.
    @Test(arguments: [[], ["--quiet"]])
    func unreadablePath(more: [String]) throws {
        let folder = try Folder()
        let outcome = try Program.run(["scan", folder.path + "/missing.log"] + more, in: folder)
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.errors.contains("nothing could be read"), "\(outcome.errors)")
        if more.isEmpty { #expect(outcome.output.contains("missing.log")) } else { #expect(outcome.output.isEmpty) }
    }

    @Test func onePathOfTwoIsUnreadable() throws {
        let folder = try Folder()
        let good = try folder.write("conn.log", Samples.witness)
        let outcome = try Program.run(["scan", good, folder.path + "/missing.log", "--out", "report"], in: folder)
        #expect(outcome.status == 0 && outcome.output.contains("missing.log"))
        #expect(try WrittenReport(folder).atLeast["10.1.0.99"] == 4_321)
    }

    @Test func standardInput() throws {
        let folder = try Folder()
        let file = try folder.write("conn.log", Samples.witness)
        let outcome = try Program.run(
            ["scan", "-", "--out", "report"], input: FileHandle(forReadingAtPath: file), in: folder)
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        let report = try WrittenReport(folder)
        #expect(report.atLeast == ["10.1.0.99": 4_321] && report.inputs.map(\.path) == ["-"])
    }

    @Test func quietSaysNothingAndWritesTheReport() throws {
        let folder = try Folder()
        let outcome = try Program.run(
            ["scan", try folder.write("conn.log", Samples.witness), "--quiet", "--out", "report"], in: folder)
        #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty)
        for name in ["report.json", "report.html", "ledger.csv", "findings.ocsf.jsonl"] {
            #expect(folder.holds("report/" + name))
        }
    }

    /// Ctrl-C and `kill` while the program waits for more input: a message, and no half report.
    @Test(arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        let folder = try Folder()
        let fifo = folder.path + "/wait.fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        let log = try folder.write("conn.log", Samples.witness)
        var descriptor: Int32 = -1
        let outcome = try Program.run(["scan", log, fifo, "--out", "report"], in: folder) { process in
            // Returns when the program has opened it, long after it listens to signals.
            descriptor = open(fifo, O_WRONLY)
            kill(process.processIdentifier, signal)
        }
        close(descriptor)
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.errors.contains("interrupted; no report was written"))
        #expect(outcome.output.isEmpty && !folder.holds("report/report.json"))
    }

    /// A reader that has seen enough is no failure.
    @Test func closedPipe() throws {
        let folder = try Folder()
        let rows = (0..<300).map { Samples.conn($0, from: "10.1.\($0 / 200).\($0 % 200)") }.joined()
        let log = try folder.write("conn.log", Samples.connHeader + rows)
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = [
            "-c", "{ \"$0\" scan \"$1\" --top 300 --out report; echo $? >status; } | true", Program.path, log,
        ]
        shell.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try shell.run()
        shell.waitUntilExit()
        let status = try String(contentsOfFile: folder.path + "/status", encoding: .utf8)
        #expect(status == "0\n" && folder.holds("report/report.json"))
    }

    @Test func sourcesAreListed() throws {
        let folder = try Folder()
        for arguments in [["sources"], ["sources", "--markdown"]] {
            let outcome = try Program.run(arguments, in: folder)
            #expect(outcome.status == 0 && outcome.errors.isEmpty)
            #expect(!LogSources.cards.isEmpty)
            for card in LogSources.cards { #expect(outcome.output.contains(card.format), "\(card.format)") }
        }
    }

    /// Names come from logs, and logs from attackers: nothing of theirs may steer the terminal.
    @Test func controlCharactersAreEscaped() throws {
        let folder = try Folder()
        let evil = "a\u{1B}]0;owned\u{07}\u{1B}[31m\u{9B}31m\u{202E}b"
        let escaped = #"a\u001b]0;owned\u0007\u001b[31m\u009b31m\u202eb"#
        let path = try folder.write(
            "zeek\u{1B}[2J.log",
            Samples.json(1)
                + #"{"ts":1750000000.5,"uid":"C1","id.orig_h":"10.1.0.5","id.orig_p":1,"id.resp_h":"203.0.113.9","id.resp_p":443,"#
                + #""version":"TLSv12","server_name":"\#(escaped)"}"# + "\n" + "x\u{1B}[31my\n")
        let outcome = try Program.run(
            ["scan", path, folder.path + "/gone\u{1B}[2J.log", "--local", "10.1.0.0/16", "--out", "report"], in: folder)
        #expect(outcome.status == 0 && outcome.output.contains("owned"))
        for scalar in (outcome.output + outcome.errors).unicodeScalars where scalar != "\n" {
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x202E
            #expect(!isControl, "U+\(String(scalar.value, radix: 16))")
        }
        // The report has the name as it is.
        #expect(try WrittenReport(folder).destinations == [evil])
        let wrong = try Program.run(["scan", path, "--local", "\u{1B}[31m"], in: folder)
        #expect(wrong.status == 2)
    }

    @Test func simulateThenScan() throws {
        let folder = try Folder()
        let unwritable = try Program.run(["simulate", "--seed", "1", "--out", "/proc/nowhere"], in: folder)
        #expect(unwritable.status == 1 && unwritable.errors.contains("/proc/nowhere"), "\(unwritable)")
        let config = try folder.write("outflow.yaml", "networks:\n  locale: [10.0.0.0/8]\n")
        let outcome = try Program.run(["scan", folder.path, "--config", config], in: folder)
        #expect(
            outcome.status == 1 && outcome.errors.contains("locale") && outcome.errors.contains(":2:"),
            "\(outcome.errors)")
    }
}
