// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import Testing

@testable import OutflowReports

/// docs/formats.md says what the program does.
@Suite struct DocumentationTests {
    @Test func theTableOfSourcesIsTheProgramsOwn() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/formats.md"), encoding: .utf8)
        let begin = try #require(page.range(of: "<!-- sources: begin "))
        let start = try #require(page.range(of: "-->\n\n", range: begin.upperBound..<page.endIndex))
        let end = try #require(page.range(of: "\n<!-- sources: end -->", range: start.upperBound..<page.endIndex))
        #expect(
            String(page[start.upperBound..<end.lowerBound]) == SourcesTable.markdown(LogSources.cards),
            "put what `outflow sources --markdown` prints between the markers of docs/formats.md")
        // Every source has words of its own below the table.
        for card in LogSources.cards { #expect(page[end.upperBound...].contains("`\(card.format)`"), "\(card.format)") }
    }
}
