// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Where the registered domain begins within a name: the offset of `example.co.uk` in `www.example.co.uk`.
typealias RegisteredDomainStart = @Sendable (Bytes) -> Int

/// Questions to the DNS, added up per client and registered domain: what names below a domain can have carried out.
///
/// Each distinct name takes 16 bytes in slots that are about 78 % full, each question 12: 8 to tell duplicates apart,
/// 4 to know where it counted.
struct DNSLedger: Sendable {
    struct Key: TableKey {
        var client: IPAddress
        var domain: UInt32

        func feed(_ hash: inout ContentHash) {
            hash.combine(client)
            hash.combine(UInt64(domain))
        }
    }

    struct Asking: TableKey {
        var row: UInt32
        var resolver: IPAddress

        func feed(_ hash: inout ContentHash) {
            hash.combine(UInt64(row))
            hash.combine(resolver)
        }
    }

    struct Sum: Sendable {
        var names: UInt64 = 0
        /// Bytes of distinct names before the registered domain, dots between labels among them.
        var bytes: UInt64 = 0
        var queries: UInt64 = 0
        var span: Span
        var best: Evidence
    }

    /// A name is at most 253 bytes long (RFC 1035 section 2.3.4, without length bytes); what claims to be longer is cut.
    private static let longestName = 0xFFFF

    private let domainStart: RegisteredDomainStart
    private(set) var strings = StringTable()
    private(set) var rows = FlatTable<Key, Sum>()
    private(set) var resolvers = FlatTable<Asking, Void>()
    /// Distinct names by hash of client and name, each with its row and length.
    private var names = RecordTable<UInt64>()
    private var records = RecordTable<UInt32>()
    private var evidence: EvidencePool

    /// An empty ledger. `domainStart` tells the registered domain of a name; ledgers that are merged must use the same.
    init(evidenceCapacity: Int = 262_144, domainStart: @escaping RegisteredDomainStart) {
        self.domainStart = domainStart
        evidence = EvidencePool(capacity: evidenceCapacity)
    }

    /// Adds the batch's questions, which come from input number `input`; returns how many records were known.
    mutating func observe(_ batch: ActivityBatch, input: UInt32) -> UInt64 {
        var duplicates: UInt64 = 0
        for query in batch.queries {
            let start = min(max(0, domainStart(query.name)), query.name.count)
            let carried = min(max(0, start - 1), Self.longestName)
            let piece = Evidence(
                weight: UInt64(carried), identity: query.mark.identity,
                origin: Origin(input: input, offset: query.mark.offset, length: query.mark.length))
            let key = Key(client: query.client, domain: strings.intern(query.name.suffix(from: start)))
            let row = add(key, Span(query.mark.time), piece)
            evidence.add(group: row, weight: piece.weight, identity: piece.identity, origin: piece.origin)
            _ = resolvers.row(for: Asking(row: row, resolver: query.resolver), or: ())
            if carried > 0 {
                var hash = ContentHash()
                hash.combine(query.client)
                hash.combine(query.name)
                addName(hash.value, row, UInt64(carried))
            }
            if !count(query.mark.identity, row) { duplicates += 1 }
        }
        return duplicates
    }

    private mutating func add(_ key: Key, _ span: Span, _ best: Evidence) -> UInt32 {
        let (row, isNew) = rows.row(for: key, or: Sum(span: span, best: best))
        if !isNew {
            rows.values[row].span.add(span)
            rows.values[row].best = .stronger(rows.values[row].best, best)
        }
        return UInt32(row)
    }

    private mutating func addName(_ hash: UInt64, _ row: UInt32, _ length: UInt64) {
        guard names.insert(hash, UInt64(row) << 16 | length) == nil else { return }
        rows.values[Int(row)].names &+= 1
        rows.values[Int(row)].bytes &+= length
    }

    /// Counts a question; false if its record was known. Should two copies of a record differ, it counts where client
    /// and domain have the higher hash, whatever their order.
    private mutating func count(_ identity: UInt64, _ row: UInt32) -> Bool {
        guard let known = records.insert(identity, row) else {
            rows.values[Int(row)].queries &+= 1
            return true
        }
        if known != row, hash(row) > hash(known) {
            records.update(identity, row)
            rows.values[Int(known)].queries &-= 1
            rows.values[Int(row)].queries &+= 1
        }
        return false
    }

    private func hash(_ row: UInt32) -> UInt64 {
        var hash = ContentHash()
        hash.combine(rows.keys[Int(row)].client)
        strings.with(rows.keys[Int(row)].domain) { hash.combine($0) }
        return hash.value
    }

    /// Adds all of another ledger, whose input `i` is `inputMap[i]` here.
    mutating func merge(_ other: consuming DNSLedger, inputMap: [UInt32]) {
        let text = strings.merge(other.strings)
        var map: [UInt32] = []
        for (key, sum) in zip(other.rows.keys, other.rows.values) {
            var best = sum.best
            best.origin = best.origin.renumbered(inputMap)
            map.append(add(Key(client: key.client, domain: text[Int(key.domain)]), sum.span, best))
        }
        for asking in other.resolvers.keys {
            _ = resolvers.row(for: Asking(row: map[Int(asking.row)], resolver: asking.resolver), or: ())
        }
        other.names.forEach { hash, name in addName(hash, map[Int(name >> 16)], name & 0xFFFF) }
        other.records.forEach { identity, row in _ = count(identity, map[Int(row)]) }
        evidence.merge(other.evidence, groups: map, inputs: inputMap)
    }

    /// Writes the ledger as a section.
    mutating func encode(into encoder: inout StateEncoder) {
        encoder.begin(.queries)
        strings.encode(into: &encoder)
        encoder.write(UInt64(rows.count))
        encoder.addressColumn(rows.keys) { $0.client }
        encoder.column(rows.keys) { UInt64($0.domain) }
        encoder.spanColumn(rows.values) { $0.span }
        encoder.column(rows.values) { $0.best.weight }
        encoder.fixedColumn(rows.values) { $0.best.identity }
        encoder.originColumn(rows.values) { $0.best.origin }
        encoder.write(UInt64(resolvers.count))
        encoder.column(resolvers.keys) { UInt64($0.row) }
        encoder.addressColumn(resolvers.keys) { $0.resolver }
        names.encode(into: &encoder)
        records.encode(into: &encoder)
        evidence.encode(into: &encoder)
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote.
    init(
        from decoder: inout StateDecoder, evidenceCapacity: Int = 262_144, domainStart: @escaping RegisteredDomainStart
    ) throws(StateError) {
        self.init(evidenceCapacity: evidenceCapacity, domainStart: domainStart)
        try decoder.begin(.queries)
        strings = try StringTable(from: &decoder)
        let count = try decoder.readCount(bytesEach: 17)
        let clients = try decoder.addressColumn(count)
        let domains = try decoder.references(count, below: strings.count)
        let spans = try decoder.spanColumn(count)
        let weights = try decoder.column(count)
        let identities = try decoder.fixedColumn(count)
        let origins = try decoder.originColumn(count)
        for row in 0..<count {
            let best = Evidence(weight: weights[row], identity: identities[row], origin: origins[row])
            let key = Key(client: clients[row], domain: domains[row])
            guard rows.row(for: key, or: Sum(span: spans[row], best: best)).isNew else {
                throw decoder.error("a client's domain comes twice")
            }
        }
        let askings = try decoder.readCount(bytesEach: 3)
        let askingRows = try decoder.references(askings, below: count)
        for (row, resolver) in zip(askingRows, try decoder.addressColumn(askings)) {
            _ = resolvers.row(for: Asking(row: row, resolver: resolver), or: ())
        }
        let noRow = decoder.error("a name or question refers to a row that is not there")
        var seen: [(UInt64, UInt64)] = []
        try RecordTable<UInt64>.decode(from: &decoder) { (hash, name) throws(StateError) in
            guard name >> 16 < UInt64(count) else { throw noRow }
            seen.append((hash, name))
        }
        for (hash, name) in seen { addName(hash, UInt32(name >> 16), name & 0xFFFF) }
        var asked: [(UInt64, UInt32)] = []
        try RecordTable<UInt32>.decode(from: &decoder) { (identity, row) throws(StateError) in
            guard Int(row) < count else { throw noRow }
            asked.append((identity, row))
        }
        for (identity, row) in asked { _ = self.count(identity, row) }
        evidence = try EvidencePool(from: &decoder, groups: count, capacity: evidenceCapacity)
        try decoder.end()
    }

    /// The strongest questions of each row.
    mutating func evidenceByRow() -> [UInt32: [Evidence]] { evidence.conclude() }
}

extension DNSLedger {
    /// All hosts whose questions are logged.
    var clients: Set<IPAddress> { Set(rows.keys.map(\.client)) }
}
