// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension STIXPattern {
    /// The indicators that the pattern is, when it only asks whether one of some values is seen: `[a:b = 'x']`, alternatives
    /// of such, `IN`, and `ISSUBSET` of a network. Nil when it asks for more, or for something that no log of ours shows.
    var values: [(Indicator.Kind, [UInt8])]? {
        var result: [(Indicator.Kind, [UInt8])] = []
        func add(_ test: PropertyTest) -> Bool {
            guard !test.isNegated else { return false }
            switch test.operation {
            case .equal(.string(let text)): return add(test.path, text)
            case .oneOf(let set):
                guard !set.literals.isEmpty else { return false }
                return set.literals.allSatisfy { literal in
                    guard case .string(let text) = literal else { return false }
                    return add(test.path, text)
                }
            case .isSubset(let network):
                guard test.path.indicatorKind == .address else { return false }
                result.append(IndicatorText.network(network))
                return true
            default: return false
            }
        }
        func add(_ path: ObjectPath, _ text: String) -> Bool {
            guard let kind = path.indicatorKind else { return false }
            // What a connection leads to may be a name or an address.
            let value =
                path.isEndpoint
                ? IndicatorText.classify(text).flatMap { $0.0 == .url ? nil : $0 } : IndicatorText.value(kind, text)
            guard let value else { return false }
            result.append(value)
            return true
        }
        func visit(_ comparison: ComparisonExpression) -> Bool {
            switch comparison {
            case .test(let test): add(test)
            case .or(let all): all.allSatisfy(visit)
            case .and(let all): all.count == 1 && visit(all[0])
            }
        }
        func visit(_ expression: ObservationExpression) -> Bool {
            switch expression {
            case .one(let comparison): visit(comparison)
            case .or(let all): all.allSatisfy(visit)
            // One observation alone is within any stretch and comes once.
            case .within(let inner, _), .repeats(let inner, 1): visit(inner)
            default: false
            }
        }
        return visit(expression) ? result : nil
    }
}

extension ObjectPath {
    /// Whether the path leads to the end of a connection.
    var isEndpoint: Bool { type == "network-traffic" && indicatorKind == .address }

    /// What the value at the path is; nil when logs do not show it.
    var indicatorKind: Indicator.Kind? {
        var keys: [String] = []
        for step in steps {
            guard case .key(let key) = step else {
                if step == .anyIndex { continue }
                return nil
            }
            keys.append(key)
        }
        switch (type, keys.count) {
        case ("ipv4-addr", 1), ("ipv6-addr", 1): return keys[0] == "value" ? .address : nil
        case ("domain-name", 1): return keys[0] == "value" ? .domain : nil
        case ("url", 1): return keys[0] == "value" ? .url : nil
        case ("email-addr", 1): return keys[0] == "value" ? .mail : nil
        case ("email-message", 2):
            return keys[1] == "value" && ["from_ref", "sender_ref", "to_refs", "cc_refs", "bcc_refs"].contains(keys[0])
                ? .mail : nil
        case ("file", 2), ("artifact", 2): return keys[0] == "hashes" ? .hash : nil
        case ("x509-certificate", 2): return keys[0] == "hashes" ? .certificate : nil
        case ("network-traffic", 2):
            return keys[1] == "value" && ["dst_ref", "src_ref"].contains(keys[0]) ? .address : nil
        case ("network-traffic", 4):
            return keys[0] == "extensions" && keys[1] == "http-request-ext" && keys[2] == "request_header"
                && keys[3].lowercased() == "user-agent" ? .userAgent : nil
        default: return nil
        }
    }
}
