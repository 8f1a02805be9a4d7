// SPDX-License-Identifier: Apache-2.0

import OutflowIntelligence
import OutflowJSON

/// Somebody whom alerts go to or come from.
public struct Partner: Sendable, Hashable {
    /// What a partner is to the organisation that shares.
    public enum Relation: String, Sendable, CaseIterable {
        /// The organisation itself, or part of it.
        case organisation
        /// A client of it.
        case client
        /// A member of the same community: an ISAC, a CERT's constituency.
        case community
        /// Anybody else.
        case `public`

        /// The most restrictive marking under which others' information may be handed on to such a partner. RED never may:
        /// it goes to those only whom its source names. Source: FIRST, TLP 2.0.
        public var ceiling: TLP {
            switch self {
            case .organisation: .amberStrict
            case .client: .amber
            case .community: .green
            case .public: .clear
            }
        }
    }

    /// Its name, as in indicators that come from it.
    public var name: String
    /// What it is to us.
    public var relation: Relation
    /// The most restrictive marking of our own information that it is to get; nil leaves that to whoever shares.
    public var upTo: TLP?
    /// Ed25519 public keys that its bundles may be signed with, 32 bytes each: pinned.
    public var keys: [[UInt8]]
    /// Where its alerts go: the id of a collection of our hub, or the address of one elsewhere.
    public var collection: String?
    /// Accounts of our hub that are its own.
    public var accounts: [String]

    /// A partner of its parts.
    public init(
        name: String, relation: Relation = .public, upTo: TLP? = nil, keys: [[UInt8]] = [], collection: String? = nil,
        accounts: [String] = []
    ) {
        self.name = name
        self.relation = relation
        self.upTo = upTo
        self.keys = keys
        self.collection = collection
        self.accounts = accounts
    }
}

/// Who we are, and whom we share with: a JSON file
/// `{"from": "Example University", "partners": [{"name", "relation", "up_to", "keys": ["base64url"], "collection",
/// "accounts": ["name"]}]}`.
public struct Partners: Sendable {
    /// The name that alerts carry; nil for none.
    public var from: String?
    /// All partners.
    public var all: [Partner] = []

    /// Why a file cannot be used.
    public struct Failure: Error, CustomStringConvertible, Equatable {
        /// What is wrong, and where.
        public let description: String
    }

    /// Nobody is known.
    public init() {}

    /// Reads the file's content.
    ///
    /// - Throws: ``Failure`` for anything that is not as described: who gets what must not hang on a misspelling.
    public init(_ text: [UInt8]) throws(Failure) {
        let root: JSONTree
        do throws(JSONParser.Failure) { root = try JSONTree(parsing: text, limit: 4 << 20) } catch {
            throw Failure(description: "partners: \(error)")
        }
        guard case .object = root else { throw Failure(description: "partners: not an object") }
        for member in root.members where !["from", "partners"].contains(member.key) {
            throw Failure(description: "partners: nothing is called '\(member.key.prefix(40))'; known: from, partners")
        }
        from = root["from"]?.string
        for (index, entry) in (root["partners"]?.list ?? []).enumerated() {
            let partner = try Self.partner(entry, "partners[\(index)]")
            guard named(partner.name) == nil else {
                throw Failure(description: "partners[\(index)].name: '\(partner.name)' stands there twice")
            }
            all.append(partner)
        }
    }

    /// The partner of a name.
    public func named(_ name: String) -> Partner? { all.first { $0.name.isSameText(as: name) } }

    private static func partner(_ entry: JSONTree, _ place: String) throws(Failure) -> Partner {
        let known = ["name", "relation", "up_to", "keys", "collection", "accounts"]
        for member in entry.members where !known.contains(member.key) {
            throw Failure(
                description:
                    "\(place): nothing is called '\(member.key.prefix(40))'; known: \(known.joined(separator: ", "))")
        }
        guard let name = entry["name"]?.string, !name.isEmpty else {
            throw Failure(description: "\(place).name: missing")
        }
        var partner = Partner(name: name)
        if let word = entry["relation"] {
            guard let relation = word.string.flatMap(Partner.Relation.init(rawValue:)) else {
                throw Failure(description: "\(place).relation: organisation, client, community or public")
            }
            partner.relation = relation
        }
        if let word = entry["up_to"] {
            guard let tlp = word.string.flatMap({ TLP($0) }) else {
                throw Failure(description: "\(place).up_to: clear, green, amber, amber+strict or red")
            }
            partner.upTo = tlp
        }
        for key in entry["keys"]?.list ?? [] {
            guard let bytes = key.string.flatMap(Base64URL.decode), bytes.count == 32 else {
                throw Failure(description: "\(place).keys: not the 32 bytes of an Ed25519 key in base64url")
            }
            partner.keys.append(bytes)
        }
        if let collection = entry["collection"] {
            guard let text = collection.string, !text.isEmpty else {
                throw Failure(description: "\(place).collection: the id of a collection of the hub, or its address")
            }
            partner.collection = text
        }
        for account in entry["accounts"]?.list ?? [] {
            guard let name = account.string, !name.isEmpty else {
                throw Failure(description: "\(place).accounts: names of accounts of the hub")
            }
            partner.accounts.append(name)
        }
        return partner
    }
}
