// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// One of the ways in which a pattern can be met by a single activity: it is found by a value, then tested.
struct PatternConjunction: Sendable {
    /// Values of which one must be there.
    var values: [(Indicator.Kind, [UInt8])]
    /// What the connection must be besides.
    var tests: [FlowTest]
}

extension STIXPattern {
    /// The pattern as alternatives, each of which one activity can meet: choices of values, and tests of `network-traffic`
    /// joined by AND, of which one names an address. Nil when it asks for more.
    ///
    /// AND between comparisons means one object (STIX 2.1 section 9.6), so one connection decides alone: the order of records,
    /// and what else is in the logs, do not matter.
    var conjunctions: [PatternConjunction]? {
        var result: [PatternConjunction] = []
        func visit(_ expression: ObservationExpression) -> Bool {
            switch expression {
            case .one(let comparison):
                guard let terms = Self.terms(comparison) else { return false }
                for term in terms {
                    guard let conjunction = conjunction(term) else { return false }
                    result.append(conjunction)
                }
                return result.count <= Self.mostTerms
            case .or(let all): return all.allSatisfy(visit)
            case .within(let inner, _), .repeats(let inner, 1): return visit(inner)
            default: return false
            }
        }
        return visit(expression) ? result : nil
    }

    /// Most alternatives that a pattern is resolved into.
    private static let mostTerms = 1_000

    /// The comparison as alternatives of tests that hold together; nil when these are too many.
    private static func terms(_ comparison: ComparisonExpression) -> [[PropertyTest]]? {
        switch comparison {
        case .test(let test): return [[test]]
        case .or(let all):
            var terms: [[PropertyTest]] = []
            for part in all {
                guard let more = Self.terms(part), terms.count + more.count <= mostTerms else { return nil }
                terms += more
            }
            return terms
        case .and(let all):
            var terms: [[PropertyTest]] = [[]]
            for part in all {
                guard let more = Self.terms(part), terms.count * more.count <= mostTerms else { return nil }
                terms = terms.flatMap { one in more.map { one + $0 } }
            }
            return terms
        }
    }

    private func conjunction(_ tests: [PropertyTest]) -> PatternConjunction? {
        if tests.count == 1 {
            let alone = STIXPattern(version: version, expression: .one(.test(tests[0])))
            return alone.values.map { PatternConjunction(values: $0, tests: []) }
        }
        var found: [FlowTest] = []
        for test in tests {
            guard let one = FlowTest(test) else { return nil }
            found.append(one)
        }
        // Found by the choice of the fewest addresses.
        var anchor: [Network]?
        for test in found where !test.isNegated {
            guard case .networks(let networks) = test.wanted, networks.count < anchor?.count ?? .max else { continue }
            anchor = networks
        }
        guard let anchor, !anchor.isEmpty else { return nil }
        return PatternConjunction(values: anchor.map(IndicatorText.network), tests: found)
    }

    init(version: Version, expression: ObservationExpression) {
        self.version = version
        self.expression = expression
    }
}

extension FlowTest {
    /// A test of a pattern that flows can be put to; nil for any other.
    init?(_ test: PropertyTest) {
        guard test.path.type == "network-traffic" else { return nil }
        let property: Property
        switch test.path.steps {
        case [.key("src_ref"), .key("value")]: property = .source
        case [.key("dst_ref"), .key("value")]: property = .destination
        case [.key("src_port")]: property = .sourcePort
        case [.key("dst_port")]: property = .destinationPort
        case [.key("protocols"), .anyIndex]: property = .protocols
        case [.key("src_byte_count")]: property = .sourceBytes
        case [.key("dst_byte_count")]: property = .destinationBytes
        default: return nil
        }
        guard let (wanted, isInverted) = Self.wanted(property, test.operation) else { return nil }
        // A negated test of a list is met by any other element of it, and each connection has some.
        if property == .protocols, test.isNegated != isInverted { return nil }
        self.init(property: property, isNegated: test.isNegated != isInverted, wanted: wanted)
    }

    private static func wanted(_ property: Property, _ operation: PropertyTest.Operation) -> (Wanted, Bool)? {
        switch operation {
        case .equal(let literal): return wanted(property, [literal]).map { ($0, false) }
        case .notEqual(let literal): return wanted(property, [literal]).map { ($0, true) }
        case .oneOf(let set): return wanted(property, set.literals).map { ($0, false) }
        case .isSubset(let network):
            return property == .source || property == .destination ? (.networks([network]), false) : nil
        case .order(let order, .integer(let number)):
            guard [.sourcePort, .destinationPort, .sourceBytes, .destinationBytes].contains(property),
                let bound = UInt64(exactly: number)
            else { return nil }
            switch order {
            case .less: return bound == 0 ? nil : (.numbers([0...(bound - 1)]), false)
            case .lessOrEqual: return (.numbers([0...bound]), false)
            case .greater: return (.numbers([(bound + 1)...UInt64.max]), false)
            case .greaterOrEqual: return (.numbers([bound...UInt64.max]), false)
            }
        default: return nil
        }
    }

    private static func wanted(_ property: Property, _ literals: [PatternLiteral]) -> Wanted? {
        guard !literals.isEmpty, literals.count <= mostValues else { return nil }
        var numbers: [ClosedRange<UInt64>] = []
        var networks: [Network] = []
        for literal in literals {
            switch (property, literal) {
            case (.source, .string(let text)), (.destination, .string(let text)):
                // Names of ends do not stand in the records of connections.
                guard let address = IPAddress(text) else { return nil }
                networks.append(Network(address, prefixLength: 128))
            case (.protocols, .string(let text)):
                guard let number = protocols[text.lowercased()] else { return nil }
                numbers.append(number...number)
            case (.sourcePort, .integer(let number)), (.destinationPort, .integer(let number)),
                (.sourceBytes, .integer(let number)), (.destinationBytes, .integer(let number)):
                guard let number = UInt64(exactly: number) else { return nil }
                numbers.append(number...number)
            default: return nil
            }
        }
        return networks.isEmpty ? .numbers(numbers) : .networks(networks)
    }

    /// Transport protocols by their names. Source: IANA, Assigned Internet Protocol Numbers.
    private static let protocols: [String: UInt64] = [
        "icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "icmpv6": 58, "icmp6": 58, "sctp": 132,
    ]
}
