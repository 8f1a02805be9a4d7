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

    private let placeholders: Placeholders
    private let limits: RuleLimits
    private let pipelines: [ProcessingPipeline]
    private var ids: [String: String] = [:]

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
    /// - Parameter cache: where rules that were parsed before may be, and are kept; nil for none.
    public init(
        paths: [String], placeholders: Placeholders = Placeholders(), pipelines: [ProcessingPipeline] = [],
        limits: RuleLimits = RuleLimits(), cache: RuleCache? = nil
    ) {
        self.init(placeholders: placeholders, pipelines: pipelines, limits: limits)
        var seen: Set<String> = []
        let files = paths.flatMap { RuleFiles.files(of: $0) }.filter { seen.insert($0.canonical).inserted }
        func key(_ digests: [[UInt8]]) -> [UInt8]? { Self.key(files, digests, placeholders, pipelines, limits) }
        if let cache, let key = key(RuleFiles.digests(files.map(\.path), limits: limits)),
            let known = cache.find(key), take(encoded: known)
        {
            return
        }
        let parsed = RuleFiles.parse(files.map(\.path), limits: limits, digests: cache != nil)
        for (file, parsed) in zip(files, parsed) {
            switch parsed.documents {
            case .success(let documents):
                if !documents.isEmpty || parsed.problem == nil { add(documents, path: file.label) }
            case .failure(let problem): reject(path: file.label, id: nil, problem)
            }
            if let problem = parsed.problem { reject(path: file.label, id: nil, problem) }
        }
        rejected.sort { ($0.path, $0.id ?? "") < ($1.path, $1.id ?? "") }
        // Under the digests of what was parsed: a file may have changed since it was first looked at.
        if let cache, let key = key(parsed.map(\.digest)), let encoded = encoded() { cache.keep(key, encoded) }
    }

    /// Takes over what was read from a cache.
    mutating func take(
        _ rules: [Rule], _ correlations: [CorrelationRule], _ filters: [RuleFilter], _ rejected: [RejectedRule]
    ) {
        self.rules = rules
        self.correlations = correlations
        self.filters = filters
        self.rejected = rejected
        let claims =
            rules.map { ($0.header.id, $0.header.path) } + correlations.map { ($0.header.id, $0.header.path) }
            + filters.map { ($0.id, $0.path) }
        for (id, path) in claims { if let id { ids[id] = path } }
    }

    /// Adds the rules of a file's text.
    ///
    /// - Parameter unlessThere: whether those whose id a rule has already are left out instead of being rejected.
    public mutating func add(_ text: String, path: String, unlessThere: Bool = false) {
        do throws(RuleProblem) {
            var (documents, problem) = try RuleYAML.readable(Array(text.utf8), limits: limits)
            defer { if let problem { reject(path: path, id: nil, problem) } }
            if documents.isEmpty, problem != nil { return }
            if unlessThere { documents.removeAll { $0["id"]?.text.map { ids[$0] != nil } ?? false } }
            if unlessThere, documents.isEmpty { return }
            add(documents, path: path)
        } catch {
            reject(path: path, id: nil, error)
        }
    }

    /// Adds a rule that was read before.
    mutating func add(_ rule: Rule) { rules.append(rule) }

    private mutating func add(_ documents: [RuleNode], path: String) {
        if documents.isEmpty { reject(path: path, id: nil, .malformed("the file is empty")) }
        // `action: global` holds for all documents behind it, `reset` ends that, `repeat` builds on the one before.
        // Source: Sigma Rules Specification 2.1 (rule collections), as in 1.0.
        var global: RuleNode?
        var previous: RuleNode?
        for document in documents {
            var whole = document
            switch document["action"]?.text {
            case "global":
                global = RuleNode.merged(document.without("action"), over: global)
                continue
            case "reset":
                global = nil
                whole = document.without("action")
                if case .map(let members) = whole, members.isEmpty { continue }
            case "repeat":
                whole = RuleNode.merged(document.without("action"), over: previous)
            case nil:
                whole = RuleNode.merged(document, over: global)
            case .some(let action):
                reject(path: path, id: document["id"]?.text, .malformed("action '\(action)' is not known"))
                continue
            }
            previous = whole
            add(whole, path: path)
        }
    }

    private mutating func add(_ document: RuleNode, path: String) {
        let reader = RuleReader(path: path, placeholders: placeholders, limits: limits)
        let id = document["id"]?.text
        do throws(RuleProblem) {
            guard rules.count + correlations.count + filters.count < limits.rules else {
                throw .limit("more than \(limits.rules) rules")
            }
            if document["correlation"] != nil {
                let correlation = try CorrelationReader(reader: reader).rule(document)
                try claim(id, path)
                correlations.append(correlation)
            } else if document["filter"] != nil {
                let filter = try RuleFilter(document, reader)
                try claim(id, path)
                filters.append(filter)
            } else {
                var rule = try reader.rule(document)
                for pipeline in pipelines { rule = try pipeline.applied(to: rule) }
                try claim(id, path)
                rules.append(rule)
            }
        } catch {
            reject(path: path, id: id, error)
        }
    }

    private mutating func claim(_ id: String?, _ path: String) throws(RuleProblem) {
        guard let id else { return }
        if let other = ids[id] { throw .duplicate("the id is that of \(other)") }
        ids[id] = path
    }

    /// The rules with the filters that are for them.
    func filtered() -> RuleCollection {
        var result = self
        for filter in filters {
            var isUsed = false
            for index in rules.indices where filter.isFor(rules[index]) {
                isUsed = true
                result.rules[index].expression = .all([result.rules[index].expression, filter.kept])
            }
            if !isUsed {
                result.reject(
                    path: filter.path, id: filter.id, .reference("the filter is for no rule that was loaded"))
            }
        }
        result.filters = []
        return result
    }

    private mutating func reject(path: String, id: String?, _ problem: RuleProblem) {
        rejected.append(RejectedRule(path: path, id: id, problem: problem))
    }
}

extension RuleNode {
    /// The map without one of its keys.
    func without(_ key: String) -> RuleNode {
        guard case .map(let members) = self else { return self }
        return .map(members.filter { $0.key != key })
    }

    /// A map over another: maps under the same key are merged, all else of `node` replaces what is below.
    static func merged(_ node: RuleNode, over base: RuleNode?) -> RuleNode {
        guard case .map(let members) = node, case .map(var result)? = base else { return node }
        for member in members {
            if let at = result.firstIndex(where: { $0.key == member.key }) {
                result[at].value = merged(member.value, over: result[at].value)
            } else {
                result.append(member)
            }
        }
        return .map(result)
    }
}
