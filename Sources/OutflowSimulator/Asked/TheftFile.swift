// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowEstate
import OutflowRecords
import Yams

/// Reads the thefts that are asked for from YAML. What is wrong is told with line and column, all at once.
///
/// ```yaml
/// thefts:
///   - id: quiet-uploads
///     route: network
///     size: 2 GB
///     over: 30 days
///     start: 2024-03-04 02:30
///     cunning: [existing-service, business-hours]
/// ```
public enum TheftFile {
    private static let keys = ["id", "route", "size", "over", "start", "cunning", "accounts"]
    /// More thefts than this are refused: each needs an address of its own outside.
    static let limit = 1_000

    /// The thefts of the file at `path`, for the estate of `plan`.
    ///
    /// - Throws: all that is wrong with the file, with line and column; or why it cannot be read.
    public static func load(path: String, for plan: EstatePlan) throws(ConfigurationErrors) -> [TheftPlan] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigurationErrors([ConfigurationError(file: path, position: nil, message: "cannot be read")])
        }
        return try parse([UInt8](data), file: path, for: plan)
    }

    /// The thefts that the bytes of a file ask for; `file` is its name in messages.
    ///
    /// - Throws: all that is wrong with it, with line and column.
    public static func parse(
        _ bytes: [UInt8], file: String, for plan: EstatePlan
    ) throws(ConfigurationErrors) -> [TheftPlan] {
        let root: Node?
        do { root = try YAMLDocument.root(of: bytes, file: file) } catch { throw ConfigurationErrors([error]) }
        guard let root, !ConfigurationReader.isEmpty(root) else { return [] }
        var reader = ConfigurationReader(file: file)
        let parts = reader.mapping(root, of: "the file", keys: ["thefts"])
        let nodes = reader.list(parts["thefts"], of: "thefts")
        if nodes.count > limit { reader.fail(root, "\(nodes.count) thefts", hint: "\(limit) are the most") }
        var thefts: [TheftPlan] = []
        var ids: Set<String> = []
        for (index, node) in nodes.prefix(limit).enumerated() {
            guard let theft = reader.theft(node, "theft-\(index + 1)", keys, plan) else { continue }
            if !ids.insert(theft.id).inserted { reader.fail(node, "two thefts are called \(quoted(theft.id))") }
            thefts.append(theft)
        }
        if !reader.errors.isEmpty { throw ConfigurationErrors(reader.errors) }
        return thefts
    }
}

extension ConfigurationReader {
    fileprivate mutating func theft(
        _ node: Node, _ name: String, _ keys: [String], _ plan: EstatePlan
    ) -> TheftPlan? {
        let members = mapping(node, of: "a theft", keys: keys)
        func required(_ key: String, _ reader: inout ConfigurationReader) -> (node: Node, text: String)? {
            guard let value = members[key] else {
                if case .mapping = node { reader.fail(node, "a theft needs \(quoted(key))") }
                return nil
            }
            return reader.text(value, of: key).map { (value, $0) }
        }
        let id = text(members["id"], of: "id") ?? name
        let routeText = required("route", &self)
        let route = routeText.flatMap { value in
            choice(value.node, value.text, of: "route", among: TheftPlan.Route.allCases.map(\.rawValue))
                .flatMap(TheftPlan.Route.init)
        }
        let over = required("over", &self).flatMap { duration($0.node, $0.text) }
        let start = required("start", &self).flatMap { moment($0.node, $0.text, plan) }
        let sizeText = required("size", &self)
        let cunning: [TheftPlan.Cunning] = values(members["cunning"], of: "cunning") { reader, node, text in
            guard
                let word = reader.choice(
                    node, text, of: "cunning", among: TheftPlan.Cunning.allCases.map(\.rawValue)),
                let cunning = TheftPlan.Cunning(rawValue: word)
            else { return nil }
            if let route, !cunning.routes.contains(route) {
                reader.fail(node, "\(word) means nothing on route \(route.rawValue)")
            }
            return cunning
        }
        var accounts = cunning.contains(.splitAccounts) ? 5 : 1
        if let value = members["accounts"], let text = text(value, of: "accounts") {
            if let number = Int(text), (1...1_000).contains(number) {
                accounts = number
            } else {
                fail(value, "accounts is a number from 1 to 1000, not \(quoted(text))")
            }
        }
        guard let route, let over, let start, let sizeText,
            let size = size(sizeText.node, sizeText.text, on: route, over: over)
        else { return nil }
        if start.minute * 60 + Int(over / 1_000_000) > (plan.days - start.day) * 86_400 {
            fail(
                members["over"] ?? node, "the theft goes on after the recording's last day",
                hint: "\(plan.days) days are recorded; it begins on day \(start.day)")
        }
        let isNames = route == .dns || cunning.contains(.dns)
        return TheftPlan(
            id: id, route: isNames ? .dns : route, amount: size.amount, unit: size.unit, duration: over,
            cunning: Set(cunning), accounts: accounts, startDay: start.day, startMinute: start.minute, file: file,
            position: node.mark.map { .init(line: $0.line, column: $0.column) })
    }

    /// A number and a word: `2 GB`, `30 days`.
    private func parts(_ text: String) -> (number: Int, word: String)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number > 0, number <= 1 << 50 else { return nil }
        return (number, text.dropFirst(digits.count).drop { $0 == " " }.lowercased())
    }

    /// A length of time in microseconds.
    private mutating func duration(_ node: Node, _ text: String) -> Int64? {
        let units: [(names: [String], seconds: Int)] = [
            (["s", "second", "seconds"], 1), (["min", "minute", "minutes"], 60), (["h", "hour", "hours"], 3600),
            (["d", "day", "days"], 86_400),
        ]
        guard let (number, word) = parts(text), let unit = units.first(where: { $0.names.contains(word) }),
            number <= 3_660 * 86_400 / unit.seconds
        else {
            fail(node, "over is a length of time, not \(quoted(text))", hint: "write 1 minute, 6 hours or 30 days")
            return nil
        }
        return Int64(number * unit.seconds) * 1_000_000
    }

    /// `day 12 02:30` or `2024-03-04 02:30`, in local time; the hour may be left out.
    private mutating func moment(_ node: Node, _ text: String, _ plan: EstatePlan) -> (day: Int, minute: Int)? {
        func clock(_ text: Substring) -> Int? {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
            guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...23).contains(hour),
                (0...59).contains(minute)
            else { return nil }
            return hour * 60 + minute
        }
        let words = text.split(separator: " ")
        var day: Int?
        var rest = words[...]
        if words.first == "day" {
            day = words.dropFirst().first.flatMap { Int($0) }
            rest = words.dropFirst(2)
        } else if let date = words.first {
            var date = String(date) + "T00:00:00"
            let time = date.withUTF8 { Timestamp(iso8601: Bytes(UnsafeRawBufferPointer($0))) }
            day = time.map { Int($0.microseconds / 86_400_000_000) - plan.firstDay }
            rest = words.dropFirst()
        }
        let minute = rest.isEmpty ? 0 : rest.count == 1 ? rest.first.flatMap(clock) : nil
        guard let day, let minute else {
            fail(
                node, "start is a local time, not \(quoted(text))",
                hint: "write day 12 02:30 (days count from 0), or 2024-03-04 02:30")
            return nil
        }
        guard (0..<plan.days).contains(day) else {
            fail(node, "the theft begins on day \(day)", hint: "days 0 to \(plan.days - 1) are recorded")
            return nil
        }
        return (day, minute)
    }

    /// `2 GB`, `1 KB/hour`, `300 papers`, `15 papers/day`.
    private mutating func size(
        _ node: Node, _ text: String, on route: TheftPlan.Route, over: Int64
    ) -> (amount: Int, unit: TheftPlan.Unit)? {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        let bytes = [
            "b": 1, "bytes": 1, "byte": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
        ]
        let periods = ["h": 3_600, "hour": 3_600, "d": 86_400, "day": 86_400, "week": 604_800]
        let period = halves.count == 2 ? periods[halves[1].trimmingCharacters(in: .whitespaces)] : nil
        guard halves.count == 1 || period != nil,
            let (number, word) = parts(halves[0].trimmingCharacters(in: .whitespaces))
        else {
            fail(node, "size is an amount, not \(quoted(text))", hint: "write 2 GB, 1 KB/hour, 300 papers")
            return nil
        }
        let unit: TheftPlan.Unit?
        var factor = 1
        if let known = bytes[word] {
            (unit, factor) = (.bytes, known)
        } else {
            unit =
                TheftPlan.Unit.allCases.first { $0 != .bytes && ($0.rawValue == word || $0.rawValue == word + "s") }
                ?? (word == "mailbox" ? .mailboxes : nil)
        }
        let allowed = TheftPlan.Unit.allowed(on: route)
        guard let unit, allowed.contains(unit) else {
            fail(
                node,
                "size on route \(route.rawValue) counts \(allowed.map(\.rawValue).joined(separator: " or ")), not \(quoted(word))"
            )
            return nil
        }
        let (amount, isTooLarge) = number.multipliedReportingOverflow(by: factor)
        let (total, overflow) = amount.multipliedReportingOverflow(
            by: period.map { max(1, Int(over / 1_000_000) / $0) } ?? 1)
        guard !isTooLarge, !overflow, total <= 1 << 50 else {
            fail(node, "size is more than 2^50")
            return nil
        }
        return (total, unit)
    }
}
