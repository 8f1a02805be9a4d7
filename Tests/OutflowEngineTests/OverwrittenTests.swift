// SPDX-License-Identifier: Apache-2.0

import OutflowEngine
import OutflowLedger
import OutflowRecords
import Testing

/// Reads of equal size are one content, unless a record shows that the object was overwritten in between.
@Suite struct OverwrittenTests {
    private func event(_ second: Int, _ name: String, _ key: String = "k", bytes: Int = 1000) -> String {
        """
        {"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/u",\
        "accountId":"123456789012","accessKeyId":"AKIA2"},"eventTime":"2026-03-01T10:00:0\(second)Z",\
        "eventSource":"s3.amazonaws.com","eventName":"\(name)","sourceIPAddress":"203.0.113.9","userAgent":"x",\
        "requestParameters":{"bucketName":"bk","key":"\(key)"},\
        "additionalEventData":{"bytesTransferredOut":\(name == "GetObject" ? bytes : 0).0},"requestID":"R\(second)",\
        "eventID":"e\(second)","eventType":"AwsApiCall","recipientAccountId":"123456789012"}

        """
    }

    private func s3(_ second: Int, _ operation: String, _ bytes: Int) -> String {
        "79a59df900b949e5 bk [06/Feb/2019:00:00:0\(second) +0000] 192.0.2.3 arn:aws:iam::1:user/a R\(second) \(operation) k "
            + "\"GET /bk/k HTTP/1.1\" 200 - \(bytes) 113 7 - \"-\" \"S3\" - x SigV4 E A h TLSv1.2 - -\n"
    }

    private func bounds(_ text: String) throws -> [ByteBounds] {
        let folder = try Folder()
        let path = try folder.write("log", Array(text.utf8))
        let report = try scanned([path])
        for transfer in report.ledger {
            let explanation = try Explainer(report, folder: folder.path, options: .init()).explain(transfer.id)
            #expect(explanation.agrees, "\(explanation.comparisons)")
        }
        return report.ledger.map(\.bytes)
    }

    @Test func cloudTrail() throws {
        let reads = event(0, "GetObject") + event(4, "GetObject")
        #expect(try bounds(reads) == [.exactly(1000)])
        #expect(try bounds(event(2, "PutObject") + reads) == [ByteBounds(atLeast: 1000, atMost: 2000)])
        #expect(try bounds(reads + event(6, "PutObject")) == [.exactly(1000)])
        #expect(try bounds(reads + event(2, "PutObject", "other")) == [.exactly(1000)])
        for name in ["DeleteObject", "RenameObject", "PostObject"] {
            #expect(try bounds(reads + event(2, name)) == [ByteBounds(atLeast: 1000, atMost: 2000)], "\(name)")
        }
    }

    /// Who asks for no version gets the one of the moment, which may be one that was asked for by name as well.
    @Test func versions() throws {
        let key = #""key":"k""#
        func version(_ second: Int, _ id: String, bytes: Int) -> String {
            event(second, "GetObject", bytes: bytes).replacing(key, with: key + #","versionId":"\#(id)""#)
        }
        let plain = event(0, "GetObject")
        #expect(try bounds(plain + version(1, "a", bytes: 1000)) == [ByteBounds(atLeast: 1000, atMost: 2000)])
        #expect(try bounds(plain + version(1, "a", bytes: 300)) == [ByteBounds(atLeast: 1000, atMost: 1300)])
        #expect(try bounds(version(0, "a", bytes: 500) + version(1, "b", bytes: 500)) == [.exactly(1000)])
        #expect(try bounds(version(0, "a", bytes: 500) + version(1, "a", bytes: 500)) == [.exactly(500)])
        let line = s3(0, "REST.GET.OBJECT", 113)
        let named = s3(2, "REST.GET.OBJECT", 113).replacing("\"S3\" - x", with: "\"S3\" abc x")
        #expect(try bounds(line + named) == [ByteBounds(atLeast: 113, atMost: 226)])
    }

    /// One event that two exports tell in two sizes: the smaller at least, the larger at most, in the ledger and in what
    /// explains it.
    @Test(arguments: [(1000, 2000), (2000, 1000), (7, 1 << 20)])
    func oneEventInTwoSizes(a: Int, b: Int) throws {
        let either = ByteBounds(atLeast: UInt64(min(a, b)), atMost: UInt64(max(a, b)))
        let (one, other) = (event(0, "GetObject", bytes: a), event(0, "GetObject", bytes: b))
        #expect(try bounds(one + other) == [either])
        #expect(try bounds(other + one + other) == [either])
        let more = event(3, "GetObject", bytes: 50)
        #expect(
            try bounds(other + more + one)
                == [ByteBounds(atLeast: max(50, either.atLeast), atMost: 50 + UInt64(max(a, b)))])
    }

    /// Contradicting versions in different files count alike in any order, with one thread and two, and through partials.
    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2]])
    func oneEventInTwoSizesInTwoFiles(order: [Int]) throws {
        let folder = try Folder()
        let files = try [1000, 4000, 2000].map { bytes in
            try folder.write("log\(bytes)", Array(event(0, "GetObject", bytes: bytes).utf8))
        }
        let transfers = try scanned(order.map { files[$0] }).ledger
        #expect(transfers.map(\.bytes) == [ByteBounds(atLeast: 1000, atMost: 4000)])
        #expect(transfers.map(\.onWire) == [nil])
        #expect(transfers[0].notes.contains { $0.contains("1 record came in versions") })
    }

    /// Two versions of one size of which one tells more are no contradiction: a reply of whole MiB may be a part, until the other
    /// export shows its range.
    @Test func oneEventOfOneSizeInTwoForms() throws {
        let part = event(0, "GetObject", bytes: 1 << 20)
        let ranged = part.replacing(#""bucketName""#, with: #""Range":"bytes=0-1048575","bucketName""#)
        #expect(part != ranged)
        #expect(try bounds(part + ranged) == [.exactly(1 << 20)])
        #expect(try bounds(ranged + part) == [.exactly(1 << 20)])
    }

    @Test func s3AccessLog() throws {
        let reads = s3(0, "REST.GET.OBJECT", 113) + s3(4, "REST.GET.OBJECT", 113)
        #expect(try bounds(reads) == [.exactly(113)])
        #expect(try bounds(reads + s3(2, "REST.PUT.OBJECT", 0)) == [ByteBounds(atLeast: 113, atMost: 226)])
        for operation in ["REST.DELETE.OBJECT", "REST.POST.OBJECT", "S3.EXPIRE.OBJECT"] {
            let change = try bounds(reads + s3(2, operation, 0))
            #expect(change == [ByteBounds(atLeast: 113, atMost: 226)], "\(operation)")
        }
        // An upload that began before the first read and ended behind it.
        let long = s3(0, "REST.PUT.OBJECT", 0).replacing("113 7 - ", with: "113 7000 - ")
        let late = s3(3, "REST.GET.OBJECT", 113) + s3(9, "REST.GET.OBJECT", 113)
        #expect(try bounds(late + long) == [ByteBounds(atLeast: 113, atMost: 226)])
    }
}
