// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What every record of the unified audit log begins with (learn.microsoft.com, "Office 365 Management Activity API
/// schema": common schema).
struct AuditHead: Sendable {
    let time: Timestamp
    let id: GUID
    let operation: StaticString
    /// `AuditLogRecordType`: 2 Exchange item, 6 SharePoint file operation, 15 sign-in, 50 Exchange item aggregated.
    let type: Int
    let workload: StaticString
    let person: Person
    let address: IPv4
}

/// The university's unified audit log, as two people exported it: one day by day as JSON lines, the other from the
/// fourth day on as the portal's CSV. The fourth day is in both.
struct AuditLog: Sendable {
    private let world: World
    private var lines = TimedLog()
    private var table = TimedLog()
    private var scratch = ByteText()
    private let organisation: GUID
    /// Days that the first export holds; the second begins with the last of them.
    private var lineDays: Int

    /// The log of a day at a time, exported as JSON lines only.
    init(daily world: World) {
        self.init(world)
        lineDays = .max
    }

    init(_ world: World) {
        self.world = world
        var random = world.random("audit tenant")
        organisation = GUID(&random)
        lineDays = world.calendar.planned(3) + 1
    }

    /// Adds a record; `detail` adds what comes after the common members.
    mutating func add(_ head: AuditHead, _ detail: (inout ByteText) -> Void) {
        guard head.time < world.calendar.end else { return }
        scratch.removeAll()
        scratch.object { text in
            text.field("CreationTime", head.time, zoned: false)
            text.field("Id", head.id)
            text.field("Operation", literal: head.operation)
            text.field("OrganizationId", organisation)
            text.field("RecordType", head.type)
            text.field("ResultStatus", literal: "Succeeded")
            text.field("UserKey", hex: head.person.userKey, digits: 16)
            text.field("UserType", 0)
            text.field("Version", 1)
            text.field("Workload", literal: head.workload)
            text.field("ClientIP", head.address)
            text.field("UserId", head.person.mail)
            detail(&text)
        }
        let record = scratch
        if lineDays == .max || head.time < world.calendar.midnight(lineDays) {
            lines.add(at: head.time) { $0.add(record.bytes[...]) }
        }
        guard lineDays != .max, head.time >= world.calendar.midnight(lineDays - 1) else { return }
        table.add(at: head.time) { text in
            text.add(head.id)
            text.add(",")
            text.add(iso: head.time)
            text.add(".0000000Z,")
            text.add(head.type)
            text.add(",")
            text.add(head.operation)
            text.add(",")
            text.add(text: head.person.mail)
            text.add(",\"")
            for byte in record.bytes {
                // RFC 4180 section 2.7: a quote in a quoted field is doubled.
                if byte == UInt8(ascii: "\"") { text.add(byte: byte) }
                text.add(byte: byte)
            }
            text.add("\",,\r")
        }
    }

    /// Writes and forgets all records, which are of day `day`.
    mutating func write(day: Int, to folder: inout OutputFolder, gzip: Bool) throws {
        guard !lines.isEmpty else { return }
        let date = world.calendar.at(day: day, 12).description.prefix(10)
        var file = try folder.file("m365/unified-audit-\(date).jsonl" + (gzip ? ".gz" : ""))
        try lines.drain(before: .latest) { try file.add(line: $1) }
        try file.close()
    }

    /// Writes both exports.
    mutating func write(to folder: inout OutputFolder) throws {
        let calendar = world.calendar
        func date(_ day: Int) -> String { String((calendar.midnight(day) + 12 * Calendar.hour).description.prefix(10)) }
        for day in 0..<lineDays {
            var file = try folder.file("m365/unified-audit-\(date(day)).jsonl")
            try lines.drain(before: calendar.midnight(day + 1)) { _, line in
                try file.add(line: line)
            }
            try file.close()
        }
        var file = try folder.file("m365/AuditLog_\(date(lineDays - 1))_\(date(calendar.days - 1)).csv")
        // The portal's CSV begins with a byte order mark.
        for byte: UInt8 in [0xEF, 0xBB, 0xBF] { file.text.add(byte: byte) }
        file.text.add("RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits,")
        file.text.add("AssociatedAdminUnitsNames\r\n")
        try table.drain(before: calendar.end) { _, row in
            try file.add(line: row)
        }
        try file.close()
    }
}
