// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// All distinct flows between an originator and a responder on one port, added up: one cache line.
///
/// Both directions are kept, because which side is inside may only be known at the end.
struct FlowGroup: BitwiseCopyable {
    /// IPv4 addresses; with ``Key/isV6`` indices into the shard's table of addresses.
    var originator: UInt32
    var responder: UInt32
    var port: UInt16
    var proto: UInt8
    /// Sensor in the low bits, and ``isV6``.
    var kind: UInt8
    /// Services seen in any of the flows.
    var services: UInt16
    /// What sensors said of where the sides lie: bits of ``Side``.
    var locality: UInt8
    var unused: UInt8 = 0
    /// Distinct flows.
    var records: UInt32
    /// Length of the record that ``origin`` names.
    var length: UInt32
    /// First packet of the first flow, last packet of the last, in microseconds since the epoch.
    var first: Int64
    var last: Int64
    /// Sums of upper bounds by direction.
    var sent: UInt64
    var received: UInt64
    /// Input (upper 20 bits) and offset (lower 44) of the record of the first flow: evidence of last resort.
    var origin: UInt64

    static let isV6: UInt8 = 0x80

    /// Bits of ``locality``.
    struct Side: OptionSet {
        let rawValue: UInt8
        static let originatorLocal = Side(rawValue: 1)
        static let originatorRemote = Side(rawValue: 2)
        static let responderLocal = Side(rawValue: 4)
        static let responderRemote = Side(rawValue: 8)
    }

    static func side(_ flow: borrowing Flow) -> UInt8 {
        // 0 unsaid, 1 local, 2 remote on either side: two bits each.
        flow.originatorLocality.rawValue | flow.responderLocality.rawValue << 2
    }

    static func pack(input: UInt32, offset: UInt64) -> UInt64 { UInt64(input) << 44 | offset & (1 << 44 - 1) }
    var unpackedOrigin: Origin {
        Origin(input: UInt32(truncatingIfNeeded: origin >> 44), offset: origin & (1 << 44 - 1), length: length)
    }
}

/// By how much the lower bounds of a group's sums lie below the upper ones; only groups of flows with bounds have one.
struct FlowSlack: BitwiseCopyable {
    var sent: UInt64 = 0
    var received: UInt64 = 0
}

/// The slack of groups by their number: in pages, as there are logs without any, and logs where all have some.
struct FlowSlacks {
    private static let pageSize = 64
    private var pages: [Int: [FlowSlack]] = [:]

    subscript(group: Int) -> FlowSlack {
        pages[group / Self.pageSize]?[group % Self.pageSize] ?? FlowSlack()
    }

    mutating func add(group: Int, sent: UInt64, received: UInt64) {
        func add(_ page: inout [FlowSlack]) {
            page[group % Self.pageSize].sent &+= sent
            page[group % Self.pageSize].received &+= received
        }
        add(&pages[group / Self.pageSize, default: Array(repeating: FlowSlack(), count: Self.pageSize)])
    }
}
