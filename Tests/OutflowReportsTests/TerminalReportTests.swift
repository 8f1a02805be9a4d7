// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowReports

@Suite struct TerminalReportTests {
    @Test func dump() {
        print(TerminalReport.render(DemoReport.full, .init(width: 80, folder: "./outflow-report")))
        print(TerminalReport.render(DemoReport.full, .init(width: 120, hasColour: true)))
    }
}
