// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Which objects of a collection a request asks for (TAXII 2.1, section 3.4).
struct ObjectFilter: Equatable {
    /// Only objects added later than this.
    var addedAfter: Timestamp?
    /// At most so many in one page; nil if the client leaves it to the server.
    var limit: Int?
    /// Where the page begins, as the server wrote it into the page before.
    var next: String?
    /// Any of these ids, types; nil for all.
    var ids: [ObjectID]?
    var types: [String]?
    /// Any of these specification versions; nil for the latest that the collection has of each object.
    var specs: [Int]?
    /// Which versions of each object.
    var versions = Versions(hasLast: true)

    /// A choice of versions (TAXII 2.1, section 3.4.1, `match[version]`).
    struct Versions: Equatable {
        var hasFirst = false
        var hasLast = false
        var hasAll = false
        /// Exact versions, as ``VersionText/canonical(_:)`` writes them.
        var exact: [String] = []

        static let all = Versions(hasAll: true)
    }

    /// Which parameters an endpoint takes.
    struct Allowed: OptionSet {
        let rawValue: Int
        static let page = Allowed(rawValue: 1)
        static let id = Allowed(rawValue: 2)
        static let type = Allowed(rawValue: 4)
        static let version = Allowed(rawValue: 8)
        static let spec = Allowed(rawValue: 16)
        /// Objects and manifest.
        static let collection: Allowed = [.page, .id, .type, .version, .spec]
        /// One object.
        static let object: Allowed = [.page, .version, .spec]
        /// The versions of one object.
        static let versions: Allowed = [.page, .spec]
        /// What to delete.
        static let deletion: Allowed = [.version, .spec]
    }

    /// Most values that one parameter may list.
    static let longestList = 200

    init() {}

    /// Reads a query. A filter that the endpoint does not know is an error: to ignore it would return what was not asked
    /// for. Other parameters are none of ours.
    init(_ query: [(name: String, value: String)], _ allowed: Allowed) throws(TAXIIError) {
        var seen: Set<String> = []
        for (name, value) in query {
            guard name.hasPrefix("match[") || ["added_after", "limit", "next"].contains(name) else { continue }
            guard seen.insert(name).inserted else { throw .badRequest("\(name) is given more than once") }
            switch name {
            case "added_after" where allowed.contains(.page):
                guard let time = Self.time(value) else {
                    throw .badRequest("added_after is not a time such as 2016-01-01T01:01:01.123456Z")
                }
                addedAfter = time
            case "limit" where allowed.contains(.page):
                guard let limit = UInt64(value), limit > 0 else {
                    throw .badRequest("limit is not a whole number above zero")
                }
                self.limit = Int(clamping: limit)
            case "next" where allowed.contains(.page):
                next = value
            case "match[id]" where allowed.contains(.id):
                // What is no id names no object.
                ids = try Self.list(name, value).compactMap { text in withBytes(of: String(text)) { ObjectID($0) } }
            case "match[type]" where allowed.contains(.type):
                types = Array(Set(try Self.list(name, value).map(String.init))).sorted()
            case "match[spec_version]" where allowed.contains(.spec):
                specs = try Self.list(name, value).map { text throws(TAXIIError) in
                    guard let spec = SpecVersion.parse(text) else {
                        throw .badRequest("match[spec_version] lists something that is no version such as 2.1")
                    }
                    return spec
                }
            case "match[version]" where allowed.contains(.version):
                versions = try Self.versions(try Self.list(name, value))
            case "added_after", "limit", "next":
                throw .badRequest("this endpoint does not know the parameter \(name)")
            default:
                throw .badRequest("this endpoint does not know the filter \(name.prefix(60))")
            }
        }
    }

    private static func list(_ name: String, _ value: String) throws(TAXIIError) -> [Substring] {
        let parts = value.split(separator: ",").map { $0.drop { $0 == " " } }
        guard !parts.isEmpty else { throw .badRequest("\(name) is empty") }
        guard parts.count <= longestList else { throw .badRequest("\(name) lists more than \(longestList) values") }
        return parts
    }

    private static func versions(_ values: [Substring]) throws(TAXIIError) -> Versions {
        var versions = Versions()
        for value in values {
            switch value {
            case "first": versions.hasFirst = true
            case "last": versions.hasLast = true
            case "all": versions.hasAll = true
            default:
                guard let exact = withBytes(of: String(value), { VersionText.canonical($0) }) else {
                    throw .badRequest(
                        "match[version] lists neither first, last, all nor a time such as 2016-01-01T01:01:01.123Z")
                }
                versions.exact.append(exact)
            }
        }
        return versions
    }

    /// A time with a zone: Z, or an offset, whose plus sign may have become a space on its way through a form encoder.
    private static func time(_ text: String) -> Timestamp? {
        guard text.utf8.count <= 40 else { return nil }
        let spelled = text.utf8.count > 20 ? text.replacingLast(" ", by: "+") : text
        guard let last = spelled.utf8.last else { return nil }
        let zone = spelled.utf8.dropFirst(19)
        guard last == UInt8(ascii: "Z") || zone.contains(UInt8(ascii: "+")) || zone.contains(UInt8(ascii: "-")) else {
            return nil
        }
        return withBytes(of: spelled) { Timestamp(iso8601: $0) }
    }

    /// What distinguishes this question from another, apart from how it is cut into pages.
    var fingerprint: String {
        let ids = ids.map { $0.map(\.description).sorted().joined(separator: ",") } ?? "*"
        let types = types.map { $0.joined(separator: ",") } ?? "*"
        let specs = specs.map { $0.sorted().map(String.init).joined(separator: ",") } ?? "*"
        let exact = versions.exact.sorted().joined(separator: ",")
        return "\(addedAfter.map { String($0.microseconds) } ?? "*")|\(ids)|\(types)|\(specs)|"
            + "\(versions.hasFirst)\(versions.hasLast)\(versions.hasAll)\(exact)"
    }
}

extension String {
    fileprivate func replacingLast(_ old: Character, by new: Character) -> String {
        guard let index = lastIndex(of: old), distance(from: startIndex, to: index) >= 19 else { return self }
        var copy = self
        copy.replaceSubrange(index...index, with: [new])
        return copy
    }
}
