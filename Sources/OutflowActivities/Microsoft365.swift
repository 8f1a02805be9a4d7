// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// The Microsoft 365 unified audit log, in the shapes in which it is exported.
///
/// Records are told by their keys, whatever the wrapping:
/// - as the Office 365 Management Activity API delivers them (`Id`, `Operation`, `CreationTime`);
/// - rows of `Search-UnifiedAuditLog` and of Purview, whose `AuditData` holds the record as JSON (CSV or JSON);
/// - Sentinel's `OfficeActivity` (`OfficeId`, lists as JSON strings);
/// - Defender's `CloudAppEvents` (`RawEventData` holds the record);
/// - `auditLogRecord` of Microsoft Graph (`auditData` holds the record).
///
/// Source: learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema.
public struct Microsoft365: JSONRecordSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "microsoft-365-audit", title: "Microsoft 365 unified audit log", routes: [.mail, .saasFile],
        recognisedBy: "JSON with Id, Operation and CreationTime, or wrapped in AuditData, RawEventData, OfficeActivity",
        activities: "mail access (MailItemsAccessed), forwarding rules, SharePoint and OneDrive reads, sharing",
        bytes: "sometimes: FileSizeBytes of files, SizeInBytes of messages; a folder sync is never sized",
        switchOn: "Auditing (Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true). MailItemsAccessed comes "
            + "with Audit (Standard), E3 or G3 and above since 2024 (E5 before); mailboxes whose actions were changed need "
            + "Set-Mailbox -DefaultAuditSet Admin,Delegate,Owner. Kept 180 days, a year with E5: export early",
        reference:
            "https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema")

    /// How the rows of a CSV export stand.
    struct Table: Sendable {
        var reader: CSVReader
        /// The header line, which may come again where exports were joined.
        var header: [UInt8]
        /// Column of the audit record's JSON.
        var auditData: Int
    }

    /// Nil for JSON.
    let table: Table?

    /// How sure the head is of this format.
    public static func recognise(_ head: StreamHead) -> Int {
        if table(head) != nil { return 95 }
        let parser = JSONParser()
        var best = 0
        for record in head.records {
            guard let root = try? parser.parse(copying: record) else { continue }
            best = max(best, score(root))
        }
        return best
    }

    /// A reader for the stream with this head.
    public init?(_ head: StreamHead) { table = Self.table(head) }

    /// Whether an object is an audit record, or holds one, or is a row of another table of Defender's, which exports mix.
    public static func owns(_ object: JSONValue) -> Bool {
        score(object) > 0 || (!object.string("Operation").isEmpty && object["UserId"] != nil)
            || (!object.string("Timestamp").isEmpty && !object.string("ActionType").isEmpty)
    }

    /// How sure one record is.
    private static func score(_ root: JSONValue) -> Int {
        func isAudit(_ value: JSONValue?) -> Bool {
            guard let value else { return false }
            return !value.string("Operation").isEmpty && !value.string("CreationTime").isEmpty
                && !value.string("Id").isEmpty
        }
        if isAudit(root) { return root["Workload"] != nil || root["RecordType"] != nil ? 95 : 80 }
        if !root.string("OfficeId").isEmpty, !root.string("Operation").isEmpty { return 95 }
        if isAudit(root.present("RawEventData")) || isAudit(root.present("rawData")) { return 90 }
        if let data = root.present("auditData"), data.kind == .object, !root.string("operation").isEmpty { return 90 }
        if let data = root.present("AuditData"), data.kind == .object || data.string?.trimmed.hasPrefix("{") == true {
            return 90
        }
        if root.string("RawEventData").trimmed.hasPrefix("{"), !root.string("ActionType").isEmpty { return 85 }
        return 0
    }

    /// PowerShell 5's Export-Csv writes a line `#TYPE ...` before the header, and some write `sep=;` for Excel.
    private static func isPreamble(_ line: Bytes) -> Bool {
        line.hasPrefix("#TYPE") || line.hasPrefix("sep=") && line.count == 5
    }

    /// The columns of a CSV export; nil when the head is none.
    private static func table(_ head: StreamHead) -> Table? {
        guard head.framing == .lines else { return nil }
        guard let header = head.records.first(where: { !isPreamble($0) }), !header.hasPrefix("{") else {
            return nil
        }
        for separator in [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")] {
            let reader = CSVReader(separator: separator)
            guard let data = reader.column("AuditData", in: header) ?? reader.column("RawEventData", in: header) else {
                continue
            }
            return Table(reader: reader, header: header.array, auditData: data)
        }
        return nil
    }

    /// Adds what the block's records mean; see ``LogSource/read(_:into:)``.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { record, offset in
            if let table {
                readRow(record, offset, table, batch)
            } else {
                do {
                    let root = try batch.json.parse(record)
                    if root.kind == .object, !Self.owns(root) { return batch.passOn(record, offset: offset) }
                    Self.observe(root, record, offset, batch)
                } catch {
                    batch.reject(offset: offset, "not JSON: \(error)")
                }
            }
        }
    }

    private func readRow(_ row: Bytes, _ offset: UInt64, _ table: Table, _ batch: ActivityBatch) {
        let isHeader = table.header.withUnsafeBytes { Bytes($0) == row }
        if isHeader || Self.isPreamble(row) { return }
        var cell: CSVReader.Field? = nil
        do {
            try table.reader.forEachField(of: row) { index, field in if index == table.auditData { cell = field } }
        } catch {
            let reason =
                error == .openQuote
                ? "CSV row with an open quote: a line break inside a field, or a cut line; export again without either"
                : "CSV row with text behind a closing quote"
            batch.reject(offset: offset, reason)
            return
        }
        guard let text = cell?.text(in: batch.arena), !text.isEmpty else {
            batch.reject(offset: offset, "CSV row without AuditData")
            return
        }
        do {
            Self.observe(try batch.json.parse(copying: text), row, offset, batch)
        } catch {
            batch.reject(
                offset: offset, "AuditData is not JSON (\(error)); spreadsheets cut cells at 32,767 characters")
        }
    }

    /// The audit record that a CSV row holds.
    public func json(of record: Bytes, _ batch: ActivityBatch) -> Bytes? {
        guard let table else { return nil }
        if Self.isPreamble(record) || table.header.withUnsafeBytes({ Bytes($0) == record }) { return .empty }
        var cell: CSVReader.Field?
        try? table.reader.forEachField(of: record) { index, field in if index == table.auditData { cell = field } }
        return cell?.text(in: batch.arena)
    }

    /// Adds what one parsed record means.
    private static func observe(_ root: JSONValue, _ bytes: Bytes, _ offset: UInt64, _ batch: ActivityBatch) {
        guard root.kind == .object else {
            batch.reject(offset: offset, "no JSON object")
            return
        }
        do {
            guard let record = try AuditRecord(root, bytes: bytes, offset: offset, batch: batch) else {
                batch.reject(offset: offset, "no readable CreationTime")
                return
            }
            batch.records += 1
            batch.saw(record.mark.time)
            let isKnown =
                record.operation == "MailItemsAccessed"
                ? readMail(record) : readForwarding(record) || readFile(record) || readSharing(record)
            if !isKnown {
                // Of no meaning for the ledger; detectors look at some of them.
                readIdentity(record)
                if batch.wantsObservables, let address = record.address {
                    let user = EntityView(.principal, id: record.keepLower(record.user))
                    batch.observables.append(
                        Observable(mark: record.mark, kind: .address, value: address, who: user))
                }
                batch.irrelevant += 1
            }
        } catch {
            batch.reject(offset: offset, "the audit record inside the row is not JSON: \(error)")
        }
    }
}
