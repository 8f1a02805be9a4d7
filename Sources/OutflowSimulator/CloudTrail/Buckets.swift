// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A bucket and what lies in it.
struct Bucket: Sendable {
    let name: String
    let objects: [(key: String, bytes: Int)]

    /// A bucket of `count` objects called by `naming`, with sizes of `sizes`.
    init(_ name: String, count: Int, sizes: LogNormal, _ random: inout Random, naming: (Int) -> String) {
        self.name = name
        objects = (0..<count).map { (naming($0), max(64, sizes.sample(&random))) }
    }

    /// The object store's data of the university: research scans, survey answers, and an archive of the personnel office.
    static func all(_ world: World, research count: Int = 900) -> (research: Bucket, survey: Bucket, personnel: Bucket)
    {
        var random = world.random("buckets")
        return (
            Bucket(
                "lindenberg-research-raw", count: count, sizes: LogNormal(median: 2_600_000, doublings: 1.2), &random
            ) {
                "trials/2025/cohort-\(["a", "b", "c"][$0 % 3])/scan-\(10_000 + $0).nii.gz"
            },
            Bucket("lindenberg-survey-app", count: 400, sizes: LogNormal(median: 14_000, doublings: 1.5), &random) {
                "answers/form-\($0 % 20)/\(70_000 + $0 * 17).json"
            },
            Bucket("lindenberg-hr-archive", count: 40, sizes: LogNormal(median: 400_000, doublings: 1), &random) {
                "contracts/2024/file-\($0).pdf"
            }
        )
    }
}

extension CloudTrail {
    /// Whether a call on an object is allowed.
    enum Verdict: Sendable { case allowed, denied }

    /// A read of one object. Returns the event's identifier.
    @discardableResult
    mutating func get(
        _ object: (key: String, bytes: Int), in bucket: String, by caller: Caller, at time: Timestamp,
        verdict: Verdict = .allowed, _ random: inout Random
    ) -> GUID {
        transfer("GetObject", object, in: bucket, by: caller, at: time, verdict: verdict, &random)
    }

    /// A write of one object.
    mutating func put(
        _ object: (key: String, bytes: Int), in bucket: String, by caller: Caller, at time: Timestamp,
        _ random: inout Random
    ) {
        transfer("PutObject", object, in: bucket, by: caller, at: time, verdict: .allowed, &random)
    }

    /// A listing of a bucket, whose answer carries names and no content.
    mutating func list(
        _ bucket: String, prefix: String, by caller: Caller, at time: Timestamp, verdict: Verdict = .allowed,
        _ random: inout Random
    ) {
        let answer = random.number(in: 9_000...310_000)
        add(
            "ListObjects", from: "s3.amazonaws.com", by: caller, at: time, isData: true,
            resources: ["arn:aws:s3:::\(bucket)/", "arn:aws:s3:::\(bucket)"], &random
        ) { text in
            text.refusal(verdict, of: "s3:ListBucket", by: caller)
            text.object("requestParameters") { text in
                text.field("list-type", literal: "2")
                text.field("bucketName", bucket)
                text.field("encoding-type", literal: "url")
                text.field("prefix", prefix)
                text.field("Host", "\(bucket).s3.\(Self.region).amazonaws.com")
            }
            text.null("responseElements")
            text.transferred(into: 0, out: verdict == .allowed ? answer : 243)
        }
    }

    @discardableResult
    private mutating func transfer(
        _ name: String, _ object: (key: String, bytes: Int), in bucket: String, by caller: Caller, at time: Timestamp,
        verdict: Verdict, _ random: inout Random
    ) -> GUID {
        let isRead = name == "GetObject"
        return add(
            name, from: "s3.amazonaws.com", by: caller, at: time, isData: true, isRead: isRead,
            resources: ["arn:aws:s3:::\(bucket)/\(object.key)", "arn:aws:s3:::\(bucket)"], &random
        ) { text in
            text.refusal(verdict, of: "s3:\(name)", by: caller)
            text.object("requestParameters") { text in
                text.field("bucketName", bucket)
                text.field("Host", "\(bucket).s3.\(Self.region).amazonaws.com")
                text.field("key", object.key)
            }
            text.null("responseElements")
            if verdict == .denied {
                text.transferred(into: 0, out: 243)
            } else {
                text.transferred(into: isRead ? 0 : object.bytes, out: isRead ? object.bytes : 0)
            }
        }
    }
}

extension ByteText {
    /// Adds error code and message of a call that was denied.
    fileprivate mutating func refusal(_ verdict: CloudTrail.Verdict, of action: String, by caller: Caller) {
        guard verdict == .denied else { return }
        field("errorCode", literal: "AccessDenied")
        field("errorMessage", "User: \(caller.arn) is not authorized to perform: \(action)")
    }

    /// Adds `additionalEventData` of a data event. Byte counts are written as floats, as the service does.
    fileprivate mutating func transferred(into: Int, out: Int) {
        object("additionalEventData") { text in
            text.field("SignatureVersion", literal: "SigV4")
            text.field("CipherSuite", literal: "TLS_AES_128_GCM_SHA256")
            text.field("bytesTransferredIn", into)
            text.add(".0")
            text.field("AuthenticationMethod", literal: "AuthHeader")
            text.field("bytesTransferredOut", out)
            text.add(".0")
        }
    }
}
