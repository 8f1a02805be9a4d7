// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Which values that were seen below an indicator's name, or in its network, are on an allow-list: what was asked once is
/// remembered, for lists may hold expressions.
struct AllowMemory {
    private let lists: AllowLists
    private var known: [String: String?] = [:]
    private static let limit = 1 << 14

    init(_ lists: AllowLists) { self.lists = lists }

    /// The name of the list that a value is on, which was seen for an indicator of a kind; nil for none.
    mutating func name(of seen: String, for kind: Indicator.Kind) -> String? {
        if lists.isEmpty { return nil }
        if let known = known[seen] { return known }
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        let name = lists.name(ofSeen: seen, for: kind)
        known[seen] = .some(name)
        return name
    }
}

extension AllowLists {
    /// The same without a memory.
    func name(ofSeen seen: String, for kind: Indicator.Kind) -> String? {
        switch kind {
        case .network: IPAddress(seen).flatMap { name(of: .address, $0.bytes) }
        case .domain: name(of: .domain, Array(seen.utf8))
        default: nil
        }
    }
}
