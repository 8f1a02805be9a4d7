// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Names that records give to addresses.
///
/// Names carry no record identity, so that they cannot be counted exactly when files come twice. A row keeps what
/// repeats cannot change: first and last time, and 64 bits of which each time sets one, whose number tells often-seen
/// names from rare ones (linear counting, Whang, Vander-Zanden, Taylor 1990).
struct NameLedger: Sendable {
    struct Key: TableKey {
        var address: IPAddress
        var client: IPAddress
        var name: UInt32
        var port: UInt16
        var source: UInt8

        func feed(_ hash: inout ContentHash) {
            hash.combine(address)
            hash.combine(client)
            hash.combine(UInt64(name) << 24 | UInt64(port) << 8 | UInt64(source))
        }
    }

    struct Seen: Sendable {
        var span: Span
        var moments: UInt64
    }

    private(set) var strings = StringTable()
    private(set) var rows = FlatTable<Key, Seen>()

    /// An empty ledger.
    init() {}

    /// Adds the batch's names; there are no duplicates to tell apart.
    mutating func observe(_ batch: ActivityBatch, input: UInt32) -> UInt64 {
        for name in batch.names where !name.name.isEmpty {
            let text = strings.intern(batch.arena.lowercased(name.name))
            let key = Key(
                address: name.address, client: name.client, name: text, port: name.port, source: name.source.rawValue)
            var hash = ContentHash()
            hash.combine(UInt64(bitPattern: name.time.microseconds))
            add(key, Seen(span: Span(name.time), moments: 1 << (hash.value >> 58)))
        }
        return 0
    }

    @inline(__always) private mutating func add(_ key: Key, _ new: Seen) {
        let (row, isNew) = rows.row(for: key, or: new)
        if isNew { return }
        rows.values[row].span.add(new.span)
        rows.values[row].moments |= new.moments
    }

    /// Adds all of another ledger.
    mutating func merge(_ other: consuming NameLedger, inputMap: [UInt32]) {
        let text = strings.merge(other.strings)
        for (key, value) in zip(other.rows.keys, other.rows.values) {
            var key = key
            key.name = text[Int(key.name)]
            add(key, value)
        }
    }

    /// Writes the ledger as a section.
    func encode(into encoder: inout StateEncoder) {
        encoder.begin(.names)
        strings.encode(into: &encoder)
        encoder.write(UInt64(rows.count))
        encoder.addressColumn(rows.keys) { $0.address }
        encoder.addressColumn(rows.keys) { $0.client }
        encoder.column(rows.keys) { UInt64($0.name) }
        encoder.column(rows.keys) { UInt64($0.port) }
        encoder.column(rows.keys) { UInt64($0.source) }
        encoder.spanColumn(rows.values) { $0.span }
        encoder.fixedColumn(rows.values) { $0.moments }
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote.
    init(from decoder: inout StateDecoder) throws(StateError) {
        try decoder.begin(.names)
        strings = try StringTable(from: &decoder)
        let count = try decoder.readCount(bytesEach: 17)
        let addresses = try decoder.addressColumn(count)
        let clients = try decoder.addressColumn(count)
        let names = try decoder.references(count, below: strings.count)
        let ports = try decoder.column(count, atMost: 0xFFFF)
        let sources = try decoder.references(count, below: NameSeen.Source.allCases.count)
        let spans = try decoder.spanColumn(count)
        let moments = try decoder.fixedColumn(count)
        for row in 0..<count {
            let key = Key(
                address: addresses[row], client: clients[row], name: names[row], port: UInt16(ports[row]),
                source: UInt8(sources[row]))
            let (_, isNew) = rows.row(for: key, or: Seen(span: spans[row], moments: moments[row]))
            guard isNew else { throw decoder.error("a name comes twice") }
        }
        try decoder.end()
    }

    /// All names, ready to be looked up.
    func conclude() -> NameIndex { NameIndex(self) }
}

/// Names of addresses, as clients saw them.
struct NameIndex: Sendable {
    /// A name and where it comes from.
    struct Name: Hashable, Sendable {
        var text: String
        var source: NameSeen.Source
        /// Whether the asking client saw it itself.
        var isOwn: Bool
        /// About how often it was seen, at most 64: only to rank names.
        var weight: Int
        var first: Timestamp
        var last: Timestamp
    }

    private let ledger: NameLedger
    /// Rows of the ledger by address, then by client.
    private let order: [Int]

    init(_ ledger: NameLedger) {
        self.ledger = ledger
        let keys = ledger.rows.keys
        order = keys.indices.sorted {
            keys[$0].address != keys[$1].address
                ? keys[$0].address < keys[$1].address : keys[$0].client < keys[$1].client
        }
    }

    /// Whether there is no name at all.
    var isEmpty: Bool { order.isEmpty }

    private func rows(of address: IPAddress) -> ArraySlice<Int> {
        range(in: order.indices) {
            $0.address < address
        } _: {
            $0.address <= address
        }
    }

    /// Those of `rows`, which are in order, that `isBelow` leaves out and `isUpTo` does not.
    private func range(
        in rows: Range<Int>, _ isBelow: (NameLedger.Key) -> Bool, _ isUpTo: (NameLedger.Key) -> Bool
    ) -> ArraySlice<Int> {
        func bound(_ isLeft: (NameLedger.Key) -> Bool) -> Int {
            var low = rows.lowerBound
            var high = rows.upperBound
            while low < high {
                let middle = (low + high) / 2
                if isLeft(ledger.rows.keys[order[middle]]) { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return order[bound(isBelow)..<bound(isUpTo)]
    }

    /// The names of the best rank of ``names(client:address:port:before:)``, in order of text. Several of one rank are
    /// all given: which of them got the bytes is then unknown.
    ///
    /// Asked for every pair of hosts: what the client saw itself is looked at alone first, because an address of a large
    /// service has rows of every client.
    func best(client: IPAddress, address: IPAddress, port: UInt16, before end: Timestamp) -> [String] {
        let all = rows(of: address)
        let own = range(in: all.indices) {
            $0.client < client
        } _: {
            $0.client <= client
        }
        for rows in [own, all] {
            var met: Set<UInt32> = []
            var answered: Set<UInt32> = []
            for row in rows {
                let (key, seen) = (ledger.rows.keys[row], ledger.rows.values[row])
                switch NameSeen.Source.allCases[Int(key.source)] {
                case .tlsServerName where key.port == port, .httpHost where key.port == port: met.insert(key.name)
                case .dnsAnswer where met.isEmpty && seen.span.from <= end: answered.insert(key.name)
                default: continue
                }
            }
            let found = met.isEmpty ? answered : met
            if !found.isEmpty { return found.map(ledger.strings.text).sorted() }
        }
        return []
    }

    /// Names of a service, best first: those that the client itself met in connections to that port (TLS server name,
    /// HTTP host), then answers that it got to DNS queries before `end`, then what other clients met, then answers that
    /// others got. Within each, those seen most often, then in order of text. Each text once.
    func names(client: IPAddress, address: IPAddress, port: UInt16, before end: Timestamp) -> [Name] {
        struct Group: Hashable {
            var rank: Int
            var name: UInt32
            var source: UInt8
        }
        var groups: [Group: NameLedger.Seen] = [:]
        for row in rows(of: address) {
            let (key, seen) = (ledger.rows.keys[row], ledger.rows.values[row])
            let rank: Int
            switch NameSeen.Source.allCases[Int(key.source)] {
            case .tlsServerName where key.port == port, .httpHost where key.port == port:
                rank = key.client == client ? 0 : 2
            case .dnsAnswer where seen.span.from <= end: rank = key.client == client ? 1 : 3
            default: continue
            }
            let group = Group(rank: rank, name: key.name, source: key.source)
            guard var known = groups[group] else {
                groups[group] = seen
                continue
            }
            known.span.add(seen.span)
            known.moments |= seen.moments
            groups[group] = known
        }
        let found = groups.map { group, seen in
            (
                group.rank,
                Name(
                    text: ledger.strings.text(group.name), source: NameSeen.Source.allCases[Int(group.source)],
                    isOwn: group.rank < 2, weight: seen.moments.nonzeroBitCount, first: seen.span.from,
                    last: seen.span.to)
            )
        }
        var texts: Set<String> = []
        return found.sorted {
            ($0.0, -$0.1.weight, $0.1.text, $0.1.source.rawValue) < (
                $1.0, -$1.1.weight, $1.1.text, $1.1.source.rawValue
            )
        }.map(\.1).filter { texts.insert($0.text).inserted }
    }

    /// The host name that DHCP last gave to a local address at or before `time`; of those given at the same time, the
    /// first in order of text.
    func hostName(of address: IPAddress, at time: Timestamp) -> String? {
        var best: (given: Timestamp, text: String)?
        for row in rows(of: address)
        where ledger.rows.keys[row].source == NameSeen.Source.dhcpHostName.rawValue
            && ledger.rows.values[row].span.from <= time
        {
            let given = min(ledger.rows.values[row].span.to, time)
            let text = ledger.strings.text(ledger.rows.keys[row].name)
            if let best, given < best.given || (given == best.given && text >= best.text) { continue }
            best = (given, text)
        }
        return best?.text
    }
}
