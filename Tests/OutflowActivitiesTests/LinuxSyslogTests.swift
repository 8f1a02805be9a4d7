// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowActivities

/// Syslog of Linux: lines of files and of the network, and what is none.
@Suite("Linux syslog")
struct LinuxSyslogTests {
    /// The fields of a line, by name; nil when it is none.
    private static func fields(_ line: String) -> [String: String]? {
        StreamSample(line).with { head, _ in
            guard let source = LinuxSyslog(head), let record = head.records.first else { return nil }
            let fields = EventFields()
            guard source.fields(of: record, into: fields, ActivityBatch()) == .read else { return nil }
            return Dictionary(fields.fields.map { ($0.name.string, $0.value.string) }) { first, _ in first }
        }
    }

    @Test(arguments: [
        "May  1 10:00:00 host.example sshd[123]: Failed password for root from 192.0.2.1 port 22 ssh2",
        "<86>May  1 10:00:00 host.example sshd[123]: Failed password for root from 192.0.2.1 port 22 ssh2",
        "2024-05-01T10:00:00.5+02:00 host.example sshd[123]: Failed password for root from 192.0.2.1 port 22 ssh2",
        "<86>1 2024-05-01T08:00:00.5Z host.example sshd 123 - - Failed password for root from 192.0.2.1 port 22 ssh2",
        "<86>1 2024-05-01T08:00:00.5Z host.example sshd 123 ID47 [a@1 k=\"v\\]\"][b@1] \u{FEFF}Failed password for root "
            + "from 192.0.2.1 port 22 ssh2",
    ]) func partsOfALine(line: String) throws {
        let fields = try #require(Self.fields(line))
        #expect(fields["hostname"] == "host.example" && fields["programname"] == "sshd" && fields["procid"] == "123")
        #expect(fields["msg"] == "Failed password for root from 192.0.2.1 port 22 ssh2")
        #expect(fields["rawmsg"] == line)
        #expect(fields["syslogfacility-text"] == (line.hasPrefix("<86>") ? "authpriv" : nil))
        // A time without a year is none.
        #expect((fields["time"] != nil) == line.contains("2024"))
    }

    @Test func whatSudoNames() throws {
        let fields = try #require(
            Self.fields(
                "May  1 10:00:01 h sudo: bob : 1 incorrect password attempt ; TTY=pts/0 ; PWD=/home/bob ; USER=#-1 ; "
                    + "COMMAND=/bin/sh -c echo A=1 ; id"))
        #expect(fields["USER"] == "#-1" && fields["PWD"] == "/home/bob" && fields["TTY"] == "pts/0")
        #expect(fields["COMMAND"] == "/bin/sh -c echo A=1 ; id")
    }

    @Test func tagsOfOtherShapes() throws {
        #expect(Self.fields("May 11 10:00:02 h /usr/sbin/CRON[44]: (root) CMD (x)")?["programname"] == "CRON")
        let repeated = try #require(Self.fields("May 11 10:00:02 h last message repeated 3 times"))
        #expect(repeated["programname"] == nil && repeated["msg"] == "last message repeated 3 times")
        #expect(Self.fields("May 11 10:00:02 h a message: with a colon")?["programname"] == nil)
        #expect(Self.fields("<34>1 - - - - - -")?["msg"] == "")
    }

    @Test(arguments: [
        "", "May", "May  1 10:00:00", "May  1 10:00:00 ", "May  1 10:00:00 h", "Mai  1 10:00:00 h a: b",
        "May  1 10:0x:00 h a: b", "<999>May  1 10:00:00 h a: b", "<>May  1 10:00:00 h a: b",
        "<86>1 yesterday h a 1 - - x",
        "<86>1 2024-05-01T08:00:00Z h a 1 - [a k=\"v\"", "<86>1 2024-05-01T08:00:00Z h a 1 - [a k=\"\\", "<86>1 ",
        "2024-05-01T10:00:00 [h] a: b", "{}", "\u{0}\u{0}",
    ]) func whatIsNone(line: String) { #expect(Self.fields(line) == nil, "\(line)") }

    @Test func recognisedByProgramsOfLinux() {
        let ssh = "May  1 10:00:00 h sshd[1]: Accepted publickey for a from 192.0.2.1 port 4 ssh2\n"
        let other = "May  1 10:00:00 h nginx[1]: started\n"
        // A firewall's log is not read, and must not look as if it were.
        let firewall = "May  1 10:00:00 fw %ASA-6-302013: Built outbound TCP connection 1 for outside:192.0.2.1/443\n"
        #expect(StreamSample(ssh).score(as: LinuxSyslog.self) == 70)
        #expect(StreamSample(other + other + ssh).score(as: LinuxSyslog.self) == 70)
        #expect(StreamSample(firewall).score(as: LinuxSyslog.self) == 0)
        #expect(StreamSample("a\nb\n" + ssh).score(as: LinuxSyslog.self) == 0)
    }

    @Test func damageIsTold() {
        let log =
            "2024-05-01T10:00:00Z h sshd[1]: a\n\tat x.y(z)\n<86>1 2024-05-01T11:00:00Z h sshd 1 - - b\nMay  1 10:00:00 h cron: c\n"
        StreamSample(log).read(as: LinuxSyslog.self) { batch in
            #expect(batch.records == 3 && batch.irrelevant == 3 && batch.rejections.count == 1)
            #expect(batch.rejections.examples.first?.offset == 34)
        }
    }
}
