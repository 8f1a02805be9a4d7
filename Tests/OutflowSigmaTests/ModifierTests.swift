// SPDX-License-Identifier: Apache-2.0

import OutflowSigma
import Testing

/// Each modifier, on values that match and on near-misses.
@Suite("Modifiers")
struct ModifierTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var item: String
        var hits: [String]
        var misses: [String]
        var testDescription: String { item }
        init(_ item: String, hits: [String], misses: [String]) {
            self.item = item
            self.hits = hits
            self.misses = misses
        }
    }

    @Test(arguments: [
        Case(
            "F: abc", hits: [#""abc""#, #""ABC""#, #"["x","abc"]"#], misses: [#""abcd""#, #""xabc""#, "null", #""""#]),
        Case("F: 5", hits: ["5", #""5""#, "5.0", "5e0"], misses: ["55", #""05""#, "5.1", "true"]),
        Case("F: 'true'", hits: ["true", #""True""#], misses: ["false", "1", "null"]),
        Case("F: true", hits: ["true", #""true""#], misses: ["false"]),
        Case("F: null", hits: ["null"], misses: [#""""#, #""null""#, "0", "[]"]),
        Case("F: ''", hits: [#""""#], misses: ["null", #"" ""#, "[]"]),
        Case("F|exists: true", hits: ["null", #""""#, "0", "[]", "{}"], misses: []),
        Case("F|exists: false", hits: [], misses: ["null", #""""#, "[]"]),
        Case("F: '*'", hits: [#""""#, "1"], misses: ["null", "[]"]),
        Case("F: 'a?c*'", hits: [#""abc""#, #""aäcd""#], misses: [#""ac""#, #""abbc""#]),
        Case(#"F: 'a\*c'"#, hits: [#""a*c""#], misses: [#""abc""#]),
        Case(#"F: 'a\\*c'"#, hits: [#""a\\c""#, #""a\\xc""#], misses: [#""axc""#, #""a*c""#]),
        Case(#"F: 'a\\\*c'"#, hits: [#""a\\*c""#], misses: [#""a\\xc""#]),
        Case(#"F: 'a\b'"#, hits: [#""a\\b""#], misses: [#""ab""#]),
        Case(#"F: 'a\\b'"#, hits: [#""a\\b""#], misses: [#""a\\\\b""#]),
        Case(#"F: '\\\\b'"#, hits: [#""\\\\b""#], misses: [#""\\b""#]),
        Case(#"F: 'a\'"#, hits: [#""a\\""#], misses: [#""a""#]),
        Case("F|contains: bc", hits: [#""abcd""#, #""BC""#], misses: [#""b c""#]),
        Case("F|startswith: bc", hits: [#""bcd""#], misses: [#""abc""#]),
        Case("F|endswith: bc", hits: [#""abc""#], misses: [#""bcd""#]),
        Case("F|contains|all: [ab, cd]", hits: [#""cdab""#, #"["ab","cd"]"#], misses: [#""ab""#]),
        Case("F|cased: aB", hits: [#""aB""#], misses: [#""ab""#]),
        Case("F|contains|cased: aB", hits: [#""xaBx""#], misses: [#""xabx""#]),
        Case("F: ÄÖ", hits: [#""äö""#, #""\u00c4\u00f6""#], misses: [#""ao""#]),
        Case("F|neq: abc", hits: [#""abd""#, "null"], misses: [#""ABC""#]),
        Case("F|neq: [1, 2]", hits: ["3"], misses: ["1", "2"]),
        Case(
            "F|contains|windash: ' -e '", hits: [#""x /e y""#, #""x -e y""#, #""x \u2015e y""#], misses: [#""x +e y""#]),
        Case(
            "F|contains|windash: '-a-b-c'", hits: [#""/a–b—c""#, #""x-a-b-c""#], misses: [#""-a-b+c""#]),
        Case("F|base64: cmd", hits: [#""Y21k""#], misses: [#""xY21k""#]),
        Case("F|base64|contains: cmd", hits: [#""xY21ky""#], misses: [#""Y21""#]),
        Case(
            "F|base64offset|contains: foobar", hits: [#""Zm9vYmFy""#, #""IGZvb2Jhcg==""#, #""ICBmb29iYXI=""#],
            misses: [#""Zm9vYmE=""#]),
        Case("F|wide|base64|contains: cmd", hits: [#""YwBtAGQA""#], misses: [#""Y21k""#]),
        Case("F|utf16le: ab", hits: [#""a\u0000b\u0000""#], misses: [#""ab""#]),
        Case("F|utf16be: ab", hits: [#""\u0000a\u0000b""#], misses: [#""ab""#]),
        Case("F|utf16|base64: a", hits: [#""//5hAA==""#], misses: [#""YQA=""#]),
        Case("F|cidr: 10.0.0.0/8", hits: [#""10.1.2.3""#], misses: [#""11.1.2.3""#, #""x""#, #""10.1.2.3 ""#]),
        Case("F|cidr: [192.168.0.0/16, '2001:db8::/32']", hits: [#""2001:db8::1""#], misses: [#""2001:db9::1""#]),
        Case("F|re: 'a.c'", hits: [#""xabcx""#], misses: [#""ABC""#, #""a\nc""#]),
        Case("F|re|i: 'a.c'", hits: [#""ABC""#], misses: [#""ac""#]),
        Case("F|re|s: 'a.c'", hits: [#""a\nc""#], misses: [#""ac""#]),
        Case("F|re: 'b$'", hits: [#""ab""#, #""ab\n""#], misses: [#""b\nc""#, #""b\n\n""#]),
        Case("F|re|m: '^b'", hits: [#""a\nb""#], misses: [#""ab""#]),
        Case(#"F|re: 'a\sb'"#, hits: [#""a\u000Bb""#, #""a b""#, #""a\tb""#], misses: [#""a\u00A0b""#, #""ab""#]),
        Case(#"F|re: '^a[\s-x]b'"#, hits: [#""a\u000Bb""#, #""a-b""#, #""axb""#], misses: [#""aub""#, #""a,b""#]),
        Case(#"F|re: 'a\Sb'"#, hits: [#""aéb""#, #""a-b""#], misses: [#""a\u000Bb""#, #""a\nb""#]),
        Case(#"F|re: '^a[^\S]b$'"#, hits: [#""a\u000Bb""#, #""a b""#], misses: [#""axb""#]),
        Case(#"F|re: '^a[]\s[:digit:]]b$'"#, hits: [#""a]b""#, #""a\u000Bb""#, #""a7b""#], misses: [#""a[b""#]),
        Case(#"F|re: 'a\vb'"#, hits: [#""a\u000Bb""#, #""a\nb""#, #""a\u2028b""#], misses: [#""a b""#, #""avb""#]),
        Case(#"F|re: '^\Q\s[\E\s\\s$'"#, hits: [#""\\s[\u000B\\s""#], misses: [#""  [  s""#]),
        Case(#"F|re: '(a)\1'"#, hits: [#""aa""#], misses: [#""ab""#]),
        Case("F|re: '(?<!x)abc'", hits: [#""yabc""#], misses: [#""xabc""#]),
        Case("F|lt: 5", hits: ["4", #""4.9""#], misses: ["5", #""x""#, "null"]),
        Case("F|lte: 5", hits: ["5"], misses: ["5.1"]),
        Case("F|gt: 5", hits: ["6", "1e3"], misses: ["5"]),
        Case("F|gte: 5", hits: ["5"], misses: ["4"]),
        Case(
            "F|hour: 13", hits: [#""2024-08-02T13:05:00Z""#, #""2024-08-02 13:59:59.1""#, "1722603900"],
            misses: [#""2024-08-02""#]),
        // The zone in which it is written.
        Case(
            "F|hour: 13", hits: [#""2024-08-02T13:05:00+02:00""#], misses: [#""2024-08-02T11:05:00-02:00""#]),
        Case("F|minute: 5", hits: [#""2024-08-02T13:05:00+02:00""#], misses: [#""2024-08-02T05:13:00Z""#]),
        Case("F|hour|gte: 20", hits: [#""2024-08-02T20:05:00Z""#], misses: [#""2024-08-02T19:05:00Z""#]),
        Case("F|week: 1", hits: [#""2024-12-30""#, #""2025-01-01""#], misses: [#""2023-01-01""#]),
        Case("F|month: 2", hits: [#""2024-02-29""#], misses: [#""2023-02-29""#]),
        Case("F|day: 29", hits: [#""2024-02-29""#], misses: [#""2024-02-28""#]),
        Case("F|year: 2024", hits: [#""2024-02-29""#], misses: [#""2023-02-28""#]),
    ])
    func modifier(_ given: Case) {
        let rule = ruleText("selection:\n    \(given.item)")
        #expect(RuleSet([rule]).problem == nil)
        for value in given.hits { #expect(matches(rule, #"{"F": \#(value)}"#), "\(given.item) on \(value)") }
        for value in given.misses { #expect(!matches(rule, #"{"F": \#(value)}"#), "\(given.item) on \(value)") }
    }

    @Test func missingIsNeitherNullNorEmpty() {
        for item in ["F: null", "F: ''", "F: '*'", "F|exists: true"] {
            #expect(!matches(ruleText("selection:\n    \(item)"), "{}"), "\(item)")
        }
        #expect(matches(ruleText("selection:\n    F|exists: false"), "{}"))
    }

    @Test func fieldReferences() {
        let same = ruleText("selection:\n    A|fieldref: B")
        #expect(
            matches(same, #"{"A":"x","B":"X"}"#) && !matches(same, #"{"A":"x","B":"y"}"#)
                && !matches(same, #"{"A":"x"}"#))
        let differs = ruleText("selection:\n    A|fieldref|neq: B")
        #expect(matches(differs, #"{"A":"x","B":"y"}"#) && !matches(differs, #"{"A":"x","B":"x"}"#))
        let ends = ruleText("selection:\n    A|fieldref|endswith: B")
        #expect(matches(ends, #"{"A":"c:\\x.exe","B":"X.EXE"}"#) && !matches(ends, #"{"A":"x.exe2","B":"x.exe"}"#))
    }

    @Test func placeholders() {
        let rule = ruleText(#"selection:\#n    F|expand: '\%x%servers%-%n%'"#)
        #expect(RuleSet([rule]).problem == .placeholders(["servers", "n"]))
        let values = Placeholders(["servers": ["srv*", "db"], "n": ["1", "2"]])
        for hit in ["%xsrv07-1", "%xdb-2"] {
            #expect(matches(rule, #"{"F":"\#(hit)"}"#, placeholders: values), "\(hit)")
        }
        #expect(!matches(rule, #"{"F":"%xdb7-2"}"#, placeholders: values))
        #expect(matches(ruleText("selection:\n    F: '%servers%'"), #"{"F":"%servers%"}"#), "literal without expand")
    }

    @Test(arguments: [
        "F|nonsense: x", "F|cidr: x", "F|lt: x", "F|re|base64: x", "F|i: x", "F|base64: 'a*'", "F|exists: x",
        "F|contains: null", "F|re: '('", "F: {a: b}", "F: []", "F|hour: x", "F|exists|contains: true",
        "F|windash|re: '-e'", "F|contains|re: a", "F|contains|re: 5", "F|base64|re: a", "F|cased|re: a", "F|wide|re: a",
        "F|startswith|cidr: 10.0.0.0/8", "F|windash|cidr: 10.0.0.0/8", "F|base64|fieldref: G", "F|cased|fieldref: G",
    ])
    func rejected(_ item: String) {
        #expect(RuleSet([ruleText("selection:\n    \(item)")]).problem != nil)
    }

    @Test func keywordsLookAtAllValues() {
        let rule = ruleText("selection:\n    - 'event::clear'\n    - 'drop*now'")
        #expect(matches(rule, #"{"a":{"b":["x EVENT::clear y"]}}"#) && matches(rule, #"{"a":"drop it now"}"#))
        #expect(!matches(rule, #"{"event::clear":"no"}"#), "names of fields are no text")
        let all = ruleText("selection:\n    '|all':\n        - one\n        - two")
        #expect(matches(all, #"{"a":"one","b":"two"}"#) && !matches(all, #"{"a":"one"}"#))
    }

    /// Thousands of values that each exhaust a search cost no more than a few: the rest counts as given up.
    @Test func recordsMadeToCostTheMostEnd() {
        let matcher = RuleMatcher(RuleSet([ruleText("selection: {F|re: '^(a+)+$(?=b)'}")]))
        let values = Array(repeating: "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", count: 50_000).joined(separator: ",")
        #expect(matcher.matches("{\"F\":[\(values)]}") == [])
        #expect(matcher.undecided == [0: 1])
        // The next record is searched again.
        #expect(matcher.matches(#"{"F":"aab"}"#) == [])
        #expect(matcher.undecided == [0: 1])
        let found = RuleMatcher(RuleSet([ruleText("selection: {F|re: 'x(?=y)'}")]))
        #expect(
            found.matches("{\"F\":\"\(String(repeating: "x", count: 30_000))y\"}") == [0], "long texts are searched")
    }
}
