// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What rows of Zeek's logs mean. TSV and JSON differ only in how a row is cut up; from here on they are one.
///
/// Source of field meanings: Zeek 7 documentation, "Log Files" and the `base/protocols` and `base/frameworks/files` scripts.
enum ZeekActivities {
    /// Adds what `row` means to the batch; returns why not when it cannot be read.
    static func add(
        _ row: ZeekRow, of path: ZeekPath, offset: UInt64, length: UInt32, to batch: ActivityBatch
    ) -> String? {
        if path == .other {
            batch.irrelevant += 1
            if let time = row.time { batch.widen(time) }
            return nil
        }
        guard let time = row.time else {
            return row[.ts].isEmpty ? "no time (ts)" : "ts is no time between year 1 and 9999"
        }
        if path == .connSums { return "conn_agg adds connections up and is not read; scan conn.log" }
        // Whether connections were logged is what matters: a silent hour of mail is none of the sensor.
        if path == .conn { batch.saw(time) } else { batch.widen(time) }
        let mark = { (seed: UInt64, fields: [ZeekField]) -> RecordMark in
            var hash = ContentHash(seed: seed)
            for field in fields { hash.combine(row[field]) }
            hash.combine(UInt64(bitPattern: time.microseconds))
            return RecordMark(time: time, identity: hash.value, offset: offset, length: length)
        }
        switch path {
        case .conn, .connAgain: return conn(row, time, offset, length, isAgain: path == .connAgain, batch)
        case .ssl:
            if batch.wantsObservables, let connection = row.connection() {
                let mark = mark(0x7A04, [.uid, .serverName])
                observe(URLForm.host(row[.serverName]), .domain, mark, connection, batch)
                observe(row[.ja3], .ja3, mark, connection, batch)
                observe(row[.ja4], .ja4, mark, connection, batch)
                row.forEach(.certificateChain) { observe($0, .certificate, mark, connection, batch) }
            }
            return ssl(row, time, batch)
        case .http: return http(row, mark(0x7A01, [.uid, .transDepth, .method, .uri]), batch)
        case .files: return file(row, mark(0x7A02, [.fileID, .seenBytes]), batch)
        case .dns: return dns(row, mark(0x7A03, [.uid, .transID, .query, .qtype]), batch)
        case .dhcp: return dhcp(row, time, batch)
        case .captureLoss: return captureLoss(row, time, batch)
        case .smtp where batch.wantsObservables:
            let mark = mark(0x7A05, [.uid, .transDepth])
            if let connection = row.connection() {
                for field in [ZeekField.mailFrom, .mailTo, .headerFrom, .headerTo] {
                    row.forEach(field) { text in
                        AuditRecord.forEachMailAddress(in: text) { observe($0, .mail, mark, connection, batch) }
                    }
                }
            }
            batch.irrelevant += 1
            return nil
        case .smtp, .ftp, .smbFiles:
            // Their bytes are in conn.log and files.log; as rows of their own they add nothing to the ledger.
            batch.irrelevant += 1
            return nil
        case .other, .connSums: return nil
        }
    }

    private static func conn(
        _ row: ZeekRow, _ time: Timestamp, _ offset: UInt64, _ length: UInt32, isAgain: Bool, _ batch: ActivityBatch
    ) -> String? {
        guard let connection = row.connection() else { return "id.orig_h or id.resp_h is no address" }
        guard let sent = ZeekConn.bytes(row[.originatorBytes]), let received = ZeekConn.bytes(row[.responderBytes])
        else {
            return "orig_bytes or resp_bytes is no byte count"
        }
        guard let missed = ZeekConn.bytes(row[.missedBytes]) else { return "missed_bytes is no byte count" }
        var parsed = ZeekConn(
            flow: Flow(
                originator: connection.originator, responder: connection.responder, start: time,
                duration: ZeekConn.microseconds(row[.duration]), originatorBytes: 0, responderBytes: 0,
                originatorPort: connection.originatorPort, responderPort: connection.responderPort,
                proto: connection.proto, sensor: .zeek, services: ZeekConn.services(row[.service]), offset: offset,
                length: length))
        parsed.originatorBytes = sent
        parsed.responderBytes = received
        parsed.missedBytes = missed
        parsed.originatorPackets = row[.originatorPackets].unsigned ?? ZeekConn.unset
        parsed.responderPackets = row[.responderPackets].unsigned ?? ZeekConn.unset
        parsed.state = ZeekConn.State(row[.connState])
        if !row[.history].isEmpty { parsed.history = ZeekConn.History(row[.history]) }
        parsed.flow.originatorLocality = locality(row[.localOriginator])
        parsed.flow.responderLocality = locality(row[.localResponder])
        var flow = parsed.bounded()
        // The row of conn.log, if there is one, is right.
        if isAgain { flow.isRegular = false }
        batch.flows.append(flow)
        return nil
    }

    static func locality(_ text: Bytes) -> Flow.Locality {
        guard text.count > 0 else { return .unsaid }
        switch text.start[0] {
        case UInt8(ascii: "T"), UInt8(ascii: "t"): return .local
        case UInt8(ascii: "F"), UInt8(ascii: "f"): return .remote
        default: return .unsaid
        }
    }

    private static func ssl(_ row: ZeekRow, _ time: Timestamp, _ batch: ActivityBatch) -> String? {
        guard let connection = row.connection() else { return "id.orig_h or id.resp_h is no address" }
        addName(row[.serverName], .tlsServerName, time, connection, batch)
        return nil
    }

    /// Keeps a name of the connection's responder; what is itself an address names nothing.
    private static func addName(
        _ text: Bytes, _ source: NameSeen.Source, _ time: Timestamp, _ connection: Connection, _ batch: ActivityBatch
    ) {
        var name = text.trimmed
        if let colon = name.firstIndex(of: UInt8(ascii: ":")),
            name.firstIndex(of: UInt8(ascii: ":"), from: colon + 1) == nil
        {
            name = name.prefix(upTo: colon)
        }
        if name.count > 0, name[name.count - 1] == UInt8(ascii: ".") { name = name.prefix(upTo: name.count - 1) }
        guard name.count > 0, name.count <= 253, IPAddress(name) == nil, name[0] != UInt8(ascii: "[") else { return }
        batch.names.append(
            NameSeen(
                time: time, source: source, client: connection.originator, address: connection.responder,
                port: connection.responderPort, name: batch.arena.lowercased(name)))
    }

    private static func http(_ row: ZeekRow, _ mark: RecordMark, _ batch: ActivityBatch) -> String? {
        guard let connection = row.connection() else { return "id.orig_h or id.resp_h is no address" }
        addName(row[.host], .httpHost, mark.time, connection, batch)
        if batch.wantsObservables { observe(request: row, mark, connection, batch) }
        guard let body = ZeekConn.bytes(row[.requestBodyLength]) else { return "request_body_len is no byte count" }
        let file = row.first(.originatorFileIDs)
        guard body != 0, body != ZeekConn.unset || !file.isEmpty else { return nil }
        var upload = WebUpload(
            mark: mark, connection: connection, depth: UInt32(truncatingIfNeeded: row[.transDepth].unsigned ?? 0),
            method: row[.method], host: batch.arena.lowercased(row[.host].trimmed), uri: row[.uri],
            status: UInt16(truncatingIfNeeded: row[.statusCode].unsigned ?? 0),
            body: body == ZeekConn.unset ? nil : body, fileID: file.isEmpty ? nil : ContentHash.of(file))
        batch.uploads.append(upload)
        // A multipart body holds several files: the further ones add no bytes, they are part of this request.
        let first = upload.fileID
        upload.body = 0
        row.forEach(.originatorFileIDs) { file in
            upload.fileID = ContentHash.of(file)
            if upload.fileID != first { batch.uploads.append(upload) }
        }
        return nil
    }

    /// Keeps a value for whoever compares it with indicators.
    private static func observe(
        _ value: Bytes, _ kind: Observable.Kind, _ mark: RecordMark, _ connection: Connection, _ batch: ActivityBatch
    ) {
        guard !value.isEmpty else { return }
        let text = kind == .userAgent ? value : batch.arena.lowercased(value)
        batch.observables.append(
            Observable(
                mark: mark, kind: kind, value: text, host: connection.originator, peer: connection.responder))
    }

    /// Host, address and agent of a request.
    private static func observe(
        request row: ZeekRow, _ mark: RecordMark, _ connection: Connection, _ batch: ActivityBatch
    ) {
        observe(row[.userAgent], .userAgent, mark, connection, batch)
        observe(URLForm.host(row[.host]), .domain, mark, connection, batch)
        guard let url = URLForm.url(host: row[.host], target: row[.uri], port: 80, batch.arena) else { return }
        batch.observables.append(
            Observable(mark: mark, kind: .url, value: url, host: connection.originator, peer: connection.responder))
    }

    private static func file(_ row: ZeekRow, _ mark: RecordMark, _ batch: ActivityBatch) -> String? {
        let carrier: FileSeen.Carrier
        let source = row[.source]
        if source == "HTTP" {
            carrier = .http
        } else if source == "FTP_DATA" || source == "FTP" {
            carrier = .ftp
        } else if source == "SMTP" {
            carrier = .smtp
        } else if source == "SMB" {
            carrier = .smb
        } else {
            carrier = .other
        }
        // Certificates pass through the file framework too; they are handshake, not content.
        if source == "SSL" || source == "X509" || source == "QUIC" || source == "OCSP" {
            batch.irrelevant += 1
            if batch.wantsObservables, let connection = row.connection() {
                for field in [ZeekField.md5, .sha1, .sha256] {
                    observe(row[field], .certificate, mark, connection, batch)
                }
            }
            return nil
        }
        let fromOriginator = locality(row[.isOriginator]) == .local
        var sender = IPAddress(row.first(.txHosts))
        var receiver = IPAddress(row.first(.rxHosts))
        var (port, clientPort): (UInt16, UInt16) = (0, 0)
        if let connection = row.connection() {  // Zeek 5.1 and later log the connection instead of host sets.
            sender = sender ?? (fromOriginator ? connection.originator : connection.responder)
            receiver = receiver ?? (fromOriginator ? connection.responder : connection.originator)
            port = connection.responderPort
            clientPort = connection.originatorPort
        }
        guard let sender, let receiver else { return "tx_hosts or rx_hosts holds no address" }
        guard let seen = ZeekConn.bytes(row[.seenBytes]), let total = ZeekConn.bytes(row[.totalBytes]),
            let missing = ZeekConn.bytes(row[.missingBytes])
        else { return "seen_bytes, total_bytes or missing_bytes is no byte count" }
        if batch.wantsObservables {
            for field in [ZeekField.md5, .sha1, .sha256] where !row[field].isEmpty {
                batch.observables.append(
                    Observable(
                        mark: mark, kind: .hash, value: batch.arena.lowercased(row[field]), host: receiver, peer: sender
                    ))
            }
        }
        let digest = [row[.sha256], row[.sha1], row[.md5]].first { !$0.isEmpty }
        batch.files.append(
            FileSeen(
                mark: mark, fileID: ContentHash.of(row[.fileID]), content: digest.map { FileSeen.content(of: $0) },
                carrier: carrier, sender: sender, receiver: receiver, port: port, clientPort: clientPort,
                fromOriginator: fromOriginator, seen: seen == ZeekConn.unset ? 0 : seen,
                total: total == ZeekConn.unset ? nil : total, missing: missing == ZeekConn.unset ? 0 : missing,
                name: row[.filename]))
        return nil
    }

    private static func dns(_ row: ZeekRow, _ mark: RecordMark, _ batch: ActivityBatch) -> String? {
        guard let connection = row.connection() else { return "id.orig_h or id.resp_h is no address" }
        var query = row[.query]
        if query.count > 0, query[query.count - 1] == UInt8(ascii: ".") { query = query.prefix(upTo: query.count - 1) }
        guard !query.isEmpty else {
            batch.irrelevant += 1
            return nil
        }
        let name = batch.arena.lowercased(query)
        var mark = mark
        if let transaction = row[.transID].unsigned {
            mark.identity = DNSQuery.identity(
                client: connection.originator, port: connection.originatorPort, resolver: connection.responder,
                transaction: transaction, name: name, time: mark.time)
        }
        batch.queries.append(
            DNSQuery(
                mark: mark, client: connection.originator, resolver: connection.responder, name: name,
                type: UInt16(clamping: row[.qtype].unsigned ?? 0)))
        if row[.rcode] == "3" {
            batch.failures.append(DNSFailure(mark: mark, client: connection.originator, name: name))
        }
        row.forEach(.answers) { answer in
            guard let address = IPAddress(answer) else { return }
            if batch.wantsObservables { observe(answer, .address, mark, connection, batch) }
            batch.names.append(
                NameSeen(
                    time: mark.time, source: .dnsAnswer, client: connection.originator, address: address, port: 0,
                    name: name))
        }
        return nil
    }

    private static func dhcp(_ row: ZeekRow, _ time: Timestamp, _ batch: ActivityBatch) -> String? {
        guard
            let address = IPAddress(row[.assignedAddress]) ?? IPAddress(row[.clientAddress])
                ?? IPAddress(row[.requestedAddress])
        else {
            batch.irrelevant += 1
            return nil
        }
        let name = row[.hostName].trimmed
        guard !name.isEmpty else {
            batch.irrelevant += 1
            return nil
        }
        batch.names.append(
            NameSeen(
                time: time, source: .dhcpHostName, client: address, address: address, port: 0,
                name: batch.arena.lowercased(name)))
        return nil
    }

    private static func captureLoss(_ row: ZeekRow, _ time: Timestamp, _ batch: ActivityBatch) -> String? {
        // percent_lost is a percentage with fraction: 12.345 is 123,450 parts per million.
        let text = row[.percentLost]
        let perMillion = ZeekConn.microseconds(text) / 100
        guard !text.isEmpty, perMillion >= 0, perMillion <= 1_000_000 else { return "percent_lost is no percentage" }
        guard perMillion > 0 else {
            batch.irrelevant += 1
            return nil
        }
        let length = ZeekConn.microseconds(row[.tsDelta])
        batch.losses.append(
            LossSeen(
                from: Timestamp(microseconds: time.microseconds &- length), to: time, route: .network,
                lostPerMillion: UInt32(perMillion),
                what: Bytes("the sensor saw acknowledgements of data that it did not see")))
        return nil
    }
}
