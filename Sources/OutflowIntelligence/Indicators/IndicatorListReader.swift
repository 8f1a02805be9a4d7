// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Indicators of plain lists and CSV tables.
///
/// A list has one on a line; `#`, `;` and `//` begin comments; of a line in the style of a hosts file (`0.0.0.0 name`) the name
/// counts. A table is told by its first line, which names a column that we know; another column may say what the values are.
/// `# TLP:AMBER` in a comment marks all that follows.
struct IndicatorListReader {
    private enum Column { case value(Indicator.Kind?), kind, from, until, confidence, title, tlp, other }

    private var profile: Indicator.Profile
    private var columns: [Column] = []
    private var isFirst = true
    /// The number of the line that is read.
    private var number = 0
    /// What the table's separator is.
    private var separator = UInt8(ascii: ",")

    init(source: String) { profile = Indicator.Profile(source: source) }

    /// Adds all indicators of a text.
    mutating func read(_ text: Bytes, into feed: inout IndicatorFeed, _ summary: inout IndicatorFeed.Summary) {
        var at = text.hasPrefix("\u{FEFF}") ? 3 : 0
        while at < text.count {
            let end = text.firstIndex(of: UInt8(ascii: "\n"), from: at) ?? text.count
            let line = text[at..<end].trimmed
            number += 1
            if let reason = read(line, into: &feed, &summary) {
                summary.rejected.add(Rejection(offset: UInt64(at), reason: reason))
            }
            at = end + 1
        }
    }

    private mutating func read(
        _ line: Bytes, into feed: inout IndicatorFeed, _ summary: inout IndicatorFeed.Summary
    ) -> String? {
        if line.isEmpty { return nil }
        if line.hasPrefix("#") || line.hasPrefix(";") || line.hasPrefix("//") {
            readComment(line)
            return nil
        }
        if columns.isEmpty, let fast = Self.plain(line) {
            isFirst = false
            summary.indicators += 1
            switch fast {
            case .text(let kind): feed.builder.add(kind, line, profile)
            case .v4(let address): feed.add(.address, IPAddress(v4: address).bytes, profile)
            }
            return nil
        }
        guard line.count <= 1 << 16 else { return "a line of \(line.count) bytes" }
        if isFirst {
            isFirst = false
            if readHeader(line) { return nil }
        }
        return columns.isEmpty ? readLine(line.string, &feed, &summary) : readRow(line, &feed, &summary)
    }

    // MARK: Lists

    private enum Plain {
        case text(Indicator.Kind)
        case v4(UInt32)
    }

    /// The kind of a line that is its own value already: a name or hash in lower case, or an IPv4 address. Most long lists are
    /// of these, and copied without being looked at as text.
    private static func plain(_ line: Bytes) -> Plain? {
        guard line.count >= 4, line.count <= 253 else { return nil }
        var dots = 0
        var label = 0
        var allHex = true
        var lastHasLetter = false
        for index in 0..<line.count {
            let byte = line.start[index]
            switch byte {
            case UInt8(ascii: "."):
                if label == 0 { return nil }
                dots += 1
                label = 0
                lastHasLetter = false
            case 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"):
                if byte > 0x66 || byte < 0x61 { allHex = false }
                label += 1
                lastHasLetter = true
            case 0x30...0x39: label += 1
            default: return nil
            }
            if label > 63 {
                // A long hash has no dots and may be longer than any label.
                if dots > 0 || line.count > 128 { return nil }
            }
        }
        if dots == 0 {
            return allHex && [32, 40, 56, 64, 96, 128].contains(line.count) ? .text(.hash) : nil
        }
        if label == 0 || label > 63 { return nil }
        if lastHasLetter { return .text(.domain) }
        return IPAddress.parseV4(line).map { .v4($0) }
    }

    private mutating func readComment(_ line: Bytes) {
        let text = line.string
        if let marking = Self.marking(text) { profile.tlp = marking }
        // Some tables write their header as a comment.
        if isFirst || columns.isEmpty {
            var header = line
            while header.count > 0, header[0] == UInt8(ascii: "#") || header[0] == 0x20 {
                header = header.suffix(from: 1)
            }
            if readHeader(header) { isFirst = false }
        }
    }

    /// The marking in a comment, the most restrictive of those that stand there; `.some(nil)` when one cannot be read (then
    /// nothing says who may see what follows), nil when there is none. People write `TLP:AMBER STRICT` for `TLP:AMBER+STRICT`.
    static func marking(_ comment: String) -> TLP?? {
        var found: [TLP?] = []
        var rest = comment.lowercased()[...]
        while let at = rest.range(of: "tlp:") {
            rest = rest[at.upperBound...].drop { $0 == " " || $0 == "\t" }
            let word = rest.prefix { $0.isLetter || $0 == "+" || $0 == "-" || $0 == "_" }
            rest = rest[word.endIndex...]
            let next = rest.drop { $0 == " " || $0 == "+" }.prefix { $0.isLetter }
            found.append(TLP(String(word)).map { $0 == .amber && next == "strict" ? .amberStrict : $0 })
        }
        if found.isEmpty { return nil }
        return .some(found.contains(nil) ? nil : found.compactMap { $0 }.max())
    }

    private func readLine(
        _ line: String, _ feed: inout IndicatorFeed, _ summary: inout IndicatorFeed.Summary
    ) -> String? {
        var text = line
        var profile = profile
        for mark in [" #", "\t#", " ;", " //"] {
            guard let comment = text.range(of: mark) else { continue }
            // The more restrictive of the line's marking and the file's; one that cannot be read marks nothing.
            if let own = Self.marking(String(text[comment.lowerBound...])) {
                profile.tlp = own.map { max($0, profile.tlp ?? $0) }
            }
            text = String(text[..<comment.lowerBound])
        }
        let words = text.split { $0 == " " || $0 == "\t" || $0 == "," }.map(String.init)
        // A hosts file gives names a harmless address.
        if words.count > 1, ["0.0.0.0", "127.0.0.1", "::", "::1"].contains(words[0]) {
            var isAny = false
            for word in words.dropFirst() {
                guard let name = IndicatorText.domain(word) else { continue }
                feed.add(.domain, name, profile)
                summary.indicators += 1
                isAny = true
            }
            return isAny ? nil : "a line of a hosts file without a name"
        }
        guard let (kind, value) = IndicatorText.classify(text) ?? words.first.flatMap(IndicatorText.classify) else {
            return "'\(text.prefix(80))' is no address, network, name, URL, mail address or hash"
        }
        feed.add(kind, value, profile)
        summary.indicators += 1
        return nil
    }

    // MARK: Tables

    private static let names: [String: Column] = [
        "indicator": .value(nil), "ioc": .value(nil), "ioc_value": .value(nil), "value": .value(nil),
        "observable": .value(nil),
        "ip": .value(.address), "ip_address": .value(.address), "ipaddress": .value(.address),
        "dst_ip": .value(.address), "dstip": .value(.address), "srcip": .value(.address), "src_ip": .value(.address),
        "ipv4": .value(.address), "ipv6": .value(.address),
        "cidr": .value(.network), "network": .value(.network),
        "domain": .value(.domain), "host": .value(nil), "hostname": .value(.domain), "fqdn": .value(.domain),
        "url": .value(.url), "md5": .value(.hash), "md5_hash": .value(.hash), "sha1": .value(.hash),
        "sha1_hash": .value(.hash), "sha256": .value(.hash), "sha256_hash": .value(.hash), "hash": .value(.hash),
        "email": .value(.mail), "ja3": .value(.ja3), "ja3_md5": .value(.ja3), "ja4": .value(.ja4),
        "user_agent": .value(.userAgent), "useragent": .value(.userAgent),
        "cert_sha1": .value(.certificate), "certificate": .value(.certificate),
        "type": .kind, "ioc_type": .kind, "indicator_type": .kind,
        "first_seen": .from, "first_seen_utc": .from, "firstseen": .from, "valid_from": .from, "dateadded": .from,
        "date": .from,
        "valid_until": .until, "expires": .until, "expiration": .until,
        "confidence": .confidence, "confidence_level": .confidence,
        "description": .title, "title": .title, "name": .title, "threat": .title, "malware": .title, "comment": .title,
        "tlp": .tlp,
    ]

    /// Takes the line for a header if it names a column with indicators beside another one, or alone.
    private mutating func readHeader(_ line: Bytes) -> Bool {
        for candidate in [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")] {
            let cells = Self.cells(line, candidate).map {
                $0.lowercased().trimmingBlanks().replacingAll(" ", "_").replacingAll("-", "_")
            }
            let found = cells.map { Self.names[$0] ?? .other }
            guard found.contains(where: { if case .value = $0 { true } else { false } }) else { continue }
            columns = found
            separator = candidate
            return true
        }
        return false
    }

    /// Cells of a row (RFC 4180), trimmed; a quoted one may hold separators and doubled quotes, but no line end.
    private static func cells(_ line: Bytes, _ separator: UInt8) -> [String] {
        var cells: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var at = 0
        while at < line.count {
            let byte = line[at]
            if isQuoted {
                if byte != UInt8(ascii: "\"") {
                    cell.append(byte)
                } else if at + 1 < line.count, line[at + 1] == byte {
                    cell.append(byte)
                    at += 1
                } else {
                    isQuoted = false
                }
            } else if byte == UInt8(ascii: "\"") {
                isQuoted = true
            } else if byte == separator {
                cells.append(String(decoding: cell, as: UTF8.self).trimmingBlanks())
                cell = []
            } else {
                cell.append(byte)
            }
            at += 1
        }
        cells.append(String(decoding: cell, as: UTF8.self).trimmingBlanks())
        return cells
    }

    private static let kinds: [String: Indicator.Kind] = [
        "ip": .address, "ipv4": .address, "ipv6": .address, "ipv4-addr": .address, "ipv6-addr": .address,
        "ip-src": .address, "ip-dst": .address, "address": .address, "cidr": .network, "network": .network,
        "domain": .domain, "hostname": .domain, "domain-name": .domain, "fqdn": .domain, "url": .url, "md5": .hash,
        "sha1": .hash, "sha256": .hash, "md5_hash": .hash, "sha1_hash": .hash, "sha256_hash": .hash, "hash": .hash,
        "filehash-md5": .hash, "filehash-sha1": .hash, "filehash-sha256": .hash, "email": .mail,
        "email-addr": .mail, "email-src": .mail, "ja3": .ja3, "ja3-fingerprint-md5": .ja3, "ja4": .ja4,
        "user-agent": .userAgent, "x509-fingerprint-sha1": .certificate, "x509-fingerprint-sha256": .certificate,
    ]

    private func readRow(
        _ line: Bytes, _ feed: inout IndicatorFeed, _ summary: inout IndicatorFeed.Summary
    ) -> String? {
        let cells = Self.cells(line, separator)
        var profile = profile
        var kind: Indicator.Kind?
        for (column, cell) in zip(columns, cells) where !cell.isEmpty {
            switch column {
            case .kind: kind = Self.kinds[cell.lowercased()]
            case .from, .until:
                if ListTime.saysNothing(cell) { continue }
                // What is not known to end would be looked for for ever.
                guard let time = ListTime.read(cell) else {
                    return "line \(number): '\(cell.prefix(40))' is \(ListTime.reason(cell))"
                }
                if case .from = column { profile.validFrom = time } else { profile.validUntil = time }
            case .confidence: profile.confidence = UInt8(cell).flatMap { $0 <= 100 ? $0 : nil }
            case .title: if profile.title.isEmpty { profile.title = String(cell.prefix(200)) }
            // The more restrictive of the row's and the table's; what cannot be read marks nothing.
            case .tlp: profile.tlp = TLP(cell).map { max($0, self.profile.tlp ?? $0) }
            case .value, .other: break
            }
        }
        var isAny = false
        var isFilled = false
        for (column, cell) in zip(columns, cells) where !cell.isEmpty {
            guard case .value(let named) = column else { continue }
            isFilled = true
            let found =
                (named ?? kind).flatMap { IndicatorText.value($0, cell) }
                ?? (named == nil ? IndicatorText.classify(cell) : nil)
            guard let (kind, value) = found else { continue }
            feed.add(kind, value, profile)
            summary.indicators += 1
            isAny = true
        }
        return isAny ? nil : isFilled ? "no cell of the row holds an indicator" : "a row without an indicator"
    }
}
