// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Amazon S3 server access logs: one line a request, fields parted by blanks, the time in brackets, texts in quotes.
///
/// Source: Amazon S3 User Guide, "Amazon S3 server access log format". Fields may be appended at any time; all that is
/// needed here stands before them.
public struct S3AccessLog: LogSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "s3-access", title: "Amazon S3 server access log", routes: [.cloudObject],
        recognisedBy:
            "blank-parted lines with [time], remote address, request id and an operation such as REST.GET.OBJECT",
        activities: "object reads with bytes sent and object size; refused reads",
        bytes: "yes; for copies made by S3 itself no",
        switchOn:
            "server access logging on every bucket (off by default, delivered at best effort, so lines may be missing; "
            + "CloudTrail data events fill them in, and a request seen in both counts once)",
        reference: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html")

    /// 95 when a record of the first few reads as a line of this log.
    public static func recognise(_ head: StreamHead) -> Int {
        guard head.framing == .lines else { return 0 }
        return head.records.prefix(5).contains { Line($0) != nil } ? 95 : 0
    }

    /// A reader; it needs nothing of the head.
    public init?(_ head: StreamHead) {}

    /// Adds what the block's lines mean to `batch`.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { record, offset in
            let text = record.trimmed
            if text.isEmpty { return }
            guard let line = Line(text) else {
                batch.reject(offset: offset, "not a line of an S3 server access log")
                return
            }
            batch.records += 1
            batch.saw(line.time)
            if !emit(line, offset, UInt32(truncatingIfNeeded: min(text.count, Int(UInt32.max))), batch) {
                batch.irrelevant += 1
            }
        }
    }

    private func emit(_ line: Line, _ offset: UInt64, _ length: UInt32, _ batch: ActivityBatch) -> Bool {
        let operation = line.operation
        let isRead = operation == "REST.GET.OBJECT" || operation == "WEBSITE.GET.OBJECT"
        let isSelect = operation == "REST.SELECT.OBJECT"
        let isCopy = operation == "REST.COPY.OBJECT_GET" || operation == "REST.COPY.PART_GET"
        guard isRead || isSelect || isCopy else { return emitChange(line, batch) }
        // Services that work for the account itself (log delivery, replication) sign as "svc:...".
        if line.requester.hasPrefix("svc:") { return false }
        let isDone = line.status == 200 || line.status == 206
        // A copy's target stands in another record, in the target's own log. Only a requester who is surely not the owner
        // makes it more than housekeeping.
        if isCopy, line.requester.isEmpty || line.requester.hasPrefix("arn:") || line.requester == line.owner {
            if isDone { batch.losses.append(Self.copyOfUnknownTarget(line, batch.arena)) }
            return isDone
        }
        guard isDone || line.status == 403 else { return false }
        // An absent number of bytes sent means zero.
        if isDone, !isCopy, line.bytes == 0 { return false }

        let sent = isDone && !isCopy ? line.bytes : nil
        // More than the object's size is no part of it; then the size bounds nothing.
        let size = isSelect || sent ?? 0 > line.size ?? .max ? nil : line.size
        var part = ObjectAccess.Part.whole
        if isSelect || isCopy || line.status == 206 && sent != size || sent ?? .max < size ?? 0 { part = .unknownPart }

        let arena = batch.arena
        let destination =
            IPAddress(line.remote) != nil
            ? EntityView(.address, id: arena.lowercased(line.remote)) : EntityView(.account, id: Bytes("unknown"))
        var access = ObjectAccess(
            mark: RecordMark(time: line.time, identity: line.identity, offset: offset, length: length),
            route: .cloudObject, state: !isDone ? .attempted : sent == nil ? .accessed : .taken,
            source: EntityView(
                .principal, id: line.requester.isEmpty ? Bytes("anonymous") : line.requester,
                name: line.requesterName, tenant: line.owner),
            store: S3Request.store(line.bucket, arena), destination: destination, object: line.object(arena),
            bytes: sent, part: part, objectSize: isDone ? size : nil, client: line.client)
        access.version = line.version
        batch.objects.append(access)
        return true
    }

    /// That on a day copies were made of which this log cannot say where to.
    private static func copyOfUnknownTarget(_ line: Line, _ arena: Arena) -> LossSeen {
        let day: Int64 = 86_400_000_000
        let time = line.time.microseconds
        let from = time - (time % day + day) % day
        let bucket = arena.join(Bytes("S3 copied objects out of bucket "), line.bucket)
        return LossSeen(
            from: Timestamp(microseconds: from), to: Timestamp(microseconds: from + day), route: .cloudObject,
            lostPerMillion: nil,
            what: arena.join(
                bucket,
                Bytes(" for somebody of unknown account: this log does not tell where to, CloudTrail's CopyObject does")
            ))
    }

    /// After these an object's name may stand for other content. (Of a deleted object that is read again, some upload is missing
    /// from the log, which is delivered at best effort, or an older version came back.)
    private static let changes: [StaticString] = [
        "REST.PUT.OBJECT", "REST.COPY.OBJECT", "REST.POST.UPLOAD", "REST.POST.OBJECT", "REST.DELETE.OBJECT",
        "BATCH.DELETE.OBJECT", "S3.EXPIRE.OBJECT", "S3.CREATE.DELETEMARKER",
    ]

    private func emitChange(_ line: Line, _ batch: ActivityBatch) -> Bool {
        // What S3 does by a rule of the bucket ("S3....") answers no request, and has no status.
        let isDone = line.status / 100 == 2 || line.status == 0 && line.operation.hasPrefix("S3.")
        guard isDone, S3AccessLog.changes.contains(where: { line.operation == $0 }) else { return false }
        let object = line.object(batch.arena)
        // What was received for minutes was there in the end only.
        for time in [line.time, line.end] { batch.writes.append(ObjectWrite(time: time, object: object)) }
        return true
    }

    /// The text with `%41` and its like undone; the same view when there are none.
    static func decoded(_ text: Bytes, _ arena: Arena) -> Bytes {
        guard text.firstIndex(of: UInt8(ascii: "%")) != nil else { return text }
        func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x41...0x46: byte - 0x41 + 10
            case 0x61...0x66: byte - 0x61 + 10
            default: nil
            }
        }
        let start = arena.allocate(text.count)
        var length = 0
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), text.count - index > 2, let high = digit(text[index + 1]),
                let low = digit(text[index + 2])
            {
                start[length] = high << 4 | low
                index += 3
            } else {
                start[length] = text[index]
                index += 1
            }
            length += 1
        }
        return Bytes(start: start, count: length)
    }
}
