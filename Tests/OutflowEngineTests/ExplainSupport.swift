// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowEngine
import OutflowEstate
import OutflowLedger
import OutflowRecords
import OutflowReports
import Testing

/// A folder of logs that is scanned and then explained.
final class ExplainedLogs {
    let folder: String
    private let isOurs: Bool
    private(set) var report = Report()

    /// A new temporary folder with no logs yet.
    init() throws {
        folder = NSTemporaryDirectory() + "outflow-explain-\(UUID().uuidString)"
        isOurs = true
        try FileManager.default.createDirectory(atPath: folder + "/report", withIntermediateDirectories: true)
    }

    /// Logs that lie elsewhere and are only read.
    init(at path: String) {
        folder = path
        isOurs = false
    }

    deinit { if isOurs { try? FileManager.default.removeItem(atPath: folder) } }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    func gzip(_ name: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", folder + "/" + name]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    /// Scans all logs and keeps the report as it comes back from `report.json`.
    func scan() throws {
        var estate = Estate()
        estate.localNetworks = [try #require(Network("10.0.0.0/16"))]
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "report" }.sorted()
        let scan = Scan(ScanPlan(paths: names.map { folder + "/" + $0 }, estate: estate, threads: 1))
        try scan.observe()
        report = try JSONReportReader(JSONReport.render(scan.conclude(), version: "test")).report
    }

    func explain(
        _ id: String, all: Bool = false, _ change: (inout Explainer.Options) -> Void = { _ in }
    ) throws -> Explanation {
        try explain(id, of: report, all: all, change)
    }

    func explain(
        _ id: String, of report: Report, all: Bool = false, _ change: (inout Explainer.Options) -> Void = { _ in }
    ) throws -> Explanation {
        var options = Explainer.Options()
        options.searchesAll = all
        change(&options)
        return try Explainer(report, folder: folder + "/report", options: options).explain(id)
    }

    /// The only transfer.
    func only() throws -> Report.Transfer {
        try #require(report.ledger.count == 1)
        return report.ledger[0]
    }
}

/// Lines of a Zeek conn.log.
enum ConnLog {
    static let names = [
        "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service", "duration", "orig_bytes",
        "resp_bytes", "conn_state", "missed_bytes", "history",
    ]

    /// Header lines, with the columns in another order when `turned`.
    static func header(turned: Bool = false) -> String {
        let order = turned ? Array(names.reversed()) : names
        return "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
            + "#fields\t\(order.joined(separator: "\t"))\n"
    }

    static func line(
        at second: Double, port: Int, bytes: Int, missed: Int = 0, to host: String = "203.0.113.7", uid: String = "C1",
        turned: Bool = false
    ) -> String {
        let fields = [
            "\(1_600_000_000 + second)", uid, "10.0.1.4", "\(port)", host, "443", "tcp", "ssl", "1.5", "\(bytes)",
            "100",
            "SF", "\(missed)", "ShADadFf",
        ]
        return (turned ? fields.reversed() : fields).joined(separator: "\t") + "\n"
    }
}

/// The public corpora, where they are at hand.
let explainCorpora = ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"]
