// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowReports

@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("plain.example", "plain.example"), ("a\u{1B}[31mb", "a\\u{1B}[31mb"), ("\u{202E}abc", "\\u{202E}abc"),
        ("a\u{2066}b", "a\\u{2066}b"), ("a\u{200B}b", "a\\u{200B}b"), ("a\u{A0}b", "a\\u{A0}b"),
        ("a\tb\nc", "a\\u{9}b\\u{A}c"),
        ("\u{9B}", "\\u{9B}"), ("\u{FEFF}", "\\u{FEFF}"), ("\u{3164}", "\\u{3164}"), ("\u{2028}", "\\u{2028}"),
        ("\\u{202E}", "\\u{5C}u{202E}"), ("DOMAIN\\admin", "DOMAIN\\admin"), ("Müller 日本 🙂", "Müller 日本 🙂"),
        ("e\u{301}", "e\u{301}"), ("e\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}\u{301}\\u{301}"),
        ("\u{FFFD}", "\u{FFFD}"),
    ])
    func escapes(text: String, visible: String) {
        #expect(Array(VisibleText.escape(text).unicodeScalars) == Array(visible.unicodeScalars))
    }

    /// Whatever the text, nothing hidden is left, and two texts that differ do not come out the same.
    @Test(arguments: [21, 22] as [UInt64]) func nothingStaysHidden(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var seen: [String: String] = [:]
        for _ in 0..<500 {
            let text = Hostile.string(&random)
            let visible = VisibleText.escape(text)
            #expect(!visible.unicodeScalars.contains { VisibleText.isHidden($0) }, "seed \(seed): \(visible)")
            let scalars = text.unicodeScalars.map { String($0.value) }.joined(separator: " ")
            let key = visible.unicodeScalars.map { String($0.value) }.joined(separator: " ")
            #expect(seen[key, default: scalars] == scalars, "seed \(seed)")
            seen[key] = scalars
        }
    }

    @Test func widths() {
        #expect(VisibleText.width("abc") == 3)
        #expect(VisibleText.width("日本") == 4)
        #expect(VisibleText.width("e\u{301}") == 1)
        #expect(VisibleText.width("🙂") == 2)
        #expect(VisibleText.fit("abcdefghij", 5) == "ab…ij")
        #expect(VisibleText.fit("日本語の名前", 6) == "日…前" || VisibleText.width(VisibleText.fit("日本語の名前", 6)) <= 6)
        #expect(VisibleText.fit("abc", 3) == "abc")
        #expect(VisibleText.pad("é", 3) == "é  ")
        #expect(VisibleText.wrap("one two three", 8) == ["one two", "three"])
        #expect(VisibleText.wrap("abcdefghijk", 8) == ["abcdefgh", "ijk"])
    }

    @Test(arguments: [31, 32] as [UInt64]) func fittedTextFits(seed: UInt64) {
        var random = SplitMix(seed: seed)
        for _ in 0..<300 {
            let text = VisibleText.escape(Hostile.string(&random))
            let columns = Int.random(in: 1..<40, using: &random)
            #expect(VisibleText.width(VisibleText.fit(text, columns)) <= columns, "seed \(seed)")
            for line in VisibleText.wrap(text, columns) {
                #expect(VisibleText.width(line) <= max(8, columns), "seed \(seed)")
            }
        }
    }
}
