// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowJSON
import OutflowRecords

extension Truth {
    /// Why a text is no truth.
    public struct Failure: Error, CustomStringConvertible, Equatable {
        /// What was wrong, and where.
        public let description: String
    }

    /// Reads `truth.json` as `outflow simulate` writes it (docs/simulator.md), and what others wrote by hand: entries
    /// with `src`, `dst`, `t_start`, `duration_s` and `stolen_bytes`, or `datasets` of which each has `thefts` of its
    /// own. Keys that are not known are ignored.
    ///
    /// - Parameters:
    ///   - text: the whole content of the file.
    ///   - dataset: of several data sets, the one whose `id` this is; nil for all.
    /// - Throws: ``Failure`` if it is no JSON, has no thefts, or a value is of the wrong kind.
    public init(json text: [UInt8], dataset: String? = nil) throws(Failure) {
        do {
            let parser = JSONParser(limit: max(text.count, 1 << 20))
            let root = try text.withUnsafeBytes { try parser.parse(copying: Bytes($0)) }
            // The values point into the parser, which must outlive them.
            self = try withExtendedLifetime(parser) { try Self.read(root, dataset) }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    private static func read(_ root: JSONValue, _ dataset: String?) throws -> Truth {
        guard root.kind == .object else { throw Failure(description: "truth: not an object") }
        var truth = Truth(from: try time(root, "from", "truth"), to: try time(root, "to", "truth"))
        var isKnown = false
        if let sets = root.present("datasets") {
            for (index, set) in sets.elements.enumerated() {
                let id = set.value.string("id").string
                guard dataset == nil || dataset == id else { continue }
                isKnown = true
                let prefix = id.isEmpty ? "datasets[\(index)]" : id
                truth.thefts += try events(set.value["thefts"], prefix)
            }
        }
        for (key, list) in [("thefts" as StaticString, \Truth.thefts), ("look_alikes", \.lookAlikes)]
            as [(StaticString, WritableKeyPath<Truth, [Event]>)]
        {
            guard let value = root.present(key) else { continue }
            isKnown = true
            truth[keyPath: list] += try events(value, String(describing: key))
        }
        if let decoys = root.present("decoys_not_theft") { truth.lookAlikes += try events(decoys, "decoys_not_theft") }
        guard isKnown else {
            throw Failure(
                description: dataset.map { "there is no data set \($0)" } ?? "truth: has neither thefts nor datasets")
        }
        return truth
    }

    private static func events(_ value: JSONValue?, _ path: String) throws -> [Event] {
        guard let value, value.kind != .null else { return [] }
        guard value.kind == .array else { throw Failure(description: "\(path): not a list") }
        return try value.elements.enumerated().map { try event($1.value, "\(path)[\($0)]") }
    }

    private static func event(_ value: JSONValue, _ path: String) throws -> Event {
        guard value.kind == .object else { throw Failure(description: "\(path): not an object") }
        let id = value.string("id").string
        var event = Event(
            id: id.isEmpty ? path : id, group: value.string("group").string.nonEmpty, what: value.string("what").string,
            route: Route(rawValue: value.string("route").string), bytes: try bytes(value, path),
            first: try time(value, "first", path), last: try time(value, "last", path))
        event.isAmongOwn = texts(value["cunning"]).contains("existing-service")
        for key in ["src", "actor_identity"] as [StaticString] { event.sources += texts(value[key]) }
        event.destinations += texts(value["dst"])
        for (key, list) in [("source" as StaticString, \Event.sources), ("destination", \.destinations)]
            as [(StaticString, WritableKeyPath<Event, [String]>)]
        {
            guard let entity = value.present(key) else { continue }
            event[keyPath: list] += texts(entity["id"]) + texts(entity["ip"]) + texts(entity["addresses"])
        }
        for key in ["access_key", "session", "sessions"] as [StaticString] { event.sessions += texts(value[key]) }
        // A proxy's thefts are told apart by session, others by ids of records, which no report holds.
        if event.route == .library { event.sessions += texts(value["identities"]) }
        if event.first == nil { event.first = try time(value, "t_start", path) ?? time(value, "time", path) }
        if event.last == nil, let first = event.first, let seconds = value["duration_s"]?.double,
            seconds >= 0, seconds < 1e9
        {
            event.last = Timestamp(microseconds: first.microseconds &+ Int64(seconds * 1e6))
        }
        for read in value["read_events"]?.elements ?? .none {
            guard let at = try time(read.value, "time", path) else { continue }
            event.first = min(event.first ?? at, at)
            event.last = max(event.last ?? at, at)
        }
        return event
    }

    private static func texts(_ value: JSONValue?) -> [String] {
        guard let value else { return [] }
        // A note may stand behind an address.
        func clean(_ text: Bytes) -> [String] {
            let words = text.string
            let first = words.split(separator: " ").first.map(String.init) ?? ""
            return words.isEmpty ? [] : IPAddress(first) != nil ? [first] : [words]
        }
        if let text = value.string { return clean(text) }
        return value.elements.flatMap { $0.value.string.map(clean) ?? [] }
    }

    private static func bytes(_ value: JSONValue, _ path: String) throws -> ByteBounds {
        if let unique = value["bytes_unique_objects"]?.unsigned { return .exactly(unique) }
        let (bounds, low, high): (JSONValue?, StaticString, StaticString) =
            value.present("bytes") != nil
            ? (value["bytes"], "at_least", "at_most") : (value["stolen_bytes"], "low", "high")
        guard let bounds, bounds.kind == .object else { return .unknown }
        let least = bounds[low]?.unsigned ?? 0
        let most = bounds[high]?.unsigned
        guard most.map({ $0 >= least }) ?? true else {
            throw Failure(description: "\(path): at most is less than at least")
        }
        return ByteBounds(atLeast: least, atMost: most)
    }

    private static func time(_ value: JSONValue, _ key: StaticString, _ path: String) throws -> Timestamp? {
        guard let text = value.present(key) else { return nil }
        guard let time = text.string.flatMap({ Timestamp(iso8601: $0) }) else {
            throw Failure(description: "\(path).\(key): not a time such as 2026-03-01T00:00:00Z")
        }
        return time
    }
}

extension String {
    /// The text; nil when there is none.
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
