// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The built program, run as a process of its own.
enum Program {
    /// What a run came to.
    struct Outcome {
        /// Exit status; the number of the signal, negative, when one ended it.
        var status: Int32
        var output: String
        var errors: String
        /// Most memory that was resident at any time, in bytes.
        var peakMemory: Int
    }

    /// The executable, which lies beside the bundle of these tests.
    static let path: String = {
        // The bundle is an argument of what runs it, or that itself; else it is mapped into this process.
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        let mapped = maps.split(separator: "\n").compactMap { line in
            line.firstIndex(of: "/").map { String(line[$0...]) }
        }
        let bundle = (CommandLine.arguments + mapped).first { $0.hasSuffix(".xctest") }
        return URL(fileURLWithPath: bundle ?? "/nowhere").deletingLastPathComponent().path + "/outflow"
    }()

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - arguments: those of the command line.
    ///   - input: what it reads as standard input; nothing when nil.
    ///   - wrapper: a command that runs the program, such as `unshare -n`.
    ///   - body: called with the process while it runs.
    static func run(
        _ arguments: [String], input: FileHandle? = nil, wrapper: [String] = [], in folder: Folder,
        while body: (Process) throws -> Void = { _ in }
    ) throws -> Outcome {
        let process = Process()
        let command = wrapper.isEmpty ? [path] : ["/usr/bin/env"] + wrapper + [path]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = command.dropFirst() + arguments
        let (output, errors) = (folder.path + "/.stdout", folder.path + "/.stderr")
        for file in [output, errors] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        process.standardInput = input ?? FileHandle.nullDevice
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try process.run()
        try body(process)
        var peak = 0
        while process.isRunning {
            peak = max(peak, peakMemory(of: process.processIdentifier))
            usleep(2_000)
        }
        process.waitUntilExit()
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self),
            peakMemory: peak)
    }

    /// The kernel's own high-water mark. (That of `wait4` would count the memory of this process too, which forked it.)
    private static func peakMemory(of process: Int32) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return 0 }
        return (Int(line.split(separator: " ", omittingEmptySubsequences: true).dropFirst().first ?? "") ?? 0) * 1_024
    }

    /// Whether a command can be run and succeeds.
    static func works(_ command: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

/// A folder for one test, removed with it.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, and returns its path; folders on the way are made.
    @discardableResult func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }

    @discardableResult func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

    func holds(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }
}
