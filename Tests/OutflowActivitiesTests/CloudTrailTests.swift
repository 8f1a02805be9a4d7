// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@Suite("CloudTrail: object reads")
struct CloudTrailTests {
    /// An S3 object read; `change` replaces pieces of its text.
    static func getObject(
        id: String = "e1", request: String = "A471D1060ED5FD07", bytes: String = "89", extra: String = "",
        identity: String =
            #""type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ada","accountId":"111122223333","accessKeyId":"AKIA1","userName":"ada""#
    ) -> String {
        """
        {"eventVersion":"1.08","userIdentity":{\(identity)},"eventTime":"2024-05-01T10:00:00Z",\
        "eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.7",\
        "userAgent":"[aws-cli/2]","requestParameters":{"bucketName":"papers","key":"a b.pdf"},"responseElements":null,\
        "additionalEventData":{"bytesTransferredOut":\(bytes)},"requestID":"\(request)","eventID":"\(id)",\
        "resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::papers/a b.pdf"},\
        {"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::papers"}],\
        "eventType":"AwsApiCall","recipientAccountId":"111122223333"\(extra)}
        """
    }

    @Test func aReadTellsWhoWhatWhereAndHowMuch() throws {
        let sample = CloudSample(Self.getObject())
        #expect(sample.format == "cloudtrail")
        let read = try #require(sample.reads.first)
        #expect(sample.reads.count == 1 && sample.records == 1 && sample.irrelevant == 0)
        #expect(read.state == .taken && read.bytes == 89 && read.part == .whole)
        #expect(read.source == "arn:aws:iam::111122223333:user/ada" && read.tenant == "111122223333")
        #expect(read.store == "arn:aws:s3:::papers" && read.object == "papers/a b.pdf")
        #expect(read.session == "AKIA1" && read.destination == "198.51.100.7" && read.client == "aws-cli/2")
    }

    @Test func allShapesGiveTheSameRead() throws {
        let event = Self.getObject()
        let escaped = event.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let logstash = event.replacing("eventTime", with: "@timestamp").replacing(":89", with: ":89.0")
        let shapes: [(String, Framing)] = [
            (event, .lines), ("{\"Records\":[\(event)]}", .lines), ("{\"Records\":[\(event)]}", .jsonElements),
            ("[\n  \(event)\n]", .jsonElements), ("[\(event)]", .lines), (logstash, .lines),
            ("{\"version\":\"0\",\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":\(event)}", .lines),
            ("{\"timestamp\":1,\"message\":\"\(escaped)\"}", .lines),
            ("{\"Events\":[{\"EventId\":\"e1\",\"CloudTrailEvent\":\"\(escaped)\"}]}", .lines),
            ("  \(event)  \r\n\r\n", .lines),
        ]
        let expected = CloudSample(event).reads
        #expect(expected.count == 1)
        for (text, framing) in shapes {
            let sample = CloudSample(text, framing: framing)
            #expect(sample.format == "cloudtrail", "\(text.prefix(60))")
            #expect(sample.reads == expected, "\(text.prefix(60))")
            #expect(sample.rejectedCount == 0, "\(text.prefix(60))")
        }
    }

    @Test(arguments: [
        "-1", "-89.0", "18446744073709551615", "89.5", "1e300", "\"NaN\"", "null", "true", "{}",
        "9223372036854775808",
    ])
    func anAmountThatIsNoneIsUnknown(bytes: String) throws {
        let read = try #require(CloudSample(Self.getObject(bytes: bytes)).reads.first)
        #expect(read.state == .accessed && read.bytes == nil)
    }

    @Test(arguments: ["NaN", "18446744073709551616", "1e400", "089", "Infinity", "", "89,,"])
    func whatIsNotJSONIsRejectedWhereItStands(bytes: String) {
        let good = Self.getObject(id: "e2", request: "B471D1060ED5FD07")
        let sample = CloudSample(good + "\n" + Self.getObject(bytes: bytes) + "\n" + good)
        #expect(sample.records == 2 && sample.rejectedCount == 1)
        #expect(sample.rejected.first?.offset == UInt64(good.utf8.count + 1))
    }

    @Test(arguments: ["89", "89.0", "8.9e1", "\"89\"", "\"89.0\""])
    func wholeNumbersMayBeWrittenInManyWays(bytes: String) {
        #expect(CloudSample(Self.getObject(bytes: bytes)).reads.first?.bytes == 89)
    }

    @Test func anEmptyAnswerTakesNothing() {
        let sample = CloudSample(Self.getObject(bytes: "0"))
        #expect(sample.reads.isEmpty && sample.irrelevant == 1)
    }

    @Test func whatMayBeOneOfManyRangesIsNotTheWholeObject() {
        #expect(CloudSample(Self.getObject(bytes: "8388608")).reads.first?.part == .unknownPart)
        #expect(CloudSample(Self.getObject(bytes: "8388609")).reads.first?.part == .whole)
        let ranged = Self.getObject().replacing("\"key\"", with: "\"Range\":\"bytes=0-88\",\"key\"")
        #expect(CloudSample(ranged).reads.first?.part == .unknownPart)
    }

    @Test func refusedIsAttemptedAndMissingIsNothing() throws {
        let refused = CloudSample(Self.getObject(bytes: "243", extra: #","errorCode":"AccessDenied""#))
        #expect(refused.reads.map(\.state) == [.attempted] && refused.reads[0].bytes == nil)
        for code in ["NoSuchKey", "NotModified", "SlowDown"] {
            let failed = CloudSample(Self.getObject(bytes: "243", extra: #","errorCode":"\#(code)""#))
            #expect(failed.reads.isEmpty && failed.irrelevant == 1, "\(code)")
        }
    }

    @Test func listingsAndHeadsCarryNothing() {
        for name in ["ListObjects", "ListObjectsV2", "ListBuckets", "HeadObject", "GetBucketAcl", "GetObjectTagging"] {
            let sample = CloudSample(Self.getObject().replacing("GetObject", with: name))
            #expect(sample.reads.isEmpty && sample.irrelevant == 1 && sample.records == 1, "\(name)")
        }
    }

    @Test func endpointsAndInsightsRepeatWhatOthersTell() {
        let endpoint = CloudSample(Self.getObject().replacing("AwsApiCall", with: "AwsVpceEvents"))
        #expect(endpoint.reads.isEmpty && endpoint.irrelevant == 1)
        let insight = CloudSample(
            Self.getObject().replacing("\"eventName\"", with: "\"insightDetails\""), format: "cloudtrail")
        #expect(insight.reads.isEmpty && insight.irrelevant == 1 && insight.rejectedCount == 0)
    }

    @Test func theAccountsOwnServicesTakeNothingAway() {
        let delivery = Self.getObject(identity: #""type":"AWSService","invokedBy":"cloudtrail.amazonaws.com""#)
        #expect(CloudSample(delivery).reads.isEmpty)
        let athena = Self.getObject().replacing("198.51.100.7", with: "athena.amazonaws.com")
        #expect(CloudSample(athena).reads.isEmpty)
        // The same service on behalf of another account takes it there.
        let foreign = athena.replacing(
            #""accountId":"111122223333","accessKeyId""#, with: #""accountId":"999900001111","accessKeyId""#)
        #expect(CloudSample(foreign).reads.map(\.destination) == ["999900001111"])
    }

    @Test func oneRequestSeenInTwoAccountsOrTwoLogsCountsOnce() throws {
        let own = Self.getObject(id: "e1", extra: #","sharedEventID":"s1""#)
        let other = Self.getObject(
            id: "e2", extra: #","sharedEventID":"s1""#,
            identity: #""type":"AWSAccount","principalId":"AIDAX","accountId":"999900001111""#)
        let log =
            "79a59df900b949e5 papers [01/May/2024:09:59:59 +0000] 198.51.100.7 arn:aws:iam::111122223333:user/ada "
            + "A471D1060ED5FD07 REST.GET.OBJECT a%2520b.pdf \"GET /a%20b.pdf HTTP/1.1\" 200 - 89 89 7 6 \"-\" \"aws-cli/2\" -"
        let reads = [CloudSample(own), CloudSample(other), CloudSample(log)].flatMap(\.reads)
        #expect(reads.count == 3 && Set(reads.map(\.identity)).count == 1)
        #expect(Set(reads.map(\.object)) == ["papers/a b.pdf"] && Set(reads.map(\.bytes)) == [89])
        // Another request, and ids that no S3 made, are told apart.
        let next = CloudSample(Self.getObject(id: "e3", request: "B471D1060ED5FD07")).reads[0]
        #expect(next.identity != reads[0].identity)
        let blanked = ["e1", "e2"].map {
            CloudSample(Self.getObject(id: $0, request: "XXXXXXXXXXXXXXXX")).reads[0].identity
        }
        #expect(blanked[0] != blanked[1])
    }

    @Test func withoutAnyIdTheRecordItselfIsTheIdentity() {
        let bare = Self.getObject(id: "", request: "")
        let twice = CloudSample("{\"Records\":[\(bare),\(bare)]}")
        #expect(Set(twice.reads.map(\.identity)).count == 2)
        #expect(CloudSample("{\"Records\":[\(bare),\(bare)]}").reads == twice.reads)
    }

    @Test func aCopyIntoAnothersBucketIsAReadOfUnknownSize() throws {
        let copy = Self.getObject(bytes: "234").replacing("\"GetObject\"", with: "\"CopyObject\"")
            .replacing(#""bucketName":"papers""#, with: #""bucketName":"loot","x-amz-copy-source":["/papers/a b.pdf"]"#)
            .replacing("\"arn:aws:s3:::papers\"", with: "\"arn:aws:s3:::loot\"")
        let own = CloudSample(copy)
        #expect(own.reads.isEmpty && own.irrelevant == 1)
        let foreign = CloudSample(
            copy.replacing(#"{"accountId":"111122223333","type"#, with: #"{"accountId":"999900001111","type"#))
        let read = try #require(foreign.reads.first)
        #expect(read.state == .accessed && read.bytes == nil && read.destination == "999900001111")
        #expect(read.store == "arn:aws:s3:::papers" && read.object == "papers/a b.pdf")
    }

    /// In the trail of the source's owner: its bucket is among the resources, the stranger's is not.
    @Test func aStrangersCopyIsAReadOfUnknownSize() throws {
        let copy = Self.getObject().replacing("\"GetObject\"", with: "\"CopyObject\"")
            .replacing(#""bucketName":"papers""#, with: #""bucketName":"loot","x-amz-copy-source":"papers/a b.pdf""#)
        #expect(CloudSample(copy).reads.isEmpty)
        let caller = #""arn":"arn:aws:iam::111122223333:user/ada""#
        let strangers = copy.replacing(#""userIdentity":{"#, with: #""userIdentity":{"accountId":"999900001111","#)
            .replacing(caller, with: #""arn":"arn:aws:iam::999900001111:user/eve""#)
            .replacing(#","accountId":"111122223333","accessKeyId"#, with: #","accessKeyId"#)
        let read = try #require(CloudSample(strangers).reads.first)
        #expect(read.state == .accessed && read.bytes == nil && read.destination == "999900001111")
        #expect(read.store == "arn:aws:s3:::papers" && read.object == "papers/a b.pdf")
        // By an access point of the account's, as clients write it.
        let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/lab"
        for source in [
            "\(point)/object/a b.pdf", "arn%3Aaws%3As3%3Aeu-west-1%3A111122223333%3Aaccesspoint/lab/object/a%20b.pdf",
        ] {
            let through = strangers.replacing("papers/a b.pdf", with: source)
            let read = try #require(CloudSample(through).reads.first)
            #expect(read.store == point && read.object == "\(point)/object/a b.pdf" && read.state == .accessed)
            #expect(
                CloudSample(
                    through.replacing("1:111122223333:acc", with: "1:222233334444:acc")
                        .replacing("%3A111122223333%3Aacc", with: "%3A222233334444%3Aacc")
                ).reads.isEmpty)
        }
        // Into a bucket of the account's own, or from one that is not: nothing left it.
        let into = strangers.replacing("arn:aws:s3:::papers\"", with: "arn:aws:s3:::loot\"")
        #expect(CloudSample(into).reads.isEmpty)
        let other = strangers.replacing(#""x-amz-copy-source":"papers/"#, with: #""x-amz-copy-source":"other/"#)
        #expect(CloudSample(other).reads.isEmpty)
    }

    @Test func timesAndNamesThatAreMissingAreRejected() {
        for text in [
            Self.getObject().replacing("2024-05-01T", with: "0000-05-01T"),
            Self.getObject().replacing("eventTime", with: "x"),
            Self.getObject().replacing("\"eventName\"", with: "\"x\"").replacing("eventType", with: "y"), "[]", "{}",
            "7", "{\"Records\":[7,null]}",
            String(Self.getObject().dropLast(3)), String(repeating: "[", count: 100_000),
        ] {
            let sample = CloudSample(text, format: "cloudtrail")
            #expect(sample.reads.isEmpty && sample.records == 0, "\(text.prefix(60))")
            #expect(sample.rejectedCount > 0 || text == "[]", "\(text.prefix(60))")
        }
        #expect(CloudSample(Self.getObject().replacing("2024-05-01T", with: "9999-12-31T")).reads.count == 1)
    }

    @Test func anyDamageIsSurvived() {
        let seed = UInt64.random(in: 1...UInt64.max)
        var state = seed
        func random(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        let text = Array((CloudTrailSharingTests.policy(#""*""#) + "\n" + Self.getObject()).utf8)
        for _ in 0..<300 {
            var damaged = text
            for _ in 0...random(4) { damaged[random(damaged.count)] = UInt8(random(256)) }
            let sample = CloudSample(Array(damaged.prefix(random(damaged.count) + 1)), format: "cloudtrail")
            #expect(sample.records + sample.rejectedCount > 0, "seed \(seed)")
        }
    }

    @Test func otherLogsAreNotTaken() {
        for text in [
            "{\"eventName\":\"x\"}", "{\"EventID\":1,\"Channel\":\"Security\"}", "version srcaddr", "[1,2]", "", "{",
            "{\"Operation\":\"FileDownloaded\",\"Workload\":\"SharePoint\"}",
        ] {
            #expect(CloudSample(text).format != "cloudtrail", "\(text)")
        }
    }
}
