// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Reads of objects, and of things that are worth stealing whatever their size.
extension CloudTrailEvent {
    /// An S3 object read, or a copy into somebody else's bucket.
    func emitObjectRead() -> Bool {
        if name == "GetObject" { return emitObjectRead(part: nil) }
        // What S3 Select returns is a part of the object; which part only the query says.
        if name == "SelectObjectContent" { return emitObjectRead(part: .unknownPart) }
        if name == "CopyObject" || name == "UploadPartCopy" { return emitObjectCopy() }
        return false
    }

    private func emitObjectRead(part: ObjectAccess.Part?) -> Bool {
        let outcome = self.outcome
        if outcome == .failed { return false }
        let (bucketARN, listedOwner) = resource("AWS::S3::Bucket")
        let owner = listedOwner.isEmpty ? account : listedOwner
        // Log delivery, a query engine, replication: the account's own services move its data within it. The data leaves
        // only when they work for another account.
        if isByService, !isForeign(to: owner) { return false }

        let bytes = outcome == .done ? json["additionalEventData"]?["bytesTransferredOut"]?.count : nil
        // Not even one byte: an empty object, or the client's copy was still good.
        if bytes == 0 { return false }
        // Through an access point `bucketName` is the access point's; the bucket itself is among the resources.
        var bucket = S3Request.bucket(arn: bucketARN)
        if bucket.isEmpty { bucket = parameter("bucketName") }
        let key = parameter("key")
        // A record that hides the name still tells that something was read: something of its own.
        let object =
            key.isEmpty
            ? batch.arena.copy(json.string("eventID"))
            : S3Request.object(bucket: bucket, key: key, batch.arena)
        var access = ObjectAccess(
            mark: mark(identity: S3Request.identity(json.string("requestID"))), route: .cloudObject,
            state: outcome == .refused ? .attempted : bytes == nil ? .accessed : .taken,
            source: caller(tenant: owner), store: S3Request.store(bucket, batch.arena), session: session,
            destination: destination, object: object, bytes: bytes, part: part ?? self.part(of: bytes), client: client)
        access.version = batch.arena.copy(parameter("versionId"))
        batch.objects.append(access)
        return true
    }

    /// After these an object's name may stand for other content. (Of a deleted object that is read again, some upload is not
    /// in the logs, or an older version came back.)
    private static let changes: [StaticString] = [
        "PutObject", "CopyObject", "CompleteMultipartUpload", "PostObject", "DeleteObject", "RenameObject",
    ]

    /// New content under an object's name; a version has a name of its own.
    func emitObjectWrite() {
        guard CloudTrailEvent.changes.contains(where: { name == $0 }), outcome == .done,
            !parameter("key").isEmpty
        else { return }
        let object = S3Request.object(
            bucket: parameter("bucketName"), key: parameter("key"), batch.arena)
        batch.writes.append(ObjectWrite(time: mark().time, object: object))
    }

    /// Which part of the object a GetObject fetched. A range is a header, which CloudTrail need not log. Transfer managers
    /// (AWS CLI, SDKs) fetch big objects in ranges of whole MiB, so a reply of whole MiB may be one of those: calling it
    /// the whole object would count a gigabyte in 8 MiB pieces as one piece.
    private func part(of bytes: UInt64?) -> ObjectAccess.Part {
        for key: StaticString in ["Range", "range", "partNumber", "x-amz-range"] where parameters?.present(key) != nil {
            return .unknownPart
        }
        if let bytes, bytes >= 1 << 20, bytes % (1 << 20) == 0 { return .unknownPart }
        return .whole
    }

    /// A copy by S3 itself. `bytesTransferredOut` is the size of its XML answer, so the amount stays unknown.
    private func emitObjectCopy() -> Bool {
        let outcome = self.outcome
        if outcome == .failed { return false }
        let target = parameter("bucketName")
        // As the client sent it, which must write it in URL form.
        var origin = S3AccessLog.decoded(parameter("x-amz-copy-source"), batch.arena)
        if origin.hasPrefix("/") { origin = origin.suffix(from: 1) }
        // arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/object/KEY (Amazon S3 API Reference, CopyObject, x-amz-copy-source).
        let isAccessPoint = origin.hasPrefix("arn:")
        let end = isAccessPoint ? origin.firstIndex(of: "/object/") : origin.firstIndex(of: UInt8(ascii: "/"))
        let bucket = origin.prefix(upTo: end ?? origin.count)
        let sourceOwner = isAccessPoint ? Self.account(ofARN: bucket) : owner(ofBucket: bucket)
        var targetOwner = owner(ofBucket: target)
        // A stranger's copy of an object of the account's own. Where the target is not listed, it is none of the account's:
        // its trail shows the event for the source's sake.
        if targetOwner.isEmpty, !(target == bucket), isForeign(to: account), sourceOwner == account {
            targetOwner = callerAccount
        }
        // Within the account nothing leaves it; without the owner's account nobody can tell.
        if targetOwner.isEmpty || account.isEmpty || targetOwner == account { return false }
        batch.objects.append(
            ObjectAccess(
                mark: mark(identity: S3Request.identity(json.string("requestID"))), route: .cloudObject,
                state: outcome == .refused ? .attempted : .accessed, source: caller(tenant: account),
                store: isAccessPoint ? batch.arena.copy(bucket) : S3Request.store(bucket, batch.arena),
                session: session,
                destination: EntityView(.account, id: batch.arena.copy(targetOwner), name: batch.arena.copy(target)),
                object: batch.arena.copy(origin), bytes: nil, part: .unknownPart, client: client))
        return true
    }

    /// The account in an ARN: what stands between its fourth and fifth colon; empty if there is none.
    private static func account(ofARN arn: Bytes) -> Bytes {
        var rest = arn
        for _ in 0..<4 {
            guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { return .empty }
            rest = rest.suffix(from: colon + 1)
        }
        return rest.prefix(upTo: rest.firstIndex(of: UInt8(ascii: ":")) ?? 0)
    }

    /// Account of a bucket as the event's resources tell it; empty when they do not.
    private func owner(ofBucket bucket: Bytes) -> Bytes {
        guard !bucket.isEmpty, let resources = json["resources"] else { return .empty }
        for (_, resource) in resources.elements {
            let owner = resource.string("accountId")
            if !owner.isEmpty, S3Request.bucket(arn: CloudTrailEvent.arn(resource)) == bucket { return owner }
        }
        return .empty
    }

    /// An operation that hands out content whose size is not logged.
    private struct Read {
        let service: StaticString
        let name: StaticString
        /// Parameters that name what was read: the first that is present; a text, a list, or an object with names as keys.
        let object: [StaticString]
    }

    /// Secrets, parameters, passwords, table rows, code, images, logs and archives.
    private static let reads: [Read] = [
        Read(service: "secretsmanager", name: "GetSecretValue", object: ["secretId"]),
        Read(service: "secretsmanager", name: "BatchGetSecretValue", object: ["secretIdList"]),
        Read(service: "ssm", name: "GetParameter", object: ["name"]),
        Read(service: "ssm", name: "GetParameters", object: ["names"]),
        Read(service: "ssm", name: "GetParametersByPath", object: ["path"]),
        Read(service: "ssm", name: "GetParameterHistory", object: ["name"]),
        Read(service: "ec2", name: "GetPasswordData", object: ["instanceId"]),
        Read(service: "ec2", name: "DescribeInstanceAttribute", object: ["instanceId"]),
        Read(service: "dynamodb", name: "GetItem", object: ["tableName"]),
        Read(service: "dynamodb", name: "BatchGetItem", object: ["requestItems"]),
        Read(service: "dynamodb", name: "TransactGetItems", object: ["tableName"]),
        Read(service: "dynamodb", name: "Query", object: ["tableName"]),
        Read(service: "dynamodb", name: "Scan", object: ["tableName"]),
        Read(service: "dynamodb", name: "ExecuteStatement", object: ["tableName"]),
        Read(service: "dynamodb", name: "GetRecords", object: ["tableName"]),
        Read(service: "lambda", name: "GetFunction", object: ["functionName"]),
        Read(service: "lambda", name: "GetFunction20150331", object: ["functionName"]),
        Read(service: "lambda", name: "GetFunction20150331v2", object: ["functionName"]),
        Read(service: "ecr", name: "GetDownloadUrlForLayer", object: ["repositoryName"]),
        Read(service: "rds", name: "DownloadDBLogFilePortion", object: ["dBInstanceIdentifier"]),
        Read(service: "rds", name: "DownloadCompleteDBLogFile", object: ["dBInstanceIdentifier"]),
        Read(service: "glacier", name: "GetJobOutput", object: ["vaultName"]),
        Read(service: "ebs", name: "GetSnapshotBlock", object: ["snapshotId"]),
    ]

    /// A read of unknown size: `.accessed`, one for each thing that the request names.
    func emitSecretRead() -> Bool {
        guard service.hasSuffix(".amazonaws.com"),
            let read = CloudTrailEvent.reads.first(where: { name == $0.name && isService($0.service) })
        else { return false }
        let outcome = self.outcome
        if outcome == .failed || isByService && !isForeign(to: account) { return false }
        if let parameters {
            // Without decryption a secure parameter comes out as ciphertext, and the others are settings.
            if isService("ssm"), parameters["withDecryption"]?.bool != true { return false }
            // Only user data, which often holds credentials, is content; the other attributes are settings.
            if name == "DescribeInstanceAttribute", parameter("attribute") != "userData" { return false }
        }

        let short = service.prefix(upTo: service.count - ".amazonaws.com".utf8.count)
        let store = batch.arena.join(
            Bytes("arn:aws:"), short, Bytes(":"), json.string("awsRegion"), Bytes(":"), account)
        let source = caller(tenant: account)
        let destination = self.destination
        let session = self.session
        let client = self.client
        let first = mark()
        var part = 0
        func emit(_ object: Bytes) {
            defer { part += 1 }
            guard hasRoom(for: part) else { return }
            batch.objects.append(
                ObjectAccess(
                    mark: part == 0 ? first : mark(part: part, identity: first.identity),
                    route: isService("ebs") ? .snapshot : .cloudObject,
                    state: outcome == .refused ? .attempted : .accessed, source: source, store: store, session: session,
                    destination: destination, object: batch.arena.copy(object), bytes: nil, part: .unknownPart,
                    client: client))
        }
        for key in read.object {
            guard let value = parameters?.present(key) else { continue }
            if let text = value.string { emit(text) }
            for (_, element) in value.elements { if let text = element.string { emit(text) } }
            for (name, _) in value.members { emit(name) }
        }
        // Named by a filter, or not at all.
        if part == 0 { emit(.empty) }
        return true
    }
}
