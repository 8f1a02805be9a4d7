// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// A JSON value and where it stands, for messages.
struct ReportNode {
    let value: JSONValue?
    let path: String

    init(_ value: JSONValue?, _ path: String) {
        self.value = value
        self.path = path
    }

    subscript(key: StaticString) -> ReportNode {
        ReportNode(value?[key], path == "report" ? "\(key)" : "\(path).\(key)")
    }

    func has(_ key: StaticString) -> Bool { value?[key] != nil }

    func failure(_ what: String) -> JSONReportReader.Failure { .init(description: "\(path): \(what)") }

    func known<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw failure("not a value that this program knows") }
        return value
    }

    func text() throws -> String {
        guard let text = value?.string else { throw failure("not a string") }
        return text.string
    }

    func optionalText() throws -> String? { value?.kind == .null ? nil : try text() }

    func number() throws -> UInt64 {
        guard let number = value?.unsigned else { throw failure("not a whole number") }
        return number
    }

    func optionalNumber() throws -> UInt64? { value?.kind == .null ? nil : try number() }

    /// A number from 0 to 1, in thousandths.
    func perMille() throws -> UInt64 {
        guard let number = value?.double, number >= 0, number <= 1 else { throw failure("not a number from 0 to 1") }
        return UInt64((number * 1_000).rounded())
    }

    func truth() throws -> Bool {
        guard let value, value.kind == .bool, let truth = value.bool else { throw failure("neither true nor false") }
        return truth
    }

    func time() throws -> Timestamp? {
        if value?.kind == .null { return nil }
        guard let time = value?.string.flatMap({ Timestamp(iso8601: $0) }) else { throw failure("not a time") }
        return time
    }

    func choice<Choice: RawRepresentable>() throws -> Choice where Choice.RawValue == String {
        try known(Choice(rawValue: try text()))
    }

    func list<Item>(_ body: (ReportNode) throws -> Item) throws -> [Item] {
        guard let value, value.kind == .array else { throw failure("not a list") }
        var items: [Item] = []
        for child in value.elements { items.append(try body(ReportNode(child.value, "\(path)[\(items.count)]"))) }
        return items
    }

    func members() throws -> [(String, ReportNode)] {
        guard let value, value.kind == .object else { throw failure("not an object") }
        return value.members.map { ($0.key.string, ReportNode($0.value, "\(path).\($0.key.string)")) }
    }
}
