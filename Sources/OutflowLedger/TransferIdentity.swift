// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

extension Report.Transfer {
    /// The id of a transfer: `T-` and 16 hex digits of a hash over what identifies it, never over figures, times or the
    /// order of input.
    static func id(
        route: Route, state: TransferState, source: Report.Entity, destination: Report.Entity, store: String? = nil,
        session: String? = nil, service: String = ""
    ) -> String {
        var hash = ContentHash(seed: 0x7472_616E_7366_6572)
        hash.combine(route.rawValue)
        hash.combine(state.rawValue)
        hash.combine(source.kind.rawValue)
        hash.combine(source.id)
        hash.combine(source.tenant ?? "")
        hash.combine(destination.kind.rawValue)
        hash.combine(destination.id)
        for address in destination.addresses { hash.combine(address) }
        hash.combine(store ?? "")
        hash.combine(session ?? "")
        hash.combine(service)
        let digits = String(hash.value, radix: 16)
        return "T-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// First and last moment of something.
struct Span: Sendable, Hashable {
    var first: Int64
    var last: Int64

    init(_ time: Timestamp) {
        first = time.microseconds
        last = time.microseconds
    }

    init(first: Int64, last: Int64) {
        self.first = first
        self.last = last
    }

    /// Widens the span by `time`.
    @inline(__always) mutating func add(_ time: Timestamp) {
        first = min(first, time.microseconds)
        last = max(last, time.microseconds)
    }

    /// Widens the span by another.
    mutating func add(_ other: Span) {
        first = min(first, other.first)
        last = max(last, other.last)
    }

    /// Whether something that happened now and then between both ends of this span may have happened in another.
    func mayTouch(_ other: Span) -> Bool { first <= other.last && last >= other.first }

    var from: Timestamp { Timestamp(microseconds: first) }
    var to: Timestamp { Timestamp(microseconds: last) }
}

/// A sum that stays unknown once it was.
struct KnownSum: Sendable {
    private(set) var value: UInt64? = 0

    /// Adds `size`, `times` times. Unknown plus anything is unknown, and so is what exceeds 64 bits.
    mutating func add(_ size: UInt64?, times: UInt64 = 1) {
        guard let size, let sum = value else {
            value = nil
            return
        }
        let (product, tooMuch) = size.multipliedReportingOverflow(by: times)
        let (total, overflow) = sum.addingReportingOverflow(product)
        value = tooMuch || overflow ? nil : total
    }
}

extension TransferState {
    /// The state with a ``code``, or nil.
    init?(code: UInt8) {
        guard Int(code) < Self.allCases.count else { return nil }
        self = Self.allCases[Int(code)]
    }
}

extension Route {
    /// The route with a ``code``, or nil.
    init?(code: UInt8) {
        guard Int(code) < Self.allCases.count else { return nil }
        self = Self.allCases[Int(code)]
    }
}

extension EntityKind {
    /// The kind with a ``code``, or nil.
    init?(code: UInt8) {
        guard Int(code) < Self.allCases.count else { return nil }
        self = Self.allCases[Int(code)]
    }
}
