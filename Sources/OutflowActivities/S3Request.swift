// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What CloudTrail's data events and S3's own access logs say of the same request.
enum S3Request {
    /// Identity of an object request by the id that S3 gives each request. CloudTrail (`requestID`) and the server access
    /// log (field "Request ID") carry the same one, and so do the two events of a request across accounts: the request
    /// counts once, whichever logs show it.
    ///
    /// Nil unless the id looks as S3 makes them (16 digits and capitals): made-up or blanked ids would let different
    /// requests pass for one.
    static func identity(_ requestID: Bytes) -> UInt64? {
        guard requestID.count == 16 else { return nil }
        var isVaried = false
        for index in 0..<16 {
            guard (0x30...0x39).contains(requestID[index]) || (0x41...0x5A).contains(requestID[index]) else {
                return nil
            }
            if requestID[index] != requestID[0] { isVaried = true }
        }
        guard isVaried else { return nil }
        var hash = ContentHash(seed: 0x7333_2D72_6571_7565)
        hash.combine(requestID)
        return hash.value
    }

    /// `bucket/key`.
    static func object(bucket: Bytes, key: Bytes, _ arena: Arena) -> Bytes { arena.join(bucket, Bytes("/"), key) }

    /// `arn:aws:s3:::bucket`, in whichever partition it lies, so that all logs name it alike.
    static func store(_ bucket: Bytes, _ arena: Arena) -> Bytes { arena.join(Bytes("arn:aws:s3:::"), bucket) }

    /// Name of the bucket in an ARN such as `arn:aws-cn:s3:::bucket/key`; empty if it is none.
    static func bucket(arn: Bytes) -> Bytes {
        guard arn.hasPrefix("arn:"), let colons = arn.firstIndex(of: ":::") else { return .empty }
        let name = arn.suffix(from: colons + 3)
        return name.prefix(upTo: name.firstIndex(of: UInt8(ascii: "/")) ?? name.count)
    }
}
