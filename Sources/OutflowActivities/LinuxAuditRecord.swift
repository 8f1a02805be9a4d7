// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A line of the audit log, cut up: `[node=NAME ]type=TYPE msg=audit(SECONDS.MILLISECONDS:SERIAL): name=value ...`.
struct LinuxAuditRecord {
    /// The host, empty when it is not told.
    var node = Bytes.empty
    /// The record's type, `SYSCALL`.
    var type: Bytes
    /// Time and serial number, which all records of an event share.
    var id: Bytes
    /// Seconds since the epoch, with a fraction.
    var time: Bytes
    /// The event's number.
    var serial: Bytes
    private var body: Bytes

    /// The record of a line; nil for a line that is none.
    init?(_ line: Bytes) {
        var rest = line
        if rest.hasPrefix("node=") {
            guard let end = rest.firstIndex(of: 0x20) else { return nil }
            node = rest[5..<end]
            rest = rest.suffix(from: end + 1)
        }
        guard rest.hasPrefix("type="), let typeEnd = rest.firstIndex(of: 0x20), typeEnd > 5 else { return nil }
        type = rest[5..<typeEnd]
        rest = rest.suffix(from: typeEnd + 1)
        guard rest.hasPrefix("msg=audit("), let close = rest.firstIndex(of: UInt8(ascii: ")")),
            let colon = rest.firstIndex(of: UInt8(ascii: ":")), colon < close, close - colon <= 21, colon <= 40
        else { return nil }
        id = rest[10..<close]
        time = rest[10..<colon]
        serial = rest[colon + 1..<close]
        guard !serial.isEmpty, serial.unsigned != nil else { return nil }
        let after = close + 1 < rest.count && rest[close + 1] == UInt8(ascii: ":") ? close + 2 : close + 1
        body = rest.suffix(from: after)
    }

    /// When it happened.
    var moment: Timestamp? { Timestamp(epochSeconds: time) }

    /// Calls `body` for each `name=value`; those within `msg='...'` too. What is in quotes comes without them.
    func forEachField(_ each: (_ name: Bytes, _ value: Bytes, _ isQuoted: Bool) -> Void) {
        Self.forEachField(in: body, isInner: false, each)
    }

    private static func forEachField(in text: Bytes, isInner: Bool, _ each: (Bytes, Bytes, Bool) -> Void) {
        var at = 0
        while at < text.count {
            while at < text.count, isBlank(text[at]) { at += 1 }
            let start = at
            while at < text.count, !isBlank(text[at]), text[at] != UInt8(ascii: "=") { at += 1 }
            // A word that is no field.
            guard at < text.count, text[at] == UInt8(ascii: "="), at > start else {
                at = max(at, start + 1)
                continue
            }
            let name = text[start..<at]
            at += 1
            let quote = at < text.count ? text[at] : 0
            if quote == UInt8(ascii: "\"") || (quote == UInt8(ascii: "'") && !isInner) {
                let end = text.firstIndex(of: quote, from: at + 1) ?? text.count
                let value = text[at + 1..<end]
                if quote == UInt8(ascii: "'"), name == "msg" {
                    forEachField(in: value, isInner: true, each)
                } else {
                    each(name, value, true)
                }
                at = min(end + 1, text.count)
            } else {
                let from = at
                while at < text.count, !isBlank(text[at]) { at += 1 }
                each(name, text[from..<at], false)
            }
        }
    }

    /// Blanks, and the group separator before the names that enrichment adds.
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x1D || byte == 0x09 }
}

/// Text that the audit system writes in hex digits, because there are blanks, quotes or other bytes in it.
enum LinuxAuditText {
    /// Fields that are written so where they have to be.
    ///
    /// Source: audit-userspace, `auparse/typetab.h`, type ESCAPED.
    private static let names: [StaticString] = [
        "exe", "comm", "name", "cwd", "proctitle", "path", "cmd", "acct", "key", "dir", "file", "data", "vm", "watch",
        "ocomm", "device", "cgroup", "root_dir", "old-disk", "new-disk",
    ]

    /// Whether a field's value without quotes is encoded.
    static func isEncoded(_ name: Bytes) -> Bool { names.contains { name == $0 } }

    /// The text that hex digits stand for, with blanks for NULs, which stand between arguments; nil for anything else.
    static func decoded(_ digits: Bytes, _ arena: Arena) -> Bytes? {
        guard digits.count >= 2, digits.count % 2 == 0 else { return nil }
        let out = arena.allocate(digits.count / 2)
        for index in 0..<digits.count / 2 {
            guard let high = nibble(digits[2 * index]), let low = nibble(digits[2 * index + 1]) else { return nil }
            let byte = high << 4 | low
            out[index] = byte == 0 ? 0x20 : byte
        }
        return Bytes(start: UnsafePointer(out), count: digits.count / 2)
    }

    /// The address of a socket's address in hex digits; nil for sockets of other families.
    ///
    /// Source: ip(7), ipv6(7): the family in the machine's byte order (2, or 10 for IPv6), the port, with IPv6 the flow, the
    /// address.
    static func address(_ digits: Bytes) -> IPAddress? {
        func number(_ range: Range<Int>) -> UInt64? {
            var value: UInt64 = 0
            for index in range {
                guard index < digits.count, let digit = nibble(digits[index]) else { return nil }
                value = value << 4 | UInt64(digit)
            }
            return value
        }
        switch number(0..<4) {
        case 0x0200, 0x0002: return number(8..<16).map { IPAddress(v4: UInt32(truncatingIfNeeded: $0)) }
        case 0x0A00, 0x000A:
            guard let high = number(16..<32), let low = number(32..<48) else { return nil }
            return IPAddress(high: high, low: low)
        default: return nil
        }
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46, 0x61...0x66: (digit | 0x20) - 0x57
        default: nil
        }
    }
}

/// The arguments of a started process: `a0="curl" a1=2D2D… a2_len=9000 a2[0]=… a2[1]=…`.
struct LinuxAuditArguments {
    /// One argument, or a piece of one.
    private struct Piece {
        var name: Bytes
        var value: Bytes
        var isQuoted: Bool
    }

    private var pieces: [Piece] = []
    /// More are left out.
    private static let limit = 4096

    /// Takes a field that is an argument; false for one that is none.
    mutating func take(_ name: Bytes, _ value: Bytes, _ isQuoted: Bool) -> Bool {
        guard name.count > 1, name[0] == UInt8(ascii: "a") else { return false }
        var digits = 1
        while digits < name.count, name[digits] &- 0x30 <= 9 { digits += 1 }
        guard digits > 1 else { return false }
        if name.hasSuffix("_len") { return true }
        guard digits == name.count || name[digits] == UInt8(ascii: "[") else { return false }
        if pieces.count < Self.limit {
            pieces.append(Piece(name: name.prefix(upTo: digits), value: value, isQuoted: isQuoted))
        }
        return true
    }

    /// Adds the arguments, pieces of one joined, and all of them together as `cmdline`.
    func add(to fields: EventFields, _ arena: Arena) {
        let room = pieces.reduce(0) { $0 + $1.value.count + 1 }
        let line = arena.allocate(room)
        var length = 0
        var index = 0
        while index < pieces.count {
            if length > 0 {
                line[length] = 0x20
                length += 1
            }
            let start = length
            let name = pieces[index].name
            while index < pieces.count, pieces[index].name == name {
                let piece = pieces[index]
                let text = piece.isQuoted ? piece.value : LinuxAuditText.decoded(piece.value, arena) ?? piece.value
                (line + length).update(from: text.start, count: text.count)
                length += text.count
                index += 1
            }
            fields.add(name, Bytes(start: UnsafePointer(line + start), count: length - start), .string)
        }
        if length > 0 { fields.add(Bytes("cmdline"), Bytes(start: UnsafePointer(line), count: length), .string) }
    }
}

extension IPAddress {
    /// The address as eight groups of four hex digits, without a string on the way.
    func expanded(_ arena: Arena) -> Bytes {
        let out = arena.allocate(39)
        var at = 0
        for group in 0..<8 {
            if group > 0 {
                out[at] = UInt8(ascii: ":")
                at += 1
            }
            let bits = (group < 4 ? high : low) >> UInt64(48 - 16 * (group & 3))
            for shift in [12, 8, 4, 0] as [UInt64] {
                let digit = UInt8(truncatingIfNeeded: bits >> shift & 0xF)
                out[at] = digit < 10 ? 0x30 + digit : 0x57 + digit
                at += 1
            }
        }
        return Bytes(start: UnsafePointer(out), count: at)
    }
}
