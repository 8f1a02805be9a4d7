// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// The changes of one resource in order of time, for each grantee.
///
/// At one and the same time what ends a share comes after what makes it. The order of the rest is that of content, never
/// that in which records came.
struct ExposureReplay {
    struct Grantee: Hashable {
        var kind: UInt8
        var id: UInt32
    }

    /// What happened for one grantee; numbers are rows of the ledger.
    struct History {
        /// Shares and reads seen from outside.
        var shared: [Int] = []
        var refused: [Int] = []
        /// What took a means away by which the grantee had the resource.
        var endings: [Int] = []
        /// A withdrawal from this grantee that met no share, if it proves that there was one.
        var unmatched: Int?
        var isTaken = false
        /// When the last means was taken away; nil while there is one, and when there was none.
        var ended: Timestamp?
        /// Whether one of them ended by a record that does not say for whom.
        var isEndUncertain = false
        /// Number of means by which the grantee has the resource.
        var means = 0
    }

    private(set) var histories: [Grantee: History] = [:]
    /// Rows that tell the resource's size.
    private(set) var sized: [Int] = []
    /// Who has the resource by each means.
    private var holders: [UInt32: Set<Grantee>] = [:]

    /// Replays `rows` of a ledger, all of one resource.
    init(_ rows: [Int], of ledger: ExposureLedger) {
        let (keys, values) = (ledger.changes.keys, ledger.changes.values)
        let sorted = rows.sorted {
            let (a, b) = (keys[$0], keys[$1])
            return (values[$0].time, Self.rank(a), a.identity) < (values[$1].time, Self.rank(b), b.identity)
        }
        for row in sorted { apply(row, keys[row], at: values[row].time) }
    }

    private static func rank(_ key: ExposureLedger.Key) -> Int {
        guard key.action == ExposureChange.Action.unshare.rawValue else { return Int(key.action) }
        // Withdrawals that name somebody come before those from all, and those before the ones that leave it open.
        if key.grantee != 0 { return 256 }
        return key.granteeKind == EntityKind.address.code ? 258 : 257
    }

    private mutating func apply(_ row: Int, _ key: ExposureLedger.Key, at time: Timestamp) {
        let grantee = Grantee(kind: key.granteeKind, id: key.grantee)
        switch ExposureChange.Action(rawValue: key.action) {
        case .share:
            let isNew = holders[key.means, default: []].insert(grantee).inserted
            histories[grantee, default: History()].share(row, isNew: isNew)
        case .unshare where key.grantee == 0:
            let isUncertain = key.granteeKind == EntityKind.address.code
            for holder in holders.removeValue(forKey: key.means) ?? [] {
                histories[holder]?.end(row, at: time, isUncertain: isUncertain)
            }
        case .unshare:
            if holders[key.means]?.remove(grantee) != nil {
                histories[grantee]?.end(row, at: time, isUncertain: false)
            } else if key.means == 0, histories[grantee]?.unmatched == nil {
                // The end of a means as a whole (a bucket's policy) does not say that it gave anything to anybody.
                histories[grantee, default: History()].unmatched = row
            }
        case .taken:
            histories[grantee, default: History()].shared.append(row)
            histories[grantee]?.isTaken = true
        case .sized: sized.append(row)
        case .refused, nil: histories[grantee, default: History()].refused.append(row)
        }
    }
}

extension ExposureReplay.History {
    fileprivate mutating func share(_ row: Int, isNew: Bool) {
        shared.append(row)
        if isNew { means += 1 }
        if ended != nil {
            ended = nil
            isEndUncertain = false
        }
    }

    fileprivate mutating func end(_ row: Int, at time: Timestamp, isUncertain: Bool) {
        endings.append(row)
        means -= 1
        if means == 0 { ended = time }
        if isUncertain { isEndUncertain = true }
    }
}
