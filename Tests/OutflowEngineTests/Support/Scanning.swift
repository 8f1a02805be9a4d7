// SPDX-License-Identifier: Apache-2.0

import OutflowDetection
import OutflowEngine
import OutflowEstate
import OutflowLedger
import OutflowReaders
import OutflowRecords
import OutflowReports

/// Scans paths as the command does, in this process.
func scanned(
    _ paths: [String], estate: Estate = SmallWorld.estate, threads: Int = 1, blockBytes: Int? = nil,
    alarms: AlarmBudget = .standard
) throws -> Report {
    var plan = ScanPlan(paths: paths, estate: estate, threads: threads)
    plan.alarms = alarms
    if let blockBytes { plan.limits.blockBytes = blockBytes }
    let scan = Scan(plan)
    try scan.observe()
    return scan.conclude()
}

/// Scans a world laid out in a folder of its own.
func scanned(
    _ world: SmallWorld, _ layout: Layout, dice: inout Dice, estate: Estate = SmallWorld.estate, threads: Int = 1,
    blockBytes: Int? = nil
) throws -> (report: Report, files: [Layout.File], folder: Folder) {
    let folder = try Folder()
    let files = layout.files(world, &dice)
    let paths = try files.map { try folder.write($0.name, $0.bytes) }
    return (try scanned(paths, estate: estate, threads: threads, blockBytes: blockBytes), files, folder)
}

extension Report {
    /// The report as it must come out whatever the files: without inputs, and with the number of cited records only.
    var comparable: String {
        var report = self
        report.inputs = []
        func blank(_ origins: [Origin]) -> [Origin] { origins.map { _ in Origin(input: 0, offset: 0, length: 0) } }
        for index in report.ledger.indices { report.ledger[index].evidence = blank(report.ledger[index].evidence) }
        for index in report.staging.indices { report.staging[index].evidence = blank(report.staging[index].evidence) }
        for index in report.findings.indices {
            report.findings[index].evidence = blank(report.findings[index].evidence)
        }
        for index in report.cases.indices {
            for step in report.cases[index].story.indices {
                report.cases[index].story[step].evidence = blank(report.cases[index].story[step].evidence)
            }
        }
        return String(decoding: JSONReport.render(report, version: "test"), as: UTF8.self)
    }
}

/// The first lines in which two texts differ, for messages.
func difference(_ left: String, _ right: String) -> String {
    let (a, b) = (left.split(separator: "\n"), right.split(separator: "\n"))
    var result: [String] = []
    for line in a where !b.contains(line) { result.append("- \(line)") }
    for line in b where !a.contains(line) { result.append("+ \(line)") }
    return result.prefix(6).joined(separator: "\n")
}
