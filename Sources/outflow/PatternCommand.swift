// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowIntelligence
import OutflowJSON
import OutflowRecords

/// `outflow pattern`: matches STIX patterns against observations.
struct PatternCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pattern", abstract: "Match STIX patterns against observed data.",
        discussion: """
            Reads lines such as {"pattern": "[ipv4-addr:value = '198.51.100.7']", "observations": [...], "stix_version": \
            "2.1"} (or one JSON array of such objects) and prints a line of JSON for each: whether the observations meet \
            the pattern and which of them do, or what is wrong with either.
            """)

    @Option(help: ArgumentHelp("Questions, one a line; - reads standard input.", valueName: "file"))
    var cases: String

    func run() throws {
        guard let text = cases == "-" ? FileHandle.standardInput.readDataToEndOfFile() : Self.contents(cases) else {
            throw Problem("\(cases): cannot be read")
        }
        // The parser reads up to 64 bytes beyond a document.
        var bytes = [UInt8](text)
        let length = bytes.count
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "\n"), count: 64))
        let parser = JSONParser(limit: max(length, 1 << 20))
        bytes.withUnsafeBytes { buffer in
            let all = Bytes(UnsafeRawBufferPointer(rebasing: buffer[0..<length]))
            if all.trimmed.hasPrefix("[") { return Self.answer(array: all, parser) }
            var at = 0
            while at < all.count {
                let end = all.firstIndex(of: UInt8(ascii: "\n"), from: at) ?? all.count
                let line = all[at..<end].trimmed
                at = end + 1
                if line.isEmpty { continue }
                do {
                    guard Self.show(PatternCases.answer(try parser.parse(line))) else { return }
                } catch {
                    guard Self.show(.error("no JSON: \(error)")) else { return }
                }
            }
        }
    }

    private static func contents(_ path: String) -> Data? {
        try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    }

    private static func answer(array text: Bytes, _ parser: JSONParser) {
        do {
            for (_, question) in try parser.parse(text).elements {
                guard show(PatternCases.answer(question)) else { return }
            }
        } catch {
            _ = show(.error("no JSON: \(error)"))
        }
    }

    /// Prints an answer; false when nobody reads it any more.
    private static func show(_ answer: PatternCases.Answer) -> Bool {
        let line: JSONTree =
            switch answer {
            case .verdict(let match, let sdos):
                ["match": .bool(match), "sdos": .list(sdos.map { $0.map { .string($0) } ?? .null })]
            case .error(let words): ["error": .string(words)]
            }
        return Terminal.write(line.text + "\n")
    }
}
