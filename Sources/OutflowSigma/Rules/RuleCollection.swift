// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The rules of some files and folders: those that were loaded, and why others were not.
public struct RuleCollection: Sendable {
    /// Rules for single records, in order of path and place in the file.
    public private(set) var rules: [Rule] = []
    /// Rules about several records.
    public private(set) var correlations: [CorrelationRule] = []
    private(set) var filters: [RuleFilter] = []
    /// What was not loaded, in order of path.
    public private(set) var rejected: [RejectedRule] = []

    /// Folders that hold no rule file, as they were given: likely the wrong ones.
    public private(set) var foldersWithoutRules: [String] = []

    private let placeholders: Placeholders
    private let limits: RuleLimits
    private let pipelines: [ProcessingPipeline]
    private var ids: [String: String] = [:]
    /// How many tests of fields the rules come to, and whether some were rejected as there were too many.
    private var tests = 0
    private var isFull = false

    /// No rules yet; those that are added take values for their placeholders from `placeholders`, and are changed by
    /// `pipelines`.
    public init(
        placeholders: Placeholders = Placeholders(), pipelines: [ProcessingPipeline] = [],
        limits: RuleLimits = RuleLimits()
    ) {
        // Of equal priority, the one that was given first comes first.
        self.pipelines = pipelines.enumerated().sorted {
            ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset)
        }.map(\.element)
        var values = placeholders
        for pipeline in self.pipelines {
            values.values.merge(pipeline.placeholders.values) { given, _ in given }
            values.unknownMatchAll = values.unknownMatchAll || pipeline.placeholders.unknownMatchAll
        }
        self.placeholders = values
        self.limits = limits
    }

    /// The rules of files and folders; of folders all files that end in `.yml` or `.yaml`, in order of path.
    ///
    /// - Parameters:
    ///   - paths: files and folders.
    ///   - placeholders: values for `%names%`.
    ///   - pipelines: applied to each rule, in order.
    ///   - limits: what keeps hostile rules from exhausting memory or time.
    ///   - cache: where rules that were parsed before may be, and are kept; nil for none.
    public init(
        paths: [String], placeholders: Placeholders = Placeholders(), pipelines: [ProcessingPipeline] = [],
        limits: RuleLimits = RuleLimits(), cache: RuleCache? = nil
    ) {
        self.init(placeholders: placeholders, pipelines: pipelines, limits: limits)
        var seen: Set<String> = []
        let found = paths.map { (path: $0, files: RuleFiles.files(of: $0)) }
        let files = found.flatMap(\.files).filter { seen.insert($0.canonical).inserted }
        foldersWithoutRules = found.filter(\.files.isEmpty).map(\.path)
        defer { rejected.sort { ($0.path, $0.id ?? "") < ($1.path, $1.id ?? "") } }
        func key(_ digests: [[UInt8]]) -> [UInt8]? { Self.key(files, digests, placeholders, pipelines, limits) }
        if let cache, let key = key(RuleFiles.digests(files.map(\.path), limits: limits)),
            let known = cache.find(key), take(encoded: known)
        {
            return
        }
        var digests: [[UInt8]] = []
        // In steps, so that files beyond the limit are not even parsed.
        for start in stride(from: 0, to: files.count, by: Self.filesAtOnce) {
            let files = Array(files[start..<min(start + Self.filesAtOnce, files.count)])
            guard !isFull else {
                for file in files { reject(path: file.label, id: nil, tooManyTests) }
                continue
            }
            for (file, parsed) in zip(files, RuleFiles.parse(files, reader, digests: cache != nil)) {
                add(parsed.parts, path: file.label)
                digests.append(parsed.digest)
            }
        }
        // Under the digests of what was parsed: a file may have changed since it was first looked at.
        if let cache, !isFull, let key = key(digests), let encoded = encoded() { cache.keep(key, encoded) }
    }

    private static let filesAtOnce = 512

    private var tooManyTests: RuleProblem {
        .limit("all rules together come to more than \(limits.tests) tests of fields; give fewer at once")
    }

    private var reader: RulePartReader {
        RulePartReader(placeholders: self.placeholders, pipelines: self.pipelines, limits: limits)
    }

    /// Takes over what was read from a cache.
    mutating func take(
        _ rules: [Rule], _ correlations: [CorrelationRule], _ filters: [RuleFilter], _ rejected: [RejectedRule]
    ) {
        self.rules = rules
        self.correlations = correlations
        self.filters = filters
        self.rejected = rejected
        tests = rules.reduce(0) { $0 + $1.expression.testCount } + filters.reduce(0) { $0 + $1.kept.testCount }
        let claims =
            rules.map { ($0.header.id, $0.header.path) } + correlations.map { ($0.header.id, $0.header.path) }
            + filters.map { ($0.id, $0.path) }
        for (id, path) in claims { if let id { ids[id] = path } }
    }

    /// Adds the rules of a file's text.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - path: what errors name.
    ///   - unlessThere: whether those whose id a rule has already are left out instead of being rejected.
    public mutating func add(_ text: String, path: String, unlessThere: Bool = false) {
        var parts = reader.parts(Array(text.utf8), path: path)
        if unlessThere { parts.removeAll { $0.id.map { ids[$0] != nil } ?? false } }
        add(parts, path: path)
    }

    /// Adds a rule that was read before.
    mutating func add(_ rule: Rule) { rules.append(rule) }

    private mutating func add(_ parts: [RulePart], path: String) {
        for part in parts {
            do throws(RuleProblem) {
                if case .problem(_, let problem, _) = part { throw problem }
                guard rules.count + correlations.count + filters.count < limits.rules else {
                    throw .limit("more than \(limits.rules) rules")
                }
                guard tests + part.testCount <= limits.tests else {
                    isFull = true
                    throw tooManyTests
                }
                try claim(part.id, path)
                tests += part.testCount
            } catch {
                rejected.append(
                    RejectedRule(path: path, id: part.id, problem: error, silenced: part.silenced))
                continue
            }
            switch part {
            case .rule(let rule): rules.append(rule)
            case .correlation(let rule): correlations.append(rule)
            case .filter(let filter): filters.append(filter)
            case .problem: break
            }
        }
    }

    private mutating func claim(_ id: String?, _ path: String) throws(RuleProblem) {
        guard let id else { return }
        if let other = ids[id] { throw .duplicate("the id is that of \(other)") }
        ids[id] = path
    }

    /// The rules with the filters that are for them; filters that are for none are rejected.
    public func filtered() -> RuleCollection {
        var result = self
        for filter in filters {
            let meant = rules.indices.filter { filter.isFor(rules[$0]) }
            guard !meant.isEmpty else {
                result.reject(
                    path: filter.path, id: filter.id, .reference("the filter is for no rule that was loaded"))
                continue
            }
            // A filter that is for any rule may be as large as a rule, and there may be thousands of both.
            let tests = meant.count * filter.kept.testCount
            guard result.tests + tests <= limits.tests else {
                result.reject(path: filter.path, id: filter.id, tooManyTests)
                continue
            }
            result.tests += tests
            for index in meant {
                result.rules[index].filters.append(Rule.Identifier(name: filter.title, expression: filter.kept))
                result.rules[index].expression = .all([result.rules[index].expression, filter.kept])
            }
        }
        result.filters = []
        return result
    }

    private mutating func reject(path: String, id: String?, _ problem: RuleProblem) {
        rejected.append(RejectedRule(path: path, id: id, problem: problem))
    }
}
