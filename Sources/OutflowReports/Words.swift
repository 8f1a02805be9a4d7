// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowCases
import OutflowLedger
import OutflowRecords

extension Report.Entity {
    /// What to call it: its name if it has one, else its id. Not escaped.
    var title: String {
        if let name, !name.isEmpty { return name }
        return kind == .anyone && (id.isEmpty || id == "public") ? "anyone" : id
    }

    /// What else identifies it: the id behind a name, the tenant, addresses. Not escaped.
    var subtitle: [String] {
        var parts: [String] = []
        if title != id, !id.isEmpty, kind != .anyone { parts.append(id) }
        if let tenant, !tenant.isEmpty { parts.append("tenant \(tenant)") }
        let others = addresses.filter { $0 != id }
        if let first = others.first {
            parts.append(others.count == 1 ? first : "\(first) and \(Wording.grouped(UInt64(others.count - 1))) more")
        }
        return parts
    }
}

extension Report.Transfer {
    /// `7 messages`-like: what is known of how many things were read.
    var objectWords: String {
        var parts: [String] = []
        if let distinctObjects, distinctObjects > 0 { parts.append(Wording.count(distinctObjects, thing)) }
        if reads > 0 { parts.append(Wording.count(reads, use)) }
        return parts.joined(separator: ", ")
    }
}

extension TransferState {
    /// What the word means, for a legend.
    var meaning: String {
        switch self {
        case .taken: "the log shows data leaving"
        case .exposed: "made reachable from outside; a read that was seen is an entry of its own"
        case .accessed: "read; the amount is unknown"
        case .attempted: "tried and refused"
        }
    }
}

extension Report.Input {
    /// Whether nothing could be made of it.
    var isUnread: Bool { format == "unrecognised" || format == "unreadable" }
    /// Whether every record of it was read, and is of a kind that means something.
    var isAllRead: Bool { !isUnread && rejected.count == 0 && (format != JSONLines.card.format || records == 0) }
}
