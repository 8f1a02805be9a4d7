// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A body that an unencrypted transfer carried.
struct Content: Sendable {
    let fuid: ZeekID
    let mime: StaticString
    let bytes: Int
    /// Random bits of which hashes are shown: the same for the same content.
    let digest: (UInt64, UInt64, UInt64)

    /// New content of `bytes` bytes.
    init(mime: StaticString, bytes: Int, _ random: inout Random) {
        fuid = ZeekID(&random)
        self.mime = mime
        self.bytes = bytes
        digest = (random.bits(), random.bits(), random.bits())
    }

    /// The same content as `other`, seen once more.
    init(again other: Content, _ random: inout Random) {
        fuid = ZeekID(&random)
        mime = other.mime
        bytes = other.bytes
        digest = other.digest
    }

    /// The content's SHA-1 as the log shows it.
    var sha1: String {
        var text = ByteText()
        text.addSHA1(self)
        return text.string
    }
}

/// An HTTP request and its answer.
struct Exchange: Sendable {
    var depth = 1
    var method: StaticString = "GET"
    var host: String
    var uri: String
    var agent: StaticString
    var status = 200
    var phrase: StaticString = "OK"
    var user: String?
    var upload: Content?
    var download: Content?
}

extension Sensor {
    /// A request in `flow`: a row of http.log, and one of files.log for each body.
    mutating func exchange(_ exchange: Exchange, at time: Timestamp, in flow: Flow) {
        record(.http, at: time) { text in
            text.add(connection: flow)
            text.add("\t")
            text.add(exchange.depth)
            text.add("\t")
            text.add(exchange.method)
            text.add("\t")
            text.add(text: exchange.host)
            text.add("\t")
            text.add(text: exchange.uri)
            text.add("\t-\t1.1\t")
            text.add(exchange.agent)
            text.add("\t-\t")
            text.add(exchange.upload?.bytes ?? 0)
            text.add("\t")
            text.add(exchange.download?.bytes ?? 0)
            text.add("\t")
            text.add(exchange.status)
            text.add("\t")
            text.add(exchange.phrase)
            text.add("\t-\t-\t(empty)\t")
            text.add(text: exchange.user ?? "-")
            text.add("\t-\t-")
            for content in [exchange.upload, exchange.download] {
                guard let content else {
                    text.add("\t-\t-\t-")
                    continue
                }
                text.add("\t")
                content.fuid.add(to: &text, prefix: UInt8(ascii: "F"))
                text.add("\t-\t")
                text.add(content.mime)
            }
        }
        if let upload = exchange.upload { file(upload, at: time, in: flow, source: "HTTP", fromOriginator: true) }
        if let download = exchange.download {
            file(download, at: time + 9000, in: flow, source: "HTTP", fromOriginator: false)
        }
    }

    /// A file in `flow`: a row of files.log. `name` is what the protocol called it.
    mutating func file(
        _ content: Content, at time: Timestamp, in flow: Flow, source: StaticString, fromOriginator: Bool,
        name: String? = nil
    ) {
        record(.files, at: time) { text in
            text.add("\t")
            content.fuid.add(to: &text, prefix: UInt8(ascii: "F"))
            text.add(connection: flow)
            text.add("\t")
            text.add(source)
            text.add("\t0\tMD5,SHA1\t")
            text.add(content.mime)
            text.add("\t")
            text.add(text: name ?? "-")
            text.add("\t")
            text.add(seconds: min(max(0, flow.end - time), Int64(content.bytes / 12)))
            let isLocal = World.isLocal(fromOriginator ? flow.originator : flow.responder)
            text.add(isLocal ? "\tT" : "\tF")
            text.add(fromOriginator ? "\tT\t" : "\tF\t")
            text.add(content.bytes)
            text.add("\t")
            text.add(content.bytes)
            text.add("\t0\t0\tF\t-\t")
            text.add(hex: content.digest.1, digits: 16)
            text.add(hex: content.digest.2, digits: 16)
            text.add("\t")
            text.addSHA1(content)
            text.add("\t-\t-\t-\t-")
        }
    }

    /// A file opened on a share: a row of smb_files.log.
    mutating func open(share: String, name: String, size: Int, modified: Timestamp, at time: Timestamp, in flow: Flow) {
        record(.smbFiles, at: time) { text in
            text.add(connection: flow)
            text.add("\t-\tSMB::FILE_OPEN\t")
            text.add(text: share)
            text.add("\t")
            text.add(text: name)
            text.add("\t")
            text.add(size)
            text.add("\t-")
            for age: Int64 in [0, 0, 3, 0] {
                text.add("\t")
                text.add(seconds: modified.microseconds - age * Calendar.day)
            }
        }
    }
}

extension ByteText {
    /// Appends the 40 digits of the content's SHA-1.
    fileprivate mutating func addSHA1(_ content: Content) {
        add(hex: content.digest.0, digits: 16)
        add(hex: content.digest.1 ^ content.digest.2, digits: 16)
        add(hex: content.digest.2, digits: 8)
    }
}
