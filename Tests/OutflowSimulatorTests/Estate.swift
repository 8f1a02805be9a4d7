// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowJSON
import OutflowRecords
import OutflowSimulator

/// An estate, written into a folder of its own, read back and removed.
final class Estate: Sendable {
    /// One that all tests read: three days are enough for every theft to happen.
    static let shared = try! Estate(seed: 7, days: 3)

    let files: [String]
    /// What the files hold, as written.
    let contents: [String: Data]
    /// Logs that a test has read already.
    private let known = Guarded<[String: [[Substring: Substring]]]>([:])

    init(seed: UInt64, days: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try Demonstration(seed: seed, hosts: 70, days: days).write(to: folder.path)
        self.files = files
        contents = try Dictionary(
            uniqueKeysWithValues: files.map { ($0, try Data(contentsOf: folder.appendingPathComponent($0))) })
    }

    /// The bytes of `file`, inflated if need be.
    func bytes(_ file: String) throws -> [UInt8] {
        guard let data = contents[file] else { throw Missing(what: file) }
        let raw = [UInt8](data)
        return file.hasSuffix(".gz") ? try unstored(raw) : raw
    }

    /// The lines of `file`.
    func lines(_ file: String) throws -> [Substring] {
        String(decoding: try bytes(file), as: UTF8.self).split(separator: "\n")
    }

    /// Files whose path begins so, in the order of writing.
    func files(_ prefix: String) -> [String] { files.filter { $0.hasPrefix(prefix) } }

    /// Every row of the Zeek log `name`, as a dictionary by column.
    func rows(_ name: String) throws -> [[Substring: Substring]] {
        try known.withLock { known in
            if let rows = known[name] { return rows }
            let rows = try files("zeek/\(name).").flatMap { file in
                let lines = try lines(file)
                let columns = lines[6].split(separator: "\t").dropFirst()
                return lines.filter { !$0.hasPrefix("#") }.map { line in
                    let values = line.split(separator: "\t", omittingEmptySubsequences: false)
                    return Dictionary(uniqueKeysWithValues: zip(columns, values))
                }
            }
            known[name] = rows
            return rows
        }
    }

    /// The truth's entry `id`, by Foundation's decoder.
    func truth(_ id: String) throws -> TruthEntry {
        let truth = try JSONDecoder().decode(TruthFile.self, from: Data(try bytes("truth.json")))
        guard let entry = (truth.thefts + truth.look_alikes).first(where: { $0.id == id }) else {
            throw Missing(what: id)
        }
        return entry
    }
}

/// What was looked for and is not there.
struct Missing: Error { let what: String }

/// `truth.json`, as far as tests read it.
struct TruthFile: Decodable {
    let thefts: [TruthEntry]
    let look_alikes: [TruthEntry]
    let local_networks: [String]
}

/// One theft or look-alike.
struct TruthEntry: Decodable {
    struct Amount: Decodable {
        let at_least: Int
        let at_most: Int?
        let on_wire: Int?
    }
    struct Objects: Decodable {
        let distinct: Int?
        let reads: Int
    }
    struct End: Decodable {
        let kind: String
        let id: String
        let addresses: [String]?
    }
    let id: String
    let route: String
    let source: End
    let destination: End
    let records: Int
    let bytes: Amount
    let objects: Objects
    let first: String
    let last: String
    let names: [String]
    let identities: [String]
}

/// The content of a gzip member of stored blocks; throws when a length or the checksum is wrong.
func unstored(_ raw: [UInt8]) throws -> [UInt8] {
    guard raw.count >= 23, raw[0] == 0x1F, raw[1] == 0x8B, raw[2] == 8, raw[3] == 0 else { throw Missing(what: "gzip") }
    var out: [UInt8] = []
    var at = 10
    var isLast = false
    while !isLast {
        isLast = raw[at] == 1
        let count = Int(raw[at + 1]) | Int(raw[at + 2]) << 8
        guard raw[at + 1] == ~raw[at + 3], raw[at + 2] == ~raw[at + 4] else { throw Missing(what: "length") }
        out += raw[at + 5..<at + 5 + count]
        at += 5 + count
    }
    // The check value's definition, bit by bit (RFC 1952 section 8).
    var check: UInt32 = 0xFFFF_FFFF
    for byte in out {
        check ^= UInt32(byte)
        for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
    }
    func word(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(raw[at + $1]) << UInt32(8 * $1) } }
    guard word(at) == ~check, word(at + 4) == UInt32(out.count), at + 8 == raw.count else {
        throw Missing(what: "checksum")
    }
    return out
}

/// Calls `body` with each JSON document.
func forEachDocument(_ documents: [[UInt8]], _ body: (JSONValue) throws -> Void) throws {
    let parser = JSONParser()
    for document in documents {
        try document.withUnsafeBytes { try body(try parser.parse(copying: Bytes($0))) }
    }
}
