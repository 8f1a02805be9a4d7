// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A set of networks, made for asking often whether an address lies in it: `wanted` without `excluded`.
///
/// It holds disjoint address ranges in order. A question costs one binary search; IPv4 has 32-bit ranges of its own.
/// Nothing is allocated.
public struct LocalNetworkSet: Sendable, Hashable {
    /// First and last addresses of the IPv4 ranges.
    @usableFromInline let firstV4: [UInt32]
    @usableFromInline let lastV4: [UInt32]
    /// First and last addresses of all other ranges; what they hold of IPv4 is in the ranges above too.
    @usableFromInline let firstV6: [IPAddress]
    @usableFromInline let lastV6: [IPAddress]

    /// The addresses of the networks of `wanted` that are in none of `excluded`.
    public init(_ wanted: [Network], excluding excluded: [Network] = []) {
        let ranges = AddressRange.subtract(
            AddressRange.union(excluded.map { AddressRange($0) }),
            from: AddressRange.union(wanted.map { AddressRange($0) }))
        let v4 = ranges.compactMap { $0.v4 }
        firstV4 = v4.map { $0.first }
        lastV4 = v4.map { $0.last }
        firstV6 = ranges.map { $0.first }
        lastV6 = ranges.map { $0.last }
    }

    /// Whether no address lies in the set.
    @inlinable public var isEmpty: Bool { firstV6.isEmpty }

    /// Whether `address` lies in the set.
    @inlinable public func contains(_ address: IPAddress) -> Bool {
        if let v4 = address.v4 {
            return Self.contains(v4, firstV4, lastV4)
        }
        return Self.contains(address, firstV6, lastV6)
    }

    @inlinable static func contains<Value: Comparable>(_ value: Value, _ first: [Value], _ last: [Value]) -> Bool {
        // The number of ranges that begin at or before the value; only the last of them can hold it.
        var low = 0
        var high = first.count
        while low < high {
            let middle = (low &+ high) / 2
            if first[middle] <= value { low = middle &+ 1 } else { high = middle }
        }
        return low > 0 && value <= last[low &- 1]
    }
}

/// Addresses from `first` to `last`, both among them.
struct AddressRange {
    var first: IPAddress
    var last: IPAddress

    init(first: IPAddress, last: IPAddress) {
        self.first = first
        self.last = last
    }

    init(_ network: Network) {
        let bits = network.prefixLength
        let high: UInt64 = bits >= 64 ? 0 : .max >> UInt64(bits)
        let low: UInt64 = bits >= 128 ? 0 : bits <= 64 ? .max : .max >> UInt64(bits - 64)
        first = network.base
        last = IPAddress(high: network.base.high | high, low: network.base.low | low)
    }

    /// The part of it in the IPv4-mapped addresses; nil if it has none.
    var v4: (first: UInt32, last: UInt32)? {
        let low = max(first, IPAddress(v4: 0))
        let high = min(last, IPAddress(v4: .max))
        guard low <= high, let first = low.v4, let last = high.v4 else { return nil }
        return (first, last)
    }

    /// The same addresses as disjoint ranges in order.
    static func union(_ ranges: [AddressRange]) -> [AddressRange] {
        var result: [AddressRange] = []
        for range in ranges.sorted(by: { $0.first < $1.first }) {
            if let top = result.last, range.first <= top.last {
                result[result.count - 1].last = max(top.last, range.last)
            } else {
                result.append(range)
            }
        }
        return result
    }

    /// The addresses of `ranges` that are not in `holes`; both disjoint and in order, as is the result.
    static func subtract(_ holes: [AddressRange], from ranges: [AddressRange]) -> [AddressRange] {
        var result: [AddressRange] = []
        var nextHole = 0
        for range in ranges {
            var rest: AddressRange? = range
            while nextHole < holes.count, holes[nextHole].last < range.first { nextHole += 1 }
            var at = nextHole
            while let left = rest, at < holes.count, holes[at].first <= left.last {
                let hole = holes[at]
                if left.first < hole.first, let before = hole.first.previous {
                    result.append(AddressRange(first: left.first, last: before))
                }
                rest = hole.last.next.flatMap { $0 <= left.last ? AddressRange(first: $0, last: left.last) : nil }
                at += 1
            }
            if let rest { result.append(rest) }
        }
        return result
    }
}

extension IPAddress {
    /// The address after this one; nil after the last.
    var next: IPAddress? {
        let (low, carry) = low.addingReportingOverflow(1)
        if !carry { return IPAddress(high: high, low: low) }
        return high == .max ? nil : IPAddress(high: high + 1, low: 0)
    }

    /// The address before this one; nil before the first.
    var previous: IPAddress? {
        if low > 0 { return IPAddress(high: high, low: low - 1) }
        return high == 0 ? nil : IPAddress(high: high - 1, low: .max)
    }
}
