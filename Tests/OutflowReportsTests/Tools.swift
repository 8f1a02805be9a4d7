// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Small numbers that look random and repeat with the seed (SplitMix64, Sebastiano Vigna, public domain).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Strings as an attacker would choose them.
enum Hostile {
    static let strings = [
        "<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "' onclick='x",
        "]]>", "<!--",
        "-->", "&lt;b&gt;&amp;&#0;", "</title></text></svg><iframe src=//evil>", "=cmd|' /C calc'!A0", "+1+1", "-2",
        "@SUM(A1)",
        "\t=1", "\r\n=1", "\"=1", "'=1", "\u{FF1D}1+1", "a;=1", "x,\"=HYPERLINK(\"\"http://evil\"\")",
        "\u{1B}[2J\u{1B}]0;x\u{7}",
        "\u{202E}gpj.exe\u{202C}", "\u{2066}a\u{2069}", "zero\u{200B}width\u{FEFF}", "a\u{0}b", "a\u{2028}b\u{2029}c",
        "\u{9B}31m",
        "e" + String(repeating: "\u{301}", count: 40), "日本語のホスト名.example", "שלום.example", "🏴\u{E0067}\u{E0062}",
        "\\u{202E}", "\\", "C:\\users\\u1",
        "", " ", "\u{3000}=1", "\u{FFFD}\u{FFFD}", "javascript:alert(1)", "{{7*7}}${7*7}", "%s%n", "a\nb\r\nc",
        "\u{7F}", "\u{85}=1",
    ]

    /// One of ``strings``, or a few of them and random scalars put together.
    static func string(_ random: inout SplitMix) -> String {
        var text = strings[Int.random(in: 0..<strings.count, using: &random)]
        while Int.random(in: 0..<3, using: &random) == 0 {
            text += strings[Int.random(in: 0..<strings.count, using: &random)]
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<0x3100, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// Programs that some tests need, and folders to use them in.
enum Tools {
    static func path(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static var hasPython: Bool { path("python3") != nil }

    /// A new folder, removed by the caller.
    static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Runs a program with input on standard input; gives standard output and error and the exit status.
    static func run(_ program: String, _ arguments: [String], input: [UInt8] = []) throws -> (
        out: String, error: String, status: Int32
    ) {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files instead of pipes: nothing can fill up and stand still.
        let (i, o, e) = ("in", "out", "err")
        for (name, content) in [(i, input), (o, []), (e, [])] {
            try Data(content).write(to: folder.appendingPathComponent(name))
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: folder.appendingPathComponent(i))
        process.standardOutput = try FileHandle(forWritingTo: folder.appendingPathComponent(o))
        process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent(e))
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
        }
        return (try text(o), try text(e), process.terminationStatus)
    }

    /// Runs a Python script with input on standard input; gives standard output.
    static func python(_ script: String, input: [UInt8]) throws -> String {
        let result = try run(path("python3") ?? "python3", ["-X", "utf8", "-c", script], input: input)
        guard result.status == 0 else { throw ToolFailure(description: result.error) }
        return result.out
    }
}

struct ToolFailure: Error, CustomStringConvertible {
    let description: String
}
