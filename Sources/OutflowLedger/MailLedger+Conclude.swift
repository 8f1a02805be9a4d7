// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

extension MailLedger {
    private struct Key: Hashable {
        var mailboxKind: UInt8
        var mailbox: UInt32
        var tenant: UInt32
        var destinationKind: UInt8
        var destination: UInt32
        var session: UInt32
        var isRefused: Bool
    }

    /// The transfers, in order of id.
    func conclude() -> [Report.Transfer] {
        var groups: [Key: [Int]] = [:]
        for (row, access) in accesses.values.enumerated() {
            let key = Key(
                mailboxKind: access.mailboxKind, mailbox: access.mailbox, tenant: access.tenant,
                destinationKind: access.destinationKind, destination: access.destination, session: access.session,
                isRefused: access.isRefused)
            groups[key, default: []].append(row)
        }
        return groups.map { conclude($0, $1) }.sorted { $0.id < $1.id }
    }

    private func conclude(_ key: Key, _ rows: [Int]) -> Report.Transfer {
        var sum = Sum(records: rows.count)
        var evidence = StrongestRecords()
        var span = Span(accesses.values[rows[0]].time)
        var mailboxName: UInt32 = 0
        var destinationName: UInt32 = 0
        var folders: Set<String> = []
        for row in rows {
            let access = accesses.values[row]
            let listed = messages[access.firstMessage..<access.firstMessage + access.messageCount]
            sum.add(listed, claimed: access.claimed) { dispute(over: $0, in: accesses.keys[row]) }
            span.add(access.time)
            mailboxName = strings.preferred(mailboxName, access.mailboxName)
            destinationName = strings.preferred(destinationName, access.destinationName)
            if access.isThrottled { sum.throttled += 1 }
            if access.isWholeFolder { folders.insert(access.folder == 0 ? "a folder" : strings.text(access.folder)) }
            evidence.add(
                Evidence(
                    weight: max(access.claimed, UInt64(listed.count)), identity: accesses.keys[row],
                    origin: access.origin))
        }
        let isOpen = !folders.isEmpty || sum.throttled > 0
        let isComplete = !isOpen && sum.reads > 0 && sum.unlisted == 0 && sum.unknownSizes == 0
        let state: TransferState = key.isRefused ? .attempted : isComplete ? .taken : .accessed
        let source = Report.Entity(
            kind: EntityKind.allCases[Int(key.mailboxKind)], id: strings.text(key.mailbox),
            name: strings.name(mailboxName), tenant: strings.name(key.tenant))
        let destination = Report.Entity(
            kind: EntityKind.allCases[Int(key.destinationKind)], id: strings.text(key.destination),
            name: strings.name(destinationName))
        let session = strings.name(key.session)
        return Report.Transfer(
            id: Report.Transfer.id(
                route: .mail, state: state, source: source, destination: destination, session: session),
            route: .mail, state: state, source: source, destination: destination, session: session,
            bytes: key.isRefused ? .zero : sum.bytes(isComplete: isComplete),
            onWire: key.isRefused ? 0 : isComplete ? sum.wire.value : nil,
            distinctObjects: isOpen ? nil : sum.distinct, reads: sum.reads, first: span.from, last: span.to,
            records: UInt64(rows.count), evidence: evidence.origins,
            notes: key.isRefused ? [] : sum.notes(folders: folders.sorted()))
    }

    /// The messages of one transfer added up.
    private struct Sum {
        let records: Int
        var sizes: [UInt64: MessageSizes] = [:]
        var disputed: UInt64 = 0
        var wire = KnownSum()
        var reads: UInt64 = 0
        var unlisted: UInt64 = 0
        var throttled: UInt64 = 0

        init(records: Int) { self.records = records }

        mutating func add(
            _ listed: ArraySlice<Message>, claimed: UInt64, dispute: (UInt64) -> AccessLedger.Sizes?
        ) {
            for message in listed {
                let contradiction = message.size == nil ? nil : dispute(message.id)
                wire.add(contradiction == nil ? message.size : nil)
                sizes[message.id, default: MessageSizes()].add(message.size, contradiction)
                if contradiction != nil { disputed += 1 }
            }
            let count = UInt64(listed.count)
            reads = Self.add(reads, max(count, claimed))
            unlisted = Self.add(unlisted, claimed > count ? claimed - count : 0)
        }

        private static func add(_ a: UInt64, _ b: UInt64) -> UInt64 {
            let (sum, overflow) = a.addingReportingOverflow(b)
            return overflow ? .max : sum
        }

        var unknownSizes: UInt64 { UInt64(sizes.values.count { $0.isUnknown }) }

        /// Messages that are listed have ids. Those that are only claimed might be the same as others, unless there is one record.
        var distinct: UInt64? {
            unlisted == 0 || records == 1 ? Self.add(UInt64(sizes.count), unlisted) : nil
        }

        /// Each message once. One that came in several sizes was changed in between: the largest at least, all at most.
        func bytes(isComplete: Bool) -> ByteBounds {
            var bytes = ByteBounds.zero
            for known in sizes.values { bytes += known.bounds }
            return isComplete ? bytes : ByteBounds(atLeast: bytes.atLeast, atMost: nil)
        }

        func notes(folders: [String]) -> [String] {
            var notes: [String] = []
            if let distinct, reads > distinct {
                notes.append(
                    "\(Wording.count(reads, "read")) of \(Wording.count(distinct, "message")); repeats count once")
            }
            if unlisted > 0 {
                notes.append(
                    "\(Wording.count(unlisted, "message is", "messages are")) counted by the log but not listed: sizes "
                        + "are unknown")
            }
            if disputed > 0 {
                notes.append(
                    "\(Wording.count(disputed, "message")) came in versions of one record that tell different sizes: bounds "
                        + "are the smallest and the largest")
            }
            if unknownSizes > 0 { notes.append("size not logged for \(Wording.count(unknownSizes, "message"))") }
            for folder in folders {
                notes.append("whole folder synchronised: \(folder); how much it held, the log does not say")
            }
            if throttled > 0 {
                notes.append(
                    "the service stopped writing records (\(Wording.count(throttled, "record")) marked as throttled): "
                        + "more was read than is logged")
            }
            return notes
        }
    }
}

/// The sizes that the logs give one message.
struct MessageSizes {
    private var known: Set<UInt64> = []
    private var disputed: [AccessLedger.Sizes] = []

    /// No record tells a size.
    var isUnknown: Bool { known.isEmpty && disputed.isEmpty }

    /// Adds what a record tells: a size, or several that its versions tell.
    mutating func add(_ size: UInt64?, _ dispute: AccessLedger.Sizes?) {
        if let dispute { disputed.append(dispute) } else if let size { known.insert(size) }
    }

    /// A message that came in several sizes was changed in between: the largest at least, all at most.
    var bounds: ByteBounds {
        var all = KnownSum()
        for size in known { all.add(size) }
        for sizes in disputed { all.add(sizes.high) }
        return ByteBounds(
            atLeast: max(known.max() ?? 0, disputed.lazy.map(\.low).max() ?? 0), atMost: all.value)
    }
}
