// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowEstate
import Testing

/// docs/configuration.md says what the program does.
@Suite struct DocumentationTests {
    private static let page: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("docs/configuration.md")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }()

    @Test func theExampleIsSound() throws {
        let start = try #require(Self.page.range(of: "```yaml\n"))
        let end = try #require(Self.page.range(of: "\n```", range: start.upperBound..<Self.page.endIndex))
        let estate = try Estate.parse(
            yaml: String(Self.page[start.upperBound..<end.lowerBound]), file: "configuration.md")
        #expect(
            !estate.localNetworks.isEmpty && !estate.tenants.isEmpty && !estate.sanctioned.isEmpty
                && !estate.logs.isEmpty)
    }

    @Test func allClassesAndRoutesAreListed() {
        #expect(Self.listed(after: "\nClasses:") == DestinationClass.allCases.map { $0.rawValue })
        #expect(Self.listed(after: "\nRoutes:") == Estate.Vocabulary.standardRoutes)
    }

    /// The names in backquotes of the paragraph that begins with `start`.
    private static func listed(after start: String) -> [String] {
        guard let from = page.range(of: start) else { return [] }
        let rest = page[from.upperBound...]
        let paragraph = rest[..<(rest.range(of: "\n\n")?.lowerBound ?? rest.endIndex)]
        return paragraph.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
    }
}
