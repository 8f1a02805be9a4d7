// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Reads of mail, one row per record.
///
/// The same record may come from two exports with different detail. Of such versions the one that lists more messages
/// counts, then more sizes, then the one with the higher hash; the number of messages claimed, throttling and a whole
/// folder are taken from all versions. A message whose size the versions tell differently counts the smallest at least and
/// the largest at most. All of that is the same in any order.
struct MailLedger: Sendable {
    struct Message: Sendable, Hashable {
        /// Hash of the message's id and of how often the same id stood before it in the same record.
        var id: UInt64
        var size: UInt64?
    }

    struct Access: Sendable {
        var time: Timestamp
        var mailboxKind: UInt8
        var destinationKind: UInt8
        var isRefused: Bool
        var isThrottled: Bool
        var mailbox: UInt32
        var mailboxName: UInt32
        var tenant: UInt32
        var destination: UInt32
        var destinationName: UInt32
        var session: UInt32
        /// The folder that was copied as a whole; 0 if none.
        var folder: UInt32
        var isWholeFolder: Bool
        var claimed: UInt64
        var firstMessage: Int
        var messageCount: Int
        var origin: Origin
    }

    private(set) var strings = StringTable()
    /// By identity of record.
    private(set) var accesses = FlatTable<UInt64, Access>()
    private(set) var messages: [Message] = []
    /// Sizes of messages in all versions of the records that came in several, by ``key(of:in:)``.
    private var told = FlatTable<UInt64, AccessLedger.Sizes>()

    /// An empty ledger.
    init() {}

    /// Adds the batch's reads of mail, which come from input number `input`; returns how many records were known.
    mutating func observe(_ batch: ActivityBatch, input: UInt32) -> UInt64 {
        var duplicates: UInt64 = 0
        for mail in batch.mail {
            let first = messages.count
            let range = mail.firstMessage..<mail.firstMessage + mail.messageCount
            var times: [UInt64: UInt64] = [:]
            for message in batch.messages[range.clamped(to: 0..<batch.messages.count)] {
                let id = ContentHash.of(message.id)
                let before = times[id] ?? 0
                times[id] = before + 1
                var hash = ContentHash()
                hash.combine(id)
                hash.combine(before)
                messages.append(Message(id: hash.value, size: message.size))
            }
            let access = Access(
                time: mail.mark.time, mailboxKind: mail.mailbox.kind.code, destinationKind: mail.destination.kind.code,
                isRefused: mail.isRefused, isThrottled: mail.isThrottled, mailbox: strings.intern(mail.mailbox.id),
                mailboxName: strings.intern(mail.mailbox.name), tenant: strings.intern(mail.mailbox.tenant),
                destination: strings.intern(mail.destination.id),
                destinationName: strings.intern(mail.destination.name),
                session: strings.intern(mail.session), folder: mail.wholeFolder.map { strings.intern($0) } ?? 0,
                isWholeFolder: mail.wholeFolder != nil, claimed: mail.claimed, firstMessage: first,
                messageCount: messages.count - first,
                origin: Origin(input: input, offset: mail.mark.offset, length: mail.mark.length))
            if !add(mail.mark.identity, access) { duplicates += 1 }
        }
        return duplicates
    }

    /// Adds a row whose messages are the last ones of ``messages``; false if its record was known.
    private mutating func add(_ identity: UInt64, _ new: Access) -> Bool {
        let (row, isNew) = accesses.row(for: identity, or: new)
        if isNew { return true }
        let old = accesses.values[row]
        let (left, right) = (detail(old), detail(new))
        if left != right {
            for version in [old, new] { tellSizes(of: version, in: identity) }
        }
        var best = left < right ? new : old
        if left == right { best.origin = min(old.origin, new.origin) }
        best.claimed = max(old.claimed, new.claimed)
        best.isThrottled = old.isThrottled || new.isThrottled
        best.isWholeFolder = old.isWholeFolder || new.isWholeFolder
        best.folder = strings.preferred(old.folder, new.folder)
        best.time = min(old.time, new.time)
        if left >= right { messages.removeSubrange(new.firstMessage...) }
        accesses.values[row] = best
        return false
    }

    /// Stands for a message within a record.
    static func key(of message: UInt64, in identity: UInt64) -> UInt64 {
        var hash = ContentHash(seed: identity)
        hash.combine(message)
        return hash.value
    }

    private mutating func tellSizes(of version: Access, in identity: UInt64) {
        for message in messages[version.firstMessage..<version.firstMessage + version.messageCount] {
            guard let size = message.size else { continue }
            tell(.init(low: size, high: size), key: Self.key(of: message.id, in: identity))
        }
    }

    private mutating func tell(_ sizes: AccessLedger.Sizes, key: UInt64) {
        let row = told.row(for: key, or: sizes).row
        told.values[row] = told.values[row].joined(sizes)
    }

    /// The sizes that versions of a record tell of a message, where those differ.
    func dispute(over message: UInt64, in identity: UInt64) -> AccessLedger.Sizes? {
        guard let row = told.find(Self.key(of: message, in: identity)) else { return nil }
        let sizes = told.values[row]
        return sizes.low < sizes.high ? sizes : nil
    }

    /// How detailed a version is, free of numbers that depend on order and of what all versions share.
    private func detail(_ access: Access) -> (Int, Int, UInt64) {
        var hash = ContentHash()
        for text in [
            access.mailbox, access.mailboxName, access.tenant, access.destination, access.destinationName,
            access.session,
        ] { strings.with(text) { hash.combine($0) } }
        hash.combine(
            UInt64(access.mailboxKind) << 16 | UInt64(access.destinationKind) << 1 | (access.isRefused ? 1 : 0))
        var sizes = 0
        for message in messages[access.firstMessage..<access.firstMessage + access.messageCount] {
            hash.combine(message.id)
            hash.combine(message.size ?? 0)
            if message.size != nil { sizes += 1 }
        }
        return (access.messageCount, sizes, hash.value)
    }

    /// Adds all of another ledger, whose input `i` is `inputMap[i]` here.
    mutating func merge(_ other: consuming MailLedger, inputMap: [UInt32]) {
        let text = strings.merge(other.strings)
        for (key, sizes) in zip(other.told.keys, other.told.values) { tell(sizes, key: key) }
        for (identity, access) in zip(other.accesses.keys, other.accesses.values) {
            var access = access
            for field in [
                \Access.mailbox, \.mailboxName, \.tenant, \.destination, \.destinationName, \.session, \.folder,
            ] { access[keyPath: field] = text[Int(access[keyPath: field])] }
            access.origin = access.origin.renumbered(inputMap)
            let first = messages.count
            messages.append(
                contentsOf: other.messages[access.firstMessage..<access.firstMessage + access.messageCount])
            access.firstMessage = first
            _ = add(identity, access)
        }
    }

    /// Writes the ledger as a section.
    func encode(into encoder: inout StateEncoder) {
        encoder.begin(.mail)
        strings.encode(into: &encoder)
        encoder.write(UInt64(accesses.count))
        encoder.fixedColumn(accesses.keys) { $0 }
        let rows = accesses.values
        encoder.timeColumn(rows) { $0.time.microseconds }
        encoder.column(rows) { UInt64($0.mailboxKind) }
        encoder.column(rows) { UInt64($0.destinationKind) }
        encoder.column(rows) { ($0.isRefused ? 1 : 0) | ($0.isThrottled ? 2 : 0) | ($0.isWholeFolder ? 4 : 0) }
        for field in [\Access.mailbox, \.mailboxName, \.tenant, \.destination, \.destinationName, \.session, \.folder] {
            encoder.column(rows) { UInt64($0[keyPath: field]) }
        }
        encoder.column(rows) { $0.claimed }
        encoder.originColumn(rows) { $0.origin }
        encoder.column(rows) { UInt64($0.messageCount) }
        for row in rows {
            let listed = messages[row.firstMessage..<row.firstMessage + row.messageCount]
            encoder.fixedColumn(listed) { $0.id }
            encoder.sizeColumn(listed) { $0.size }
        }
        encoder.write(UInt64(told.count))
        encoder.fixedColumn(told.keys) { $0 }
        encoder.column(told.values) { $0.low }
        encoder.column(told.values) { $0.high }
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote.
    init(from decoder: inout StateDecoder) throws(StateError) {
        try decoder.begin(.mail)
        strings = try StringTable(from: &decoder)
        let count = try decoder.readCount(bytesEach: 24)
        let identities = try decoder.fixedColumn(count)
        let times = try decoder.momentColumn(count)
        let mailboxKinds = try decoder.references(count, below: EntityKind.allCases.count)
        let destinationKinds = try decoder.references(count, below: EntityKind.allCases.count)
        let flags = try decoder.column(count, atMost: 7)
        let mailboxes = try decoder.references(count, below: strings.count)
        let mailboxNames = try decoder.references(count, below: strings.count)
        let tenants = try decoder.references(count, below: strings.count)
        let destinations = try decoder.references(count, below: strings.count)
        let destinationNames = try decoder.references(count, below: strings.count)
        let sessions = try decoder.references(count, below: strings.count)
        let folders = try decoder.references(count, below: strings.count)
        let claimed = try decoder.column(count)
        let origins = try decoder.originColumn(count)
        let counts = try decoder.column(count, atMost: UInt64(UInt32.max))
        for row in 0..<count {
            let first = messages.count
            let listed = Int(counts[row])
            let ids = try decoder.fixedColumn(listed)
            let sizes = try decoder.sizeColumn(listed)
            for message in 0..<listed { messages.append(Message(id: ids[message], size: sizes[message])) }
            let access = Access(
                time: times[row], mailboxKind: UInt8(mailboxKinds[row]), destinationKind: UInt8(destinationKinds[row]),
                isRefused: flags[row] & 1 != 0, isThrottled: flags[row] & 2 != 0, mailbox: mailboxes[row],
                mailboxName: mailboxNames[row], tenant: tenants[row], destination: destinations[row],
                destinationName: destinationNames[row], session: sessions[row], folder: folders[row],
                isWholeFolder: flags[row] & 4 != 0, claimed: claimed[row], firstMessage: first, messageCount: listed,
                origin: origins[row])
            guard add(identities[row], access) else { throw decoder.error("a record comes twice") }
        }
        let toldCount = try decoder.readCount(bytesEach: 10)
        let keys = try decoder.fixedColumn(toldCount)
        let smallest = try decoder.column(toldCount)
        let largest = try decoder.column(toldCount)
        for row in 0..<toldCount {
            guard smallest[row] <= largest[row] else { throw decoder.error("the largest size is below the smallest") }
            tell(.init(low: smallest[row], high: largest[row]), key: keys[row])
        }
        try decoder.end()
    }
}
