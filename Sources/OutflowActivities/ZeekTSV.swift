// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Zeek's default logs: tab-separated rows under `#` header lines that name the columns.
///
/// Source: Zeek documentation, "Zeek Log Formats and Inspection".
public struct ZeekTSV: LogSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "zeek-tsv", title: "Zeek logs (TSV)", routes: [.network, .dns, .web, .email, .vpn],
        recognisedBy: "a header line #separator or #fields",
        activities:
            "flows (conn), uploads (http), files (files), names (ssl, quic, http, dns, dhcp), DNS questions (dns), "
            + "losses (capture_loss). Rows of other logs, smtp, ftp and smb_files among them, are counted and add nothing: "
            + "their bytes are in conn and files",
        bytes:
            "yes: payload by connection, within bounds where the sensor missed some (conn); bodies of requests (http) "
            + "and files (files), both as unpacked",
        switchOn:
            "hashes in files.log (policy/frameworks/files/hash-all-files), so that repetitions are known as such; "
            + "capture_loss.log (policy/misc/capture-loss); Site::local_nets",
        reference: "https://docs.zeek.org/en/master/log-formats.html")

    /// `#`: Zeek writes header lines at the head of each file, and again where logs were joined.
    ///
    /// Source: Zeek documentation, "Zeek Log Formats and Inspection", section "Zeek TSV Format Logs".
    public static var headerMark: HeaderMark? { .firstByte(UInt8(ascii: "#")) }

    let path: ZeekPath
    let separator: UInt8
    let setSeparator: UInt8
    let unset: [UInt8]
    let empty: [UInt8]
    /// Slot of every column, -1 for those that do not matter.
    let slots: [Int8]
    /// All columns, for rules.
    let columns: ZeekColumns
    /// The columns of the hot path, when this is a conn.log that has them.
    let conn: ZeekConnColumns?

    /// 100 when the head has a line `#separator` or `#fields`, else 0: rows alone do not name their columns.
    public static func recognise(_ head: StreamHead) -> Int {
        guard head.framing == .lines, head.bytes.hasPrefix("#") else { return 0 }
        return head.bytes.hasPrefix("#separator ") || head.bytes.firstIndex(of: "\n#fields") != nil
            || head.bytes.hasPrefix("#fields") ? 100 : 0
    }

    /// A reader for the columns that the head names; nil when there is no `#fields` line.
    public init?(_ head: StreamHead) {
        var header = 0
        while header < head.bytes.count, head.bytes[header] == UInt8(ascii: "#") {
            header = (head.bytes.firstIndex(of: UInt8(ascii: "\n"), from: header) ?? head.bytes.count - 1) + 1
        }
        self.init(header: head.bytes.prefix(upTo: header), base: nil)
        if slots.isEmpty { return nil }
    }

    /// A reader for the columns that these header lines name; what they leave out stays as it was.
    public func following(header: Bytes) -> any LogSource { ZeekTSV(header: header, base: self) }

    /// Reads header lines; what they do not say stays as in `base`.
    init(header: Bytes, base: ZeekTSV?) {
        var path = base?.path ?? .other
        var named = base != nil
        var separator = base?.separator ?? UInt8(ascii: "\t")
        var setSeparator = base?.setSeparator ?? UInt8(ascii: ",")
        var unset = base?.unset ?? Array("-".utf8)
        var empty = base?.empty ?? Array("(empty)".utf8)
        var slots = base?.slots ?? []
        var pathName = base?.columns.path.bytes ?? .empty
        var names = base?.columns.columns.map(\.name) ?? []
        var types: [Bytes]?
        RecordBlock(bytes: header, offset: 0).forEachRecord { line, _ in
            if line.hasPrefix("#separator ") {
                // Written as itself or as \x09.
                let value = line.suffix(from: 11).trimmed
                if value.count == 4, value.hasPrefix("\\x"), let byte = UInt8(value.suffix(from: 2).string, radix: 16) {
                    separator = byte
                } else if line.count == 12 {
                    separator = line[11]
                }
                return
            }
            guard let gap = line.firstIndex(of: separator) else { return }
            let key = line.prefix(upTo: gap)
            let value = line.suffix(from: gap + 1)
            if key == "#set_separator", value.count == 1 { setSeparator = value[0] }
            if key == "#unset_field" { unset = value.array }
            if key == "#empty_field" { empty = value.array }
            if key == "#path" {
                path = ZeekPath(value)
                pathName = value
                named = true
            }
            if key == "#fields" {
                names = value.parts(between: separator)
                slots = names.map { Int8(ZeekField.slot(of: $0)) }
            }
            if key == "#types" { types = value.parts(between: separator) }
        }
        if !named { path = ZeekPath { slots.contains(Int8($0.rawValue)) } }
        self.path = path
        self.separator = separator
        self.setSeparator = setSeparator
        self.unset = unset
        self.empty = empty
        self.slots = slots
        if let base, types == nil, names.count == base.columns.columns.count, pathName == base.columns.path.bytes {
            columns = base.columns
        } else {
            columns = ZeekColumns(path: pathName, names: names, types: types ?? [])
        }
        let isUsual =
            separator == UInt8(ascii: "\t") && unset == Array("-".utf8) && empty == Array("(empty)".utf8)
        self.conn = path == .conn && isUsual ? ZeekConnColumns(slots: slots) : nil
    }

    /// Adds the rows of the block. A row with fewer columns than the header names is rejected (it may be half written);
    /// additional columns at its end are passed over.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        if let conn { readConn(block, conn, batch) } else { readRows(block, batch) }
    }

    /// Reads rows one by one, whatever the log: the plain twin of ``readConn(_:_:_:)``.
    func readRows(_ block: RecordBlock, _ batch: ActivityBatch) {
        let slotCount = ZeekField.allCases.count
        withUnsafeTemporaryAllocation(of: Bytes.self, capacity: slotCount) { values in
            block.forEachRecord { line, offset in
                if line[0] == UInt8(ascii: "#") { return }
                if let reason = readRow(line, offset, values.baseAddress!, slotCount, batch) {
                    batch.reject(offset: offset, reason)
                } else {
                    batch.records += 1
                }
            }
        }
    }

    /// Reads one row; returns why not.
    func readRow(
        _ line: Bytes, _ offset: UInt64, _ values: UnsafeMutablePointer<Bytes>, _ slotCount: Int, _ batch: ActivityBatch
    ) -> String? {
        values.update(repeating: .empty, count: slotCount)
        var column = 0
        var at = 0
        while at <= line.count {
            let end = line.firstIndex(of: separator, from: at) ?? line.count
            if column < slots.count, slots[column] >= 0 {
                let value = line[at..<end]
                if !isUnset(value) { values[Int(slots[column])] = value }
            }
            column += 1
            at = end + 1
        }
        // Additional columns at the end are passed over; missing ones may be a half-written line.
        guard column >= slots.count else {
            return tooShort(column)
        }
        return ZeekActivities.add(
            ZeekRow(values: values, lists: .separated(by: setSeparator)), of: path, offset: offset,
            length: UInt32(truncatingIfNeeded: line.count), to: batch)
    }

    /// What is said of a row that has too few columns.
    func tooShort(_ columns: Int) -> String {
        "row has \(columns) columns, the header names \(slots.count): cut short, or a header line is missing"
    }

    private func isUnset(_ value: Bytes) -> Bool {
        unset.withUnsafeBytes { Bytes($0) == value } || empty.withUnsafeBytes { Bytes($0) == value }
    }
}
