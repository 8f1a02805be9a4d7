// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// What records came to, whatever the blocks that they were read in: counts, and a sum of hashes of all activities.
struct Tally: Equatable, CustomStringConvertible {
    var records: UInt64 = 0
    var irrelevant: UInt64 = 0
    var rejected: UInt64 = 0
    var first: Timestamp?
    var last: Timestamp?
    /// Flows, objects, mail, messages, exposures, uploads, files, names, queries, losses.
    var counts = [Int](repeating: 0, count: 10)
    var sum: UInt64 = 0

    var description: String {
        "\(records) records, \(irrelevant) irrelevant, \(rejected) rejected, activities \(counts), hash \(sum)"
    }

    /// Adds what a block came to. Evidence must lie within it.
    mutating func add(_ batch: ActivityBatch, of block: RecordBlock) {
        let end = block.offset + UInt64(block.bytes.count)
        for rejection in batch.rejections.examples {
            check(
                block.offset...end ~= rejection.offset,
                "rejected at \(rejection.offset), not in \(block.offset)...\(end)")
        }
        for place in batch.flows.map({ ($0.offset, $0.length) })
            + batch.objects.map({ ($0.mark.offset, $0.mark.length) })
            + batch.mail.map({ ($0.mark.offset, $0.mark.length) })
            + batch.exposures.map({ ($0.mark.offset, $0.mark.length) })
        {
            check(
                place.0 >= block.offset && place.0 + UInt64(place.1) <= end,
                "evidence of \(place.1) bytes at \(place.0), not in \(block.offset)...\(end)")
        }
        records += batch.records
        irrelevant += batch.irrelevant
        rejected += batch.rejections.count
        if let time = batch.first { first = min(first ?? time, time) }
        if let time = batch.last { last = max(last ?? time, time) }
        let more = [
            batch.flows.count, batch.objects.count, batch.mail.count, batch.messages.count, batch.exposures.count,
            batch.uploads.count, batch.files.count, batch.names.count, batch.queries.count, batch.losses.count,
        ]
        for (index, count) in more.enumerated() { counts[index] += count }
        for flow in batch.flows { sum &+= hash(flow) }
        for object in batch.objects {
            sum &+= hash(object.mark) {
                $0.combine(object.bytes ?? 1 << 63)
                for view in [
                    object.source.id, object.source.name, object.source.tenant, object.store, object.session,
                    object.destination.id, object.destination.name, object.destination.tenant, object.object,
                    object.client,
                ] { $0.combine(view) }
            }
        }
        for mail in batch.mail {
            check(
                mail.firstMessage >= 0 && mail.messageCount >= 0
                    && mail.firstMessage + mail.messageCount <= batch.messages.count,
                "mail lists messages that are not there")
            sum &+= hash(mail.mark) {
                for view in [mail.mailbox.id, mail.destination.id, mail.session, mail.client] { $0.combine(view) }
                $0.combine(mail.claimed)
                for message in batch.messages[mail.firstMessage..<mail.firstMessage + mail.messageCount] {
                    $0.combine(message.id)
                    $0.combine(message.size ?? 1 << 63)
                }
            }
        }
        for change in batch.exposures {
            sum &+= hash(change.mark) {
                for view in [
                    change.resource.id, change.grantee.id, change.grantee.name, change.means, change.principal,
                ] {
                    $0.combine(view)
                }
                $0.combine(change.size ?? 1 << 63)
            }
        }
        for upload in batch.uploads {
            sum &+= hash(upload.mark) {
                for view in [upload.method, upload.host, upload.uri] { $0.combine(view) }
                $0.combine(upload.body ?? 1 << 63)
                $0.combine(upload.fileID ?? 0)
            }
        }
        for file in batch.files {
            sum &+= hash(file.mark) {
                for value in [file.fileID, file.content ?? 0, file.seen, file.total ?? 1 << 63, file.missing] {
                    $0.combine(value)
                }
                $0.combine(file.name)
            }
        }
        for name in batch.names {
            var hash = ContentHash(seed: UInt64(name.source.rawValue))
            hash.combine(UInt64(bitPattern: name.time.microseconds))
            hash.combine(name.address)
            hash.combine(name.name)
            sum &+= hash.value
        }
        for query in batch.queries { sum &+= hash(query.mark) { $0.combine(query.name) } }
        for loss in batch.losses {
            var hash = ContentHash(seed: UInt64(loss.lostPerMillion ?? .max))
            hash.combine(UInt64(bitPattern: loss.from.microseconds))
            hash.combine(loss.what)
            sum &+= hash.value
        }
    }

    private func hash(_ mark: RecordMark, _ rest: (inout ContentHash) -> Void) -> UInt64 {
        var hash = ContentHash(seed: mark.identity)
        hash.combine(UInt64(bitPattern: mark.time.microseconds))
        hash.combine(mark.offset)
        hash.combine(UInt64(mark.length))
        rest(&hash)
        return hash.value
    }

    /// All that a flow says.
    private func hash(_ flow: Flow) -> UInt64 {
        check(
            flow.services.contains(.unbounded)
                || flow.originatorLower <= flow.originatorUpper && flow.responderLower <= flow.responderUpper,
            "a flow of at least \(flow.originatorLower), \(flow.responderLower) and at most \(flow.originatorUpper), "
                + "\(flow.responderUpper)")
        check(0...Int64.max / 4 ~= flow.duration, "a duration of \(flow.duration) µs, which no partial takes")
        var hash = ContentHash()
        hash.combine(flow.originator)
        hash.combine(flow.responder)
        for time in [flow.start.microseconds, flow.duration] { hash.combine(UInt64(bitPattern: time)) }
        for value in [
            flow.originatorLower, flow.originatorUpper, flow.responderLower, flow.responderUpper, flow.offset,
            UInt64(flow.length), UInt64(flow.originatorPort), UInt64(flow.responderPort), UInt64(flow.proto),
            UInt64(flow.sensor.rawValue), UInt64(flow.services.rawValue), UInt64(flow.originatorLocality.rawValue),
            UInt64(flow.responderLocality.rawValue), flow.isRegular ? 1 : 0,
        ] { hash.combine(value) }
        return hash.value
    }
}
