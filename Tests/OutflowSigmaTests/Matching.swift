// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import OutflowSigma

/// A rule of these search identifiers and condition, for any record.
func ruleText(_ detection: String, condition: String = "selection") -> String {
    let body = detection.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(
        separator: "\n")
    return "title: t\nlogsource:\n    category: test\ndetection:\n\(body)\n    condition: \(condition)\n"
}

extension LogSourceMapping {
    /// All records are of category `test`.
    static let everything: LogSourceMapping = {
        do { return try LogSourceMapping("sources: [{category: test}]") } catch { preconditionFailure("\(error)") }
    }()
}

extension RuleSet {
    /// The rules of these texts, for the records of ``LogSourceMapping/everything``.
    convenience init(_ texts: [String], placeholders: Placeholders = Placeholders(), limits: RuleLimits = RuleLimits())
    {
        var collection = RuleCollection(placeholders: placeholders, limits: limits)
        for (index, text) in texts.enumerated() { collection.add(text, path: "rule\(index).yml") }
        self.init(collection, mapping: .everything, limits: limits)
    }

    /// Why the only rule was not loaded, nil when it was.
    var problem: RuleProblem? { rejected.first?.problem }
}

extension RuleMatcher {
    /// The numbers of the rules that match a JSON record; nil when it is not JSON.
    func matches(_ json: String) -> [Int]? { withMatch(json) { $0 ? matches : nil } }

    /// Calls `body` with whether a record is JSON, while it is there: what the matcher says of it is of its bytes.
    func withMatch<Result>(_ json: String, _ body: (Bool) -> Result) -> Result {
        let bytes = Array(json.utf8) + [UInt8](repeating: 0, count: 64)
        return bytes.withUnsafeBytes { raw in
            let record = Bytes(UnsafeRawBufferPointer(rebasing: raw[..<(raw.count - 64)]))
            return body(match(json: record) == nil)
        }
    }
}

extension RuleMatcher {
    /// The numbers of the rules that match a record of these fields.
    func matches(_ fields: KeyValuePairs<StaticString, StaticString>, format: String) -> [Int] {
        let record = EventFields()
        for (name, value) in fields { record.add(Bytes(name), Bytes(value), .string) }
        match(record, format: format)
        return matches
    }
}

/// Whether a rule matches a record; a rule that is not loaded matches nothing.
func matches(_ rule: String, _ json: String, placeholders: Placeholders = Placeholders()) -> Bool {
    RuleMatcher(RuleSet([rule], placeholders: placeholders)).matches(json) == [0]
}
