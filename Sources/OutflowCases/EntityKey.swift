// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowRecords

/// What identifies a host, an account or anything else that findings and transfers may share, in the form in which the
/// two are compared: a rule says `DESK-7$`, the ledger `192.0.2.6 (DESK-7)`, a detector `192.0.2.6`.
struct EntityKey: Hashable, Comparable {
    /// What kind of name it is. Kinds that name the same kind of thing share one.
    enum Family: UInt8, Comparable {
        /// An IP address, whoever has it.
        case address
        /// A machine's name.
        case host
        /// Users, principals, mailboxes.
        case account
        /// Sessions, access keys, applications under whose name something was read.
        case session
        case domain
        case hash
        /// Buckets, sites, repositories, snapshots: where the data lay.
        case store
        /// Names of files: many share them by chance.
        case file
        /// Anything else: it joins little.
        case other

        static func < (one: Family, other: Family) -> Bool { one.rawValue < other.rawValue }
    }

    var family: Family
    var id: String

    static func < (one: EntityKey, other: EntityKey) -> Bool { (one.family, one.id) < (other.family, other.id) }

    /// Whether it can be who did it, as opposed to where to or with what.
    var isActor: Bool { family == .host || family == .account }

    /// How much it joins when nobody else shares it, see ``Rarity``.
    var weight: Int {
        switch family {
        case .address, .host, .account, .session, .domain, .hash, .store: 800
        case .file, .other: 200
        }
    }

    /// The keys of an entity, the one that says most first; none for names that say nothing.
    static func keys(kind: String, id: String) -> [EntityKey] {
        // Who writes logs may write long names; two that agree so far are not told apart by what follows.
        let id = id.utf8.count > 512 ? String(id.unicodeScalars.prefix(512)) : id
        switch kind.lowercased() {
        case "host", "address", "ip", "device", "computer":
            return machine(id)
        case "account", "principal", "user", "mailbox", "identity", "email", "mail": return account(id)
        case "session", "key", "application", "app": return isSaying(id) ? [EntityKey(family: .session, id: id)] : []
        case "domain": return domain(id)
        case "url": return domain(hostPart(of: id))
        case "hash", "sha256", "sha1", "md5", "certificate", "ja3", "ja4":
            return isSaying(id) ? [EntityKey(family: .hash, id: id.lowercased())] : []
        case "store", "bucket", "site", "repository", "object", "snapshot", "image":
            return store(id)
        case "file", "path": return isSaying(id) ? [EntityKey(family: .file, id: id.lowercased())] : []
        // Everybody's in an estate, or everybody's anywhere.
        case "tenant", "organisation", "organization", "provider", "country", "network", "process", "rule", "port",
            "public", "service":
            return []
        case let kind: return isSaying(id) ? [EntityKey(family: .other, id: "\(kind) \(id)")] : []
        }
    }

    private static func machine(_ id: String) -> [EntityKey] {
        if let address = IPAddress(id) {
            // Unspecified, loopback: everybody's.
            if address.high == 0, address.low <= 1 { return [] }
            if let v4 = address.v4, v4 == 0 || v4 == .max || v4 >> 24 == 127 { return [] }
            return [EntityKey(family: .address, id: address.description)]
        }
        let name = DomainName.normalised(id)
        guard isSaying(name), name != "localhost" else { return [] }
        var keys = [EntityKey(family: .host, id: name)]
        if let dot = name.firstIndex(of: "."), dot > name.startIndex {
            keys.append(EntityKey(family: .host, id: String(name[..<dot])))
        }
        return keys
    }

    /// Accounts that every machine has: they say nothing of who acted.
    private static let everybodys: Set<String> = [
        "system", "local service", "network service", "anonymous logon", "anonymous", "root", "iusr", "nobody",
        "administrator", "guest", "defaultaccount", "all",
    ]

    private static func account(_ id: String) -> [EntityKey] {
        let name = id.lowercased()
        let plain = name.lastIndex(of: "\\").map { String(name[name.index(after: $0)...]) } ?? name
        guard isSaying(plain), !everybodys.contains(plain), !plain.hasPrefix("dwm-"), !plain.hasPrefix("umfd-") else {
            return []
        }
        // The account of a machine.
        if plain.hasSuffix("$") { return machine(String(plain.dropLast())) }
        let full = EntityKey(family: .account, id: name)
        return plain == name ? [full] : [full, EntityKey(family: .account, id: plain)]
    }

    /// Rules name what a request names, `backup-7`, and the ledger all of it, `arn:aws:rds:eu-west-1:123456789012:snapshot:backup-7`.
    private static func store(_ id: String) -> [EntityKey] {
        guard isSaying(id) else { return [] }
        let full = EntityKey(family: .store, id: id)
        let parts = id.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 6, parts[0] == "arn", let name = parts.last, !name.isEmpty else { return [full] }
        return [full, EntityKey(family: .store, id: String(name))]
    }

    private static func domain(_ id: String) -> [EntityKey] {
        if IPAddress(id) != nil { return machine(id) }
        let name = DomainName.normalised(id)
        return isSaying(name) ? [EntityKey(family: .domain, id: name)] : []
    }

    private static func hostPart(of url: String) -> String {
        var rest = url[...]
        if let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") {
            rest = url[url.index(colon, offsetBy: 3)...]
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") { return String(rest.dropFirst().prefix(upTo: end)) }
        return String(rest.prefix { $0 != ":" })
    }

    private static func isSaying(_ id: String) -> Bool {
        !id.isEmpty && id != "-" && id != "unknown" && id != "public" && id != "anyone" && id != "none" && id != "null"
    }
}

extension Report.Finding {
    /// The keys of its entities, at most so many: an entity beyond joins nothing.
    static let keyLimit = 64

    var keys: [EntityKey] {
        var keys: [EntityKey] = []
        for entity in entities.sorted().prefix(Self.keyLimit) {
            for key in EntityKey.keys(kind: entity.kind, id: entity.id) where !keys.contains(key) { keys.append(key) }
        }
        return keys
    }
}

extension Report.Transfer {
    /// Who lost the data: by id, then by name.
    var sourceKeys: [EntityKey] {
        var keys = EntityKey.keys(kind: source.kind.rawValue, id: source.id)
        if source.kind == .host, let name = source.name { keys += EntityKey.keys(kind: "host", id: name) }
        return keys
    }

    /// Who got it, out of which store, in which session.
    var otherKeys: [EntityKey] {
        var keys = EntityKey.keys(kind: destination.kind.rawValue, id: destination.id)
        // A finding on a domain is one on the hosts in it.
        if destination.kind == .domain {
            keys += EntityKey.keys(kind: "domain", id: DomainName.registeredDomain(of: destination.id))
        }
        // A service of many addresses is known by its name.
        for address in destination.addresses.prefix(16) { keys += EntityKey.keys(kind: "address", id: address) }
        if let store { keys += EntityKey.keys(kind: "store", id: store) }
        if let session { keys += EntityKey.keys(kind: "session", id: session) }
        var seen: Set<EntityKey> = []
        return keys.filter { seen.insert($0).inserted }
    }

    /// Whether its destination is a service that the world shares: that two hosts use it says nothing of either. Rented
    /// machines and tunnels belong to one customer each.
    var hasSharedDestination: Bool {
        switch DestinationClass(rawValue: destinationClass) {
        case nil, .unknown, .cloudHosting, .tunnel: false
        default: true
        }
    }

    /// Whether its destination is the far end of a connection, and not an address from which somebody read: such an
    /// address is shared by a whole office.
    var isConnection: Bool { route == .network || route == .web || route == .dns || route == .vpn }
}
