// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Reads of objects: which session read what from where, how often, in which sizes.
///
/// One row per transfer, one per (transfer, object, kind and size of read) with its number of reads. Each record's
/// identity leads to the row that it counted in: 12 bytes in slots that are about 78 % full, 8 of them to tell
/// duplicates apart, 4 to know what to do when two exports tell different things of one record. Of two versions the one
/// with a known size counts, then the one whose row has the higher hash; first and last times and sizes of objects come
/// from all versions. Where known sizes contradict each other, the smallest counts at least and the largest at most
/// (``disputes``).
///
/// A record gives at most one ``ObjectAccess``.
struct AccessLedger: Sendable {
    struct TransferKey: TableKey {
        var route: UInt8
        var state: UInt8
        var sourceKind: UInt8
        var destinationKind: UInt8
        var source: UInt32
        var tenant: UInt32
        var store: UInt32
        var session: UInt32
        var destination: UInt32

        func feed(_ hash: inout ContentHash) {
            hash.combine(UInt64(route) | UInt64(state) << 8 | UInt64(sourceKind) << 16 | UInt64(destinationKind) << 24)
            hash.combine(UInt64(source) | UInt64(tenant) << 32)
            hash.combine(UInt64(store) | UInt64(session) << 32)
            hash.combine(UInt64(destination))
        }
    }

    struct Transfer: Sendable {
        var sourceName: UInt32
        var destinationName: UInt32
        var destinationTenant: UInt32
        var span: Span
        var best: Evidence
    }

    struct ContentKey: TableKey {
        var transfer: UInt32
        var kind: ReadKind
        var object: UInt64
        var a: UInt64
        var b: UInt64

        /// How much was sent without headers and with them; nil where that is not logged.
        var sent: Sizes? { AccessLedger.sent(kind, a, b) }

        func feed(_ hash: inout ContentHash) {
            hash.combine(UInt64(transfer) | UInt64(kind.rawValue) << 32)
            hash.combine(object)
            hash.combine(a)
            hash.combine(b)
        }
    }

    struct ObjectKey: TableKey {
        var transfer: UInt32
        var object: UInt64

        func feed(_ hash: inout ContentHash) {
            hash.combine(UInt64(transfer))
            hash.combine(object)
        }
    }

    /// Smallest and largest size that any record gives an object, or that versions of a record give a read.
    struct Sizes: Sendable, Equatable {
        var low: UInt64
        var high: UInt64

        /// The smallest and largest of both.
        func joined(_ other: Sizes) -> Sizes { Sizes(low: min(low, other.low), high: max(high, other.high)) }
    }

    private(set) var strings = StringTable()
    private(set) var transfers = FlatTable<TransferKey, Transfer>()
    /// Number of reads of each content.
    private(set) var contents = FlatTable<ContentKey, UInt32>()
    private(set) var sizes = FlatTable<ObjectKey, Sizes>()
    /// First and last time at which an object got new content, by the hash of its identity.
    private(set) var writes = FlatTable<UInt64, Span>()
    /// Of each version that was asked for by name, the object that it is one of.
    private(set) var versions = FlatTable<UInt64, UInt64>()
    /// Of records that came in versions with different sizes: the smallest and the largest that were told.
    private var disputes = FlatTable<UInt64, Sizes>()
    private var records = RecordTable<UInt32>()
    private var evidence: EvidencePool

    /// An empty ledger that keeps at most `evidenceCapacity` pieces of evidence beside each transfer's strongest.
    init(evidenceCapacity: Int = 262_144) { evidence = EvidencePool(capacity: evidenceCapacity) }

    /// Adds the batch's reads, which come from input number `input`; returns how many were known already.
    mutating func observe(_ batch: ActivityBatch, input: UInt32) -> UInt64 {
        var duplicates: UInt64 = 0
        for access in batch.objects where !observe(access, input: input) { duplicates += 1 }
        for write in batch.writes { add(Span(write.time), writtenTo: ContentHash.of(write.object)) }
        return duplicates
    }

    private mutating func observe(_ access: ObjectAccess, input: UInt32) -> Bool {
        let key = TransferKey(
            route: access.route.code, state: access.state.code, sourceKind: access.source.kind.code,
            destinationKind: access.destination.kind.code, source: strings.intern(access.source.id),
            tenant: strings.intern(access.source.tenant), store: strings.intern(access.store),
            session: strings.intern(access.session), destination: strings.intern(access.destination.id))
        let piece = Evidence(
            weight: access.bytes ?? 0, identity: access.mark.identity,
            origin: Origin(input: input, offset: access.mark.offset, length: access.mark.length))
        let row = add(
            key,
            Transfer(
                sourceName: strings.intern(access.source.name),
                destinationName: strings.intern(access.destination.name),
                destinationTenant: strings.intern(access.destination.tenant), span: Span(access.mark.time), best: piece)
        )
        evidence.add(group: row, weight: piece.weight, identity: piece.identity, origin: piece.origin)
        let name = ContentHash.of(access.object)
        let object = Self.content(of: access)
        if object != name { _ = versions.row(for: object, or: name) }
        if let size = access.objectSize {
            add(size: Sizes(low: size, high: size), of: ObjectKey(transfer: row, object: object))
        }
        let (kind, a, b) = Self.kind(of: access)
        let content = contents.row(for: ContentKey(transfer: row, kind: kind, object: object, a: a, b: b), or: 0).row
        return assign(access.mark.identity, to: UInt32(content))
    }

    /// The object, or the version of it that was asked for.
    static func content(of access: ObjectAccess) -> UInt64 {
        let name = ContentHash.of(access.object)
        if access.version.isEmpty { return name }
        var hash = ContentHash(seed: name)
        hash.combine(access.version)
        return hash.value
    }

    /// The object of a content: the one that it is a version of, else itself.
    func name(of content: UInt64) -> UInt64 { versions.find(content).map { versions.values[$0] } ?? content }

    /// What a read says about its size, with contradictions between bytes and range settled: bytes that were sent
    /// prevail over the range that was asked for.
    static func kind(of access: ObjectAccess) -> (ReadKind, UInt64, UInt64) {
        let headers = min(access.headers, access.bytes ?? 0)
        switch (access.part, access.bytes) {
        case (.whole, let bytes?): return (.whole, bytes, headers)
        case (.unknownPart, let bytes?):
            return (access.isIdentifiedByLine ? .uncountedPart : .unknownPart, bytes, headers)
        case (.range(let from, let to), let bytes?):
            guard to >= from, bytes <= to - from else {
                return (access.isIdentifiedByLine ? .uncountedPart : .unknownPart, bytes, headers)
            }
            return (.range, from, from + bytes)
        case (.range(let from, let to), nil) where to >= from: return (.rangeAskedFor, from, to)
        default: return (.unknownSize, 0, 0)
        }
    }

    /// How much a read sent without headers and with them; nil where that is not logged.
    static func sent(_ kind: ReadKind, _ a: UInt64, _ b: UInt64) -> Sizes? {
        switch kind {
        case .whole, .unknownPart, .uncountedPart: Sizes(low: a - min(a, b), high: a)
        case .range: Sizes(low: b - a, high: b - a)
        case .rangeAskedFor, .unknownSize: nil
        }
    }

    private mutating func add(_ key: TransferKey, _ new: Transfer) -> UInt32 {
        let (row, isNew) = transfers.row(for: key, or: new)
        if !isNew {
            transfers.values[row].span.add(new.span)
            transfers.values[row].best = .stronger(transfers.values[row].best, new.best)
            let known = transfers.values[row]
            transfers.values[row].sourceName = strings.preferred(known.sourceName, new.sourceName)
            transfers.values[row].destinationName = strings.preferred(known.destinationName, new.destinationName)
            transfers.values[row].destinationTenant = strings.preferred(known.destinationTenant, new.destinationTenant)
        }
        return UInt32(row)
    }

    private mutating func add(_ span: Span, writtenTo object: UInt64) {
        let row = writes.row(for: object, or: span).row
        writes.values[row].add(span)
    }

    private mutating func add(size: Sizes, of key: ObjectKey) {
        let row = sizes.row(for: key, or: size).row
        sizes.values[row] = sizes.values[row].joined(size)
    }

    /// Counts a record in a content row; false if the record was known.
    @inline(__always) private mutating func assign(_ identity: UInt64, to row: UInt32) -> Bool {
        guard let known = records.insert(identity, row) else {
            contents.values[Int(row)] &+= 1
            return true
        }
        if known == row { return false }
        let (left, right) = (contents.keys[Int(known)], contents.keys[Int(row)])
        if let one = left.sent, let other = right.sent, one != other {
            add(dispute: one.joined(other), about: identity)
        }
        if outranks(row, known) {
            records.update(identity, row)
            contents.values[Int(known)] &-= 1
            contents.values[Int(row)] &+= 1
        }
        return false
    }

    private mutating func add(dispute sizes: Sizes, about identity: UInt64) {
        let row = disputes.row(for: RecordTable<UInt32>.key(identity), or: sizes).row
        disputes.values[row] = disputes.values[row].joined(sizes)
    }

    /// By content row, the sizes of each of its records that came in several.
    func disputesByContent() -> [UInt32: [Sizes]] {
        var result: [UInt32: [Sizes]] = [:]
        for (identity, sizes) in zip(disputes.keys, disputes.values) {
            if let row = records.find(identity) { result[row, default: []].append(sizes) }
        }
        return result
    }

    /// Whether a record that two exports tell differently counts in row `left` rather than in row `right`.
    private func outranks(_ left: UInt32, _ right: UInt32) -> Bool {
        func rank(_ row: UInt32) -> Rank {
            let key = contents.keys[Int(row)]
            let transfer = transfers.keys[Int(key.transfer)]
            var hash = Rank.hash(
                transfer.route, transfer.state, source: transfer.sourceKind, destination: transfer.destinationKind)
            for text in [transfer.source, transfer.tenant, transfer.store, transfer.session, transfer.destination] {
                strings.with(text) { hash.combine($0) }
            }
            return Rank(hash, key.kind, key.object, key.a, key.b)
        }
        return rank(right) < rank(left)
    }

    /// Which of two versions of one record counts: the one that tells more; of those that tell as much, one that does not
    /// depend on the order in which they came.
    struct Rank: Comparable {
        private let known: UInt8
        private let hash: UInt64

        /// The rank of what an access says.
        init(_ access: ObjectAccess) {
            let (kind, a, b) = AccessLedger.kind(of: access)
            var hash = Self.hash(
                access.route.code, access.state.code, source: access.source.kind.code,
                destination: access.destination.kind.code)
            let (source, destination) = (access.source, access.destination)
            for text in [source.id, source.tenant, access.store, access.session, destination.id] { hash.combine(text) }
            self.init(hash, kind, AccessLedger.content(of: access), a, b)
        }

        /// - Parameter transfer: fed with what identifies the transfer, as texts: the numbers of rows and strings depend on
        ///   the order in which they came.
        fileprivate init(_ transfer: ContentHash, _ kind: ReadKind, _ object: UInt64, _ a: UInt64, _ b: UInt64) {
            var hash = transfer
            for value in [UInt64(kind.rawValue), object, a, b] { hash.combine(value) }
            known = UInt8(ReadKind.allCases.count) - kind.rawValue
            self.hash = hash.value
        }

        fileprivate static func hash(
            _ route: UInt8, _ state: UInt8, source: UInt8, destination: UInt8
        ) -> ContentHash {
            var hash = ContentHash()
            hash.combine(UInt64(route) << 24 | UInt64(state) << 16)
            hash.combine(UInt64(source) << 8 | UInt64(destination))
            return hash
        }

        static func < (left: Rank, right: Rank) -> Bool { (left.known, left.hash) < (right.known, right.hash) }
    }

    /// The strongest records of each transfer.
    mutating func evidenceByTransfer() -> [UInt32: [Evidence]] { evidence.conclude() }

    /// Adds all of another ledger, whose input `i` is `inputMap[i]` here.
    mutating func merge(_ other: consuming AccessLedger, inputMap: [UInt32]) {
        let text = strings.merge(other.strings)
        var transferRows: [UInt32] = []
        for (key, value) in zip(other.transfers.keys, other.transfers.values) {
            var key = key
            key.source = text[Int(key.source)]
            key.tenant = text[Int(key.tenant)]
            key.store = text[Int(key.store)]
            key.session = text[Int(key.session)]
            key.destination = text[Int(key.destination)]
            var value = value
            value.sourceName = text[Int(value.sourceName)]
            value.destinationName = text[Int(value.destinationName)]
            value.destinationTenant = text[Int(value.destinationTenant)]
            value.best.origin = value.best.origin.renumbered(inputMap)
            transferRows.append(add(key, value))
        }
        for (key, value) in zip(other.sizes.keys, other.sizes.values) {
            add(size: value, of: ObjectKey(transfer: transferRows[Int(key.transfer)], object: key.object))
        }
        for (object, span) in zip(other.writes.keys, other.writes.values) { add(span, writtenTo: object) }
        for (version, name) in zip(other.versions.keys, other.versions.values) {
            _ = versions.row(for: version, or: name)
        }
        var contentRows: [UInt32] = []
        contentRows.reserveCapacity(other.contents.count)
        for key in other.contents.keys {
            var key = key
            key.transfer = transferRows[Int(key.transfer)]
            contentRows.append(UInt32(contents.row(for: key, or: 0).row))
        }
        for (identity, sizes) in zip(other.disputes.keys, other.disputes.values) {
            add(dispute: sizes, about: identity)
        }
        other.records.forEach { identity, row in _ = assign(identity, to: contentRows[Int(row)]) }
        evidence.merge(other.evidence, groups: transferRows, inputs: inputMap)
    }

    /// Writes the ledger as a section.
    mutating func encode(into encoder: inout StateEncoder) {
        encoder.begin(.accesses)
        strings.encode(into: &encoder)
        encoder.write(UInt64(transfers.count))
        let keys = transfers.keys
        encoder.column(keys) { UInt64($0.route) }
        encoder.column(keys) { UInt64($0.state) }
        encoder.column(keys) { UInt64($0.sourceKind) }
        encoder.column(keys) { UInt64($0.destinationKind) }
        for text in [\TransferKey.source, \.tenant, \.store, \.session, \.destination] {
            encoder.column(keys) { UInt64($0[keyPath: text]) }
        }
        let values = transfers.values
        for text in [\Transfer.sourceName, \.destinationName, \.destinationTenant] {
            encoder.column(values) { UInt64($0[keyPath: text]) }
        }
        encoder.spanColumn(values) { $0.span }
        encoder.column(values) { $0.best.weight }
        encoder.fixedColumn(values) { $0.best.identity }
        encoder.originColumn(values) { $0.best.origin }
        encoder.write(UInt64(sizes.count))
        encoder.column(sizes.keys) { UInt64($0.transfer) }
        encoder.fixedColumn(sizes.keys) { $0.object }
        encoder.column(sizes.values) { $0.low }
        encoder.column(sizes.values) { $0.high }
        encoder.write(UInt64(writes.count))
        encoder.fixedColumn(writes.keys) { $0 }
        encoder.spanColumn(writes.values) { $0 }
        encoder.write(UInt64(versions.count))
        encoder.fixedColumn(versions.keys) { $0 }
        encoder.fixedColumn(versions.values) { $0 }
        encoder.write(UInt64(contents.count))
        encoder.column(contents.keys) { UInt64($0.transfer) }
        encoder.column(contents.keys) { UInt64($0.kind.rawValue) }
        encoder.fixedColumn(contents.keys) { $0.object }
        encoder.column(contents.keys) { $0.a }
        encoder.column(contents.keys) { $0.b }
        records.encode(into: &encoder)
        encoder.write(UInt64(disputes.count))
        encoder.fixedColumn(disputes.keys) { $0 }
        encoder.column(disputes.values) { $0.low }
        encoder.column(disputes.values) { $0.high }
        evidence.encode(into: &encoder)
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote.
    init(from decoder: inout StateDecoder, evidenceCapacity: Int = 262_144) throws(StateError) {
        self.init(evidenceCapacity: evidenceCapacity)
        try decoder.begin(.accesses)
        strings = try StringTable(from: &decoder)
        try decodeTransfers(&decoder)
        let sizeCount = try decoder.readCount(bytesEach: 11)
        let sizeTransfers = try decoder.references(sizeCount, below: transfers.count)
        let sizeObjects = try decoder.fixedColumn(sizeCount)
        let lows = try decoder.column(sizeCount)
        let highs = try decoder.column(sizeCount)
        for row in 0..<sizeCount {
            add(
                size: Sizes(low: lows[row], high: highs[row]),
                of: ObjectKey(transfer: sizeTransfers[row], object: sizeObjects[row]))
        }
        let writeCount = try decoder.readCount(bytesEach: 10)
        let written = try decoder.fixedColumn(writeCount)
        let writeSpans = try decoder.spanColumn(writeCount)
        for row in 0..<writeCount { add(writeSpans[row], writtenTo: written[row]) }
        let versionCount = try decoder.readCount(bytesEach: 16)
        let versionContents = try decoder.fixedColumn(versionCount)
        let versionNames = try decoder.fixedColumn(versionCount)
        for row in 0..<versionCount { _ = versions.row(for: versionContents[row], or: versionNames[row]) }
        let count = try decoder.readCount(bytesEach: 12)
        let contentTransfers = try decoder.references(count, below: transfers.count)
        let kinds = try decoder.references(count, below: ReadKind.allCases.count)
        let objects = try decoder.fixedColumn(count)
        let lower = try decoder.column(count)
        let upper = try decoder.column(count)
        for row in 0..<count {
            guard
                kinds[row] < ReadKind.range.rawValue || lower[row] <= upper[row]
                    || kinds[row] == ReadKind.unknownSize.rawValue
            else { throw decoder.error("a range ends before it begins") }
            let key = ContentKey(
                transfer: contentTransfers[row], kind: ReadKind.allCases[Int(kinds[row])], object: objects[row],
                a: lower[row], b: upper[row])
            guard contents.row(for: key, or: 0).isNew else { throw decoder.error("a content comes twice") }
        }
        let noRow = decoder.error("a record refers to a content that is not there")
        var pairs: [(UInt64, UInt32)] = []
        try RecordTable<UInt32>.decode(from: &decoder) { (identity, row) throws(StateError) in
            guard row < UInt32(count) else { throw noRow }
            pairs.append((identity, row))
        }
        for (identity, row) in pairs where !assign(identity, to: row) { throw decoder.error("a record comes twice") }
        let disputeCount = try decoder.readCount(bytesEach: 10)
        let disputed = try decoder.fixedColumn(disputeCount)
        let smallest = try decoder.column(disputeCount)
        let largest = try decoder.column(disputeCount)
        for row in 0..<disputeCount {
            guard smallest[row] <= largest[row], records.contains(disputed[row]) else {
                throw decoder.error("sizes of a record that is not there, or the largest below the smallest")
            }
            add(dispute: Sizes(low: smallest[row], high: largest[row]), about: disputed[row])
        }
        evidence = try EvidencePool(from: &decoder, groups: transfers.count, capacity: evidenceCapacity)
        try decoder.end()
    }

    private mutating func decodeTransfers(_ decoder: inout StateDecoder) throws(StateError) {
        let count = try decoder.readCount(bytesEach: 24)
        let routes = try decoder.references(count, below: Route.allCases.count)
        let states = try decoder.references(count, below: TransferState.allCases.count)
        let sourceKinds = try decoder.references(count, below: EntityKind.allCases.count)
        let destinationKinds = try decoder.references(count, below: EntityKind.allCases.count)
        let sources = try decoder.references(count, below: strings.count)
        let tenants = try decoder.references(count, below: strings.count)
        let stores = try decoder.references(count, below: strings.count)
        let sessions = try decoder.references(count, below: strings.count)
        let destinations = try decoder.references(count, below: strings.count)
        let sourceNames = try decoder.references(count, below: strings.count)
        let destinationNames = try decoder.references(count, below: strings.count)
        let destinationTenants = try decoder.references(count, below: strings.count)
        let spans = try decoder.spanColumn(count)
        let weights = try decoder.column(count)
        let identities = try decoder.fixedColumn(count)
        let origins = try decoder.originColumn(count)
        for row in 0..<count {
            let key = TransferKey(
                route: UInt8(routes[row]), state: UInt8(states[row]), sourceKind: UInt8(sourceKinds[row]),
                destinationKind: UInt8(destinationKinds[row]), source: sources[row], tenant: tenants[row],
                store: stores[row], session: sessions[row], destination: destinations[row])
            let value = Transfer(
                sourceName: sourceNames[row], destinationName: destinationNames[row],
                destinationTenant: destinationTenants[row], span: spans[row],
                best: Evidence(weight: weights[row], identity: identities[row], origin: origins[row]))
            guard transfers.row(for: key, or: value).isNew else { throw decoder.error("a transfer comes twice") }
        }
    }
}
