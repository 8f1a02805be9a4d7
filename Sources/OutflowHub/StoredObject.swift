// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Which object: its type and UUID, as in `indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f`.
struct ObjectID: Hashable, CustomStringConvertible {
    /// STIX type, such as `indicator`.
    let type: String
    /// The UUID's 16 bytes.
    let uuid: [UInt8]

    /// Reads `type--UUID` (STIX 2.1, section 2.9). Any UUID is taken, whatever its version, in either case.
    init?(_ text: Bytes) {
        guard text.count >= 41, text.count <= 300 else { return nil }
        let split = text.count - 38
        guard text[split] == UInt8(ascii: "-"), text[split + 1] == UInt8(ascii: "-") else { return nil }
        for index in 0..<split {
            switch text[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                break
            default: return nil
            }
        }
        guard let uuid = UUIDText.parse(text.suffix(from: split + 2)) else { return nil }
        type = text.prefix(upTo: split).string
        self.uuid = uuid
    }

    init(type: String, uuid: [UInt8]) {
        self.type = type
        self.uuid = uuid
    }

    var description: String { "\(type)--\(UUIDText.format(uuid))" }
}

/// UUIDs as text: 8-4-4-4-12 hexadecimal digits (RFC 9562, section 4).
enum UUIDText {
    static func parse(_ text: Bytes) -> [UInt8]? {
        guard text.count == 36 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        var index = 0
        while index < 36 {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard text[index] == UInt8(ascii: "-") else { return nil }
                index += 1
                continue
            }
            guard let high = digit(text[index]), let low = digit(text[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
            index += 2
        }
        return bytes
    }

    static func format(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
            for nibble in [byte >> 4, byte & 0xF] { text.append(nibble < 10 ? nibble + 0x30 : nibble + 0x57) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}

/// What the hub knows of an object beside its text.
struct ObjectFacts {
    /// Its id.
    let id: ObjectID
    /// Specification version as major * 100 + minor: 201 is STIX 2.1.
    let spec: Int
    /// `modified`, else `created`, as ``VersionText`` writes it; empty for an object that has neither, whose version is
    /// the date when it was added (TAXII 2.1, section 3.4.1, `match[version]`).
    let version: String
    /// The version as the object spells it; nil if that is how ``VersionText/format(_:)`` does.
    let spelling: String?

    /// Reads and checks the facts of a parsed object; the failure is the reason for the sender.
    ///
    /// An object without `spec_version` is of STIX 2.1 if it has neither `created` nor `modified`, as cyber observables
    /// have not, else of 2.0, whose objects carry no such property (STIX 2.1, section 3.2).
    init(_ object: JSONValue) throws(Refusal) {
        guard object.kind == .object else { throw Refusal(nil, "not an object") }
        var idText: Bytes?
        var type: Bytes?
        var spec: Bytes?
        var created: JSONValue?
        var modified: JSONValue?
        for (key, value) in object.members {
            // Two members of one name read differently in different parsers: such an object is not passed on.
            if key == "id" {
                guard idText == nil else { throw Refusal(idText, "two members are called id") }
                idText = value.string
            } else if key == "type" {
                guard type == nil else { throw Refusal(idText, "two members are called type") }
                type = value.string
            } else if key == "spec_version" {
                guard spec == nil, let text = value.string else {
                    throw Refusal(idText, "spec_version is not one string")
                }
                spec = text
            } else if key == "created" {
                guard created == nil else { throw Refusal(idText, "two members are called created") }
                created = value
            } else if key == "modified" {
                guard modified == nil else { throw Refusal(idText, "two members are called modified") }
                modified = value
            }
        }
        guard let idText else { throw Refusal(nil, "there is no id") }
        guard let id = ObjectID(idText) else { throw Refusal(idText, "the id is not of the form type--UUID") }
        guard let type else { throw Refusal(idText, "there is no type") }
        guard type.string == id.type else { throw Refusal(idText, "the type is not the one that the id names") }
        for (value, name) in [(created, "created"), (modified, "modified")] {
            guard let value else { continue }
            guard let text = value.string, VersionText.canonical(text) != nil else {
                throw Refusal(idText, "\(name) is not a time in UTC (RFC 3339, ending in Z)")
            }
        }
        switch spec {
        case nil: self.spec = created == nil && modified == nil ? 201 : 200
        case let text? where text == "2.0": self.spec = 200
        case let text? where text == "2.1": self.spec = 201
        default: throw Refusal(idText, "spec_version is neither 2.0 nor 2.1")
        }
        self.id = id
        let text = (modified ?? created)?.string
        let version = text.flatMap { VersionText.canonical($0) } ?? ""
        self.version = version
        spelling = text.map(\.string).flatMap { $0 == VersionText.format(version) ? nil : $0 }
    }

    /// Parses the text of one object, which 64 readable bytes must follow, and checks it.
    init(_ child: JSONSlices.Child, _ parser: JSONParser) throws(Refusal) {
        guard !child.isTooDeep else {
            throw Refusal(nil, "nested more than \(JSONSlices.deepest) levels deep")
        }
        let value: JSONValue
        do { value = try parser.parse(child.value) } catch { throw Refusal(nil, "not JSON: \(error)") }
        try self.init(value)
    }

    /// Why an object was not taken.
    struct Refusal: Error {
        /// The id as it was sent, shortened; nil if there was none.
        let id: String?
        /// In words for the sender.
        let reason: String

        init(_ id: Bytes?, _ reason: String) {
            self.id = id.map { $0.prefix(upTo: min($0.count, 300)).string }
            self.reason = reason
        }

        init(_ id: ObjectID, _ reason: String) {
            self.id = id.description
            self.reason = reason
        }
    }
}

/// Versions of objects: times in UTC, kept as text so that no digit is lost, in a form whose order as text is that of
/// time: `2017-01-27T13:49:53.935`, without the zeros that a fraction may end in, and without the Z.
enum VersionText {
    /// The form for comparison of an RFC 3339 time that ends in Z; nil for anything else.
    static func canonical(_ text: Bytes) -> String? {
        guard text.count >= 20, text.count <= 30, text[10] == UInt8(ascii: "T"),
            text[text.count - 1] == UInt8(ascii: "Z"), text[19] == UInt8(ascii: ".") || text.count == 20,
            Timestamp(iso8601: text) != nil
        else { return nil }
        var end = text.count - 1
        if end > 19 {
            while text[end - 1] == UInt8(ascii: "0") { end -= 1 }
            if text[end - 1] == UInt8(ascii: ".") { end -= 1 }
        }
        return text.prefix(upTo: end).string
    }

    /// The version in a response, with at least three digits of fraction (STIX 2.1, section 2.16).
    static func format(_ canonical: String) -> String {
        let digits = canonical.utf8.count - 20
        switch digits {
        case ..<0: return canonical + ".000Z"
        case 0..<3: return canonical + String(repeating: "0", count: 3 - digits) + "Z"
        default: return canonical + "Z"
        }
    }

    /// ``canonical(_:)`` of a moment.
    static func canonical(_ time: Timestamp) -> String { withBytes(of: time.description) { canonical($0) } ?? "" }
}

/// Names of specification versions: 201 is `2.1`.
enum SpecVersion {
    static func format(_ spec: Int) -> String { "\(spec / 100).\(spec % 100)" }

    static func parse(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]), (0..<100).contains(major),
            (0..<100).contains(minor)
        else { return nil }
        return major * 100 + minor
    }
}
