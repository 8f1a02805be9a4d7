// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@Suite("CloudTrail: sharing")
struct CloudTrailSharingTests {
    static func event(
        _ name: String, service: String, _ parameters: String, extra: String = "", id: String = "e1"
    ) -> String {
        """
        {"eventTime":"2024-05-01T10:00:00Z","eventSource":"\(service).amazonaws.com","eventName":"\(name)",\
        "awsRegion":"eu-west-1","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ada",\
        "accountId":"111122223333"},"sourceIPAddress":"198.51.100.7","requestParameters":\(parameters),\
        "eventID":"\(id)","recipientAccountId":"111122223333"\(extra)}
        """
    }

    static func policy(_ principal: String, action: String = "\"s3:GetObject\"", condition: String = "{}") -> String {
        event(
            "PutBucketPolicy", service: "s3",
            """
            {"bucketName":"papers","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow",\
            "Principal":\(principal),"Action":\(action),"Resource":"arn:aws:s3:::papers/*","Condition":\(condition)}]}}
            """)
    }

    /// `share anyone` and so on, of all changes.
    func changes(_ text: String) -> [String] { CloudSample(text).changes.map { "\($0.action) \($0.grantee)" } }

    @Test func snapshotsAreSharedAndUnshared() {
        let shared = Self.event(
            "ModifySnapshotAttribute", service: "ec2",
            """
            {"snapshotId":"snap-1","attributeType":"CREATE_VOLUME_PERMISSION","createVolumePermission":{"add":\
            {"items":[{"userId":"999900001111"},{"group":"all"},{"userId":"111122223333"},{"userId":"999900001111"}]}}}
            """)
        let sample = CloudSample(shared)
        // The own account is nobody else, and naming an account twice shares once.
        #expect(sample.changes.map(\.grantee) == ["999900001111", "anyone"])
        #expect(sample.changes.allSatisfy { $0.action == .share && $0.route == .snapshot && $0.resource == "snap-1" })
        #expect(sample.changes.map(\.kind) == [.account, .anyone])
        #expect(Set(sample.changes.map(\.identity)).count == 2)
        #expect(changes(shared.replacing("\"add\"", with: "\"remove\"")) == ["unshare 999900001111", "unshare anyone"])
        let own = shared.replacing("999900001111", with: "111122223333").replacing(
            "\"group\":\"all\"", with: "\"x\":\"y\"")
        #expect(CloudSample(own).changes.isEmpty && CloudSample(own).irrelevant == 1)
    }

    @Test func whatIsRefusedIsNeitherSharedNorUnshared() {
        let denied = #","errorCode":"Client.UnauthorizedOperation""#
        func event(_ verb: String) -> String {
            Self.event(
                "ModifyImageAttribute", service: "ec2",
                #"{"imageId":"ami-1","launchPermission":{"\#(verb)":{"items":[{"userId":"999900001111"}]}}}"#,
                extra: denied)
        }
        #expect(changes(event("add")) == ["refused 999900001111"])
        #expect(changes(event("remove")) == [])
    }

    @Test func imagesGoToOrganisationsToo() {
        let event = Self.event(
            "ModifyImageAttribute", service: "ec2",
            #"{"imageId":"ami-1","launchPermission":{"add":{"items":[{"organizationArn":"arn:aws:organizations::9:organization/o-1"}]}}}"#
        )
        #expect(CloudSample(event).changes.map(\.kind) == [.organisation])
        let reset = Self.event("ResetImageAttribute", service: "ec2", #"{"imageId":"ami-1"}"#)
        #expect(changes(reset) == ["unshare "])
    }

    @Test func databaseSnapshots() {
        for (name, key, kind) in [
            ("ModifyDBSnapshotAttribute", "dBSnapshotIdentifier", "snapshot"),
            ("ModifyDBClusterSnapshotAttribute", "dBClusterSnapshotIdentifier", "cluster-snapshot"),
        ] {
            let sample = CloudSample(
                Self.event(
                    name, service: "rds",
                    #"{"\#(key)":"s1","attributeName":"restore","valuesToAdd":["all","999900001111"],"valuesToRemove":["888800001111"]}"#
                ))
            #expect(
                sample.changes.map { "\($0.action) \($0.grantee)" } == [
                    "share anyone", "share 999900001111", "unshare 888800001111",
                ])
            #expect(Set(sample.changes.map(\.resource)) == ["arn:aws:rds:eu-west-1:111122223333:\(kind):s1"])
        }
        let other = Self.event(
            "ModifyDBSnapshotAttribute", service: "rds",
            #"{"dBSnapshotIdentifier":"s1","attributeName":"other","valuesToAdd":["all"]}"#)
        #expect(changes(other) == [])
    }

    /// Action, resource and size of all changes that an answer of a service means.
    private func sizes(_ name: String, _ service: String, _ parameters: String, _ response: String) -> [String] {
        let text = Self.event(name, service: service, parameters, extra: ",\"responseElements\":\(response)")
        return CloudSample(text).changes.map { "\($0.action) \($0.resource) \($0.size ?? 0) \($0.grantee)" }
    }

    @Test func theSizeOfAVolumeIsThatOfItsSnapshot() {
        let answer = #"{"snapshotId":"snap-1","volumeSize":"80","status":"pending"}"#
        #expect(sizes("CreateSnapshot", "ec2", #"{"volumeId":"vol-1"}"#, answer) == ["sized snap-1 85899345920 "])
        for wrong in ["0", "-1", "x", "99999999999999999", "17179869184"] {
            #expect(sizes("CreateSnapshot", "ec2", "{}", answer.replacing("80", with: wrong)) == [], "\(wrong)")
        }
        #expect(sizes("CreateSnapshot", "ec2", "{}", "null") == [])
        let item = #"{"snapshotId":"snap-2","volumeSize":1}"#
        let several =
            #"{"CreateSnapshotsResponse":{"snapshotSet":{"item":[\#(item),{"snapshotId":"snap-3","volumeSize":2}]}}}"#
        #expect(
            sizes("CreateSnapshots", "ec2", "{}", several) == ["sized snap-2 1073741824 ", "sized snap-3 2147483648 "])
        for one in [#"{"snapshotSet":{"items":[\#(item)]}}"#, #"{"snapshotSet":{"item":\#(item)}}"#] {
            #expect(sizes("CreateSnapshots", "ec2", "{}", one) == ["sized snap-2 1073741824 "])
        }
    }

    @Test func theSizeOfADatabaseSnapshot() {
        let arn = "arn:aws:rds:eu-west-1:111122223333"
        #expect(
            sizes("CreateDBSnapshot", "rds", #"{"dBSnapshotIdentifier":"s1"}"#, #"{"allocatedStorage":20}"#)
                == ["sized \(arn):snapshot:s1 21474836480 "])
        let copy = #"{"allocatedStorage":1,"dBSnapshotArn":"\#(arn):snapshot:s2"}"#
        #expect(
            sizes("CopyDBSnapshot", "rds", #"{"targetDBSnapshotIdentifier":"s2"}"#, copy)
                == ["sized \(arn):snapshot:s2 1073741824 "])
        // Aurora says 1 whatever it holds: no ceiling.
        for (engine, count) in [("aurora-mysql", 0), ("postgres", 1)] {
            let answer = #"{"allocatedStorage":1,"engine":"\#(engine)"}"#
            let parameters = #"{"dBClusterSnapshotIdentifier":"s1"}"#
            #expect(sizes("CreateDBClusterSnapshot", "rds", parameters, answer).count == count)
        }
    }

    @Test func aCopyInABucketOutlivesItsSource() {
        let task = Self.event("StartExportTask", service: "rds", #"{"sourceArn":"arn:s","s3BucketName":"loot"}"#)
        #expect(CloudSample(task).changes.map(\.means) == ["export"])
    }

    @Test func useOfASharedSnapshotIsATheft() {
        let used = Self.event(
            "SharedSnapshotVolumeCreated", service: "ec2", "null",
            extra: #","serviceEventDetails":{"snapshotId":"snap-1","userAccount":"999900001111"}"#)
        #expect(changes(used) == ["taken 999900001111"])
        let unnamed = Self.event(
            "SharedSnapshotCopyInitiated", service: "ec2", "null",
            extra: #","serviceEventDetails":{"snapshotId":"snap-1"}"#)
        #expect(changes(unnamed) == ["taken unknown"])
        let bare = Self.event("SharedSnapshotVolumeCreated", service: "ec2", "null")
        #expect(CloudSample(bare).changes.map(\.resource) == ["unknown"])
    }

    @Test func exportsNameTheBucket() {
        let task = Self.event(
            "StartExportTask", service: "rds",
            #"{"exportTaskIdentifier":"x","sourceArn":"arn:aws:rds:eu-west-1:111122223333:snapshot:s1","s3BucketName":"Loot"}"#
        )
        #expect(changes(task) == ["share loot.s3.amazonaws.com"])
        let table = Self.event(
            "ExportTableToPointInTime", service: "dynamodb",
            #"{"tableArn":"arn:t","s3Bucket":"loot","s3BucketOwner":"999900001111"}"#)
        #expect(changes(table) == ["share 999900001111"])
        #expect(changes(table.replacing("999900001111", with: "111122223333")) == [])
    }

    @Test(arguments: [
        (#""*""#, ["share anyone"]), (#"{"AWS":"*"}"#, ["share anyone"]),
        (#"{"AWS":["arn:aws:iam::999900001111:root","arn:aws:iam::111122223333:role/r"]}"#, ["share 999900001111"]),
        (#"{"AWS":"999900001111"}"#, ["share 999900001111"]),
        (#"{"AWS":"arn:aws:iam::111122223333:root"}"#, ["unshare "]),
        (#"{"Service":"logging.s3.amazonaws.com"}"#, ["unshare "]),
        (#"{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}"#, ["unshare "]),
        ("7", ["unshare "]),
    ])
    func aPolicySharesWithPrincipalsOutside(principal: String, expected: [String]) {
        #expect(changes(Self.policy(principal)) == expected)
    }

    @Test(arguments: [
        ("\"s3:*\"", true), ("\"*\"", true), ("[\"s3:ListBucket\",\"S3:getobject\"]", true), ("\"s3:Get*\"", true),
        ("\"s3:Get?bject\"", true), ("\"s3:GetObjectAcl\"", false), ("\"s3:PutObject\"", false), ("[]", false),
        ("\"s3:ListBucket\"", false), ("\"****************x\"", false),
    ])
    func onlyReadingCounts(action: String, reads: Bool) {
        #expect(changes(Self.policy(#""*""#, action: action)) == [reads ? "share anyone" : "unshare "])
    }

    @Test(arguments: [
        (#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#, false),
        (#"{"IpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}"#, false),
        (#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#, true),
        (#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#, true),
        (#"{"Bool":{"aws:SecureTransport":"true"}}"#, true),
        (#"{"StringEquals":{"AWS:PrincipalOrgID":"o-1"}}"#, false),
    ])
    func aTiedConditionIsNotPublic(condition: String, isPublic: Bool) {
        #expect(changes(Self.policy(#""*""#, condition: condition)) == [isPublic ? "share anyone" : "unshare "])
    }

    @Test func aPolicyMayBeAText() {
        let text = #"{\"Statement\":{\"Effect\":\"Allow\",\"NotPrincipal\":{\"AWS\":\"1\"},\"NotAction\":\"s3:Put*\"}}"#
        let put = Self.event("PutBucketPolicy", service: "s3", #"{"bucketName":"papers","bucketPolicy":"\#(text)"}"#)
        #expect(changes(put) == ["share anyone"])
        let broken = Self.event("PutBucketPolicy", service: "s3", #"{"bucketName":"papers","bucketPolicy":"{"}"#)
        #expect(changes(broken) == [] && CloudSample(broken).rejectedCount == 1)
        #expect(CloudSample(put + "\n" + CloudTrailTests.getObject()).reads.count == 1)
    }

    @Test func eachMeansIsUndoneByItsOwn() {
        func means(_ name: String, _ parameters: String = #"{"bucketName":"papers"}"#) -> [String] {
            CloudSample(Self.event(name, service: "s3", parameters)).changes.map {
                "\($0.action) \($0.grantee) \($0.means)"
            }
        }
        #expect(means("DeleteBucketPolicy") == ["unshare  policy"])
        #expect(means("DeleteBucketReplication") == ["unshare  replication"])
        #expect(means("DeleteBucket").count == 3)
        #expect(means("DeletePublicAccessBlock") == [] && means("DeleteBucketPublicAccessBlock") == [])
        let block =
            #"{"bucketName":"papers","PublicAccessBlockConfiguration":{"RestrictPublicBuckets":true,"IgnorePublicAcls":"true","BlockPublicAcls":true}}"#
        #expect(means("PutBucketPublicAccessBlock", block) == ["unshare anyone policy", "unshare anyone acl"])
        #expect(
            means("PutBucketAcl", #"{"bucketName":"papers","x-amz-acl":["private"],"acl":[""]}"#) == ["unshare  acl"])
        #expect(means("PutBucketAcl", #"{"bucketName":"papers","x-amz-acl":["public-read"]}"#) == ["share anyone acl"])
    }

    @Test func grantsAndObjects() {
        let grants = """
            {"bucketName":"papers","key":"k","AccessControlPolicy":{"Owner":{"ID":"own"},"AccessControlList":{"Grant":[\
            {"Grantee":{"ID":"own"},"Permission":"FULL_CONTROL"},{"Grantee":{"ID":"else"},"Permission":"READ"},\
            {"Grantee":{"URI":"http://acs.amazonaws.com/groups/global/AllUsers"},"Permission":"READ"},\
            {"Grantee":{"ID":"third"},"Permission":"READ_ACP"}]}}}
            """
        let sample = CloudSample(Self.event("PutObjectAcl", service: "s3", grants))
        #expect(sample.changes.map(\.grantee) == ["else", "anyone"])
        #expect(Set(sample.changes.map(\.resource)) == ["arn:aws:s3:::papers/k"])
        let put = #"{"bucketName":"papers","key":"k","x-amz-acl":"public-read"}"#
        #expect(changes(Self.event("PutObject", service: "s3", put)) == ["share anyone"])
        #expect(changes(Self.event("PutObject", service: "s3", #"{"bucketName":"papers","key":"k"}"#)) == [])
    }

    @Test func replicationGoesToAnAccountOrABucket() {
        func put(_ destination: String, status: String = "Enabled") -> [String] {
            changes(
                Self.event(
                    "PutBucketReplication", service: "s3",
                    #"{"bucketName":"papers","ReplicationConfiguration":{"Rule":{"Status":"\#(status)","Destination":\#(destination)}}}"#
                ))
        }
        #expect(put(#"{"Bucket":"arn:aws:s3:::loot","Account":"999900001111"}"#) == ["share 999900001111"])
        #expect(put(#"{"Bucket":"arn:aws:s3:::loot"}"#) == ["share loot.s3.amazonaws.com"])
        #expect(put(#"{"Bucket":"arn:aws:s3:::loot"}"#, status: "Disabled") == ["unshare "])
        #expect(put(#"{"Bucket":"arn:aws:s3:::own","Account":"111122223333"}"#) == ["unshare "])
    }

    @Test func secretsAreReadWithoutTheirSize() {
        let names = #"{"names":["a","b","a"],"withDecryption":true}"#
        let sample = CloudSample(Self.event("GetParameters", service: "ssm", names))
        #expect(sample.reads.map(\.object) == ["a", "b", "a"] && sample.irrelevant == 0)
        #expect(sample.reads.allSatisfy { $0.state == .accessed && $0.bytes == nil })
        #expect(Set(sample.reads.map(\.store)) == ["arn:aws:ssm:eu-west-1:111122223333"])
        #expect(Set(sample.reads.map(\.identity)).count == 3)
        let plain = Self.event("GetParameters", service: "ssm", names.replacing("true", with: "false"))
        #expect(CloudSample(plain).reads.isEmpty)
        let table = Self.event("BatchGetItem", service: "dynamodb", #"{"requestItems":{"t1":{},"t2":{}}}"#)
        #expect(CloudSample(table).reads.map(\.object) == ["t1", "t2"])
        let denied = Self.event("GetPasswordData", service: "ec2", "null", extra: #","errorCode":"AccessDenied""#)
        #expect(CloudSample(denied).reads.map(\.state) == [.attempted])
    }

    @Test func aHostileListIsCutAndTold() {
        let names = (0..<20_000).map { "\"p\($0)\"" }.joined(separator: ",")
        let reads = CloudSample(
            Self.event("GetParameters", service: "ssm", "{\"names\":[\(names)],\"withDecryption\":true}"))
        #expect(reads.reads.count == 1000 && reads.rejectedCount == 1)
        let items = (0..<20_000).map { "{\"userId\":\"\($0)\"}" }.joined(separator: ",")
        let shares = CloudSample(
            Self.event(
                "ModifySnapshotAttribute", service: "ec2",
                "{\"snapshotId\":\"s\",\"createVolumePermission\":{\"add\":{\"items\":[\(items)]}}}"))
        #expect(shares.changes.count == 1000 && shares.rejectedCount == 1)
    }
}
