// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowLedger
import Testing

@testable import OutflowReports

@Suite struct ReportFolderTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = try Tools.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    @Test func writesAllFilesAndNothingElse() throws {
        try inFolder { base in
            let paths = try ReportFolder.write(DemoReport.small, to: "\(base)/out/", version: "1")
            #expect(
                paths == [
                    "\(base)/out/report.html", "\(base)/out/report.json", "\(base)/out/ledger.csv",
                    "\(base)/out/findings.ocsf.jsonl",
                ])
            #expect(try names("\(base)/out") == ["findings.ocsf.jsonl", "ledger.csv", "report.html", "report.json"])
            let json = try Data(contentsOf: URL(fileURLWithPath: paths[1]))
            #expect(Array(json) == JSONReport.render(DemoReport.small, version: "1"))
            // A second report takes the place of the first.
            try ReportFolder.write(Report(), to: "\(base)/out", version: "2")
            #expect(try Data(contentsOf: URL(fileURLWithPath: paths[1])).count < json.count)
            #expect(try names("\(base)/out").count == 4)
        }
    }

    @Test func refusesLinks() throws {
        try inFolder { base in
            let files = FileManager.default
            try files.createDirectory(atPath: "\(base)/real", withIntermediateDirectories: false)
            try files.createSymbolicLink(atPath: "\(base)/link", withDestinationPath: "\(base)/real")
            for path in ["\(base)/link", "\(base)/link/"] {
                let error = #expect(throws: ReportFolder.Failure.self) {
                    try ReportFolder.write(Report(), to: path, version: "1")
                }
                #expect(
                    error?.description == "\(base)/link: is a symbolic link; name the folder itself, or another one")
            }
            try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(base)/victim"))
            try files.createSymbolicLink(atPath: "\(base)/real/report.json", withDestinationPath: "\(base)/victim")
            #expect(throws: ReportFolder.Failure.self) {
                try ReportFolder.write(Report(), to: "\(base)/real", version: "1")
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: "\(base)/victim")) == Data("mine".utf8))
            #expect(try names("\(base)/real") == ["report.json"])
        }
    }

    @Test func leavesNoHalfReport() throws {
        try inFolder { base in
            // A folder stands where the last file should go: nothing is written beside it.
            try FileManager.default.createDirectory(atPath: "\(base)/report.json", withIntermediateDirectories: false)
            let error = #expect(throws: ReportFolder.Failure.self) {
                try ReportFolder.write(Report(), to: base, version: "1")
            }
            #expect(error?.description.hasPrefix("\(base)/report.json: is a folder") ?? false)
            #expect(try names(base) == ["report.json"])
            #expect(throws: ReportFolder.Failure.self) {
                try ReportFolder.write(Report(), to: "\(base)/no/such", version: "1")
            }
            try Data().write(to: URL(fileURLWithPath: "\(base)/file"))
            #expect(throws: ReportFolder.Failure.self) {
                try ReportFolder.write(Report(), to: "\(base)/file", version: "1")
            }
        }
    }
}
