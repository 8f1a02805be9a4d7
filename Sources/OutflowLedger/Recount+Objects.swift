// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Counts a transfer of reads of objects: each content once, on the wire every read.
struct ObjectRecount: RecountPart {
    /// What counts of a record; of two versions of one record, the one that tells more.
    private struct Read {
        var number: Int
        var object: UInt64
        var kind: ReadKind
        var a: UInt64
        var b: UInt64
        var rank: AccessLedger.Rank
        /// The sizes that versions of the record tell, where they differ.
        var disputed: AccessLedger.Sizes?

        var sent: AccessLedger.Sizes? { AccessLedger.sent(kind, a, b) }

        /// What counts when a record comes again.
        func joined(_ new: Read) -> Read {
            var result = rank < new.rank ? new : self
            result.disputed = disputed
            if let one = sent, let other = new.sent, one != other {
                result.disputed = (disputed ?? one).joined(one).joined(other)
            }
            return result
        }
    }

    private struct Object {
        var name: String
        /// Hash of the object that it is a version of, or its own.
        var object: UInt64
        var sizes: Set<UInt64> = []
    }

    /// Objects with more than one read that are explained one by one.
    private static let namedLimit = 12

    private let transfer: Report.Transfer
    private let source: ReportedText
    private let tenant: ReportedText
    private let store: ReportedText
    private let session: ReportedText
    private let destination: ReportedText
    private var reads: [UInt64: Read] = [:]
    private var objects: [UInt64: Object] = [:]
    /// When objects got new content.
    private var writes: [UInt64: Span] = [:]
    private var again: [Int] = []
    private(set) var count = 0

    /// Nil when the id shows that the transfer is of another kind.
    init?(_ transfer: Report.Transfer) {
        guard
            transfer.id
                == Report.Transfer.id(
                    route: transfer.route, state: transfer.state, source: transfer.source,
                    destination: transfer.destination.withoutAddresses, store: transfer.store, session: transfer.session
                )
        else { return nil }
        self.transfer = transfer
        source = ReportedText(transfer.source.id)
        tenant = ReportedText(transfer.source.tenant)
        store = ReportedText(transfer.store)
        session = ReportedText(transfer.session)
        destination = ReportedText(transfer.destination.id)
    }

    mutating func add(_ batch: ActivityBatch, _ context: inout RecountContext) {
        for write in batch.writes { writes[ContentHash.of(write.object), default: Span(write.time)].add(write.time) }
        for access in batch.objects {
            guard access.route == transfer.route, access.state == transfer.state,
                access.source.kind == transfer.source.kind, access.destination.kind == transfer.destination.kind,
                source.matches(access.source.id), tenant.matches(access.source.tenant), store.matches(access.store),
                session.matches(access.session), destination.matches(access.destination.id),
                context.wants(access.mark.offset)
            else { continue }
            count += 1
            let number = context.match(access.mark.offset, access.mark.length) {
                .read(
                    object: access.object.shortText, bytes: access.bytes, part: access.part,
                    objectSize: access.objectSize)
            }
            guard let number else { continue }
            let object = AccessLedger.content(of: access)
            let named = access.version.isEmpty ? "" : ", version \(access.version.shortText)"
            let new = Object(name: access.object.shortText + named, object: ContentHash.of(access.object))
            objects[object, default: new].sizes.formUnion(access.objectSize.map { [$0] } ?? [])
            let (kind, a, b) = AccessLedger.kind(of: access)
            let read = Read(number: number, object: object, kind: kind, a: a, b: b, rank: AccessLedger.Rank(access))
            if let known = reads[access.mark.identity] {
                let counted = known.joined(read)
                again.append(counted.number == number ? known.number : number)
                reads[access.mark.identity] = counted
            } else {
                reads[access.mark.identity] = read
            }
        }
    }

    func conclude() -> Recount.Conclusion {
        var standings: [Int: Explanation.Standing] = [:]
        for number in again { standings[number] = .seenAgain }
        var byObject: [UInt64: [Read]] = [:]
        for read in reads.values { byObject[read.object, default: []].append(read) }
        var steps: [Explanation.Step] = []
        var versions: [UInt64: VersionBounds] = [:]
        var wire: [UInt64]? = []
        var unknown: UInt64 = 0
        var disputed: UInt64 = 0
        // Objects with most reads first: those need explaining.
        let sorted = byObject.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        for (number, (object, reads)) in sorted.enumerated() {
            let reads = reads.sorted { $0.number < $1.number }
            let span = Span(first: transfer.first.microseconds, last: transfer.last.microseconds)
            let isOverwritten = writes[object]?.mayTouch(span) ?? false
            var content = ContentBounds(isOverwritten: isOverwritten)
            var wholes: Set<UInt64> = []
            for read in reads {
                if let sizes = read.disputed {
                    content.add(disputed: sizes)
                    wire = nil
                    disputed += 1
                    continue
                }
                content.add(read.kind, read.a, read.b, reads: 1)
                switch read.kind {
                case .whole, .unknownPart: wire?.append(read.a)
                case .uncountedPart: wire = nil
                case .range: wire?.append(read.b - read.a)
                case .rangeAskedFor, .unknownSize:
                    wire = nil
                    unknown += 1
                }
                if read.kind == .whole, !isOverwritten, !wholes.insert(read.a).inserted {
                    standings[read.number] = .repeatsContent
                }
            }
            let sizes = objects[object]?.sizes ?? []
            let bounds = content.bounds(objectSize: sizes.count == 1 ? sizes.first : nil)
            let name = objects[object]?.object ?? object
            versions[name, default: VersionBounds()].add(bounds, isNamed: name != object)
            let isMixed = isOverwritten || reads.contains { $0.disputed != nil }
            if reads.count > 1, number < Self.namedLimit {
                steps.append(
                    .object(
                        name: objects[object]?.name ?? "", reads: UInt64(reads.count),
                        isMixed ? .mixed(bounds) : reading(reads, bounds, sizes)))
            }
        }
        let lower = versions.values.map(\.bounds.atLeast)
        let highs = versions.values.map(\.bounds.atMost)
        let upper = highs.contains(nil) ? nil : highs.compactMap { $0 }
        let uncertain = versions.values.count { $0.isUncertain }
        if uncertain > 0 {
            steps.append(
                .remark(
                    "\(Wording.count(UInt64(uncertain), "object was", "objects were")) read by version and without: the version "
                        + "of the moment may be one of the named"))
        }
        let many = byObject.values.count { $0.count > 1 }
        if many > Self.namedLimit {
            steps.append(.remark("and \(many - Self.namedLimit) more objects with several reads"))
        }
        let isRefused = transfer.state == .attempted
        if isRefused {
            steps.append(.remark("refused: nothing left"))
        } else {
            steps += Explanation.sums(lower, upper, what: byObject.count > 1 ? "each object once" : "")
            if let wire { steps.append(Explanation.sum("on the wire, every read", wire)) }
            if disputed > 0 {
                steps.append(
                    .remark(
                        "\(Wording.count(disputed, "record")) came in versions that tell different sizes: bounds are the "
                            + "smallest and the largest"))
            }
            if unknown > 0 {
                steps.append(.remark("size not logged for \(Wording.count(unknown, "read")): unknown, not zero"))
            }
        }
        let low = Explanation.total(Explanation.terms(lower))
        let high = upper.flatMap { Explanation.total(Explanation.terms($0)) }
        let sent = wire.flatMap { Explanation.total(Explanation.terms($0)) }
        return Recount.Conclusion(
            steps: steps,
            comparisons: [
                .init("at_least", reported: transfer.bytes.atLeast, recounted: isRefused ? 0 : low),
                .init("at_most", reported: transfer.bytes.atMost, recounted: isRefused ? 0 : high),
                .init("on_wire", reported: transfer.onWire, recounted: isRefused ? 0 : sent),
                .init(
                    "objects", reported: transfer.distinctObjects,
                    recounted: versions.values.reduce(0) { $0 + $1.count }),
                .init("reads", reported: transfer.reads, recounted: UInt64(reads.count)),
                .init("records", reported: transfer.records, recounted: UInt64(reads.count)),
            ], standings: standings)
    }

    /// How the reads of one object make its bounds.
    private func reading(_ reads: [Read], _ bounds: ByteBounds, _ sizes: Set<UInt64>) -> Explanation.Reading {
        switch Set(reads.map(\.kind)) {
        case [.whole] where reads.allSatisfy { $0.b == 0 }:
            let wholes = Set(reads.map(\.a)).sorted()
            return wholes.count == 1 ? .sameContent(bytes: wholes[0]) : .sizes(wholes)
        case [.range]: return .ranges(covered: bounds.atLeast)
        case [.unknownPart] where reads.allSatisfy { $0.b == 0 }:
            let sum = Explanation.total(Explanation.terms(reads.map(\.a)))
            let size = sizes.count == 1 ? sizes.first : nil
            return .parts(
                largest: bounds.atLeast, sum: sum, objectSize: size == bounds.atMost && size != sum ? size : nil)
        case [.unknownSize]: return .unknownSize
        default: return .mixed(bounds)
        }
    }
}

extension Report.Entity {
    /// The entity by kind, id and tenant alone.
    var withoutAddresses: Report.Entity {
        var copy = self
        copy.addresses = []
        return copy
    }
}
