// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// An observed-data object with the objects that it holds (STIX 2.0) or refers to (STIX 2.1): what patterns are matched
/// against.
public struct Observation: Sendable {
    struct Object: Sendable {
        /// Key in `objects` (2.0), or id (2.1).
        var id: String
        var type: String
        var value: JSONTree
    }

    /// Id of the observed-data object; nil if it has none.
    public let id: String?
    /// First moment at which it was observed.
    public let first: Timestamp
    /// Last moment.
    public let last: Timestamp
    /// How often, at least 1.
    public let count: UInt64
    let objects: [Object]
    /// Index in `objects` by id.
    private let index: [String: Int]

    init(id: String?, first: Timestamp, last: Timestamp, count: UInt64, objects: [Object]) {
        self.id = id
        self.first = first
        self.last = last
        self.count = count
        self.objects = objects
        index = Dictionary(objects.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func object(_ id: String) -> Int? { index[id] }

    /// The most observations that are taken at a time.
    static let limit = 100_000

    /// The observations of some observed-data objects of STIX 2.0.
    ///
    /// - Throws: ``PatternError/observation(_:)`` when times or number are missing or make no sense.
    public static func v20(_ list: JSONValue) throws(PatternError) -> [Observation] {
        var all: [Observation] = []
        for (_, sdo) in list.elements {
            guard all.count < limit else { throw .observation("more than \(limit) observations") }
            let objects = (sdo["objects"]?.members ?? .none).map { key, value in
                Object(id: key.string, type: value.string("type").string, value: JSONTree(value))
            }
            all.append(try observed(sdo, objects))
        }
        return all
    }

    /// The observations of some bundles of STIX 2.1, whose objects may refer to each other across bundles. Objects that
    /// stand in the list without a bundle are taken as they are.
    ///
    /// - Throws: ``PatternError/observation(_:)`` when times, number or references are missing or make no sense.
    public static func v21(_ list: JSONValue) throws(PatternError) -> [Observation] {
        var data: [JSONValue] = []
        var objects: [String: Object] = [:]
        func add(_ object: JSONValue) {
            if object.string("type") == "observed-data" { return data.append(object) }
            let id = object.string("id").string
            objects[id] = Object(id: id, type: object.string("type").string, value: JSONTree(object))
        }
        for (_, element) in list.elements {
            if element.string("type") == "bundle" {
                for (_, object) in element["objects"]?.elements ?? .none { add(object) }
            } else {
                add(element)
            }
        }
        guard data.count <= limit else { throw .observation("more than \(limit) observations") }
        var all: [Observation] = []
        for sdo in data {
            guard let references = sdo["object_refs"], references.kind == .array else {
                throw .observation("\(name(sdo)) has no object_refs")
            }
            all.append(
                try observed(sdo, references.elements.compactMap { objects[($0.value.string ?? .empty).string] }))
        }
        return all
    }

    private static func observed(_ sdo: JSONValue, _ objects: [Object]) throws(PatternError) -> Observation {
        guard let count = sdo["number_observed"]?.unsigned, count > 0 else {
            throw .observation("number_observed of \(name(sdo)) is no whole number from 1")
        }
        guard let first = PatternTime.parse(sdo.string("first_observed").string),
            let last = PatternTime.parse(sdo.string("last_observed").string), first <= last
        else {
            throw .observation(
                "first_observed and last_observed of \(name(sdo)) are no times such as 2016-06-01T00:00:00Z, in order")
        }
        return Observation(id: sdo["id"]?.string?.string, first: first, last: last, count: count, objects: objects)
    }

    private static func name(_ sdo: JSONValue) -> String {
        let id = sdo.string("id").string
        return id.isEmpty ? "an observed-data object" : String(id.prefix(80))
    }
}
