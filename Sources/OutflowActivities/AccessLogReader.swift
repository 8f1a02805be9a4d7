// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Turns the lines of access logs, whoever wrote them, into activities.
struct AccessLogReader: Sendable {
    let format: LogFormat
    let writer: AccessSurvey.Writer
    let zoneOffsetMinutes: Int

    init(_ survey: AccessSurvey, writer: AccessSurvey.Writer, options: SourceOptions) {
        self.format = survey.format
        self.writer = writer
        self.zoneOffsetMinutes = options.zoneOffsetMinutes
    }

    /// A line, understood.
    private struct Line {
        var mark: RecordMark
        var fields: LogFields
        var request: RequestLine
        /// Nil when not logged.
        var status: Int?
        var bytes: UInt64?
        var record: Bytes
    }

    func read(_ block: RecordBlock, into batch: ActivityBatch) {
        LogFields.withRoom { fields in
            format.withMatcher { matcher in
                block.forEachRecord { record, offset in
                    if record.isBlank { return }
                    if let misfit = read(record, at: offset, matcher, fields, into: batch) {
                        reject(offset, misfit, batch)
                    }
                }
            }
        }
    }

    /// Cuts a line into fields, and looks at those whose form is known: the answer is its time, or what is wrong.
    func parts(
        of record: Bytes, _ matcher: LogFormat.Matcher, _ fields: LogFields
    ) -> Result<Timestamp, LogFormat.Misfit> {
        if let misfit = matcher.match(record, into: fields) { return .failure(misfit) }
        if fields.haveMoved { return .failure(.malformed(.user)) }
        guard let time = format.time.moment(fields[.time], zoneOffsetMinutes: zoneOffsetMinutes) else {
            return .failure(.malformed(.time))
        }
        let status = fields[.status]
        if !status.isEmpty, status.count != 3 || status.unsigned == nil { return .failure(.malformed(.status)) }
        if !fields[.bytes].isEmpty, fields[.bytes].byteCount == nil { return .failure(.malformed(.bytes)) }
        return .success(time)
    }

    /// Reads one line; the answer is what is wrong with it.
    private func read(
        _ record: Bytes, at offset: UInt64, _ matcher: LogFormat.Matcher, _ fields: LogFields, into batch: ActivityBatch
    ) -> LogFormat.Misfit? {
        let time: Timestamp
        switch parts(of: record, matcher, fields) {
        case .success(let read): time = read
        case .failure(let misfit): return misfit
        }
        var line = Line(
            mark: RecordMark(
                time: time, identity: 0, offset: offset, length: UInt32(clamping: record.count)),
            fields: fields, request: RequestLine(fields), status: nil, bytes: nil, record: record)
        line.status = fields[.status].unsigned.map { Int($0) }
        line.bytes = fields[.bytes].byteCount
        batch.records += 1
        batch.saw(time)
        if batch.wantsObservables, writer != .webServer { observe(line, batch) }
        if !add(&line, to: batch) { batch.irrelevant += 1 }
        return nil
    }

    /// Keeps host and URL of a request to a proxy for whoever compares them with indicators. Of a tunnel (`CONNECT`) there is the
    /// host alone (RFC 9110 section 9.3.6).
    private func observe(_ line: Line, _ batch: ActivityBatch) {
        var mark = line.mark
        mark.identity = ContentHash.of(line.record)
        let who = principal(line)
        func add(_ kind: Observable.Kind, _ value: Bytes) {
            guard !value.isEmpty else { return }
            var seen = Observable(mark: mark, kind: kind, value: value, who: who)
            if let host = IPAddress(who.id) { (seen.host, seen.who) = (host, nil) }
            batch.observables.append(seen)
        }
        add(.userAgent, line.fields[.userAgent])
        let target = line.request.target
        if line.request.method == "CONNECT" {
            let host = URLForm.host(target)
            return add(IPAddress(host) == nil ? .domain : .address, batch.arena.lowercased(host))
        }
        guard let url = AbsoluteURL(target) else { return }
        add(IPAddress(url.host) == nil ? .domain : .address, batch.arena.lowercased(url.host))
        if let url = URLForm.url(host: .empty, target: target, port: 80, batch.arena) { add(.url, url) }
    }

    /// Adds what the line means; false when it means nothing.
    private func add(_ line: inout Line, to batch: ActivityBatch) -> Bool {
        let request = line.request
        guard !request.target.isEmpty else { return false }
        if writer == .webServer {
            if let url = AbsoluteURL(embeddedIn: request.target) { return addDocument(&line, url, to: batch) }
            return addOwnPage(&line, to: batch)
        }
        guard let url = AbsoluteURL(request.target) else { return false }
        if addDocument(&line, url, to: batch) { return true }
        return writer == .forwardProxy && addUpload(&line, url, to: batch)
    }

    /// A document fetched through the proxy.
    private func addDocument(_ line: inout Line, _ url: AbsoluteURL, to batch: ActivityBatch) -> Bool {
        let method = line.request.method
        guard method.isEmpty || method == "GET" || method == "POST" else { return false }
        let isRefused = line.status == 401 || line.status == 403 || line.status == 407
        let isServed = line.status == nil || line.status == 200 || line.status == 206
        // The reader's own copy of a page is shown: nothing left, but the page was opened.
        let isCached = line.status == 304 && writer == .libraryProxy
        guard isRefused || isServed || isCached else { return false }
        // Nothing came back: whatever it was, it did not leave.
        if isServed, line.bytes == 0 { return false }
        let host = batch.arena.lowercased(url.host)
        // The type of a refusal is that of the error page.
        let mime = isRefused ? Bytes.empty : line.fields[.mime]
        let document = LibraryDocument.classify(host: host, target: url.target, mime: mime, arena: batch.arena)
        // Through a proxy for everything, a brochure's PDF is no licensed document.
        let isPage = document.kind != .asset && (document.kind != .fullText || document.form == .html)
        if isPage, isCached || isServed && document.kind != .fullText, writer == .libraryProxy {
            addPage(&line, url, to: batch)
        }
        guard !isCached, document.kind == .fullText, writer != .forwardProxy || document.isIdentified else {
            return false
        }

        let form: Bytes
        switch document.form {
        case .pdf: form = Bytes("#pdf")
        case .epub: form = Bytes("#epub")
        default: form = Bytes("#html")
        }
        let session = line.fields[.session]
        let state: TransferState = isRefused ? .attempted : line.status == nil && line.bytes == nil ? .accessed : .taken
        line.mark.identity = ContentHash.of(line.record)
        var access = ObjectAccess(
            mark: line.mark, route: .library, state: state, source: principal(line), store: host, session: session,
            destination: client(line, batch), object: batch.arena.join(document.unit, form),
            bytes: isRefused ? nil : line.bytes, part: part(line), client: line.fields[.userAgent])
        access.headers = headers(line)
        access.referrer = batch.arena.lowercased(line.fields[.referer])
        batch.append(access)
        return true
    }

    /// A page that is no document.
    private func addPage(_ line: inout Line, _ url: AbsoluteURL, to batch: ActivityBatch) {
        line.mark.identity = ContentHash.of(line.record)
        batch.pages.append(LibraryPage(mark: line.mark, reader: principal(line).id, page: url.target))
    }

    /// A page or file of the organisation's own web server.
    private func addOwnPage(_ line: inout Line, to batch: ActivityBatch) -> Bool {
        guard line.request.method == "GET" || line.request.method.isEmpty else { return false }
        let isRefused = line.status == 401 || line.status == 403
        guard isRefused || ((line.status == 200 || line.status == 206) && (line.bytes ?? 0) > 0) else { return false }
        let host = line.fields[.host]
        line.mark.identity = ContentHash.of(line.record)
        var access = ObjectAccess(
            mark: line.mark, route: .web, state: isRefused ? .attempted : .taken,
            source: EntityView(.host, id: host.isEmpty ? Bytes("web server") : batch.arena.lowercased(host)),
            destination: client(line, batch), object: line.request.target, bytes: isRefused ? nil : line.bytes,
            part: part(line), client: line.fields[.userAgent])
        access.headers = headers(line)
        batch.append(access)
        return true
    }

    /// An upload to outside, where the log shows the size of requests.
    private func addUpload(_ line: inout Line, _ url: AbsoluteURL, to batch: ActivityBatch) -> Bool {
        guard line.request.method == "POST" || line.request.method == "PUT",
            let size = line.fields[.requestBytes].byteCount, size > 0
        else { return false }
        let isDone = (200..<400).contains(line.status ?? 0)
        let user = line.fields[.user]
        let source =
            user.isEmpty ? EntityView(.host, id: line.fields[.client]) : EntityView(.principal, id: user)
        line.mark.identity = ContentHash.of(line.record)
        // Squid and Apache count the headers of a request with it (`%>st`, `%I`).
        var access = ObjectAccess(
            mark: line.mark, route: .web, state: isDone ? .taken : .attempted, source: source,
            destination: EntityView(.domain, id: batch.arena.lowercased(url.host)),
            // Two uploads to one address are two contents: only the line tells them apart.
            object: line.record, bytes: isDone ? size : nil, client: line.fields[.userAgent])
        access.headers = LogFormat.longestHeaders + size / 32
        batch.append(access)
        return true
    }

    /// Who read: the user; the session where no user is logged (`-`, or `0`); else the client.
    private func principal(_ line: Line) -> EntityView {
        let (user, session, client) = (line.fields[.user], line.fields[.session], line.fields[.client])
        if !user.isEmpty, user != "0" { return EntityView(.principal, id: user) }
        if !session.isEmpty { return EntityView(.principal, id: session) }
        return EntityView(.principal, id: client.isEmpty ? Bytes("not logged") : client)
    }

    /// Who got it: the client's address, or its name where the server looked that up.
    private func client(_ line: Line, _ batch: ActivityBatch) -> EntityView {
        let client = line.fields[.client]
        if client.isEmpty { return EntityView(.address, id: Bytes("not logged")) }
        return IPAddress(client) == nil
            ? EntityView(.domain, id: batch.arena.lowercased(client)) : EntityView(.address, id: client)
    }

    /// How much of the logged size of a reply may be headers, or what TLS and chunks add where the server counts behind them: at most
    /// one byte in 32 (RFC 8446 section 5.2; RFC 9112 section 7.1).
    private func headers(_ line: Line) -> UInt64 {
        format.bytesIncludeHeaders ? LogFormat.longestHeaders + (line.bytes ?? 0) / 32 : 0
    }

    /// Which part of the object the reply held. An answer that the client broke off is not the whole.
    private func part(_ line: Line) -> ObjectAccess.Part {
        if line.fields[.cacheResult].firstIndex(of: "ABORTED") != nil { return .unknownPart }
        guard line.status == 206 else { return .whole }
        guard let bytes = line.bytes, !format.bytesIncludeHeaders, bytes > 0 else { return .unknownPart }
        let range = line.fields[.range]
        // RFC 9110 section 14.1.2: only one range with a first byte says where the bytes lie.
        guard range.hasPrefix("bytes="), range.firstIndex(of: UInt8(ascii: ",")) == nil,
            let dash = range.firstIndex(of: UInt8(ascii: "-")), let from = range[6..<max(6, dash)].unsigned
        else { return .unknownPart }
        let (served, overflow) = from.addingReportingOverflow(bytes)
        if overflow { return .unknownPart }
        guard dash + 1 < range.count else { return .range(from: from, to: served) }
        guard let last = range.suffix(from: dash + 1).unsigned, last >= from, last < .max else { return .unknownPart }
        return .range(from: from, to: min(last + 1, served))
    }

    /// Keeps the first rejections with their reasons, counts the others.
    private func reject(_ offset: UInt64, _ misfit: LogFormat.Misfit, _ batch: ActivityBatch) {
        guard batch.rejections.examples.count < Rejections.exampleLimit else {
            batch.rejections.add(count: 1)
            return
        }
        batch.reject(offset: offset, reason(misfit))
    }

    /// A misfit in words.
    func reason(_ misfit: LogFormat.Misfit) -> String { "\(misfit.reason) (layout: \(format.directive))" }
}

extension ActivityBatch {
    /// Adds a read that only its line identifies: access logs give requests no id.
    fileprivate func append(_ access: ObjectAccess) {
        var access = access
        access.isIdentifiedByLine = true
        objects.append(access)
    }
}
