// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowIntelligence
import OutflowJSON
import OutflowRecords
import Testing

/// The 412 cases of `stix/pattern-cases.json`, whose verdicts are those of OASIS's `stix2-matcher`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"] != nil, "OUTFLOW_CORPORA is not set"))
struct PatternCorpusTests {
    @Test func allCasesHaveTheExpectedVerdict() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"])
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/stix/pattern-cases.json"))
        let parser = JSONParser()
        var padded = [UInt8](data)
        padded.append(contentsOf: [UInt8](repeating: 0x20, count: 64))
        try padded.withUnsafeBytes { buffer in
            let text = Bytes(UnsafeRawBufferPointer(rebasing: buffer[0..<data.count]))
            var cases = 0
            for (_, question) in try parser.parse(text).elements {
                cases += 1
                let pattern = question.string("pattern").string
                let answer = PatternCases.answer(question)
                if let kind = question["error"]?.string {
                    guard case .error(let words) = answer else {
                        Issue.record("case \(cases): \(pattern): \(answer), not an error")
                        continue
                    }
                    #expect(words.hasPrefix(kind.string + ": "), "case \(cases): \(pattern): \(words)")
                    if kind == "ParseException" { #expect(words.contains("line 1, column ")) }
                } else {
                    let sdos = try #require(question["sdos"]).elements.map { $0.value.string?.string }
                    let expected = PatternCases.Answer.verdict(match: question["match"]?.bool ?? false, sdos: sdos)
                    #expect(answer == expected, "case \(cases): \(pattern)")
                }
            }
            #expect(cases == 412)
        }
    }
}
