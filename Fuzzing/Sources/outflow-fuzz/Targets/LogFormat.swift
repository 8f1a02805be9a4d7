// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowReaders
import OutflowRecords

extension FuzzTarget {
    /// A site's `LogFormat` directive in the first line, and a log to read by it in the others.
    static let logFormat = FuzzTarget(name: "log-format") { input in
        let end = input.firstIndex(of: 0x0A) ?? input.count
        let directive = String(decoding: input[..<end], as: UTF8.self)
        do throws(LogFormatError) {
            _ = try LogFormat(directive)
        } catch {
            check(!error.description.isEmpty, "an error without words")
            return
        }
        var choices = Choices(input)
        let log = Array(input[end...].dropFirst())
        let options = SourceOptions(logFormat: directive)
        for type in [EZproxyLog.self, SquidLog.self, CombinedLog.self] as [any LogSource.Type] {
            let recogniser: Recogniser = { head in
                _ = type.recognise(head)
                return type.init(head).map { ($0, type.card) }
            }
            let (whole, _) = Reading().tally(of: log, recogniser: recogniser, options: options)
            let (split, _) = Reading.chosen(by: &choices).tally(of: log, recogniser: recogniser, options: options)
            check(whole == split, "whole: \(whole)\nsplit: \(split)")
        }
    }
}
