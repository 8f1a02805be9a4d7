// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The parts of a syslog line.
struct LinuxSyslogLine {
    /// The time as it is written.
    private(set) var moment = Bytes.empty
    /// The time; nil for one without year and zone.
    private(set) var time: Timestamp?
    private(set) var host = Bytes.empty
    private(set) var program = Bytes.empty
    private(set) var process = Bytes.empty
    private(set) var message = Bytes.empty
    /// The number of the facility in ``facilities``; nil where the line has no priority.
    private(set) var facility: Int?

    /// Names of facilities. Source: RFC 5424, table 1; names as rsyslog's `syslogfacility-text` has them.
    static let facilities: [StaticString] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
        "audit",
        "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ]

    /// Nil for what is no such line.
    init?(_ line: Bytes) {
        var rest = line
        if rest.hasPrefix("<") {
            // Section 6.2.1: 0 to 191, eight times the facility and the severity.
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")), (2...4).contains(end),
                let priority = rest[1..<end].unsigned, priority <= 191
            else { return nil }
            facility = Int(priority / 8)
            rest = rest.suffix(from: end + 1)
            if rest.hasPrefix("1 ") {
                guard readProtocol(rest.suffix(from: 2)) else { return nil }
                return
            }
        }
        guard readTime(&rest), let host = Self.word(&rest), Self.isHost(host) else { return nil }
        self.host = host
        readTag(rest)
    }

    /// RFC 5424, section 6: `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`, `-` for what is not there.
    private mutating func readProtocol(_ text: Bytes) -> Bool {
        var rest = text
        func part(_ rest: inout Bytes) -> Bytes? { Self.word(&rest).map { $0 == "-" ? .empty : $0 } }
        guard let moment = part(&rest), let host = part(&rest), let program = part(&rest), let process = part(&rest),
            part(&rest) != nil
        else { return false }
        (self.moment, self.host, self.program, self.process) = (moment, host, program, process)
        time = Timestamp(iso8601: moment)
        guard moment.isEmpty || time != nil else { return false }
        if rest.hasPrefix("-") {
            rest = rest.suffix(from: 1)
        } else {
            // Elements in brackets; in their quoted values, a bracket is escaped.
            while rest.hasPrefix("[") {
                var at = 1
                while at < rest.count, rest[at] != UInt8(ascii: "]") { at += rest[at] == UInt8(ascii: "\\") ? 2 : 1 }
                guard at < rest.count else { return false }
                rest = rest.suffix(from: at + 1)
            }
        }
        message = rest.trimmed
        if message.hasPrefix("\u{FEFF}") { message = message.suffix(from: 3) }
        return true
    }

    /// `May  1 10:00:00 ` (RFC 3164, section 4.1.2), or a time with year as rsyslog writes it to files.
    private mutating func readTime(_ rest: inout Bytes) -> Bool {
        if rest.count > 16, rest[15] == UInt8(ascii: " "), Self.isTraditional(rest) {
            moment = rest.prefix(upTo: 15)
            rest = rest.suffix(from: 16)
            return true
        }
        guard let word = Self.word(&rest), word.count >= 19, word[10] == UInt8(ascii: "T"),
            let time = Timestamp(iso8601: word)
        else { return false }
        (moment, self.time) = (word, time)
        return true
    }

    private static let months: [StaticString] = [
        "Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec ",
    ]

    private static func isTraditional(_ text: Bytes) -> Bool {
        func isDigit(_ index: Int) -> Bool { text[index] &- 0x30 <= 9 }
        return months.contains { text.hasPrefix($0) } && (text[4] == 0x20 || isDigit(4)) && isDigit(5)
            && text[6] == 0x20 && [7, 8, 10, 11, 13, 14].allSatisfy(isDigit)
            && text[9] == UInt8(ascii: ":") && text[12] == UInt8(ascii: ":")
    }

    /// `sshd[123]: text`: program, process in brackets, colon. Without a colon all is text.
    private mutating func readTag(_ rest: Bytes) {
        message = rest.trimmed
        guard let end = rest.firstIndex(of: UInt8(ascii: ":")), end > 0, end <= 64 else { return }
        var tag = rest.prefix(upTo: end)
        if tag.hasSuffix("]"), let bracket = tag.firstIndex(of: UInt8(ascii: "[")) {
            process = tag[bracket + 1..<tag.count - 1]
            tag = tag.prefix(upTo: bracket)
        }
        guard tag.count > 0, tag.firstIndex(of: UInt8(ascii: " ")) == nil else {
            process = .empty
            return
        }
        message = rest.suffix(from: end + 1).trimmed
        // Some programs are named with their path: `/usr/sbin/cron`.
        while let slash = tag.firstIndex(of: UInt8(ascii: "/")), slash + 1 < tag.count {
            tag = tag.suffix(from: slash + 1)
        }
        program = tag
    }

    /// What stands before the next blank, which is passed over; nil at the end.
    private static func word(_ rest: inout Bytes) -> Bytes? {
        guard let end = rest.firstIndex(of: UInt8(ascii: " ")), end > 0 else { return nil }
        defer { rest = rest.suffix(from: end + 1) }
        return rest.prefix(upTo: end)
    }

    private static func isHost(_ text: Bytes) -> Bool {
        text.count <= 255
            && (0..<text.count).allSatisfy {
                let byte = text[$0]
                return (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 <= 9 || byte == UInt8(ascii: ".")
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "_")
            }
    }

    /// The values that a line of sudo names: `bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/ls`, of which
    /// the command is the last and goes on to the end. Source: sudoers(5), "EVENT LOGGING".
    func forEachNamedValue(_ body: (_ name: Bytes, _ value: Bytes) -> Void) {
        guard var at = message.firstIndex(of: " : ").map({ $0 + 3 }) else { return }
        while at < message.count {
            let rest = message.suffix(from: at)
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")), equals > 0,
                (0..<equals).allSatisfy({ (0x41...0x5A).contains(rest[$0]) })
            else {
                // What has no name: "3 incorrect password attempts".
                guard let next = rest.firstIndex(of: " ; ") else { return }
                at += next + 3
                continue
            }
            let name = rest.prefix(upTo: equals)
            let end = name == "COMMAND" ? rest.count : rest.firstIndex(of: " ; ") ?? rest.count
            body(name, rest[equals + 1..<end])
            at += end + 3
        }
    }
}
