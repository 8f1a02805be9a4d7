// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Finds out in which layout an access log is written, and by which kind of server, from its first records.
struct AccessSurvey {
    /// Who writes access logs.
    enum Writer { case libraryProxy, forwardProxy, webServer }

    /// The layout that fits most of the head's records (or the configured one).
    var format: LogFormat
    var writer: Writer
    /// Whether at least eight in ten of the head's records fit.
    var isFit: Bool
    /// Whether something in the records is particular to the writer.
    var isMarked = false
    /// Whether the site configured the layout.
    var isConfigured: Bool

    /// Looks at the head; nil when no layout fits and none is configured.
    init?(_ head: StreamHead) {
        let records = head.records.filter { !$0.isBlank }
        guard head.framing == .lines, !records.isEmpty else { return nil }
        let zone = head.options.zoneOffsetMinutes
        if let directive = head.options.logFormat {
            guard let format = try? LogFormat(directive) else { return nil }
            self.format = format
            isConfigured = true
            isFit = Self.fits(format, records, zone).count * 10 >= records.count * 8
        } else {
            guard
                let best = Self.best(of: AccessLayouts.all, records, zone)
                    ?? Self.best(of: AccessLayouts.tabbed, records, zone)
            else { return nil }
            format = Self.orderedBySession(best, records)
            isConfigured = false
            isFit = true
        }
        writer = .webServer
        judgeWriter(records)
    }

    /// The layout that most records fit, the first of equals; nil if fewer than eight in ten fit any. Several servers may write
    /// one log, each in its layout: then the lines of the others are told as rejected, and the log is read all the same.
    ///
    /// A layout that leaves the end of its lines unread fits whatever others fit: one that reads more fields is taken instead
    /// as soon as half of those lines fit it. Else one odd line would hide fields of all.
    private static func best(of layouts: [LogFormat], _ records: [Bytes], _ zone: Int) -> LogFormat? {
        var known = [Bool](repeating: false, count: records.count)
        var best: (layout: LogFormat, count: Int)?
        let counted = layouts.map { layout in
            let fitting = fits(layout, records, zone)
            for index in fitting { known[index] = true }
            return (layout: layout, count: fitting.count)
        }
        for candidate in counted where candidate.count > best?.count ?? 0 { best = candidate }
        guard let first = best, known.count(where: { $0 }) * 10 >= records.count * 8 else { return nil }
        let read = first.layout.fields.subtracting([.ignored])
        for candidate in counted where candidate.count * 2 >= first.count && candidate.layout != first.layout {
            guard candidate.layout.fields.subtracting([.ignored]).isStrictSuperset(of: read) else { continue }
            if best?.layout == first.layout || candidate.count > best?.count ?? 0 { best = candidate }
        }
        return best?.layout
    }

    /// The records that fit the layout: all fields are there and look like what they are.
    private static func fits(_ format: LogFormat, _ records: [Bytes], _ zone: Int) -> [Int] {
        LogFields.withRoom { fields in
            format.withMatcher { matcher in
                records.indices.filter { index in
                    matcher.match(records[index], into: fields) == nil && looksRight(fields, format, zone)
                }
            }
        }
    }

    private static func looksRight(_ fields: LogFields, _ format: LogFormat, _ zone: Int) -> Bool {
        guard format.time.moment(fields[.time], zoneOffsetMinutes: zone) != nil else { return false }
        let client = fields[.client]
        // With a name or the time in front, only an address is sure to be the client, unless a port follows the name.
        let isBehind = format.steps.first?.field == .host || format.steps.first?.field == .time
        if isBehind, format.fields.contains(.client), fields[.port].isEmpty, IPAddress(client) == nil { return false }
        if fields.haveMoved { return false }
        for index in 0..<client.count where client[index] <= 0x20 || client[index] == UInt8(ascii: "\"") {
            return false
        }
        let status = fields[.status]
        guard status.isEmpty || (status.count == 3 && status.unsigned != nil) else { return false }
        let bytes = fields[.bytes]
        guard bytes.isEmpty || bytes[0] &- 0x30 <= 9 || bytes[0] == UInt8(ascii: "-") else { return false }
        let port = fields[.port]
        guard port.isEmpty || (port.unsigned ?? .max) <= 65535 else { return false }
        if format.fields.contains(.cacheResult) {
            let result = fields[.cacheResult]
            guard result.isEmpty || result.hasPrefix("TCP") || result.hasPrefix("UDP") || result.hasPrefix("NONE")
            else {
                return false
            }
        }
        if format.fields.contains(.url) {
            let url = fields[.url]
            let isAddress = AbsoluteURL(url) != nil || url.hasPrefix("/")
            return isAddress || fields[.method] == "CONNECT" || (!fields[.method].isEmpty && status.count == 3)
        }
        return true
    }

    /// EZproxy's session may stand before or after the user; its look tells.
    private static func orderedBySession(_ format: LogFormat, _ records: [Bytes]) -> LogFormat {
        guard format.fields.contains(.session), let swapped = AccessLayouts.swapped(format) else { return format }
        let (asIs, other) = LogFields.withRoom { fields in
            format.withMatcher { matcher in
                var asIs = 0
                var other = 0
                for record in records where matcher.match(record, into: fields) == nil {
                    // A user that is a session is common (EZproxy logs it when told to log no user): no session then.
                    if isSession(fields[.session]) { asIs += 1 }
                    if isSession(fields[.user]), !fields[.session].isEmpty, !isSession(fields[.session]) { other += 1 }
                }
                return (asIs, other)
            }
        }
        return other > asIs ? swapped : format
    }

    /// Whether the text looks like one of EZproxy's session identifiers: 15 or so letters and digits, mixed at random.
    static func isSession(_ text: Bytes) -> Bool {
        guard (13...20).contains(text.count) else { return false }
        var changes = 0
        var last: UInt8 = 0
        for index in 0..<text.count {
            let kind: UInt8
            switch text[index] {
            case 0x30...0x39: kind = 1
            case 0x41...0x5A: kind = 2
            case 0x61...0x7A: kind = 3
            default: return false
            }
            if index > 0, kind != last { changes += 1 }
            last = kind
        }
        return changes >= 3
    }

    /// Who wrote the log: Squid names what its cache did; EZproxy logs the addresses of other servers, most often with
    /// their ports; a web server logs paths of its own.
    private mutating func judgeWriter(_ records: [Bytes]) {
        // Codes that only Squid has, should the site log without the cache's result.
        let isSquid = ["%ru", "%>st", "%<st"].contains { format.directive.contains($0) }
        if format.fields.contains(.cacheResult) || isSquid {
            (writer, isMarked) = (.forwardProxy, true)
            return
        }
        var (absolute, own, marks) = (0, 0, 0)
        LogFields.withRoom { fields in
            format.withMatcher { matcher in
                for record in records where matcher.match(record, into: fields) == nil {
                    let request = RequestLine(fields)
                    if let url = AbsoluteURL(request.target) {
                        absolute += 1
                        let shown = request.target
                        let isDoor = url.target.hasPrefix("/login?") || url.target.hasPrefix("/connect?session=")
                        let hasPort = shown.firstIndex(of: ":80/") != nil || shown.firstIndex(of: ":443/") != nil
                        if isDoor || hasPort || Self.isSession(fields[.session]) { marks += 1 }
                    } else if request.method == "CONNECT" {
                        absolute += 1
                    } else if request.target.hasPrefix("/") {
                        own += 1
                    }
                }
            }
        }
        let isNamed = format.directive.contains("ezproxy-") && isConfigured
        if absolute > own || (isNamed && own == 0) {
            (writer, isMarked) = (.libraryProxy, isNamed || marks > 0)
        } else {
            (writer, isMarked) = (.webServer, format.fields.contains(.userAgent))
        }
    }

    /// How surely the log is of `writer`, as ``LogSource/recognise(_:)`` wants it.
    func score(for wanted: Writer) -> Int {
        guard writer == wanted else { return 0 }
        if isConfigured { return isFit ? 98 : 51 }
        switch writer {
        case .forwardProxy: return 95
        case .libraryProxy: return isMarked ? 90 : 75
        case .webServer: return isMarked ? 85 : 75
        }
    }
}

extension LogFields {
    /// Whether fields hold what stands beside them: the line is of a layout with one more in front, such as the virtual host.
    var haveMoved: Bool { self[.user].hasPrefix("- ") || IPAddress(self[.session]) != nil }
}

/// Method and target of a request, from `%r` or from fields of their own.
struct RequestLine {
    var method: Bytes
    var target: Bytes

    /// The request that the fields tell. A request line without a method is all target (EZproxy's `%U`).
    init(_ fields: LogFields) {
        let line = fields[.request]
        guard !line.isEmpty else {
            method = fields[.method]
            target = fields[.url]
            return
        }
        guard let blank = line.firstIndex(of: 0x20) else {
            method = .empty
            target = line
            return
        }
        method = line.prefix(upTo: blank)
        var rest = line.suffix(from: blank + 1)
        // The version stands last; blanks within the address are the client's fault and belong to it.
        if rest.count >= 9, rest.suffix(from: rest.count - 9).hasPrefix(" HTTP/") {
            rest = rest.prefix(upTo: rest.count - 9)
        } else if rest.count >= 7, rest.suffix(from: rest.count - 7).hasPrefix(" HTTP/") {
            rest = rest.prefix(upTo: rest.count - 7)
        }
        target = rest
    }
}

extension Bytes {
    /// Whether there is nothing but blanks and tabs: no record. Other control characters are damage, to be told.
    var isBlank: Bool {
        for index in 0..<count where start[index] != 0x20 && start[index] != 0x09 { return false }
        return true
    }
}
