// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Finds the objects of an observation that pass the tests of a comparison expression.
struct PropertyMatcher {
    /// A value that a path has led to.
    private enum Reached {
        /// The object of this index: what a reference leads to.
        case object(Int)
        /// What a list of references leads to.
        case objects([Int])
        /// Part of an object.
        case value(JSONTree)
        /// Bytes that a `_hex` or `_bin` property spells (STIX 2.0 part 5 section 4.1.1).
        case bytes([UInt8])
    }

    let observation: Observation
    /// Objects of which STIX 2.1 patterns are not about: those that are not cyber-observables.
    let isVersion21: Bool

    /// Types of STIX 2.1 that patterns are never about (STIX 2.1 sections 3 to 5): they are no cyber-observables.
    private static let domainTypes: Set<String> = [
        "attack-pattern", "bundle", "campaign", "course-of-action", "extension-definition", "grouping", "identity",
        "incident", "indicator", "infrastructure", "intrusion-set", "language-content", "location", "malware",
        "malware-analysis", "marking-definition", "note", "observed-data", "opinion", "relationship", "report",
        "threat-actor", "tool", "sighting", "vulnerability",
    ]

    /// Whether some object passes.
    func matches(_ expression: ComparisonExpression, _ budget: inout PatternBudget) throws(PatternError) -> Bool {
        !(try roots(expression, &budget)).isEmpty
    }

    /// The objects that pass: AND and OR are about one and the same object.
    private func roots(
        _ expression: ComparisonExpression, _ budget: inout PatternBudget
    ) throws(PatternError) -> Set<Int> {
        switch expression {
        case .test(let test):
            return try roots(test, &budget)
        case .or(let all):
            var result: Set<Int> = []
            for part in all { result.formUnion(try roots(part, &budget)) }
            return result
        case .and(let all):
            var result = try roots(all[0], &budget)
            // The others are looked at all the same: what cannot be compared is an error wherever it stands.
            for part in all.dropFirst() { result.formIntersection(try roots(part, &budget)) }
            return result
        }
    }

    private func roots(_ test: PropertyTest, _ budget: inout PatternBudget) throws(PatternError) -> Set<Int> {
        var result: Set<Int> = []
        try budget.spend(observation.objects.count + 1)
        if isVersion21, Self.domainTypes.contains(test.path.type) { return result }
        for (root, object) in observation.objects.enumerated() where object.type.isSameText(as: test.path.type) {
            let values = try reach(test.path, from: root, &budget)
            if case .exists = test.operation {
                if values.isEmpty == test.isNegated { result.insert(root) }
                continue
            }
            for value in values where try passes(test, value, &budget) {
                result.insert(root)
                break
            }
        }
        return result
    }

    // MARK: Paths

    private func reach(
        _ path: ObjectPath, from root: Int, _ budget: inout PatternBudget
    ) throws(PatternError) -> [Reached] {
        var reached: [Reached] = [.object(root)]
        for step in path.steps {
            var next: [Reached] = []
            // Many ways lead to one object in a mesh of references: each is followed once a step.
            var seen: Set<Int> = []
            for place in reached {
                try budget.spend(1)
                switch step {
                case .key(let key): try stepKey(place, key, &next, &budget)
                case .index(let index): stepIndex(place, index, &next, &seen)
                case .anyIndex: try stepAny(place, &next, &seen, &budget)
                }
            }
            reached = next
        }
        return reached
    }

    private func stepKey(
        _ place: Reached, _ key: String, _ next: inout [Reached], _ budget: inout PatternBudget
    ) throws(PatternError) {
        let holder: JSONTree
        switch place {
        case .object(let index): holder = observation.objects[index].value
        case .value(let value): holder = value
        default: return
        }
        if case .object(let members) = holder { try budget.spend(members.count) }
        guard let value = holder[key] else { return }
        if key.hasSuffix("_ref") {
            if let object = try referred(value, key) { next.append(.object(object)) }
        } else if key.hasSuffix("_refs") {
            guard case .list(let list) = value else { throw .observation("the value of \(key) is no list") }
            try budget.spend(list.count)
            var objects: [Int] = []
            for element in list {
                if let object = try referred(element, key) { objects.append(object) }
            }
            if !objects.isEmpty { next.append(.objects(objects)) }
        } else if key.hasSuffix("_hex"), let text = value.string {
            guard let bytes = HexText.decode(text.utf8) else { throw .observation("the value of \(key) is no hex") }
            next.append(.bytes(bytes))
        } else if key.hasSuffix("_bin"), let text = value.string {
            guard let bytes = Base64Text.decode(text.utf8) else {
                throw .observation("the value of \(key) is no base64")
            }
            next.append(.bytes(bytes))
        } else {
            next.append(.value(value))
        }
    }

    private func referred(_ value: JSONTree, _ key: String) throws(PatternError) -> Int? {
        guard let id = value.string else { throw .observation("a reference in \(key) is no string") }
        return observation.object(id)
    }

    private func stepIndex(_ place: Reached, _ index: Int, _ next: inout [Reached], _ seen: inout Set<Int>) {
        switch place {
        case .objects(let list):
            if list.indices.contains(index), seen.insert(list[index]).inserted { next.append(.object(list[index])) }
        case .value(.list(let list)):
            if list.indices.contains(index) { next.append(.value(list[index])) }
        default: break
        }
    }

    private func stepAny(
        _ place: Reached, _ next: inout [Reached], _ seen: inout Set<Int>, _ budget: inout PatternBudget
    ) throws(PatternError) {
        switch place {
        case .objects(let list):
            try budget.spend(list.count)
            for object in list where seen.insert(object).inserted { next.append(.object(object)) }
        case .value(.list(let list)):
            try budget.spend(list.count)
            for value in list { next.append(.value(value)) }
        default: break
        }
    }

    // MARK: Tests

    private func passes(
        _ test: PropertyTest, _ place: Reached, _ budget: inout PatternBudget
    ) throws(PatternError) -> Bool {
        let value: ComparedValue
        switch place {
        case .value(let plain): value = ComparedValue(plain)
        case .bytes(let bytes): value = .binary(bytes)
        case .object, .objects: value = .other
        }
        let result: Bool
        switch test.operation {
        case .equal(let literal): result = try value.equals(literal)
        case .notEqual(let literal): result = !(try value.equals(literal))
        case .order(let order, let literal):
            // What has no order is neither less nor not less: NOT changes nothing then.
            guard let found = try value.order(to: literal) else {
                return test.isNegated && value.isBeyondBytes(literal)
            }
            switch order {
            case .less: result = found < 0
            case .lessOrEqual: result = found <= 0
            case .greater: result = found > 0
            case .greaterOrEqual: result = found >= 0
            }
        case .oneOf(let literals):
            result = try literals.contains(value)
        case .like(let pattern):
            switch value {
            case .string(let text):
                try budget.spend(pattern.cost(text.utf8.count))
                result = pattern.matches(text)
            case .binary(let bytes):
                try budget.spend(pattern.cost(bytes.count))
                result = String(validating: bytes, as: UTF8.self).map(pattern.matches) ?? false
            default: result = false
            }
        case .matches(let regex):
            try budget.spend(1000)
            switch value {
            case .string(let text): result = try regex.matches(text)
            case .binary(let bytes): result = try regex.matches(bytes)
            default: result = false
            }
        case .isSubset(let network):
            if case .string(let text) = value, let inner = Network(loosely: text) {
                result = network.contains(inner)
            } else {
                result = false
            }
        case .isSuperset(let network):
            if case .string(let text) = value, let outer = Network(loosely: text) {
                result = outer.contains(network)
            } else {
                result = false
            }
        case .exists: result = true
        }
        return result != test.isNegated
    }
}
