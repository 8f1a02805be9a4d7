// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowIntelligence
import OutflowRecords
import OutflowReports

/// Options that tell which indicators to look for.
struct IndicatorOptions: ParsableArguments {
    @Option(
        name: .customLong("indicators"),
        help: ArgumentHelp(
            """
            Indicators to look for: STIX bundles, MISP events and warninglists, CSV, plain lists, sets that `outflow \
            indicators` compiled, folders of them; may be given several times.
            """, valueName: "file"))
    var files: [String] = []

    /// The indicators; nil when none are asked for. What of their files cannot be read is told on standard error.
    func indicators(quiet: Bool) throws -> Indicators? {
        guard !files.isEmpty else { return nil }
        let indicators: Indicators
        do { indicators = try Indicators(paths: files) } catch { throw Problem(error.description) }
        if !quiet { Self.complain(indicators) }
        return indicators
    }

    /// Says what could not be read.
    static func complain(_ indicators: Indicators) {
        for file in indicators.summaries where file.rejected.count > 0 {
            let first = file.rejected.examples.first
            Terminal.complain(
                "\(file.path): \(file.rejected.count) entries are no indicators that can be used"
                    + (first.map { ", the first at \($0.offset): \($0.reason)" } ?? ""))
        }
        for file in indicators.summaries where !file.leftOut.isEmpty {
            let types = file.leftOut.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let words = types.prefix(10).map { "\($0.value) of type \(VisibleText.escape($0.key))" }
            Terminal.complain(
                "\(file.path): attributes for detection that are not looked for: \(words.joined(separator: ", "))"
                    + (types.count > 10 ? " and \(types.count - 10) further types" : ""))
        }
        let left = indicators.patternsLeftOut
        if let first = left.first {
            Terminal.complain(
                "\(left.count) indicators ask for what the logs do not show and are not looked for, the first is "
                    + "\(VisibleText.escape(first)); `outflow pattern` matches them against observed data")
        }
    }
}
