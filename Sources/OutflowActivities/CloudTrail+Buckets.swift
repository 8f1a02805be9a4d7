// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Who can reach a bucket from outside: policy, access control lists, replication.
///
/// Each of the three is a whole that the next call replaces. A call that leaves nobody outside undoes all earlier shares
/// by the same means. A call that shares with somebody is not taken as un-sharing with the others: the log does not say
/// what stood there before, and an exposure that is said to last too long costs less than one that is overlooked.
extension CloudTrailEvent {
    /// A change of who can reach a bucket or an object in it.
    func emitBucketSharing() -> Bool {
        if name == "PutBucketPolicy" { return emitPolicy() }
        if name == "DeleteBucketPolicy" { return emitUnshare(means: "policy") }
        if name == "PutBucketAcl" || name == "PutObjectAcl" { return emitACL(replaces: true) }
        if name == "PutObject" || name == "CreateBucket" { return emitACL(replaces: false) }
        if name == "PutBucketReplication" { return emitReplication() }
        if name == "DeleteBucketReplication" { return emitUnshare(means: "replication") }
        if name == "PutBucketPublicAccessBlock" || name == "PutPublicAccessBlock" { return emitPublicAccessBlock() }
        if name == "DeleteBucket" {
            let undone = ["policy", "acl", "replication"].map { (means: StaticString) in emitUnshare(means: means) }
            return undone.contains(true)
        }
        return false
    }

    /// The bucket, or the object where the call is about one.
    private var target: EntityView {
        let bucket = parameter("bucketName")
        if bucket.isEmpty { return store(.empty) }
        let key = parameter("key")
        let arn = bucket.hasPrefix("arn:") ? bucket : S3Request.store(bucket, batch.arena)
        return store(key.isEmpty ? arn : batch.arena.join(arn, Bytes("/"), key))
    }

    private func emitUnshare(means: StaticString) -> Bool {
        let change = Sharing(self, route: .cloudObject, means: Bytes(means))
        change.unshareAll(target)
        return change.didEmit
    }

    private func emitPolicy() -> Bool {
        guard let policy = parameters?.present("bucketPolicy") else { return false }
        let change = Sharing(self, route: .cloudObject, means: Bytes("policy"))
        let target = self.target
        if let text = policy.string {
            // A parser of its own: the event itself must stay readable. Policies are rare.
            let parser = JSONParser(limit: 1 << 20)
            guard let document = try? parser.parse(copying: text) else {
                reject("the bucket policy in it is not JSON")
                return false
            }
            withExtendedLifetime(parser) { shareByPolicy(document, target, change) }
        } else {
            shareByPolicy(policy, target, change)
        }
        if !change.didEmit { change.unshareAll(target) }
        return change.didEmit
    }

    private func shareByPolicy(_ policy: JSONValue, _ target: EntityView, _ change: Sharing) {
        BucketPolicy.forEachReader(of: policy) { change.add(.share, target, $0) }
    }

    /// A list as XML turned into JSON (`AccessControlPolicy`), as headers (`x-amz-grant-read`), or one of the canned ones.
    ///
    /// Of a bucket, READ is leave to list it; of an object, to read it.
    /// Source: Amazon S3 User Guide, "Access control list (ACL) overview".
    private func emitACL(replaces: Bool) -> Bool {
        let change = Sharing(self, route: .cloudObject, means: Bytes("acl"))
        let target = self.target
        let canned = parameter("x-amz-acl")
        if canned == "public-read" || canned == "public-read-write" || canned == "authenticated-read" {
            change.add(.share, target, CloudTrailEvent.anyone)
        }
        for key: StaticString in ["x-amz-grant-read", "x-amz-grant-full-control"] {
            if CloudTrailEvent.namesEveryone(parameter(key))
                || CloudTrailEvent.namesEveryone(parameters?["accessControlList"]?.string(key) ?? .empty)
            {
                change.add(.share, target, CloudTrailEvent.anyone)
            }
        }
        if let policy = parameters?["AccessControlPolicy"], let grants = policy["AccessControlList"]?["Grant"] {
            let owner = policy["Owner"]?.string("ID") ?? .empty
            // XML with one grant becomes an object, with several a list.
            if grants.kind == .object { share(grants, owner, target, change) }
            for (_, grant) in grants.elements { share(grant, owner, target, change) }
        }
        if replaces, !change.didEmit { change.unshareAll(target) }
        return change.didEmit
    }

    private func share(_ grant: JSONValue, _ owner: Bytes, _ target: EntityView, _ change: Sharing) {
        let permission = grant.string("Permission")
        guard permission == "READ" || permission == "FULL_CONTROL", let grantee = grant["Grantee"] else { return }
        if CloudTrailEvent.namesEveryone(grantee.string("URI")) {
            change.add(.share, target, CloudTrailEvent.anyone)
        } else if !owner.isEmpty, !grantee.string("ID").isEmpty, !(grantee.string("ID") == owner) {
            change.add(
                .share, target, EntityView(.account, id: grantee.string("ID"), name: grantee.string("DisplayName")))
        }
    }

    /// Everyone, or everyone who has any AWS account, which anyone can have.
    private static func namesEveryone(_ grantees: Bytes) -> Bool {
        grantees.firstIndex(of: "/groups/global/AllUsers") != nil
            || grantees.firstIndex(of: "/groups/global/AuthenticatedUsers") != nil
    }

    private func emitReplication() -> Bool {
        let change = Sharing(self, route: .cloudObject, means: Bytes("replication"))
        let target = self.target
        let configuration = parameters?["ReplicationConfiguration"] ?? parameters?["replicationConfiguration"]
        guard let rules = configuration?["Rule"] ?? configuration?["Rules"] ?? configuration?["rules"] else {
            return false
        }
        func follow(_ rule: JSONValue) {
            guard rule["Status"]?.string.map({ $0 == "Enabled" }) ?? true,
                let destination = rule["Destination"] ?? rule["destination"]
            else { return }
            let bucket = S3Request.bucket(arn: destination["Bucket"]?.string ?? destination.string("bucket"))
            let owner = destination["Account"]?.string ?? destination.string("account")
            if !owner.isEmpty {
                change.add(.share, target, EntityView(.account, id: owner, name: bucket))
            } else if !bucket.isEmpty {
                change.add(.share, target, Sharing.domain(bucket, batch.arena))
            }
        }
        if rules.kind == .object { follow(rules) }
        for (_, rule) in rules.elements { follow(rule) }
        if !change.didEmit { change.unshareAll(target) }
        return change.didEmit
    }

    /// Blocks end what is public at that moment; lifting them by itself exposes nothing.
    private func emitPublicAccessBlock() -> Bool {
        guard let block = parameters?["PublicAccessBlockConfiguration"] else { return false }
        var didEmit = false
        for (key, means) in [("RestrictPublicBuckets", "policy"), ("IgnorePublicAcls", "acl")]
            as [(StaticString, StaticString)] where block[key]?.bool == true
        {
            let change = Sharing(self, route: .cloudObject, means: Bytes(means))
            change.add(.unshare, target, CloudTrailEvent.anyone)
            didEmit = didEmit || change.didEmit
        }
        return didEmit
    }
}
