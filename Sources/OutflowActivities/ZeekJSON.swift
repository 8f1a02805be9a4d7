// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Zeek's logs as JSON lines (`LogAscii::use_json`, json-streaming-logs, and what shippers make of them): one object a row,
/// with `id.orig_h` or `id_orig_h`, and the log's name in `_path` or `@stream` or not at all. Kinds may be mixed.
public struct ZeekJSON: JSONRecordSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "zeek-json", title: "Zeek logs (JSON)", routes: [.network, .dns, .web, .email, .vpn],
        recognisedBy: "objects with ts and one of _path, @stream, id.orig_h, fuid, percent_lost, assigned_addr",
        activities:
            "flows (conn), uploads (http), files (files), names (ssl, quic, http, dns, dhcp), DNS questions (dns), "
            + "losses (capture_loss). Rows of other logs, smtp, ftp and smb_files among them, are counted and add nothing: "
            + "their bytes are in conn and files",
        bytes:
            "yes: payload by connection, within bounds where the sensor missed some (conn); bodies of requests (http) "
            + "and files (files), both as unpacked",
        switchOn:
            "hashes in files.log (policy/frameworks/files/hash-all-files), so that repetitions are known as such; "
            + "capture_loss.log (policy/misc/capture-loss); Site::local_nets",
        reference: "https://docs.zeek.org/en/master/log-formats.html#zeek-json-format-logs")

    /// 90 when more than half of the first objects have `ts` and a key that only Zeek writes, else 0.
    public static func recognise(_ head: StreamHead) -> Int {
        var hits = 0
        var seen = 0
        for record in head.records {
            guard record.count > 1, record[0] == UInt8(ascii: "{") else { continue }
            seen += 1
            var walk = FlatJSON(record)
            var has = Set<Int>()
            while walk.next() == .member {
                has.insert(ZeekField.slot(of: walk.key))
                if walk.key == "id", !walk.isString, walk.value.count > 2, walk.value[0] == UInt8(ascii: "{") {
                    has.insert(ZeekField.originatorHost.rawValue)
                }
            }
            func member(_ field: ZeekField) -> Bool { has.contains(field.rawValue) }
            if member(.ts), isZeek(member) { hits += 1 }
        }
        return seen > 0 && hits * 2 > seen ? 90 : 0
    }

    /// Whether an object with these members is a row: it has a key that only Zeek writes.
    private static func isZeek(_ has: (ZeekField) -> Bool) -> Bool {
        has(.path) || has(.originatorHost) || has(.fileID) || has(.percentLost) || has(.assignedAddress)
    }

    /// Whether an object is a row of a log.
    public static func owns(_ object: JSONValue) -> Bool {
        guard object["ts"] != nil else { return false }
        if object["id"]?["orig_h"] != nil { return true }
        var slots = Set<Int>()
        for (key, value) in object.members where value.kind != .null { slots.insert(ZeekField.slot(of: key)) }
        return isZeek { slots.contains($0.rawValue) }
    }

    /// A reader; never nil, as each row says itself what it is.
    public init?(_ head: StreamHead) {}

    /// Adds the objects of the block. What is no whole JSON object is rejected with the place where it breaks.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        let slotCount = ZeekField.allCases.count
        var rows = ZeekConnRows(batch)
        defer { rows.finish(batch) }
        withUnsafeTemporaryAllocation(of: Bytes.self, capacity: slotCount) { values in
            withUnsafeTemporaryAllocation(of: Shape.Member.self, capacity: Shape.limit) { members in
                var shape = Shape(members: members.baseAddress!)
                block.forEachRecord { record, offset in
                    readRow(record, offset, values.baseAddress!, slotCount, &shape, &rows, batch)
                }
            }
        }
    }

    /// The order in which the last row wrote its keys: machines write all rows of a log alike, so the next row's keys are
    /// compared with these before anything is looked up. Only a way to be quick: a row that differs is read all the same.
    struct Shape {
        struct Member {
            /// The key with its quotes and colon, and the comma or brace before it, as written.
            var written: Bytes
            var slot: Int
        }
        /// The most members that are remembered.
        static let limit = 64
        let members: UnsafeMutablePointer<Member>
        var count = 0

        /// Puts a member in at `index`, those behind it one further.
        mutating func insert(_ member: Member, at index: Int) {
            guard count < Self.limit else { return }
            let at = min(index, count)
            var position = count
            while position > at {
                members[position] = members[position - 1]
                position -= 1
            }
            members[at] = member
            count += 1
        }
    }

    /// Reads one row, into the batch or into `rows`.
    @inline(__always)
    private func readRow(
        _ record: Bytes, _ offset: UInt64, _ values: UnsafeMutablePointer<Bytes>, _ slotCount: Int,
        _ shape: inout Shape, _ rows: inout ZeekConnRows, _ batch: ActivityBatch
    ) {
        values.update(repeating: .empty, count: slotCount)
        if let at = collect(record, values, &shape, batch) {
            batch.reject(offset: offset, "not a whole JSON object: broken at byte \(at) of the record")
            return
        }
        let row = ZeekRow(values: values, lists: .json)
        let length = UInt32(truncatingIfNeeded: record.count)
        let name = row[.path]
        if !row[.connState].isEmpty, name.isEmpty || name == "conn" {
            let fields = ZeekConnFields(
                ts: row[.ts], originator: row[.originatorHost], originatorPort: row[.originatorPort],
                responder: row[.responderHost], responderPort: row[.responderPort], proto: row[.proto],
                service: row[.service], duration: row[.duration], sent: row[.originatorBytes],
                received: row[.responderBytes], state: row[.connState], missed: row[.missedBytes],
                history: row[.history], localOriginator: row[.localOriginator], localResponder: row[.localResponder],
                originatorPackets: row[.originatorPackets], responderPackets: row[.responderPackets])
            if let flow = fields.flow(offset: offset, length: length) {
                rows.add(flow)
                return
            }
        }
        rows.without(batch) {
            if !Self.isZeek({ !row[$0].isEmpty }) { return batch.passOn(record, offset: offset) }
            let path = name.isEmpty ? ZeekPath { !row[$0].isEmpty } : ZeekPath(name)
            if let reason = ZeekActivities.add(row, of: path, offset: offset, length: length, to: batch) {
                batch.reject(offset: offset, reason)
            } else {
                batch.records += 1
            }
        }
    }

    /// Mark of the member `id`, which some exporters write as an object: `{"id":{"orig_h":…}}` for `id.orig_h`.
    private static let nestedID = -2

    /// Puts the members of the object that `walk` stands behind into their slots.
    @inline(never)
    private func nested(_ walk: FlatJSON, _ values: UnsafeMutablePointer<Bytes>, _ batch: ActivityBatch) {
        guard !walk.isString, walk.value.count > 2, walk.value[0] == UInt8(ascii: "{") else { return }
        var inner = FlatJSON(walk.value)
        while inner.next() == .member {
            let slot = ZeekField.slot(of: batch.arena.join(Bytes("id."), inner.key))
            if slot >= 0, inner.isString || inner.value.start[0] != UInt8(ascii: "n") {
                values[slot] = inner.hasEscapes ? FlatJSON.unescape(inner.value, batch.arena) : inner.value
            }
        }
    }

    /// Puts the values of a row's members into their slots; returns the byte at which it is broken, or nil.
    @inline(__always)
    private func collect(
        _ record: Bytes, _ values: UnsafeMutablePointer<Bytes>, _ shape: inout Shape, _ batch: ActivityBatch
    ) -> Int? {
        var walk = FlatJSON(record)
        var index = 0
        while true {
            var slot = -1
            let before = walk.at
            if index < shape.count, walk.take(shape.members[index].written) {
                slot = shape.members[index].slot
            } else {
                // Optional columns come and go: look a few members ahead before giving the shape up.
                var ahead = index &+ 1
                var found = false
                while ahead < shape.count, ahead <= index &+ 6 {
                    if walk.take(shape.members[ahead].written) {
                        slot = shape.members[ahead].slot
                        index = ahead
                        found = true
                        break
                    }
                    ahead &+= 1
                }
                if !found {
                    let step = walk.next()
                    if step == .end { return nil }
                    guard step == .member else { return walk.at }
                    slot = walk.key == "id" ? Self.nestedID : ZeekField.slot(of: walk.key)
                    let keyEnd = (walk.key.start - record.start) + walk.key.count + 2
                    let written = record[before..<min(keyEnd, record.count)]
                    if written.count > 0, written[written.count - 1] == UInt8(ascii: ":") {
                        shape.insert(Shape.Member(written: written, slot: slot), at: index)
                    }
                }
            }
            index &+= 1
            if slot == Self.nestedID { nested(walk, values, batch) }
            if slot >= 0 {
                if walk.isString {
                    values[slot] = walk.hasEscapes ? FlatJSON.unescape(walk.value, batch.arena) : walk.value
                } else if walk.value.start[0] != UInt8(ascii: "n") {
                    values[slot] = walk.value
                }
            }
        }
    }
}
