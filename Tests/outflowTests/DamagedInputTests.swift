// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// Damaged and hostile input through the real program: told with offset and reason, the rest still counted, memory bounded.
@Suite("Damaged input", .serialized)
struct DamagedInputTests {
    static let memoryLimit = 300 << 20

    /// Scans `paths` with a sound log among them, which must come out as always.
    private func scan(
        _ paths: [String], in folder: Folder, input: FileHandle? = nil, wrapper: [String] = [],
        while body: (Process) throws -> Void = { _ in }
    ) throws -> WrittenReport {
        let witness = try folder.write("witness/conn.log", Samples.witness)
        let outcome = try Program.run(
            ["scan"] + paths + [witness, "--local", "10.1.0.0/16", "--out", "report"], input: input, wrapper: wrapper,
            in: folder, while: body)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect((1 << 20..<Self.memoryLimit).contains(outcome.peakMemory), "\(outcome.peakMemory >> 20) MB")
        let report = try WrittenReport(folder)
        #expect(report.atLeast["10.1.0.99"] == 4_321 && report.records["10.1.0.99"] == 1)
        for input in report.inputs {
            #expect(
                input.rejected == 0
                    || (input.reasons.allSatisfy { !$0.isEmpty } && input.offsets.count == input.reasons.count))
            // What was rejected is told on the terminal too.
            if input.rejected > 0 { #expect(outcome.output.contains("Not counted"), "\(outcome.output)") }
        }
        return report
    }

    @Test func truncatedGzip() throws {
        let folder = try Folder()
        let whole = Samples.gzip(Samples.log(5_000))
        let path = try folder.write("conn.log.gz", Array(whole.prefix(whole.count / 2)))
        let input = try #require(try scan([path], in: folder).input("conn.log.gz"))
        #expect(input.records > 1_000 && input.records < 5_000)
        #expect(input.rejected >= 1 && input.offsets.contains { $0 > 0 }, "\(input)")
    }

    @Test func wrongChecksum() throws {
        let folder = try Folder()
        var bytes = Samples.gzip(Samples.log(500))
        bytes[bytes.count - 6] ^= 0x55
        let path = try folder.write("conn.log.gz", bytes)
        let input = try #require(try scan([path], in: folder).input("conn.log.gz"))
        #expect(input.records == 500 && input.rejected == 1)
        #expect(
            input.reasons[0].lowercased().contains("check") || input.reasons[0].lowercased().contains("crc"),
            "\(input.reasons)")
    }

    /// 10 GB of zeros in 10 MB: members of 16 MB each, one after the other, as gzip allows.
    @Test func bomb() throws {
        let folder = try Folder()
        let member = Samples.pack([("", [UInt8](repeating: 0, count: 16 << 20))], .gzip)
        var bytes: [UInt8] = []
        for _ in 0..<640 { bytes += member }
        #expect(bytes.count < 12 << 20)
        let path = try folder.write("zeros.gz", bytes)
        let input = try #require(try scan([path], in: folder).input("zeros.gz"))
        #expect(input.records == 0 && input.rejected >= 1)
        #expect(input.reasons.contains { $0.contains("bomb") }, "\(input.reasons)")
    }

    @Test(arguments: [Samples.Form.tar, .zip])
    func pathsThatClimb(form: Samples.Form) throws {
        let folder = try Folder()
        let rows = Array(Samples.log(3).utf8)
        let path = try folder.write(
            "deep/er/evil.bin", Samples.pack([("../../x", rows), ("/outflow-x", rows), ("good.log", rows)], form))
        let report = try scan([path], in: folder)
        // Names are only names: all members are read, and nothing is written anywhere.
        let members = report.inputs.filter { $0.path.contains("!") }
        #expect(members.count == 3 && members.allSatisfy { $0.records == 3 }, "\(report.inputs)")
        #expect(report.records["10.1.0.5"] == 3)
        #expect(!folder.holds("x") && !FileManager.default.fileExists(atPath: "/outflow-x"))
    }

    /// A line of 2 GB between good ones, through a pipe; of 400 MB where the build is not optimised.
    @Test func endlessLine() throws {
        #if DEBUG
            let length = 400_000_000
        #else
            let length = 2_200_000_000
        #endif
        let folder = try Folder()
        let head = try folder.write("head", Samples.log(2))
        let tail = try folder.write("tail", Samples.conn(2) + Samples.conn(3))
        let generator = Process()
        generator.executableURL = URL(fileURLWithPath: "/bin/sh")
        generator.arguments = ["-c", "cat '\(head)'; head -c \(length) /dev/zero | tr '\\0' 'a'; echo; cat '\(tail)'"]
        let pipe = Pipe()
        generator.standardOutput = pipe
        try generator.run()
        let report = try scan(["-"], in: folder, input: pipe.fileHandleForReading)
        generator.waitUntilExit()
        let input = try #require(report.input("-"))
        #expect(input.records == 4 && input.rejected == 1, "\(input)")
        #expect(input.offsets == [Samples.log(2).utf8.count])
        #expect(report.records["10.1.0.5"] == 4)
    }

    @Test func millionBrackets() throws {
        let folder = try Folder()
        let brackets = String(repeating: "[", count: 1_000_000)
        let nested = Samples.json(1, more: ",\"x\":" + brackets)
        let lines = try folder.write("lines.json", Samples.json(0) + nested + Samples.json(2))
        let bare = try folder.write("bare.json", brackets)
        let trail = try folder.write("trail.json", "{\"Records\":[{\"eventVersion\":\"1.08\",\"x\":" + brackets)
        let closed = try folder.write(
            "closed.json", "{\"Records\":" + brackets + String(repeating: "]", count: 1_000_000) + "}")
        let report = try scan([lines, bare, trail, closed], in: folder)
        let input = try #require(report.input("lines.json"))
        #expect(input.records == 2 && input.rejected == 1 && input.offsets == [Samples.json(0).utf8.count], "\(input)")
        for name in ["bare.json", "trail.json", "closed.json"] {
            #expect(report.input(name)?.rejected ?? 0 >= 1, "\(name): \(String(describing: report.input(name)))")
        }
    }

    /// Sizes and times that cannot be: each costs its own record only, and none becomes a figure.
    @Test func impossibleNumbers() throws {
        let folder = try Folder()
        let sizes = ["NaN", "1e400", "-5", "18446744073709551616", "18446744073709551615", "1e3", "0x10", "1.5", "inf"]
        let times = ["-62167219200.0", "NaN", "1e400", "99999999999999999999", "253402300800.0"]
        var rows = Samples.connHeader + Samples.conn(0)
        var objects = Samples.json(100)
        for (number, size) in sizes.enumerated() {
            rows += Samples.conn(1 + number, sent: size)
            objects += Samples.json(101 + number, sent: size)
        }
        for (number, time) in times.enumerated() {
            rows += Samples.conn(50 + number, time: time)
            objects += Samples.json(150 + number, time: time)
        }
        // The last second of 9999 and the first of year 1 are times.
        for (number, time) in ["253402300799.0", "-62135596800.0"].enumerated() {
            rows += Samples.conn(70 + number, time: time)
            objects += Samples.json(170 + number, time: time)
        }
        let report = try scan([try folder.write("conn.log", rows), try folder.write("conn.json", objects)], in: folder)
        for name in ["conn.log", "conn.json"] {
            let input = try #require(report.inputs.first { $0.path == folder.path + "/" + name })
            #expect(input.records == 3 && input.rejected == sizes.count + times.count, "\(name): \(input)")
        }
        // Six flows of 1,000 bytes; of those that the two files share by ports and time, each once.
        #expect(report.atLeast["10.1.0.5"] == 1_000 * (report.records["10.1.0.5"] ?? -1))
        #expect((4...6).contains(report.records["10.1.0.5"] ?? 0))
    }

    @Test func oddBytes() throws {
        let folder = try Folder()
        var bytes = Array((Samples.log(3)).utf8)
        bytes += [0, 0, 0, 0x0A] + [0xFF, 0xFE, 0x80, 0x0A] + Array(Samples.conn(3).utf8)
        bytes += Array(Samples.conn(4).utf8.dropLast(30))
        let path = try folder.write("conn.log", bytes)
        let nul = try folder.write("nul.log", [UInt8](repeating: 0, count: 100_000))
        let report = try scan([path, nul], in: folder)
        let input = try #require(report.inputs.first { $0.path == path })
        #expect(input.records == 4 && input.rejected == 3, "\(input)")
        let whole = Samples.log(3).utf8.count
        #expect(input.offsets == [whole, whole + 4, whole + 8 + Samples.conn(3).utf8.count], "\(input)")
        #expect(input.reasons.last?.contains("cut short") == true)
        #expect(report.input("nul.log")?.records == 0 && report.input("nul.log")?.rejected == 1)
    }

    /// The program has noted the file's size and waits at a FIFO; meanwhile the file loses its second half.
    @Test func aFileThatShrinks() throws {
        let folder = try Folder()
        let fifo = folder.path + "/wait.fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        let rows = Samples.log(20_000)
        let path = try folder.write("conn.log", rows)
        let report = try scan([fifo, path], in: folder) { _ in
            let descriptor = open(fifo, O_WRONLY)  // Returns when the program has opened it.
            #expect(truncate(path, off_t(rows.utf8.count / 2)) == 0)
            close(descriptor)
        }
        let input = try #require(report.inputs.first { $0.path == path })
        #expect(input.records > 9_000 && input.records < 11_000 && input.rejected >= 1, "\(input)")
        #expect(input.offsets.allSatisfy { $0 <= rows.utf8.count / 2 })
    }

    /// A FIFO that was named is read; one that merely lies in a folder is told of, and nobody waits for it.
    @Test func fifos() throws {
        let folder = try Folder()
        try folder.write("logs/a.log", Samples.log(2))
        #expect(mkfifo(folder.path + "/logs/idle", 0o600) == 0)
        let named = folder.path + "/named"
        #expect(mkfifo(named, 0o600) == 0)
        let report = try scan([folder.path + "/logs", named], in: folder) { _ in
            let descriptor = open(named, O_WRONLY)
            let bytes = Array((Samples.connHeader + Samples.conn(7)).utf8)
            #expect(write(descriptor, bytes, bytes.count) == bytes.count)
            close(descriptor)
        }
        #expect(report.input("named")?.records == 1)
        #expect(report.input("logs/idle")?.reasons.first?.contains("FIFO") == true)
        #expect(report.records["10.1.0.5"] == 3)
    }

    @Test func aLoopOfFolders() throws {
        let folder = try Folder()
        try folder.write("logs/deep/a.log", Samples.log(2))
        #expect(symlink(folder.path + "/logs", folder.path + "/logs/deep/back") == 0)
        #expect(symlink("self", folder.path + "/logs/self") == 0)
        let report = try scan([folder.path + "/logs"], in: folder)
        #expect(report.records["10.1.0.5"] == 2)
        #expect(report.input("deep/back")?.reasons.first?.contains("link back") == true)
        #expect(report.input("logs/self")?.rejected == 1)
    }

    /// Takes the privilege of reading everything from the superuser.
    static let unprivileged = geteuid() == 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : []

    @Test(.enabled(if: unprivileged.isEmpty || Program.works(unprivileged + ["true"]), "runs as root, without setpriv"))
    func noPermission() throws {
        let folder = try Folder()
        let file = try folder.write("logs/a.log", Samples.log(2))
        try folder.write("logs/shut/b.log", Samples.log(3))
        chmod(file, 0)
        chmod(folder.path + "/logs/shut", 0)
        defer { chmod(folder.path + "/logs/shut", 0o700) }
        let report = try scan([folder.path + "/logs"], in: folder, wrapper: Self.unprivileged)
        #expect(report.input("a.log")?.format == "unreadable" && report.input("a.log")?.rejected == 1)
        #expect(report.input("a.log")?.reasons.first?.contains("Permission denied") == true)
        #expect(report.input("shut")?.reasons.first?.contains("Permission denied") == true)
    }
}
