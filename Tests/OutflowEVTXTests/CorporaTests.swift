// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowRecords
import Testing

@testable import OutflowEVTX

/// Real event logs that stay outside the project, unpacked for these tests.
private struct EventLogCorpora {
    static let path = ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"]
    /// Whether python3 has the package that is compared with.
    static let hasPackage = path != nil && run("/usr/bin/env", ["python3", "-c", "import evtx"]) != nil

    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-evtx-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["evtx-attack-samples", "damaged"] {
            _ = try #require(
                Self.run(
                    "/usr/bin/env", ["tar", "-xzf", "\(Self.path ?? "")/evtx/\(name).tar.gz", "-C", folder.path]))
        }
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// Paths of all files in it, below the folder.
    var files: [String] {
        let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.lowercased().hasSuffix(".evtx") }.sorted()
    }

    func read(_ file: String) throws -> Reading {
        let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
        var reading = Reading([])
        reading.damages = []
        let reader = EventLogReader()
        bytes.withUnsafeBytes { raw in
            let all = Bytes(raw)
            var at = EventLogScanner.fileHeader(all)?.length ?? 0
            while at < all.count {
                switch EventLogScanner().step(all.suffix(from: at), isLast: true) {
                case .stretch(let size):
                    let part = Reading(all[at..<at + size].array, at: UInt64(at), with: reader)
                    reading.events += part.events
                    reading.damages += part.damages
                    at += size
                case .gap(let size): at += size
                }
            }
        }
        return reading
    }

    /// What a program prints; nil if it fails.
    static func run(_ program: String, _ arguments: [String]) -> Data? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? output : nil
    }

    /// Prints a line `# file`, then for each event `= identifier` and its fields, one a line in order of their text.
    static let script = """
        import sys, os, re, json, evtx
        class Members(list): pass
        def flat(value, path, out):
            if isinstance(value, Members):
                for key, inner in value:
                    # Elements of one name are numbered there.
                    if not path.startswith('Event.EventData'): key = re.sub(r'_\\d+$', '', key)
                    flat(inner, path if key == '#text' else (path + '.' if path else '') + key, out)
            elif isinstance(value, list):
                for inner in value: flat(inner, path, out)
            else:
                if value is None or value == '': text = 'null'
                elif isinstance(value, str): text = '"' + value + '"'
                else: text = json.dumps(value)
                out.append(path + '=' + text.replace('\\n', '\\u2424'))
        for file in sys.argv[2:]:
            print('# ' + file)
            events = evtx.PyEvtxParser(os.path.join(sys.argv[1], file)).records_json()
            while True:
                try: event = next(events)
                except StopIteration: break
                except RuntimeError: continue
                out = []
                flat(json.loads(event['data'], object_pairs_hook=Members), '', out)
                print('= %d' % event['event_record_id'])
                for line in sorted(out): print(line)
        """
}

@Suite(.enabled(if: EventLogCorpora.path != nil, "OUTFLOW_CORPORA is not set"))
struct EventLogCorporaTests {
    @Test func allAttackSamplesAreReadWithoutALoss() throws {
        let corpora = try EventLogCorpora()
        defer { corpora.remove() }
        let damaged = ["Application_no_crc32", "sample-with-zero", "sample_with_a_bad", "security_bad_string"]
        for file in corpora.files where !damaged.contains(where: { file.hasPrefix($0) }) {
            let reading = try corpora.read(file)
            #expect(!reading.events.isEmpty, "\(file)")
            #expect(reading.damages == [], "\(file)")
        }
    }

    /// As many events as the package reads, in damaged files at least as many; and what both read says the same.
    @Test(.enabled(if: EventLogCorpora.hasPackage, "python3 has no package evtx"))
    func eventsAreThoseOfTheEvtxPackage() throws {
        let corpora = try EventLogCorpora()
        defer { corpora.remove() }
        let files = corpora.files
        let output = try #require(
            EventLogCorpora.run(
                "/usr/bin/env", ["python3", "-X", "utf8", "-c", EventLogCorpora.script, corpora.folder.path] + files))
        var theirs: [String: [(id: UInt64, fields: [String])]] = [:]
        var file = ""
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("# ") {
                file = String(line.dropFirst(2))
            } else if line.hasPrefix("= ") {
                theirs[file, default: []].append((UInt64(line.dropFirst(2)) ?? 0, []))
            } else if let last = theirs[file]?.indices.last {
                theirs[file]?[last].fields.append(String(line))
            }
        }
        var compared = 0
        for file in files {
            let reading = try corpora.read(file)
            let expected = theirs[file] ?? []
            if reading.damages.allSatisfy(\.damage.isRemark) {
                #expect(reading.events.count == expected.count, "\(file)")
            } else {
                #expect(reading.events.count >= expected.count, "\(file)")
            }
            var rest = reading.events[...]
            for event in expected {
                // Ours may have more in between; of theirs none may be missing.
                while let first = rest.first, first.recordID != event.id { rest = rest.dropFirst() }
                let ours = rest.popFirst()
                #expect(ours.map { Self.lines($0) } == event.fields.sorted(), "\(file) record \(event.id)")
                compared += 1
            }
        }
        #expect(compared > 10_000)
    }

    /// The package writes the same events as XML: read from that, they have the same fields.
    @Test(.enabled(if: EventLogCorpora.hasPackage, "python3 has no package evtx"))
    func eventsReadFromXMLAreThoseReadFromTheBinaryLog() throws {
        let corpora = try EventLogCorpora()
        defer { corpora.remove() }
        let script = """
            import sys, evtx
            out = sys.stdout.buffer
            for event in evtx.PyEvtxParser(sys.argv[1]).records():
                out.write(event['data'].encode('utf-8', 'replace') + b'\\0')
            """
        var compared = 0
        for file in corpora.files.prefix(40) {
            let reading = try corpora.read(file)
            guard reading.damages == [] else { continue }
            let path = corpora.folder.appendingPathComponent(file).path
            let output = try #require(EventLogCorpora.run("/usr/bin/env", ["python3", "-c", script, path]))
            let texts = output.split(separator: 0)
            #expect(texts.count == reading.events.count, "\(file)")
            for (text, event) in zip(texts, reading.events) {
                let theirs = XMLReading([UInt8](text))
                #expect(theirs.damage == nil, "\(file)")
                #expect(theirs.time == event.time, "\(file) record \(event.recordID)")
                #expect(
                    Self.plain(theirs.fields) == Self.plain(event.fields), "\(file) record \(event.recordID)")
                compared += 1
            }
        }
        #expect(compared > 1000)
    }

    /// Fields in order, without what XML does not tell: the types of an event's own data, and whether an element was empty
    /// or had no value; blanks at the ends of lines, which the package adds and takes away.
    private static func plain(_ fields: [String]) -> [String] {
        fields.map { field in
            let (name, value) = (field.prefix { $0 != "=" }, field.drop { $0 != "=" }.dropFirst())
            let text = value.hasPrefix("\"") && value.count > 1 ? value.dropFirst().dropLast() : value
            // Some templates hold a GUID as text with braces.
            if name.hasSuffix(".Guid") { return "\(name)=\(text.filter { $0 != "{" && $0 != "}" }.uppercased())" }
            return "\(name)=\(text == "null" ? "" : String(text).trimmingCharacters(in: .whitespacesAndNewlines))"
        }.sorted()
    }

    /// Fields in the form of the script.
    private static func lines(_ event: Reading.Event) -> [String] {
        event.fields.map { field in
            let text = field.replacingOccurrences(of: "\n", with: "\u{2424}")
            return text.hasSuffix("=\"\"") ? text.dropLast(2) + "null" : text
        }.sorted()
    }
}
