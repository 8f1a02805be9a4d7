// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The log of the Linux audit daemon as it writes it, `type=SYSCALL msg=audit(1364481363.243:24287): ...`, plain or
/// enriched. Nothing for the ledger; rules look at each record, and at the start of a process with what the records of the
/// same event say of it.
///
/// Source: linux-audit/audit-documentation, "SPEC Audit Event Enrichment" and "SPEC Writing Good Audit Events"; Red Hat
/// Enterprise Linux 8 Security Hardening, "Understanding Audit log files".
public struct LinuxAuditLog: LogSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "linux-audit", title: "Linux audit log", routes: [],
        recognisedBy: "lines with type=... msg=audit(time:serial):",
        activities: "none: rules look at the records, and at the starts of processes that they tell of", bytes: "no",
        switchOn: "a rule for execve (-a always,exit -S execve); log_format = ENRICHED names users and system calls",
        reference: "https://github.com/linux-audit/audit-documentation/wiki")

    /// 95 when most of the first lines are audit records, else 0.
    public static func recognise(_ head: StreamHead) -> Int {
        guard head.framing == .lines, !head.records.isEmpty else { return 0 }
        return head.records.count { LinuxAuditRecord($0) != nil } * 2 > head.records.count ? 95 : 0
    }

    /// A reader; never nil, as each record says itself what it is.
    public init?(_ head: StreamHead) {}

    private static let misfit = "no audit record"

    /// Counts the records, none of which means anything for the ledger.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { line, offset in
            guard let record = LinuxAuditRecord(line) else { return batch.reject(offset: offset, Self.misfit) }
            batch.records += 1
            batch.irrelevant += 1
            if let time = record.moment { batch.saw(time) }
            if batch.wantsObservables { observe(record, line, offset, batch) }
        }
    }

    /// Takes what indicators name out of a record: addresses of sign-ins (`addr`, `hostname`) and of sockets (`saddr`).
    private func observe(_ record: LinuxAuditRecord, _ line: Bytes, _ offset: UInt64, _ batch: ActivityBatch) {
        let found = RecordObservables(batch)
        record.forEachField { name, value, isQuoted in
            if name == "saddr", !isQuoted {
                if let address = LinuxAuditText.address(value) { found.add(name, address.expanded(batch.arena)) }
            } else {
                found.add(name, value)
            }
        }
        found.settle(
            offset: offset, length: line.count, time: record.moment, identity: ContentHash.of(line), host: record.node)
    }

    /// Most of a block that may be held back for its last event, in bytes.
    private static let longestEvent = 64 << 10

    /// The records of one event are lines with one serial number, mostly one after the other.
    public static var lastEvent: (@Sendable (Bytes) -> Int)? {
        { lines in
            var start = lines.count
            var id: Bytes?
            while start > 0, lines.count - start < longestEvent {
                var at = start - 1
                while at > 0, lines[at - 1] != UInt8(ascii: "\n") { at -= 1 }
                guard let record = LinuxAuditRecord(lines[at..<start].trimmed) else { break }
                if let id, !(id == record.id) { break }
                id = record.id
                start = at
            }
            // An event that goes on for longer than that is cut somewhere.
            return start > 0 ? start : lines.count
        }
    }

    /// The record's fields by its own names; beside them `time` and `serial`. Values in hex digits are decoded where the
    /// audit system encodes them. The record of a started process (`EXECVE`) has `cmdline`, all arguments with blanks between
    /// them, and what the event's `SYSCALL` record before it says: `exe`, `uid` and so on.
    public func fields(of record: Bytes, into fields: EventFields, _ batch: ActivityBatch) -> FieldReading {
        guard let record = LinuxAuditRecord(record) else { return .unreadable(Self.misfit) }
        if !record.node.isEmpty { fields.add(Bytes("node"), record.node, .string) }
        fields.add(Bytes("type"), record.type, .string)
        fields.add(Bytes("time"), record.time, .number)
        fields.add(Bytes("serial"), record.serial, .string)
        let isStart = record.type == "EXECVE"
        let isCall = record.type == "SYSCALL"
        var arguments = LinuxAuditArguments()
        if isCall { batch.audit.begin(record) }
        record.forEachField { name, value, isQuoted in
            if isStart, arguments.take(name, value, isQuoted) { return }
            if value == "(null)", !isQuoted { return fields.add(name, value, .null) }
            let text =
                !isQuoted && LinuxAuditText.isEncoded(name)
                ? LinuxAuditText.decoded(value, batch.arena) ?? value : value
            if name == "key" {
                // Several keys stand behind each other.
                for key in text.parts(between: 0x01) { fields.add(name, key, .string) }
            } else {
                fields.add(name, text, .string)
            }
            if isCall { batch.audit.keep(name, text) }
        }
        if isStart {
            arguments.add(to: fields, batch.arena)
            batch.audit.add(of: record, to: fields)
        }
        return .read
    }
}

/// What the `SYSCALL` record of an event says, for the records behind it. Its views live as long as the block.
struct LinuxAuditContext {
    /// Members of it that belong to a started process.
    private static let names: [StaticString] = [
        "exe", "pid", "ppid", "uid", "UID", "auid", "AUID", "euid", "EUID", "tty", "ses", "key", "success",
    ]
    private var id = Bytes.empty
    private var node = Bytes.empty
    private var fields: [(name: Bytes, value: Bytes)] = []

    mutating func begin(_ record: LinuxAuditRecord) {
        id = record.id
        node = record.node
        fields.removeAll(keepingCapacity: true)
    }

    mutating func keep(_ name: Bytes, _ value: Bytes) {
        if Self.names.contains(where: { name == $0 }) { fields.append((name, value)) }
    }

    /// Adds what is known to a record of the same event.
    func add(of record: LinuxAuditRecord, to all: EventFields) {
        guard !id.isEmpty, id == record.id, node == record.node else { return }
        for (name, value) in fields { all.add(name, value, .string) }
    }

    /// Forgets all.
    mutating func clear() { self = LinuxAuditContext() }
}
