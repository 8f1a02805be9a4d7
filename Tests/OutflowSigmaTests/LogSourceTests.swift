// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowSigma

/// The standard mapping: rules run on the records that they are for, and on no others.
@Suite("Log sources")
struct LogSourceTests {
    private static func matches(
        _ source: String, _ selection: String, _ json: String, format: String = "json-lines"
    ) -> Bool {
        var collection = RuleCollection()
        collection.add(
            "title: t\nlogsource: {\(source)}\ndetection: {s: {\(selection)}, condition: s}\n", path: "r.yml")
        let set = RuleSet(collection, mapping: .standard)
        #expect(set.rejected.isEmpty, "\(set.rejected.map(\.problem.description))")
        return RuleMatcher(set).matches(json, format: format) == [0]
    }

    private static let audit =
        #"{"Channel":"Security","EventID":4688,"NewProcessName":"C:\\a.exe","MandatoryLabel":"S-1-16-12288"}"#

    @Test func securityAuditIsProcessCreation() {
        let source = "category: process_creation, product: windows"
        #expect(Self.matches(source, "Image|endswith: a.exe", Self.audit))
        #expect(Self.matches(source, "IntegrityLevel: High", Self.audit))
        #expect(!Self.matches(source, "IntegrityLevel: System", Self.audit))
        #expect(!Self.matches("category: network_connection, product: windows", "Image|endswith: a.exe", Self.audit))
        #expect(!Self.matches("category: process_creation, product: linux", "Image|endswith: a.exe", Self.audit))
    }

    @Test(arguments: [
        #"{"Event":{"System":{"Channel":"Security","EventID":4625},"EventData":{"F":"x"}}}"#,
        ##"{"Event":{"System":{"Channel":"Security","EventID":{"#text":4625}},"UserData":{"A":{"F":"x"}}}}"##,
        #"{"winlog":{"channel":"Security","event_id":"4625","event_data":{"F":"x"}}}"#,
        #"{"Channel":"Security","EventID":4625,"F":"x"}"#,
    ]) func windowsEventsOfAnyShape(json: String) {
        #expect(Self.matches("product: windows, service: security", "EventID: 4625, F: x", json))
        #expect(!Self.matches("product: windows, service: system", "EventID: 4625, F: x", json))
    }

    @Test func keywordsAreFoundHoweverTheyAreWritten() {
        func found(_ value: String) -> Bool {
            var collection = RuleCollection()
            collection.add(
                "title: t\nlogsource: {product: windows}\ndetection: {k: [sekurlsa], condition: k}\n", path: "r.yml")
            return RuleMatcher(RuleSet(collection, mapping: .standard))
                .matches(#"{"Channel":"Security","EventID":1,"F":"\#(value)"}"#) == [0]
        }
        #expect(found("x sekurlsa y"))
        #expect(found("SEKURLSA"))
        #expect(found(#"\u0073ekurlsa"#))
        #expect(found("se\u{212A}urlsa"))  // The Kelvin sign is a k.
        #expect(found(#"se\u212Aurlsa"#))
        #expect(found("ünd sekurlsa"))
        #expect(!found("sekurls"))
        #expect(!found(#"sekur\u003clsa"#))
    }
}
