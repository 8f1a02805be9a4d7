// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension Expression {
    func write(to writer: inout CacheWriter) {
        switch self {
        case .all(let parts):
            writer.write(0)
            writer.write(list: parts) { $0.write(to: &$1) }
        case .any(let parts):
            writer.write(1)
            writer.write(list: parts) { $0.write(to: &$1) }
        case .not(let part):
            writer.write(2)
            part.write(to: &writer)
        case .test(let test):
            writer.write(3)
            writer.write(test.field)
            test.predicate.write(to: &writer)
        }
    }

    init(from reader: inout CacheReader) throws(CacheDamage) {
        self = try reader.nested { reader throws(CacheDamage) in
            switch try reader.byte() {
            case 0: return .all(try reader.list { reader throws(CacheDamage) in try Expression(from: &reader) })
            case 1: return .any(try reader.list { reader throws(CacheDamage) in try Expression(from: &reader) })
            case 2: return .not(try Expression(from: &reader))
            case 3: return .test(FieldTest(try reader.optionalText(), try Predicate(from: &reader)))
            default: throw CacheDamage()
            }
        }
    }
}

extension Predicate {
    func write(to writer: inout CacheWriter) {
        switch self {
        case .text(let pattern):
            writer.write(0)
            pattern.write(to: &writer)
        case .null: writer.write(1)
        case .exists: writer.write(2)
        case .regex(let source):
            writer.write(3)
            writer.write(source.pattern)
            writer.write(source.ignoresCase)
            writer.write(source.isMultiline)
            writer.write(source.dotMatchesNewline)
        case .network(let network):
            writer.write(4)
            writer.write(network.base.high)
            writer.write(network.base.low)
            writer.write(count: network.prefixLength)
        case .number(let comparison, let number):
            writer.write(5)
            writer.write(comparison.rawValue)
            writer.write(number.text)
        case .field(let name, let relation, let isCased):
            writer.write(6)
            writer.write(name)
            writer.write(count: Relation.inOrder.firstIndex(of: relation) ?? 0)
            writer.write(isCased)
        case .date(let part, let comparison, let number):
            writer.write(7)
            writer.write(part.rawValue)
            writer.write(comparison.rawValue)
            writer.write(UInt64(bitPattern: Int64(number)))
        }
    }

    init(from reader: inout CacheReader) throws(CacheDamage) {
        switch try reader.byte() {
        case 0: self = .text(try Pattern(from: &reader))
        case 1: self = .null
        case 2: self = .exists
        case 3:
            var source = RegexSource(try reader.text())
            source.ignoresCase = try reader.flag()
            source.isMultiline = try reader.flag()
            source.dotMatchesNewline = try reader.flag()
            self = .regex(source)
        case 4:
            let base = IPAddress(high: try reader.number(), low: try reader.number())
            let length = try reader.number()
            guard length <= 128 else { throw CacheDamage() }
            self = .network(Network(base, prefixLength: Int(length)))
        case 5:
            let comparison = try reader.named(Comparison.self)
            guard let number = DecimalNumber(try reader.text().utf8, longest: 1024) else { throw CacheDamage() }
            self = .number(comparison, number)
        case 6:
            let name = try reader.text()
            let number = Int(try reader.byte())
            guard number < Relation.inOrder.count else { throw CacheDamage() }
            self = .field(name, Relation.inOrder[number], isCased: try reader.flag())
        case 7:
            let (part, comparison) = (try reader.named(DatePart.self), try reader.named(Comparison.self))
            self = .date(part, comparison, Int(Int64(bitPattern: try reader.number())))
        default: throw CacheDamage()
        }
    }
}

extension Predicate.Relation {
    fileprivate static let inOrder: [Predicate.Relation] = [.equals, .startsWith, .endsWith, .contains]
}

extension Pattern {
    func write(to writer: inout CacheWriter) {
        writer.write(isCased)
        writer.write(list: parts) { part, writer in
            switch part {
            case .literal(let bytes):
                writer.write(0)
                writer.write(bytes)
            case .any: writer.write(1)
            case .one: writer.write(2)
            case .dash: writer.write(3)
            case .placeholder(let name):
                writer.write(4)
                writer.write(name)
            }
        }
    }

    init(from reader: inout CacheReader) throws(CacheDamage) {
        let isCased = try reader.flag()
        let parts = try reader.list { reader throws(CacheDamage) -> Part in
            switch try reader.byte() {
            case 0: return .literal(try reader.data())
            case 1: return .any
            case 2: return .one
            case 3: return .dash
            case 4: return .placeholder(try reader.text())
            default: throw CacheDamage()
            }
        }
        self.init(parts: parts, isCased: isCased)
    }
}
