// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Which records are of which log source, and how their fields are called: what binds rules, which speak of log sources
/// and field names in general, to the records of real logs. Users may give their own; see ``standardText``.
public struct LogSourceMapping: Sendable {
    /// A kind of record: rules for its log source run on it.
    public struct Source: Sendable, Hashable {
        /// A field and patterns of which its value must be one.
        public struct Condition: Sendable, Hashable {
            /// The field.
            public var field: String
            /// Patterns; `*` asks only that there is text.
            public var patterns: [Pattern]
        }

        /// Formats of logs (`SourceCard.format`) that such records come from; empty for any.
        public var formats: [String]
        /// What must hold for a record.
        public var conditions: [Condition]
        /// Of which nothing may hold.
        public var exceptions: [Condition] = []
        /// The log source.
        public var source: RuleLogSource
        /// Names that rules use, with those that these records have instead, first choice first.
        public var fields: [Field]
    }

    /// A field's name in rules, and in records.
    public struct Field: Sendable, Hashable {
        /// The name that rules use.
        public var rule: String
        /// The names in records, first choice first.
        public var records: [String]
        /// By name in records: what values there are called in rules, where they are called otherwise.
        public var values: [String: [String: String]] = [:]
    }

    /// A list of objects that are each named by one of their members: `[{"Name": "Identity", "Value": "x"}]`.
    public struct NamedList: Sendable, Hashable {
        /// The list.
        public var field: String
        /// The member that is the name.
        public var name: String
        /// The member that is the value of that name; nil for the element as a whole.
        public var value: String?
    }

    /// Kinds of records; a record may be of several.
    public var sources: [Source] = []
    /// Objects that are looked through: `winlog.event_data.Image` is `Image`.
    public var transparent: [String] = []
    /// Fields whose strings may hold JSON: it is looked at as if it stood there without quotes.
    public var embedded: [String] = []
    /// Lists whose elements have names: `[{"Name": "Identity", "Value": "x"}]` of `Parameters` is also
    /// `Parameters.Identity`, which tells which value belongs to which name.
    public var lists: [NamedList] = []
    /// Names that stand for another in all records.
    public var names: [Field] = []
    /// The same for names that count only in records which have none of the others: what shippers write a second time.
    public var fallbacks: [Field] = []
    /// Fields that hold a record's time, first choice first.
    public var times: [String] = []
    /// The field whose values choose among rules before anything else is looked at, `EventID`.
    public var keys: [String] = []

    /// Products whose services and categories a record is only of if it is of the product as a whole, going by the sources
    /// that name the product alone. Sources without conditions, which the format alone decides, are not meant.
    public var wholeProducts: [String] = []

    /// Formats of logs whose records are only what sources say that name the format.
    public var closedFormats: [String] = []

    /// Fields that name who and what a record is about: a kind of entity (`host`, `account`, `address`, `domain`, `file`,
    /// `hash`), and fields in whose values such are named.
    public var entities: [Field] = []
    /// Names of accounts that are on every machine, which tell nothing.
    public var commonAccounts: [Pattern] = []

    /// A mapping of nothing.
    public init() {}

    /// The mapping that a YAML text describes.
    public init(_ text: String) throws(RuleProblem) {
        let documents = try RuleYAML.documents(Array(text.utf8), limits: RuleLimits())
        guard let root = documents.first, documents.count == 1 else { throw .malformed("not one YAML document") }
        guard case .map(let members) = root else { throw .malformed("a mapping file is a map") }
        for member in members {
            switch member.key {
            case "transparent": transparent = try Self.texts(member)
            case "embedded": embedded = try Self.texts(member)
            case "named lists":
                lists = try Self.fields(member.value, "named lists").map { field throws(RuleProblem) in
                    guard let name = field.records.first, field.records.count <= 2, field.values.isEmpty else {
                        throw .malformed("named lists.\(field.rule): names a member for the name and one for the value")
                    }
                    return NamedList(
                        field: field.rule, name: name, value: field.records.count == 2 ? field.records[1] : nil)
                }
            case "times": times = try Self.texts(member)
            case "keys": keys = try Self.texts(member)
            case "whole products": wholeProducts = try Self.texts(member)
            case "closed formats": closedFormats = try Self.texts(member)
            case "names": names = try Self.fields(member.value, "names")
            case "fallbacks": fallbacks = try Self.fields(member.value, "fallbacks")
            case "entities": entities = try Self.fields(member.value, "entities")
            case "common accounts": commonAccounts = try Self.texts(member).map { Pattern($0).folded() }
            case "sources":
                guard case .list(let nodes) = member.value else { throw .malformed("sources: is a list") }
                for (index, node) in nodes.enumerated() { sources.append(try Self.source(node, "sources[\(index)]")) }
            default:
                throw .malformed(
                    "'\(member.key)' is not known; there are transparent, embedded, named lists, times, keys, "
                        + "whole products, closed formats, names, fallbacks, entities, common accounts, sources")
            }
        }
    }

    private static func texts(_ member: RuleNode.Member) throws(RuleProblem) -> [String] {
        guard let texts = member.value.texts else { throw .malformed("\(member.key): is a name or a list of names") }
        return texts
    }

    private static func fields(_ node: RuleNode, _ place: String) throws(RuleProblem) -> [Field] {
        guard case .map(let members) = node else { throw .malformed("\(place): is a map of names") }
        var fields: [Field] = []
        for member in members {
            guard case .map(let sources) = member.value else {
                fields.append(Field(rule: member.key, records: try texts(member)))
                continue
            }
            // A field with names for its values.
            var field = Field(rule: member.key, records: sources.map(\.key))
            for source in sources {
                guard case .map(let names) = source.value else {
                    throw .malformed("\(place).\(member.key).\(source.key): is a map of values to names")
                }
                for name in names { field.values[source.key, default: [:]][name.key] = name.value.text ?? "" }
            }
            fields.append(field)
        }
        return fields
    }

    private static func source(_ node: RuleNode, _ place: String) throws(RuleProblem) -> Source {
        guard case .map(let members) = node else { throw .malformed("\(place): is a map") }
        var source = Source(formats: [], conditions: [], source: RuleLogSource(), fields: [])
        for member in members {
            switch member.key {
            case "format":
                source.formats = try texts(member).map { jsonFormats.contains($0) ? json : $0 }
            case "category": source.source.category = member.value.text
            case "product": source.source.product = member.value.text
            case "service": source.source.service = member.value.text
            case "fields": source.fields = try fields(member.value, "\(place).fields")
            case "when": source.conditions = try conditions(member.value, "\(place).when")
            case "unless": source.exceptions = try conditions(member.value, "\(place).unless")
            default:
                throw .malformed(
                    "\(place): '\(member.key)' is not known; there are format, category, product, service, when, unless, fields"
                )
            }
        }
        guard source.source != RuleLogSource() else {
            throw .malformed("\(place): names neither category, product nor service")
        }
        return source
    }

    private static func conditions(_ node: RuleNode, _ place: String) throws(RuleProblem) -> [Source.Condition] {
        try fields(node, place).map {
            Source.Condition(field: $0.rule, patterns: $0.records.map { Pattern($0).folded() })
        }
    }

    /// This mapping with what another one says before it: its sources are added, its names come first.
    public func merged(with other: LogSourceMapping) -> LogSourceMapping {
        var merged = self
        merged.sources += other.sources
        merged.transparent += other.transparent.filter { !transparent.contains($0) }
        merged.embedded += other.embedded.filter { !embedded.contains($0) }
        merged.lists = other.lists + lists
        merged.names = other.names + names
        merged.fallbacks = other.fallbacks + fallbacks
        merged.times = other.times + times.filter { !other.times.contains($0) }
        merged.keys += other.keys.filter { !keys.contains($0) }
        merged.wholeProducts += other.wholeProducts.filter { !wholeProducts.contains($0) }
        merged.closedFormats += other.closedFormats.filter { !closedFormats.contains($0) }
        merged.entities += other.entities
        merged.commonAccounts += other.commonAccounts
        return merged
    }

    /// The one format of all JSON logs: kinds may be mixed in a stream, and what a record is must not depend on which others
    /// stand in its file. What tells them apart is in the records.
    static let json = "json"
    /// Formats of logs that are JSON.
    static let jsonFormats: Set<String> = [
        json, "json-lines", "zeek-json", "suricata-eve", "cloudtrail", "microsoft-365-audit", "entra-sign-ins",
        "winlogbeat-json",
        "evtx-json", "nxlog-json", "windows-json",
    ]

    /// Whether records of logs of a format may be of a source, going by the format alone.
    func mayBe(_ source: Source, format: String) -> Bool {
        let format = Self.jsonFormats.contains(format) ? Self.json : format
        return source.formats.isEmpty ? !closedFormats.contains(format) : source.formats.contains(format)
    }
}
