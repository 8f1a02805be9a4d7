// SPDX-License-Identifier: Apache-2.0
import OutflowRecords
struct EvidencePool {
    init(limit: Int) {}
    @inline(__always) func accepts(_ weight: UInt64) -> Bool { false }
    mutating func add(group: UInt32, weight: UInt64, identity: UInt64, origin: Origin) {}
}
