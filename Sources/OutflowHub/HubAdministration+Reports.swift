// SPDX-License-Identifier: Apache-2.0

import CSodium
import OutflowActivities
import OutflowLedger
import OutflowRecords
import OutflowReports

/// A record that a report cites, as it stands in the log.
public struct CitedRecord: Sendable {
    /// Where it stands: input of the report, offset, length.
    public var origin: Origin
    /// Its text; perhaps only the beginning.
    public var text: [UInt8]
    /// Whether the input is still the one that was scanned, by its hash.
    public var isSound: Bool

    /// A record.
    public init(origin: Origin, text: [UInt8], isSound: Bool) {
        self.origin = origin
        self.text = text
        self.isSound = isSound
    }
}

extension HubAdministration {
    /// Longest `report.json` that a hub takes.
    public static let longestReport = 256 << 20

    /// What adding a report brought.
    public struct ReportSummary: Sendable, Equatable {
        /// Cases, ledger entries and records with their text.
        public var cases = 0, transfers = 0, records = 0
        /// Whether the hub had the report already.
        public var wasThere = false
    }

    /// Takes a report in: its cases, its ledger, and the records that it cites. The same report again (to the byte) only
    /// brings its name and records up to date.
    ///
    /// - Parameters:
    ///   - text: `report.json`.
    ///   - name: by which people know it.
    ///   - records: those cited records that could be read again.
    /// - Throws: ``HubFailure`` if the text is no report.
    public func add(report text: [UInt8], name: String, records: [CitedRecord]) throws -> ReportSummary {
        guard text.count <= Self.longestReport else { throw HubFailure("report.json is longer than 256 MiB") }
        let report: Report
        do { report = try JSONReportReader(text).report } catch { throw HubFailure("report.json: \(error)") }
        let id = Self.name(text)
        var summary = ReportSummary(cases: report.cases.count, transfers: report.ledger.count, records: records.count)
        try database.transaction {
            let find = try database.statement("SELECT report FROM report WHERE id = ?1")
            if let key = try find.bind(.text(id)).first({ $0.integer(0) }) {
                summary.wasThere = true
                try database.statement("UPDATE report SET name = ?2 WHERE report = ?1").bind(.integer(key), .text(name))
                    .run()
                try add(records, to: key)
            } else {
                try database.statement("INSERT INTO report VALUES (NULL, ?1, ?2, ?3, ?4, ?5)").bind(
                    .text(id), .text(name), .integer(Clock.now().microseconds), .integer(report.ledger.count),
                    .bytes(text)
                ).run()
                let key = database.lastRow
                try add(report, to: key)
                try add(records, to: key)
            }
            try AuditLog.append([note("report.add", count: report.cases.count, subject: "\(id) \(name)")], to: database)
        }
        return summary
    }

    private func add(_ report: Report, to key: Int64) throws {
        let transfers = Dictionary(report.ledger.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
        let findings = Dictionary(report.findings.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
        let insert = try database.statement(
            "INSERT INTO told VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")
        for (place, told) in report.cases.enumerated() {
            var words = [told.id, told.title] + told.entities.map(\.id)
            var times = told.story.map(\.at)
            for transfer in told.transfers.compactMap({ transfers[$0] }) {
                words += [transfer.id, transfer.route.rawValue, transfer.source.id, transfer.destination.id]
                words += [transfer.source.name ?? "", transfer.destination.name ?? ""]
                times += [transfer.first, transfer.last]
            }
            for finding in told.findings.compactMap({ findings[$0] }) {
                words += [finding.id, finding.title] + finding.techniques
                times += [finding.first, finding.last]
            }
            let (bytes, reach) = (told.assessment.bytes, times.reach)
            try insert.bind(
                .integer(key), .integer(place), .text(told.id), .text(told.title), .text(told.suspicion.rawValue),
                reach.map { .integer($0.lowerBound.microseconds) } ?? .null,
                reach.map { .integer($0.upperBound.microseconds) } ?? .null, .text(String(bytes.atLeast)),
                .text(bytes.atMost.map { String($0) }), .integer(told.transfers.count), .integer(told.findings.count),
                .text(words.joined(separator: "\n").lowercased())
            ).run()
        }
    }

    private func add(_ records: [CitedRecord], to key: Int64) throws {
        let insert = try database.statement("INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        for record in records {
            try insert.bind(
                .integer(key), .integer(Int(record.origin.input)), .text(String(record.origin.offset)),
                .integer(Int(record.origin.length)), .flag(record.isSound), .bytes(record.text)
            ).run()
        }
    }

    /// A name for a text that no other has: the beginning of its BLAKE2b hash, as `R-` and hexadecimal digits.
    static func name(_ text: [UInt8]) -> String {
        _ = Random.isReady
        var output = [UInt8](repeating: 0, count: 16)
        crypto_generichash(&output, output.count, text, UInt64(text.count), nil, 0)
        return "R-" + output.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
