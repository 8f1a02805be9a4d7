// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowJSON
import OutflowRecords

/// All indicators that a scan looks for.
public struct Indicators: Sendable {
    /// Sets of values: those read from text, then those that were compiled before.
    public var sets: [IndicatorSet]
    /// Profiles that each set has of versions that are not the last: they are not looked for.
    public private(set) var left: [Set<UInt64>] = []
    /// Lists of what is harmless.
    public var allowLists: AllowLists
    /// What each file held.
    public var summaries: [IndicatorFeed.Summary]

    /// Indicators whose pattern asks for properties that logs do not show, or for more than `PatternSteps` can be: they are
    /// not looked for. Ids, in order.
    public var patternsLeftOut: [String] = []

    /// Number of values.
    public var count: Int { sets.reduce(0) { $0 + $1.count } }

    /// Reads files, and all files of folders: STIX bundles, MISP events, warninglists, CSV, plain lists, compiled sets. Which
    /// it is their content tells.
    ///
    /// - Parameters:
    ///   - paths: files and folders.
    ///   - compiles: whether the set of those read from text is to be written to a file, and used with others later.
    /// - Throws: ``IndicatorSet/Failure`` when a file cannot be read, or holds nothing that looks like indicators.
    public init(paths: [String], compiles: Bool = false) throws(IndicatorSet.Failure) {
        var feed = IndicatorFeed()
        sets = []
        var files: [String] = []
        for path in paths { files += try Self.files(path) }
        for file in files {
            guard let set = try Self.read(file, &feed) else { continue }
            // Where there is nothing else, there are no other versions.
            guard let memory = set.memory(withVersions: files.count > 1) else {
                throw .init(description: "\(file): it is damaged; compile it anew")
            }
            feed.add(memory, ofSet: sets.count)
            sets.append(set)
        }
        if compiles { feed.builder.memory = feed.memory }
        for (name, indicator) in feed.versioned.sorted(by: { $0.key < $1.key })
        where !indicator.isRevoked && indicator.place == nil {
            if !feed.look(for: indicator, name) { patternsLeftOut.append(name.id) }
        }
        left = sets.map { _ in [] }
        for place in feed.superseded { left[place.set].formUnion(place.profiles) }
        allowLists = feed.allowLists
        summaries = feed.summaries
        if feed.builder.count > 0 || compiles {
            sets.insert(try feed.builder.finish(), at: 0)
            left.insert([], at: 0)
        }
    }

    /// The largest file that is read into memory; compiled sets are mapped, whatever their size.
    static let sizeLimit: UInt64 = 4 << 30

    private static func files(_ path: String) throws(IndicatorSet.Failure) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .init(description: "\(path): there is no such file")
        }
        guard isFolder.boolValue else { return [path] }
        var names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        // A MISP feed lists its events in a manifest, and hashes of its values, which are no hashes of files.
        for folder in names.filter({ $0 == "manifest.json" || $0.hasSuffix("/manifest.json") }) {
            let prefix = folder.dropLast("manifest.json".count)
            names.removeAll { $0 == folder || $0 == prefix + "hashes.csv" }
        }
        return names.sorted().map { "\(path)/\($0)" }.filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
                && !($0.split(separator: "/").last ?? "").hasPrefix(".")
        }
    }

    private static func read(
        _ path: String, _ feed: inout IndicatorFeed
    ) throws(IndicatorSet.Failure) -> IndicatorSet? {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .init(description: "\(path): cannot be read")
        }
        defer { try? handle.close() }
        let head = (try? handle.read(upToCount: 8)) ?? Data()
        if IndicatorSet.isCompiled(head) {
            let set = try IndicatorSet(compiled: path)
            feed.summaries.append(.init(path: path, format: "compiled", indicators: set.count))
            return set
        }
        let size = (try? handle.seekToEnd()) ?? 0
        guard size <= sizeLimit else {
            throw .init(
                description: "\(path): \(size) bytes are more than \(sizeLimit); split it, or compile it in parts")
        }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else {
            throw .init(description: "\(path): cannot be read")
        }
        let name = String(path.split(separator: "/").last ?? "")
        let summary = data.withUnsafeBytes { feed.read(Bytes($0), path: path, source: name) }
        guard summary.indicators > 0 || summary.format == "warninglist" || summary.rejected.count == 0 else {
            let why = summary.rejected.examples.first?.reason ?? ""
            throw .init(description: "\(path): holds no indicators; the first thing that is none: \(why)")
        }
        feed.summaries.append(summary)
        return nil
    }
}

extension IndicatorFeed {
    /// Adds what an indicator comes to in the end; false if logs cannot show what it asks for.
    mutating func look(for indicator: Versioned, _ name: Name? = nil) -> Bool {
        for (kind, value) in indicator.values { add(kind, value, indicator.profile, of: name) }
        for conjunction in indicator.conjunctions {
            var profile = indicator.profile
            profile.tests = conjunction.tests
            for (kind, value) in conjunction.values { add(kind, value, profile, of: name) }
        }
        guard let pattern = indicator.pattern else { return true }
        guard let steps = PatternSteps(pattern) else { return false }
        var profile = indicator.profile
        profile.pattern = pattern
        for value in steps.values { add(value.kind, value.bytes, profile, of: name) }
        return true
    }

    /// Reads one file's content; `source` names where indicators come from that do not say it themselves. Whatever the bytes
    /// are, it neither throws nor traps; what cannot be read is in the summary.
    public mutating func read(_ text: Bytes, path: String, source: String) -> Summary {
        var summary = Summary(path: path, format: "list", indicators: 0)
        let start = text.trimmed
        guard start.hasPrefix("{") || start.hasPrefix("[{") || start.hasPrefix("[\n") || start.hasPrefix("[ ") else {
            var reader = IndicatorListReader(source: source)
            reader.read(text, into: &self, &summary)
            return summary
        }
        let parser = JSONParser(limit: max(1 << 20, text.count))
        do throws(JSONParser.Failure) {
            let root = try parser.parse(copying: start)
            if AllowLists.recognises(root) {
                summary.format = "warninglist"
                allowLists.add(root, &summary.rejected)
            } else if root["objects"]?.kind == .array {
                summary.format = "stix"
                STIXReader.read(root, fallback: source, into: &self, &summary)
            } else if MISPReader.recognises(root) {
                summary.format = "misp"
                MISPReader.read(root, fallback: source, into: &self, &summary)
            } else {
                summary.format = "json"
                summary.rejected.add(
                    Rejection(offset: 0, reason: "JSON that is no STIX bundle, MISP event or warninglist"))
            }
        } catch {
            summary.format = "json"
            summary.rejected.add(Rejection(offset: 0, reason: "\(error)"))
        }
        return summary
    }
}
