// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Syslog of Linux as files hold it (`/var/log/auth.log`, `secure`, `cron`, `messages`) and as it is sent. Nothing for the
/// ledger; rules look at who wrote a line, and at its text.
///
/// Source: RFC 3164, section 4; RFC 5424, section 6; rsyslog's file formats `RSYSLOG_TraditionalFileFormat` and
/// `RSYSLOG_FileFormat`.
public struct LinuxSyslog: LogSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "linux-syslog", title: "Linux syslog", routes: [],
        recognisedBy:
            "lines with time, host and program, some of them of programs of Linux (sshd, sudo, CRON, systemd)",
        activities: "none: rules look at program and text", bytes: "no",
        switchOn:
            "RSYSLOG_FileFormat (or RFC 5424): the traditional format has neither year nor zone, so its lines have no "
            + "time here",
        reference: "https://www.rfc-editor.org/rfc/rfc5424")

    /// Programs by which syslog of Linux is told from that of firewalls and the like, which is not read.
    private static let programs: [StaticString] = [
        "sshd", "sshd-session", "sudo", "su", "CRON", "cron", "crond", "anacron", "systemd", "systemd-logind", "kernel",
        "login", "rsyslogd", "dbus-daemon", "dbus", "polkitd", "useradd", "usermod", "userdel", "groupadd", "passwd",
        "NetworkManager", "vsftpd", "dhclient", "auditd", "clamd", "freshclam", "guacd",
    ]

    /// 70 when most of the first lines are such, and one is of a program of Linux, else 0.
    public static func recognise(_ head: StreamHead) -> Int {
        guard head.framing == .lines, !head.records.isEmpty else { return 0 }
        let lines = head.records.compactMap { LinuxSyslogLine($0) }
        let isLinux = lines.contains { line in programs.contains { line.program == $0 } }
        return isLinux && lines.count * 2 > head.records.count ? 70 : 0
    }

    /// A reader; never nil, as each line says itself what it is.
    public init?(_ head: StreamHead) {}

    private static let misfit = "no syslog line: neither time, host and text nor RFC 5424"

    /// Counts the lines, none of which means anything for the ledger.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { record, offset in
            guard let line = LinuxSyslogLine(record) else {
                return batch.reject(offset: offset, Self.misfit)
            }
            batch.records += 1
            batch.irrelevant += 1
            if let time = line.time { batch.saw(time) }
            if batch.wantsObservables {
                let found = RecordObservables(batch)
                found.add(text: line.message)
                found.settle(
                    offset: offset, length: record.count, time: line.time, identity: ContentHash.of(record),
                    host: line.host)
            }
        }
    }

    /// The line's parts by rsyslog's names of them: `hostname`, `programname`, `procid`, `msg`, `syslogfacility-text`,
    /// `rawmsg` (the whole line); `time` where it has a year. Of a line of sudo also what it names: `USER`, `COMMAND`, `PWD`.
    public func fields(of record: Bytes, into fields: EventFields, _ batch: ActivityBatch) -> FieldReading {
        guard let line = LinuxSyslogLine(record) else { return .unreadable(Self.misfit) }
        if line.time != nil { fields.add(Bytes("time"), line.moment, .string) }
        for (name, value) in [
            (Bytes("hostname"), line.host), (Bytes("programname"), line.program), (Bytes("procid"), line.process),
        ] where !value.isEmpty {
            fields.add(name, value, .string)
        }
        if let facility = line.facility {
            fields.add(Bytes("syslogfacility-text"), Bytes(LinuxSyslogLine.facilities[facility]), .string)
        }
        fields.add(Bytes("msg"), line.message, .string)
        fields.add(Bytes("rawmsg"), record, .string)
        if line.program == "sudo" { line.forEachNamedValue { fields.add($0, $1, .string) } }
        return .read
    }
}
