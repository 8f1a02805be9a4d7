// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords
import OutflowReports
import Synchronization

/// A report as lists show it.
struct ReportEntry: Sendable {
    let key: Int64
    let id: String
    let name: String
    let added: Timestamp
    let transfers: Int
    let cases: Int
}

/// A case as lists show it.
struct CaseEntry: Sendable {
    let report: String
    let reportName: String
    let id: String
    let title: String
    let suspicion: Suspicion
    let first: Timestamp?
    let last: Timestamp?
    let bytes: ByteBounds
    let transfers: Int
    let findings: Int
}

/// Which cases a list shows.
struct CaseFilter: Equatable {
    /// Words that all occur in the case; compared without regard to case.
    var words: [String] = []
    /// At least so suspicious.
    var suspicion = Suspicion.none
    /// Of this report; nil for all.
    var report: String?

    static let mostWords = 8
}

extension HubStore {
    /// The reports, the latest first.
    func reports() async throws -> [ReportEntry] {
        try await read { database in
            var entries: [ReportEntry] = []
            try database.statement(
                """
                SELECT r.report, r.id, r.name, r.added, r.transfers, (SELECT count(*) FROM told t WHERE t.report = r.report)
                FROM report r ORDER BY r.report DESC LIMIT 500
                """
            ).bind([]).each {
                entries.append(
                    ReportEntry(
                        key: $0.integer(0), id: $0.text(1), name: $0.text(2),
                        added: Timestamp(microseconds: $0.integer(3)), transfers: Int($0.integer(4)),
                        cases: Int($0.integer(5))))
            }
            return entries
        }
    }

    /// A page of cases, the most suspicious first, and how many there are in all.
    func cases(_ filter: CaseFilter, from start: Int, count: Int) async throws -> (entries: [CaseEntry], all: Int) {
        try await read { database in
            var conditions = ["1"]
            var values: [SQLiteValue] = []
            for word in filter.words {
                conditions.append("instr(t.words, ?) > 0")
                values.append(.text(word.lowercased()))
            }
            if let report = filter.report {
                conditions.append("r.id = ?")
                values.append(.text(report))
            }
            let ranks = Suspicion.allCases.filter { $0 >= filter.suspicion }.map(\.rawValue)
            conditions.append("t.suspicion IN (\(ranks.map { _ in "?" }.joined(separator: ",")))")
            values += ranks.map { .text($0) }
            let from = "FROM told t JOIN report r ON r.report = t.report WHERE \(conditions.joined(separator: " AND "))"
            let all = try database.statement("SELECT count(*) \(from)").bind(values).first { Int($0.integer(0)) } ?? 0
            let order =
                "CASE t.suspicion WHEN 'very likely' THEN 0 WHEN 'likely' THEN 1 WHEN 'possible' THEN 2 ELSE 3 END"
            var entries: [CaseEntry] = []
            try database.statement(
                """
                SELECT r.id, r.name, t.id, t.title, t.suspicion, t.first, t.last, t.at_least, t.at_most, t.transfers,
                    t.findings \(from) ORDER BY \(order), t.report DESC, t.place LIMIT ? OFFSET ?
                """
            ).bind(values + [.integer(count), .integer(start)]).each { entries.append(CaseEntry($0)) }
            return (entries, all)
        }
    }

    /// The text of a report; nil if there is none of this name.
    func reportText(_ id: String) async throws -> [UInt8]? {
        try await read {
            try $0.statement("SELECT text FROM report WHERE id = ?1").bind(.text(id)).first { Array($0.bytes(0)) }
        }
    }

    /// A cited record; nil if the hub does not have it.
    func record(_ id: String, input: Int, offset: UInt64) async throws -> (record: CitedRecord, isWhole: Bool)? {
        try await read { database in
            try database.statement(
                """
                SELECT e.length, e.is_sound, e.text FROM record e JOIN report r ON r.report = e.report
                WHERE r.id = ?1 AND e.input = ?2 AND e.offset = ?3
                """
            ).bind(.text(id), .integer(input), .text(String(offset))).first { row in
                let length = UInt32(clamping: row.integer(0))
                let text = Array(row.bytes(2))
                return (
                    CitedRecord(
                        origin: Origin(input: UInt32(clamping: input), offset: offset, length: length), text: text,
                        isSound: row.integer(1) != 0), text.count >= Int(length)
                )
            }
        }
    }
}

extension CaseEntry {
    fileprivate init(_ row: SQLiteStatement) {
        report = row.text(0)
        reportName = row.text(1)
        id = row.text(2)
        title = row.text(3)
        suspicion = Suspicion(rawValue: row.text(4)) ?? .none
        first = row.isNull(5) ? nil : Timestamp(microseconds: row.integer(5))
        last = row.isNull(6) ? nil : Timestamp(microseconds: row.integer(6))
        bytes = ByteBounds(atLeast: UInt64(row.text(7)) ?? 0, atMost: row.optionalText(8).flatMap { UInt64($0) })
        transfers = Int(row.integer(9))
        findings = Int(row.integer(10))
    }
}

/// The reports that were read last, parsed: a person looks at one for a while.
final class ReportCache: Sendable {
    private let known = Mutex<[(id: String, report: Report)]>([])
    private static let most = 2

    /// The report of this name; nil if there is none.
    func report(_ id: String, _ store: HubStore) async throws -> Report? {
        if let report = known.withLock({ $0.first { $0.id == id }?.report }) { return report }
        guard let text = try await store.reportText(id) else { return nil }
        let report = try JSONReportReader(text).report
        known.withLock { known in
            known.removeAll { $0.id == id }
            known.append((id, report))
            if known.count > Self.most { known.removeFirst() }
        }
        return report
    }
}
