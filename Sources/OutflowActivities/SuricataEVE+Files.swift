// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension SuricataEVE {
    /// A web request: the name of its server, and an upload when its method carries a body.
    ///
    /// EVE does not log the size of a request's body (`http.length` is that of the response): it comes, if at all, with
    /// the `fileinfo` event of the same flow and transaction, which has the same `fileID`.
    static func readHTTP(_ event: EVEEvent) {
        guard let http = event.json["http"] else {
            event.batch.irrelevant += 1
            return
        }
        let method = http.string("http_method")
        let uri = http.string("url")
        var isRelevant = false
        // To a proxy, the name is that of somebody behind the address: no name of the address.
        let isProxied = method == "CONNECT" || uri.hasPrefix("http://") || uri.hasPrefix("https://")
        let host = event.name(http.string("hostname"))
        if let host, !isProxied, IPAddress(host) == nil {
            isRelevant = true
            event.batch.names.append(
                NameSeen(
                    time: event.mark.time, source: .httpHost, client: event.source, address: event.destination,
                    port: event.destinationPort, name: host))
        }
        if method == "POST" || method == "PUT" || method == "PATCH" {
            isRelevant = true
            let transaction = event.json["tx_id"]?.count
            event.batch.uploads.append(
                WebUpload(
                    mark: event.mark, connection: event.connection,
                    depth: transaction.flatMap { UInt32(exactly: $0) }.map { $0 &+ 1 } ?? 0,
                    method: event.batch.arena.copy(method), host: host ?? .empty, uri: event.batch.arena.copy(uri),
                    status: http["status"]?.count.flatMap { UInt16(exactly: $0) } ?? 0, body: nil,
                    fileID: transaction.map { event.fileID(transaction: $0, toServer: true) }))
        }
        if !isRelevant { event.batch.irrelevant += 1 }
    }

    /// A file that passed. Since Suricata 5 its source is who sent it, whoever opened the connection.
    ///
    /// The size is that of the content as Suricata unpacked it (`Content-Encoding` undone). A file that was cut, by a
    /// limit or by a gap, has lost an unknown number of bytes: `missing` is unknown, the size of the whole is not known, and
    /// its hash is no hash of the content.
    /// Source: docs.suricata.io, "Event type: Fileinfo", "File Extraction".
    static func readFile(_ event: EVEEvent) -> String? {
        guard let info = event.json["fileinfo"], let size = info["size"]?.count else {
            return "fileinfo event without size"
        }
        let isWhole = info.string("state") == "CLOSED" && info["gaps"]?.bool != true
        let method = event.json["http"]?.string("http_method") ?? .empty
        var fromOriginator = isFromClient(event, method: method)
        var sender = event.source
        var receiver = event.destination
        var port = fromOriginator ? event.destinationPort : event.sourcePort
        // Suricata 4 wrote the ends as in whichever packet closed the file. What a GET brings comes from the server.
        if fromOriginator, method == "GET", event.json["direction"] == nil {
            fromOriginator = false
            (sender, receiver) = (receiver, sender)
            port = event.destinationPort
        }
        let clientPort = port == event.destinationPort ? event.sourcePort : event.destinationPort
        let transaction = info["tx_id"]?.count ?? event.json["tx_id"]?.count ?? 0
        event.batch.files.append(
            FileSeen(
                mark: event.mark, fileID: event.fileID(transaction: transaction, toServer: fromOriginator),
                content: isWhole ? contentHash(info) : nil, carrier: carrier(event.json.string("app_proto")),
                sender: sender, receiver: receiver, port: port, clientPort: clientPort,
                fromOriginator: fromOriginator, seen: size, total: isWhole ? size : nil,
                missing: isWhole ? 0 : FileSeen.unknownMissing,
                name: event.batch.arena.copy(info.string("filename"))))
        return nil
    }

    /// Whether the event's source opened the connection: as `direction` says, else by the ports, else by the method.
    private static func isFromClient(_ event: EVEEvent, method: Bytes) -> Bool {
        let direction = event.json.string("direction")
        if direction == "to_server" { return true }
        if direction == "to_client" { return false }
        let service = event.json["http"]?["http_port"]?.count ?? 0
        for known in [service, 1024] where known > 0 {
            let isServer: (UInt16) -> Bool = { known == 1024 ? $0 > 0 && $0 < 1024 : UInt64($0) == known }
            let source = isServer(event.sourcePort)
            if source != isServer(event.destinationPort) { return !source }
        }
        if method == "GET" || method == "HEAD" { return false }
        return event.sourcePort > event.destinationPort
    }

    /// The strongest hash of the content that is logged.
    private static func contentHash(_ info: JSONValue) -> UInt64? {
        for key: StaticString in ["sha256", "sha1", "md5"] {
            if let digits = info[key]?.string, !digits.isEmpty { return FileSeen.content(of: digits) }
        }
        return nil
    }

    private static func carrier(_ name: Bytes) -> FileSeen.Carrier {
        if name == "http" || name == "http2" { return .http }
        if name == "smtp" { return .smtp }
        if name == "ftp" || name == "ftp-data" { return .ftp }
        if name == "smb" { return .smb }
        return .other
    }
}
