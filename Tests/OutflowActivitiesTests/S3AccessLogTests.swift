// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@Suite("S3 server access log")
struct S3AccessLogTests {
    static let owner = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"

    static func line(
        _ operation: String = "REST.GET.OBJECT", requester: String = "arn:aws:sts::111122223333:assumed-role/R/ada",
        uri: String = "\"GET /a.pdf HTTP/1.1\"", status: String = "200", sent: String = "1000", size: String = "1000",
        agent: String = "\"aws-cli/2 (Linux)\"", request: String = "3E57427F3EA1B2C3", key: String = "a.pdf",
        version: String = "-"
    ) -> String {
        "\(owner) papers [06/Feb/2019:00:00:38 +0100] 192.0.2.3 \(requester) \(request) \(operation) \(key) \(uri) \(status) - "
            + "\(sent) \(size) 7 6 \"-\" \(agent) \(version) s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/e= SigV4 "
            + "ECDHE-RSA-AES128-GCM-SHA256 AuthHeader papers.s3.amazonaws.com TLSv1.2 - - eu-west-1"
    }

    @Test func aReadTellsBytesAndSize() throws {
        let sample = CloudSample(Self.line())
        #expect(sample.format == "s3-access")
        let read = try #require(sample.reads.first)
        #expect(read.state == .taken && read.bytes == 1000 && read.size == 1000 && read.part == .whole)
        #expect(read.source == "arn:aws:sts::111122223333:assumed-role/R/ada" && read.destination == "192.0.2.3")
        #expect(
            read.store == "arn:aws:s3:::papers" && read.object == "papers/a.pdf" && read.client == "aws-cli/2 (Linux)")
    }

    @Test func partsAreParts() {
        func part(_ status: String, _ sent: String, _ size: String = "1000") -> ObjectAccess.Part? {
            CloudSample(Self.line(status: status, sent: sent, size: size)).reads.first?.part
        }
        #expect(part("206", "500") == .unknownPart)
        // A range over everything is everything; a reply that broke off is not.
        #expect(part("206", "1000") == .whole)
        #expect(part("200", "999") == .unknownPart)
        #expect(part("206", "500", "-") == .unknownPart)
        #expect(CloudSample(Self.line(sent: "1001")).reads.first?.size == nil)
    }

    @Test(arguments: ["304", "404", "416", "500", "-"])
    func whatFailedIsNothing(status: String) {
        let sample = CloudSample(Self.line(status: status, sent: "300"))
        #expect(sample.reads.isEmpty && sample.irrelevant == 1 && sample.rejectedCount == 0)
    }

    @Test func forbiddenIsAttempted() {
        let sample = CloudSample(Self.line(status: "403", sent: "243", size: "-"))
        #expect(sample.reads.map(\.state) == [.attempted] && sample.reads[0].bytes == nil)
    }

    @Test(arguments: ["-5", "18446744073709551616", "9223372036854775808", "NaN", "1e9"])
    func anAmountThatIsNoneIsUnknown(sent: String) {
        let read = CloudSample(Self.line(sent: sent)).reads.first
        #expect(read?.state == .accessed && read?.bytes == nil)
    }

    @Test func nothingSentIsNothing() {
        #expect(CloudSample(Self.line(sent: "-")).reads.isEmpty)
        #expect(CloudSample(Self.line(sent: "0")).reads.isEmpty)
    }

    @Test(arguments: ["REST.GET.BUCKET", "REST.HEAD.OBJECT", "REST.GET.ACL"])
    func otherOperationsAreCountedOnly(operation: String) {
        let sample = CloudSample(Self.line(operation))
        #expect(sample.reads.isEmpty && sample.written.isEmpty && sample.irrelevant == 1)
    }

    @Test(arguments: [
        ("REST.PUT.OBJECT", "200"), ("REST.POST.OBJECT", "204"), ("REST.DELETE.OBJECT", "204"),
        ("BATCH.DELETE.OBJECT", "204"), ("S3.EXPIRE.OBJECT", "-"), ("S3.CREATE.DELETEMARKER", "-"),
    ])
    func changesOfObjectsAreNoReads(operation: String, status: String) {
        let sample = CloudSample(Self.line(operation, status: status))
        #expect(sample.reads.isEmpty && sample.written == ["papers/a.pdf"] && sample.irrelevant == 0)
        let failed = CloudSample(Self.line(operation, status: "403"))
        #expect(failed.written.isEmpty && failed.irrelevant == 1)
    }

    /// Only what S3 does by itself has no status: of a request without one nobody knows whether it changed anything.
    @Test func anUploadWithoutStatusChangesNothing() {
        #expect(CloudSample(Self.line("REST.PUT.OBJECT", status: "-")).written.isEmpty)
    }

    @Test func quotesInsideTextsDoNotShiftFields() {
        for uri in [#""GET /x?a="b" HTTP/1.1""#, #""GET /x " 404 y HTTP/1.1""#, "-"] {
            let read = CloudSample(Self.line(uri: uri, agent: #""Mozilla "odd" x""#, version: "v1")).reads.first
            #expect(read?.bytes == 1000 && read?.size == 1000, "\(uri)")
        }
        #expect(CloudSample(Self.line(agent: "\"broken")).reads.first?.bytes == 1000)
    }

    @Test func keysAreEncodedTwice() {
        #expect(CloudSample(Self.line(key: "x%252Fa%2520b%25C3%25A9%")).reads.first?.object == "papers/x/a bé%")
        #expect(CloudSample(Self.line(version: "v1")).reads.first?.object == "papers/a.pdf")
        #expect(CloudSample(Self.line(version: "v1")).reads.first?.version == "v1")
    }

    @Test func anonymousAndServices() {
        #expect(CloudSample(Self.line(requester: "-")).reads.first?.source == "anonymous")
        #expect(CloudSample(Self.line(requester: "svc:logging.s3.amazonaws.com")).reads.isEmpty)
    }

    @Test func aCopyByAStrangerHasNoSize() {
        let stranger = String(repeating: "b", count: 64)
        let copy = CloudSample(Self.line("REST.COPY.OBJECT_GET", requester: stranger, uri: "-", sent: "-"))
        #expect(copy.reads.map(\.state) == [.accessed] && copy.reads[0].bytes == nil && copy.reads[0].size == 1000)
        #expect(CloudSample(Self.line("REST.COPY.OBJECT_GET", requester: Self.owner, sent: "-")).reads.isEmpty)
    }

    /// Where the log cannot say whether a copy left the account, it says that on that day there was one.
    @Test func aCopyBySomebodyOfUnknownAccountIsAGap() {
        let user = "arn:aws:iam::111122223333:user/ada"
        let text = [(user, "200"), (user, "403"), ("svc:logging.s3.amazonaws.com", "200")].map { requester, status in
            Self.line("REST.COPY.OBJECT_GET", requester: requester, uri: "-", sent: "-").replacing(
                " 200 ", with: " \(status) ")
        }
        let seen: Void? = StreamSample(text.joined(separator: "\n")).read(as: S3AccessLog.self) { batch in
            #expect(batch.objects.isEmpty && batch.losses.count == 1 && batch.irrelevant == 2)
            let loss = batch.losses.first
            #expect((loss?.to.microseconds ?? 0) - (loss?.from.microseconds ?? 0) == 86_400_000_000)
            #expect((loss?.from.microseconds ?? 1) % 86_400_000_000 == 0)
            #expect(loss?.what.string.contains("out of bucket") == true)
        }
        #expect(seen != nil)
    }

    @Test func cutOffLinesAreRejected() {
        let line = Self.line()
        let cut = line.split(separator: " \"aws-cli")[0] + " "
        for length in stride(from: 1, to: cut.utf8.count, by: 7) {
            let sample = CloudSample(line + "\n" + String(cut.prefix(length)))
            #expect(sample.reads.count == 1 && sample.rejectedCount == 1, "\(length)")
            #expect(sample.rejected.first?.offset == UInt64(line.utf8.count + 1))
        }
        #expect(CloudSample("\(line)\r\n\(line)\r\n").records == 2)
    }

    @Test func otherLinesAreNotTaken() {
        for text in [
            #"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326"#, "", "a b c", "[",
            Self.line().replacing("06/Feb", with: "06/Fob"),
        ] {
            #expect(CloudSample(text).format != S3AccessLog.card.format, "\(text)")
        }
    }
}
