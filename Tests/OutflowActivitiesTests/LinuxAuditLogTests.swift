// SPDX-License-Identifier: Apache-2.0

import OutflowReaders
import OutflowRecords
import Testing

@testable import OutflowActivities

/// The Linux audit log: fields as the audit system means them, and the records of one event together.
@Suite("Linux audit log")
struct LinuxAuditLogTests {
    /// One started process, as `auditd` writes it, enriched.
    private static let event = #"""
        type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=59 success=yes exit=0 a0=7ffd a1=2 ppid=2686 pid=3538 auid=1000 uid=0 tty=pts0 ses=1 comm="rclone" exe="/usr/bin/rclone" key=(null)\#u{1D}ARCH=x86_64 SYSCALL=execve AUID="alice" UID="root"
        type=EXECVE msg=audit(1364481363.243:24287): argc=4 a0="rclone" a1="copy" a2=2F686F6D652F6D7920646F6373 a3_len=8 a3[0]=6162 a3[1]="cd"
        type=CWD msg=audit(1364481363.243:24287): cwd=2F746D702F6120622F
        type=PROCTITLE msg=audit(1364481363.243:24287): proctitle=72636C6F6E6500636F7079
        type=EOE msg=audit(1364481363.243:24287):
        """#

    /// The fields of each record of a log, by name; several of one name behind each other.
    private static func records(_ log: String, blockBytes: Int = 1 << 18) -> [[String: [String]]] {
        var limits = ReadLimits()
        limits.blockBytes = blockBytes
        let reader = InputReader(bytes: Array(log.utf8), path: "audit.log", limits: limits)
        let (buffer, batch, fields) = (BlockBuffer(), ActivityBatch(), EventFields())
        var records: [[String: [String]]] = []
        while let next = reader.next(into: buffer) {
            next.block.forEachRecord { record, _ in
                fields.clear()
                guard next.source.fields(of: record, into: fields, batch) == .read else { return }
                var found: [String: [String]] = [:]
                for field in fields.fields {
                    found[field.name.string, default: []].append(field.kind == .null ? "<null>" : field.value.string)
                }
                records.append(found)
            }
            batch.clear()
        }
        return records
    }

    @Test func fieldsAreDecoded() throws {
        let records = Self.records(Self.event)
        try #require(records.count == 5)
        #expect(records[0]["type"] == ["SYSCALL"])
        #expect(records[0]["time"] == ["1364481363.243"])
        #expect(records[0]["serial"] == ["24287"])
        #expect(records[0]["a0"] == ["7ffd"], "pointers are no text")
        #expect(records[0]["SYSCALL"] == ["execve"])
        #expect(records[0]["AUID"] == ["alice"])
        #expect(records[0]["key"] == ["<null>"])
        #expect(records[1]["a0"] == ["rclone"])
        #expect(records[1]["a2"] == ["/home/my docs"])
        #expect(records[1]["a3"] == ["abcd"])
        #expect(records[1]["a3_len"] == nil)
        #expect(records[1]["cmdline"] == ["rclone copy /home/my docs abcd"])
        #expect(records[2]["cwd"] == ["/tmp/a b/"])
        #expect(records[3]["proctitle"] == ["rclone copy"])
    }

    @Test func aStartedProcessKnowsItsCall() {
        let start = Self.records(Self.event)[1]
        #expect(start["exe"] == ["/usr/bin/rclone"])
        #expect(start["ppid"] == ["2686"])
        #expect(start["UID"] == ["root"])
        let other = Self.event.replacingOccurrences(
            "EXECVE msg=audit(1364481363.243:24287)", "EXECVE msg=audit(1364481363.243:24288)")
        #expect(Self.records(other)[1]["exe"] == nil, "another event's")
        let elsewhere = Self.event.replacingOccurrences("type=EXECVE", "node=b type=EXECVE")
        #expect(Self.records(elsewhere)[1]["exe"] == nil, "another host's")
    }

    /// An event is in one block, wherever blocks end.
    @Test func eventsAreNotCut() {
        let events = (0..<40).map { Self.event.replacingOccurrences(":24287", ":\(24287 + $0)") }
        let log = events.joined(separator: "\n") + "\n"
        let whole = Self.records(log)
        #expect(whole.count == 200)
        for blockBytes in [1000, 1500, 4000, 10_000] {
            #expect(Self.records(log, blockBytes: blockBytes) == whole, "blocks of \(blockBytes)")
        }
        #expect(Self.records(String(log.dropLast())) == whole, "without the last line end")
    }

    /// An event without end does not hold everything back.
    @Test func endlessEventsAreRead() {
        let line = "type=PATH msg=audit(1.000:1): item=0 name=\"/a\"\n"
        let count = 20_000
        #expect(Self.records(String(repeating: line, count: count), blockBytes: 4096).count == count)
    }

    @Test func messagesOfProgramsAreFields() throws {
        let records = Self.records(
            #"node=web1 type=USER_LOGIN msg=audit(1700000000.1:7): pid=1 uid=0 msg='op=login acct="bob" exe="/usr/sbin/sshd" hostname=h addr=192.0.2.7 terminal=ssh res=failed'"#
                + "\n"
                + #"type=AVC msg=audit(1700000000.1:8): avc:  denied  { read } for  pid=9 comm="x" key=6B31016B32"#
                + "\n")
        try #require(records.count == 2)
        #expect(records[0]["node"] == ["web1"])
        #expect(records[0]["acct"] == ["bob"])
        #expect(records[0]["res"] == ["failed"])
        #expect(records[1]["pid"] == ["9"])
        #expect(records[1]["key"] == ["k1", "k2"])
    }

    /// Other lines are rejected with their place, never dropped.
    @Test func otherLinesAreRejected() {
        let log = Self.event + "\nnot one\ntype=X msg=audit(1.2:): a=b\ntype=X msg=audit(:5 a\n"
        let reader = InputReader(bytes: Array(log.utf8), path: "audit.log")
        let (buffer, batch) = (BlockBuffer(), ActivityBatch())
        var (records, rejected): (UInt64, UInt64) = (0, 0)
        while let next = reader.next(into: buffer) {
            next.source.read(next.block, into: batch)
            records += batch.records
            rejected += UInt64(batch.rejections.count)
            batch.clear()
        }
        #expect(records == 5 && rejected == 3)
    }
}

extension String {
    fileprivate func replacingOccurrences(_ old: String, _ new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
