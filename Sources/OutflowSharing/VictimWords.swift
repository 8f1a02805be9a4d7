// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowIntelligence
import OutflowLedger
import OutflowRecords

/// The victim's words, which must stand in nothing that partners get: names and parts of names of its hosts, accounts, tenants
/// and stores, and its networks. A name such as `acme.files.example`, made for one victim, gives the victim away.
struct VictimWords {
    /// Whole values, in lower case.
    private var values: Set<String> = []
    /// Parts of names, in lower case, of at least four characters.
    private var parts: Set<String> = []
    /// Parts of two or three characters: words by themselves only, between dots and dashes.
    private var shortParts: Set<String> = []
    private var networks: [Network] = []
    /// Whoever got data is not the victim, whatever else it is called.
    private var destinations: Set<String> = []

    /// The words of a report.
    init(_ report: Report) {
        destinations = Set(report.ledger.filter { !$0.isSanctioned }.map(\.destination.id))
        for tenant in report.tenants { add(tenant) }
        networks = report.localNetworks.compactMap { Network($0.cidr) }
        for transfer in report.ledger {
            for text in [
                transfer.source.id, transfer.source.name, transfer.source.tenant, transfer.store, transfer.session,
            ] {
                if let text { add(text) }
            }
        }
        for finding in report.findings { for entity in finding.entities { add(entity) } }
        for one in report.cases { for entity in one.entities { add(entity) } }
    }

    /// Whether an entity of this kind is the victim's unless something else says so.
    static func isVictims(_ kind: String) -> Bool {
        !["address", "domain", "url", "hash", "certificate", "ja3", "ja4", "user-agent", "network"].contains(kind)
    }

    private mutating func add(_ entity: Report.NamedEntity) {
        if Self.isVictims(entity.kind), !destinations.contains(entity.id) { add(entity.id) }
    }

    private mutating func add(_ text: String) {
        let text = text.lowercased()
        guard text.utf8.count >= 2 else { return }
        if text.utf8.count >= 3 { values.insert(text) }
        if let address = IPAddress(text) {
            if address.v4 != nil { parts.formUnion(Self.spellings(of: address)) }
            return
        }
        for name in text.split(whereSeparator: { "/:@\\ ,;|".contains($0) }) {
            var labels = name.split(separator: ".")
            // The last label of a domain is nobody's.
            if labels.count > 1 { labels.removeLast() }
            for label in labels {
                let words = label.split(whereSeparator: { !$0.isLetter && !$0.isNumber })
                // `ws-042` is also written `ws042`.
                for part in words.map(String.init) + (words.count > 1 ? [words.joined()] : []) {
                    if part.allSatisfy(\.isNumber), part.count < 8 { continue }
                    if part.count >= 4 {
                        parts.insert(part)
                    } else if part.count >= 2, !Self.common.contains(part) {
                        shortParts.insert(part)
                    }
                }
                for part in words + [label] where part.utf8.contains(where: { $0 >= 0x80 }) {
                    if let ascii = InternationalName.ascii(part) {
                        parts.insert(String(decoding: ascii, as: UTF8.self))
                    }
                }
            }
        }
    }

    /// The word of the victim's that stands in a text; of several the first in order, nil if none does.
    func word(in text: String) -> String? {
        let text = text.lowercased()
        if values.contains(text) { return text }
        if let address = IPAddress(text) {
            return networks.first { $0.contains(address) }?.description ?? (address.isReserved ? text : nil)
        }
        let joined = text.filter { $0 != "-" && $0 != "_" }
        let words = text.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).map(String.init)
        let found =
            parts.filter { text.contains($0) || joined.contains($0) } + words.filter(shortParts.contains)
            + values.filter { $0.count >= 4 && text.contains($0) }
        return found.min()
    }

    /// How names spell an IPv4 address: with dashes, and in hexadecimal digits.
    private static func spellings(of address: IPAddress) -> [String] {
        let hex = String(UInt32(truncatingIfNeeded: address.low), radix: 16)
        return [
            address.description.replacing(".", with: "-"), address.description.replacing(".", with: "_"),
            String(repeating: "0", count: 8 - hex.count) + hex,
        ]
    }

    /// Labels of two and three characters that names of all kinds have: they give nobody away.
    private static let common: Set<String> = [
        "ad", "ai", "api", "app", "as", "at", "au", "aws", "cdn", "ch", "cn", "co", "com", "db", "dc", "de", "dev",
        "dns",
        "edu", "en", "es", "eu", "fi", "fr", "ftp", "fw", "gov", "gw", "hq", "id", "img", "in", "io", "ip", "it", "jp",
        "lan", "lb", "ldap", "ms", "mta", "mx", "my", "net", "nl", "no", "ns", "ntp", "of", "org", "pc", "pl", "pop",
        "rdp", "ru", "se", "sip", "sql", "srv", "ssh", "ssl", "svc", "tcp", "tls", "to", "uk", "us", "vm", "vpn", "web",
        "win", "ws", "www",
    ]
}

extension IPAddress {
    /// Whether the address means something inside of one network only, or nothing. Source: IANA special-purpose address
    /// registries (RFC 6890); the ranges for documentation are taken as public.
    var isReserved: Bool {
        let ranges = [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.168.0.0/16", "224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10", "ff00::/8",
        ]
        return ranges.contains { Network($0)?.contains(self) ?? false }
    }
}
