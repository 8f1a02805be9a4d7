// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

extension AccessLedger {
    /// The transfers, in order of id.
    mutating func conclude() -> [Report.Transfer] {
        let pieces = evidenceByTransfer()
        let disputes = disputesByContent()
        var result: [Report.Transfer] = []
        for (transfer, rows) in rowsByTransfer().enumerated() where !rows.isEmpty {
            result.append(conclude(UInt32(transfer), rows, disputes, pieces[UInt32(transfer)] ?? []))
        }
        return result.sorted { $0.id < $1.id }
    }

    /// The content rows of each transfer that any record counts in, those of one object together, and there of one version.
    private func rowsByTransfer() -> [[UInt32]] {
        var rows = [[UInt32]](repeating: [], count: transfers.count)
        for (row, reads) in contents.values.enumerated() where reads > 0 {
            rows[Int(contents.keys[row].transfer)].append(UInt32(row))
        }
        for transfer in rows.indices {
            let keyed = rows[transfer].map { row in
                let content = contents.keys[Int(row)].object
                return (name: name(of: content), content: content, row: row)
            }
            rows[transfer] = keyed.sorted { ($0.name, $0.content) < ($1.name, $1.content) }.map(\.row)
        }
        return rows
    }

    /// What the notes of a transfer count.
    private struct Tally {
        var reads: UInt64 = 0
        var objects: UInt64 = 0
        var unknownSizes: UInt64 = 0
        var inParts: UInt64 = 0
        var inUncountedParts: UInt64 = 0
        var inSizes: UInt64 = 0
        var withHeaders: UInt64 = 0
        var overwritten: UInt64 = 0
        var versions: UInt64 = 0
        var disputed: UInt64 = 0
    }

    private func conclude(
        _ transfer: UInt32, _ rows: [UInt32], _ disputes: [UInt32: [Sizes]], _ pieces: [Evidence]
    ) -> Report.Transfer {
        let key = transfers.keys[Int(transfer)]
        let value = transfers.values[Int(transfer)]
        let route = Route.allCases[Int(key.route)]
        let state = TransferState.allCases[Int(key.state)]
        var tally = Tally()
        var bytes = ByteBounds.zero
        var wire = KnownSum()
        var start = 0
        var versions = VersionBounds()
        while start < rows.count {
            let object = contents.keys[Int(rows[start])].object
            let name = name(of: object)
            let isOverwritten = writes.find(object).map { writes.values[$0].mayTouch(value.span) } ?? false
            var content = ContentBounds(isOverwritten: isOverwritten)
            let readsBefore = tally.reads
            var hasUnknownPart = false
            var hasUncountedPart = false
            var end = start
            while end < rows.count, contents.keys[Int(rows[end])].object == object {
                let row = contents.keys[Int(rows[end])]
                let disputed = disputes[rows[end]] ?? []
                for sizes in disputed {
                    content.add(disputed: sizes)
                    wire.add(nil)
                }
                tally.disputed += UInt64(disputed.count)
                tally.reads += UInt64(contents.values[Int(rows[end])])
                let reads = UInt64(contents.values[Int(rows[end])]) - UInt64(disputed.count)
                end += 1
                if reads == 0 { continue }
                content.add(row.kind, row.a, row.b, reads: reads)
                if row.kind.rawValue < ReadKind.range.rawValue, row.b > 0 { tally.withHeaders += reads }
                switch row.kind {
                case .whole: wire.add(row.a, times: reads)
                case .unknownPart:
                    wire.add(row.a, times: reads)
                    hasUnknownPart = true
                case .uncountedPart:
                    wire.add(nil)
                    hasUncountedPart = true
                case .range: wire.add(row.b - row.a, times: reads)
                case .rangeAskedFor, .unknownSize:
                    wire.add(nil)
                    tally.unknownSizes += reads
                }
            }
            let size = sizes.find(ObjectKey(transfer: transfer, object: object)).map { sizes.values[$0] }
            versions.add(
                content.bounds(objectSize: size.flatMap { $0.low == $0.high ? $0.low : nil }), isNamed: object != name)
            if end == rows.count || self.name(of: contents.keys[Int(rows[end])].object) != name {
                bytes += versions.bounds
                tally.objects += versions.count
                if versions.isUncertain { tally.versions += 1 }
                versions = VersionBounds()
            }
            if isOverwritten, tally.reads - readsBefore > 1 { tally.overwritten += 1 }
            if hasUnknownPart { tally.inParts += 1 }
            if hasUncountedPart { tally.inUncountedParts += 1 }
            if content.hasSeveralSizes { tally.inSizes += 1 }
            start = end
        }
        let isRefused = state == .attempted
        let source = Report.Entity(
            kind: EntityKind.allCases[Int(key.sourceKind)], id: strings.text(key.source),
            name: strings.name(value.sourceName), tenant: strings.name(key.tenant))
        let destination = Report.Entity(
            kind: EntityKind.allCases[Int(key.destinationKind)], id: strings.text(key.destination),
            name: strings.name(value.destinationName), tenant: strings.name(value.destinationTenant))
        let store = strings.name(key.store)
        let session = strings.name(key.session)
        return Report.Transfer(
            id: Report.Transfer.id(
                route: route, state: state, source: source, destination: destination, store: store, session: session),
            route: route, state: state, source: source, destination: destination, store: store, session: session,
            bytes: isRefused ? .zero : bytes, onWire: isRefused ? 0 : wire.value, distinctObjects: tally.objects,
            reads: tally.reads, first: value.span.from, last: value.span.to, records: tally.reads,
            evidence: Evidence.origins(pieces + [value.best]), notes: isRefused ? [] : Self.notes(tally))
    }

    private static func notes(_ tally: Tally) -> [String] {
        var notes: [String] = []
        if tally.reads > tally.objects {
            notes.append(
                "\(Wording.count(tally.reads, "read")) of \(Wording.count(tally.objects, "object")); repeats count once"
            )
        }
        if tally.inParts > 0 {
            notes.append(
                "\(Wording.count(tally.inParts, "object was", "objects were")) read in parts whose ranges the log does "
                    + "not tell: bounds are the largest part and the sum")
        }
        if tally.inUncountedParts > 0 {
            notes.append(
                "\(Wording.count(tally.inUncountedParts, "object was", "objects were")) read in parts; the log tells neither "
                    + "their ranges nor requests that are alike apart: at least the largest part, no upper bound")
        }
        if tally.inSizes > 0 {
            notes.append(
                "\(Wording.count(tally.inSizes, "object")) came in different sizes: bounds are the largest and the sum")
        }
        if tally.versions > 0 {
            notes.append(
                "\(Wording.count(tally.versions, "object was", "objects were")) read by version and without: the version of the "
                    + "moment may be one of the named, and counts in the upper bound only")
        }
        if tally.overwritten > 0 {
            notes.append(
                "\(Wording.count(tally.overwritten, "object")) got new content meanwhile: reads may have brought one content or "
                    + "different ones, so that bounds are the largest and the sum")
        }
        if tally.withHeaders > 0 {
            notes.append(
                "\(Wording.count(tally.withHeaders, "size")) as logged, with headers (at most 64 KiB, and 1 byte in 32): the lower "
                    + "bound leaves those out")
        }
        if tally.disputed > 0 {
            notes.append(
                "\(Wording.count(tally.disputed, "record")) came in versions that tell different sizes: bounds are the "
                    + "smallest and the largest")
        }
        if tally.unknownSizes > 0 { notes.append("size not logged for \(Wording.count(tally.unknownSizes, "read"))") }
        return notes
    }
}
