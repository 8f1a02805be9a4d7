// SPDX-License-Identifier: Apache-2.0

/// One read of a cloud object: a stretch of it that was sent.
struct TrueRequest {
    var object: String
    var range: Range<Int>
}

/// One answer of the library proxy that held a document or a part of one.
struct TrueDocument {
    var user: String
    var session: String
    var client: String
    var document: String
    var range: Range<Int>
    /// nil when the log does not say how much was sent.
    var logged: Int?
    /// Whether it was answered whole (200), and not in parts that the log does not place (206).
    var isWhole: Bool
}

extension SmallWorld {
    /// An object read, told by CloudTrail, by the bucket's own access log, or by both.
    mutating func addCloudRead() {
        let time = moment() / 1_000_000 * 1_000_000
        let bucket = dice.pick(["papers", "archive"])
        let number = dice.number(1...5)
        let size = 70_000 + number * 1_001
        let key = "k\(number).pdf"
        let isWhole = dice.chance(60)
        let from = isWhole ? 0 : dice.number(0...size / 2)
        let range = from..<(isWhole ? size : dice.number(from + 1...size))
        requests.append(TrueRequest(object: bucket + "/" + key, range: range))
        let user = dice.pick(["ada", "bob"])
        let request = dice.hex(16).uppercased()
        let teller = dice.number(1...3)
        if teller != 2 {
            lines.append(
                LogLine(
                    .cloudtrail,
                    text: """
                        {"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/\(user)",\
                        "accountId":"111122223333","accessKeyId":"AKIA\(user.uppercased())","userName":"\(user)"},"eventTime":"\(isoTime(time))",\
                        "eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.7",\
                        "userAgent":"[aws-cli/2]","requestParameters":{"bucketName":"\(bucket)","key":"\(key)"},"responseElements":null,\
                        "additionalEventData":{"bytesTransferredOut":\(range.count)},"requestID":"\(request)","eventID":"\(dice.hex(32))",\
                        "resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::\(bucket)/\(key)"},{"accountId":"111122223333",\
                        "type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::\(bucket)"}],"eventType":"AwsApiCall","recipientAccountId":"111122223333"}
                        """))
        }
        if teller != 1 {
            lines.append(
                LogLine(
                    .s3,
                    text:
                        "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be \(bucket) [\(serverTime(time))] "
                        + "198.51.100.7 arn:aws:iam::111122223333:user/\(user) \(request) REST.GET.OBJECT \(key) "
                        + "\"GET /\(key) HTTP/1.1\" \(isWhole ? 200 : 206) - \(range.count) \(size) 7 6 \"-\" \"aws-cli/2\" - "
                        + "s9lzHYrFp76ZVxRcpX9= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader \(bucket).s3.amazonaws.com TLSv1.2 - - eu-west-1"
                ))
        }
    }

    /// A record of the unified audit log, in one export or in both.
    mutating func addAudit() {
        let time = String(isoTime(moment()).dropLast())
        let id = "\(dice.hex(8))-0a11-4c3e-9a55-\(dice.hex(12))"
        let user = dice.pick(["ada", "bob"])
        let common = """
            "CreationTime":"\(time)","Id":"\(id)","OrganizationId":"11111111-2222-3333-4444-555555555555","ResultStatus":"Succeeded",\
            "UserId":"\(user)@contoso.example","ClientIP":"198.51.100.\(dice.number(1...3))","Version":1
            """
        let text: String
        if dice.chance(50) {
            text = """
                {\(common),"Operation":"FileDownloaded","RecordType":6,"Workload":"SharePoint","SiteUrl":"https://c.example/","ApplicationId":"d3590ed6",\
                "ObjectId":"https://c.example/\(dice.number(1...6)).docx"\(dice.chance(70) ? ",\"FileSizeBytes\":\(dice.number(1...3) * 5_000)" : "")}
                """
        } else {
            let items = (0..<dice.number(1...4)).map { _ in
                "{\"InternetMessageId\":\"<\(dice.number(1...9))@mx.example>\"\(dice.chance(60) ? ",\"SizeInBytes\":5120" : "")}"
            }
            text = """
                {\(common),"Operation":"MailItemsAccessed","RecordType":50,"Workload":"Exchange","MailboxOwnerUPN":"\(user)@contoso.example",\
                "ClientInfoString":"Client=REST","SessionId":"s-\(user)","OperationProperties":[{"Name":"MailAccessType","Value":"Bind"},\
                {"Name":"IsThrottled","Value":"False"}],"Folders":[{"FolderItems":[\(items.joined(separator: ","))],"Id":"L","Path":"Inbox"}],\
                "OperationCount":\(items.count)}
                """
        }
        auditRecords += 1
        let exports = dice.number(1...3)
        if exports != 2 { lines.append(LogLine(.audit, text: text)) }
        if exports != 1 {
            var row = LogLine(
                .audit,
                text: "\(time),\(user)@contoso.example,Any,\""
                    + text.split(separator: "\"", omittingEmptySubsequences: false)
                    .joined(separator: "\"\"") + "\"")
            row.isCSV = true
            lines.append(row)
        }
    }

    /// A document through the library proxy, whole or a part of it.
    mutating func addDocument() {
        let time = moment()
        let number = dice.number(1...8)
        let size = 200_000 + number * 777
        let isWhole = dice.chance(40)
        let from = isWhole ? 0 : dice.number(0...size - 1)
        let range = from..<(isWhole ? size : min(size, from + dice.number(1...60_000)))
        let document = TrueDocument(
            user: dice.pick(["anna", "carl"]), session: dice.pick(["gkD4AHFj7rDheJa", "oBzrStkEVAeUDeA"]),
            client: dice.pick(["192.0.2.7", "192.0.2.8"]), document: "10.1234/abc.\(number)", range: range,
            logged: dice.chance(92) ? range.count : nil, isWhole: isWhole)
        documents.append(document)
        lines.append(
            LogLine(
                .library,
                text: "\(document.client) \(document.session) \(document.user) [\(serverTime(time))] "
                    + "\"GET http://journal.example.org:80/doi/pdf/\(document.document) HTTP/1.1\" \(isWhole ? 200 : 206) "
                    + "\(document.logged.map(String.init) ?? "-")"))
        if dice.chance(50) {
            lines.append(
                LogLine(
                    .library,
                    text:
                        "192.0.2.7 - anna [\(serverTime(time))] \"GET http://journal.example.org:80/a/\(number).css HTTP/1.1\" 200 77"
                ))
        }
    }
}
