// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension S3AccessLog {
    /// The fields of one line; absent ones (`-`) are empty.
    struct Line {
        let owner: Bytes
        let bucket: Bytes
        let time: Timestamp
        let remote: Bytes
        let requester: Bytes
        let requestID: Bytes
        let operation: Bytes
        let key: Bytes
        /// HTTP status, 0 if absent.
        let status: UInt16
        /// Bytes of the answer's body. The log writes `-` for zero; nil is what is no number.
        let bytes: UInt64?
        /// Size of the whole object; nil if absent.
        let size: UInt64?
        /// When the answer was sent: the time of the request and the total time, at most a day later.
        let end: Timestamp
        let client: Bytes
        let version: Bytes
        let hostID: Bytes

        /// Reads a line; nil if it is none of this log.
        init?(_ text: Bytes) {
            var fields = Fields(text)
            func present(_ field: Bytes) -> Bytes { field == "-" ? .empty : field }
            owner = present(fields.next())
            bucket = present(fields.next())
            guard !bucket.isEmpty, let time = S3AccessLog.time(fields.nextBracketed()) else { return nil }
            self.time = time
            remote = present(fields.next())
            requester = present(fields.next())
            requestID = present(fields.next())
            operation = fields.next()
            guard operation.firstIndex(of: UInt8(ascii: ".")) != nil, !requestID.isEmpty else { return nil }
            key = present(fields.next())

            // The request line is as the client sent it, and may hold quotes: it ends where a status, an error code and a
            // number of bytes follow.
            var found: UInt16?
            fields.skipQuoted { rest in
                var after = Fields(rest)
                let code = after.next()
                _ = after.next()
                guard after.next().firstIndex(of: UInt8(ascii: "\"")) == nil else { return false }
                found = code == "-" ? 0 : code.count == 3 ? code.unsigned.map { UInt16($0) } : nil
                return found != nil
            }
            guard let found else { return nil }
            status = found
            _ = fields.next()
            _ = fields.next()  // error code
            let sent = fields.next()
            bytes = sent == "-" ? 0 : sent.byteCount
            size = fields.next().byteCount
            let milliseconds = min(fields.next().unsigned ?? 0, 86_400_000)
            end = Timestamp(microseconds: time.microseconds &+ Int64(milliseconds) &* 1000)
            _ = fields.next()  // turn-around time
            fields.skipQuoted { $0.hasPrefix("\"") || $0.hasPrefix("- ") }  // referrer
            client = present(fields.nextQuoted())
            version = present(fields.next())
            hostID = present(fields.next())
            // Older lines end after the user agent or the version; lines cut off before that are not to be trusted.
            guard fields.hadAgent else { return nil }
        }

        /// Identity of the object. Keys of requests are encoded twice.
        func object(_ arena: Arena) -> Bytes {
            let key = S3AccessLog.decoded(S3AccessLog.decoded(key, arena), arena)
            return S3Request.object(bucket: bucket, key: key, arena)
        }

        /// Identity of the request: S3's own id, in both logs; else whatever the line says.
        var identity: UInt64 {
            if let shared = S3Request.identity(requestID) { return shared }
            var hash = ContentHash(seed: 0x7333_2D61_6363_6573)
            for field in [requestID, hostID, operation, bucket, key] { hash.combine(field) }
            hash.combine(UInt64(bitPattern: time.microseconds))
            return hash.value
        }

        /// What a person calls the requester: the last part of its ARN.
        var requesterName: Bytes {
            guard requester.hasPrefix("arn:") else { return .empty }
            var index = requester.count
            while index > 0, requester[index - 1] != UInt8(ascii: "/") { index -= 1 }
            return index == 0 ? .empty : requester.suffix(from: index)
        }
    }

    /// `06/Feb/2019:00:00:38 +0000`
    static func time(_ text: Bytes) -> Timestamp? {
        guard text.count == 26, text[2] == UInt8(ascii: "/"), text[6] == UInt8(ascii: "/"),
            text[11] == UInt8(ascii: ":"),
            let day = text[0..<2].unsigned, let year = text[7..<11].unsigned, let hour = text[12..<14].unsigned,
            let minute = text[15..<17].unsigned, let second = text[18..<20].unsigned,
            let zone = Timestamp.zone(text[21..<26])
        else { return nil }
        let months: [StaticString] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        guard let month = months.firstIndex(where: { text[3..<6] == $0 }) else { return nil }
        return Timestamp(
            year: Int(year), month: month + 1, day: Int(day), hour: Int(hour), minute: Int(minute), second: Int(second),
            offsetMinutes: zone)
    }

    /// Walks over the fields of a line.
    private struct Fields {
        private let text: Bytes
        private var at = 0
        /// Whether a user agent was there to be read.
        private(set) var hadAgent = false

        init(_ text: Bytes) { self.text = text }

        /// The field up to the next blank; empty at the end.
        mutating func next() -> Bytes {
            guard at < text.count else { return .empty }
            let end = text.firstIndex(of: UInt8(ascii: " "), from: at) ?? text.count
            defer { at = end + 1 }
            return text[at..<end]
        }

        /// The field in brackets, without them; empty if there is none.
        mutating func nextBracketed() -> Bytes {
            guard at < text.count, text[at] == UInt8(ascii: "["),
                let end = text.firstIndex(of: UInt8(ascii: "]"), from: at)
            else { return .empty }
            defer { at = end + 2 }
            return text[at + 1..<end]
        }

        /// Passes over a field in quotes (or `-`), whose text may itself hold quotes: it ends where `isNext` accepts the
        /// rest. At the line's end if that never happens.
        mutating func skipQuoted(_ isNext: (Bytes) -> Bool) {
            guard at < text.count, text[at] == UInt8(ascii: "\"") else {
                _ = next()
                if at < text.count { _ = isNext(text.suffix(from: at)) }
                return
            }
            var from = at + 1
            while let quote = text.firstIndex(of: UInt8(ascii: "\""), from: from) {
                if quote + 2 <= text.count, quote + 1 < text.count, text[quote + 1] == UInt8(ascii: " "),
                    isNext(text.suffix(from: quote + 2))
                {
                    at = quote + 2
                    return
                }
                from = quote + 1
            }
            at = text.count
        }

        /// The field in quotes, without them, up to the first quote before a blank; `-` or what stands there otherwise.
        mutating func nextQuoted() -> Bytes {
            guard at < text.count else { return .empty }
            hadAgent = true
            guard text[at] == UInt8(ascii: "\"") else { return next() }
            let start = at + 1
            var from = start
            while let quote = text.firstIndex(of: UInt8(ascii: "\""), from: from) {
                if quote + 1 >= text.count || text[quote + 1] == UInt8(ascii: " ") {
                    at = quote + 2
                    return text[start..<quote]
                }
                from = quote + 1
            }
            at = text.count
            return text[start..<text.count]
        }
    }
}
