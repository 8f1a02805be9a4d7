// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension Rule {
    func write(to writer: inout CacheWriter) {
        header.write(to: &writer)
        logSource.write(to: &writer)
        writer.write(list: identifiers) { identifier, writer in
            writer.write(identifier.name)
            identifier.expression.write(to: &writer)
        }
        condition.write(to: &writer)
        // Unless a pipeline changed it, it follows from what was written.
        let isPlain = expression == plainExpression
        writer.write(isPlain)
        if !isPlain { expression.write(to: &writer) }
        writer.write(list: remarks) { $1.write($0) }
    }

    init(from reader: inout CacheReader) throws(CacheDamage) {
        let header = try RuleHeader(from: &reader)
        let logSource = try RuleLogSource(from: &reader)
        let identifiers = try reader.list { reader throws(CacheDamage) in
            Identifier(name: try reader.text(), expression: try Expression(from: &reader))
        }
        let condition = try Condition(from: &reader)
        self.init(
            header: header, logSource: logSource, identifiers: identifiers, condition: condition, expression: .all([]))
        expression = try reader.flag() ? plainExpression : try Expression(from: &reader)
        remarks = try reader.list { reader throws(CacheDamage) in try reader.text() }
    }

    private var plainExpression: Expression {
        RuleReader.expression(
            condition, Dictionary(identifiers.map { ($0.name, $0.expression) }) { first, _ in first })
    }
}

extension RuleHeader {
    func write(to writer: inout CacheWriter) {
        writer.write(path)
        writer.write(id)
        writer.write(name)
        writer.write(title)
        writer.write(level)
        writer.write(list: tags) { $1.write($0) }
    }

    init(from reader: inout CacheReader) throws(CacheDamage) {
        self.init(
            path: try reader.text(), id: try reader.optionalText(), name: try reader.optionalText(),
            title: try reader.text(), level: try reader.optionalText(),
            tags: try reader.list { reader throws(CacheDamage) in try reader.text() })
    }
}

extension RuleLogSource {
    func write(to writer: inout CacheWriter) {
        writer.write(category)
        writer.write(product)
        writer.write(service)
    }

    init(from reader: inout CacheReader) throws(CacheDamage) {
        self.init(
            category: try reader.optionalText(), product: try reader.optionalText(), service: try reader.optionalText())
    }
}

extension Condition {
    func write(to writer: inout CacheWriter) {
        switch self {
        case .identifier(let name):
            writer.write(0)
            writer.write(name)
        case .all(let parts):
            writer.write(1)
            writer.write(list: parts) { $0.write(to: &$1) }
        case .any(let parts):
            writer.write(2)
            writer.write(list: parts) { $0.write(to: &$1) }
        case .not(let part):
            writer.write(3)
            part.write(to: &writer)
        }
    }

    init(from reader: inout CacheReader) throws(CacheDamage) {
        self = try reader.nested { reader throws(CacheDamage) in
            switch try reader.byte() {
            case 0: return .identifier(try reader.text())
            case 1: return .all(try reader.list { reader throws(CacheDamage) in try Condition(from: &reader) })
            case 2: return .any(try reader.list { reader throws(CacheDamage) in try Condition(from: &reader) })
            case 3: return .not(try Condition(from: &reader))
            default: throw CacheDamage()
            }
        }
    }
}

extension RuleFilter {
    func write(to writer: inout CacheWriter) {
        writer.write(path)
        writer.write(id)
        writer.write(title)
        logSource.write(to: &writer)
        writer.write(rules != nil)
        writer.write(list: rules ?? []) { $1.write($0) }
        kept.write(to: &writer)
    }

    init(from reader: inout CacheReader) throws(CacheDamage) {
        path = try reader.text()
        id = try reader.optionalText()
        title = try reader.text()
        logSource = try RuleLogSource(from: &reader)
        let isNamed = try reader.flag()
        let names = try reader.list { reader throws(CacheDamage) in try reader.text() }
        rules = isNamed ? names : nil
        kept = try Expression(from: &reader)
    }
}

extension RejectedRule {
    func write(to writer: inout CacheWriter) {
        writer.write(path)
        writer.write(id)
        let (tag, words): (UInt64, [String]) =
            switch problem {
            case .unreadable(let words): (0, [words])
            case .notYAML(let words): (1, [words])
            case .malformed(let words): (2, [words])
            case .condition(let words): (3, [words])
            case .modifier(let words): (4, [words])
            case .regex(let words): (5, [words])
            case .placeholders(let names): (6, names)
            case .status(let words): (7, [words])
            case .duplicate(let words): (8, [words])
            case .reference(let words): (9, [words])
            case .limit(let words): (10, [words])
            }
        writer.write(tag)
        writer.write(list: words) { $1.write($0) }
        writer.write(list: silenced) { $1.write($0) }
    }

    init(from reader: inout CacheReader) throws(CacheDamage) {
        let (path, id, tag) = (try reader.text(), try reader.optionalText(), try reader.byte())
        let words = try reader.list { reader throws(CacheDamage) in try reader.text() }
        let first = words.first ?? ""
        let problem: RuleProblem
        switch tag {
        case 0: problem = .unreadable(first)
        case 1: problem = .notYAML(first)
        case 2: problem = .malformed(first)
        case 3: problem = .condition(first)
        case 4: problem = .modifier(first)
        case 5: problem = .regex(first)
        case 6: problem = .placeholders(words)
        case 7: problem = .status(first)
        case 8: problem = .duplicate(first)
        case 9: problem = .reference(first)
        case 10: problem = .limit(first)
        default: throw CacheDamage()
        }
        let silenced = try reader.list { reader throws(CacheDamage) in try reader.text() }
        self.init(path: path, id: id, problem: problem, silenced: silenced)
    }
}
