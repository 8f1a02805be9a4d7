// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowRecords
import OutflowSketches

/// What one entity did on one day, counted in distinct things: documents read, objects fetched, messages opened, names asked for.
///
/// A row for each (measure, entity, subject, day). Its things are kept as a set of hashes (``SmallestHashes``), so that records
/// that come twice, in any order, from any split, change nothing.
struct Measures: Sendable {
    /// What is counted, of whom.
    enum Measure: UInt8, CaseIterable, Sendable {
        /// Documents that a reader fetched.
        case documents
        /// Publishers that a reader fetched from.
        case publishers
        /// Networks that a reader came from.
        case readerNetworks
        /// Documents that were fetched from an address (of IPv6, a network), by reader.
        case documentsOfNetwork
        /// Objects that a principal fetched, by bucket.
        case objects
        /// Objects of a bucket, by network that fetched them.
        case objectsOfStore
        /// Secrets and other things of unknown size that a principal read.
        case secrets
        /// Objects that were fetched with credentials of a virtual machine that something else used.
        case instanceCredentials
        /// Messages of a mailbox, by reader; things are records, values the number of messages that they tell of.
        case messages
        /// Mailboxes that a reader opened.
        case mailboxes
        /// Files that an account fetched, by client.
        case files
        /// Things that an account gave somebody outside.
        case shares
        /// Names below a domain that a host asked for; the value is their length.
        case names
        /// Objects that a principal fetched, by network that they went to.
        case objectsToNetwork
        /// Objects that a principal fetched, by program.
        case objectsByClient
        /// Listings of a bucket, by network that they went to.
        case listings
        /// Sign-ins of an account, by network.
        case signIns
        /// Sign-ins of an account, by device.
        case devices
        /// Accounts whose sign-in from a network was refused.
        case refusedAccounts
        /// Applications that an account gave access to data.
        case consents
        /// Rules that an account made by which mail goes outside.
        case forwards
        /// Documents that a reader fetched, by network that they went to.
        case documentsToNetwork
        /// Names below a domain that a host asked for by a type that carries text.
        case textNames
        /// Names that a host asked for and that do not exist.
        case missingNames
        /// Journals that a reader fetched from.
        case journals
        /// Documents that a reader fetched as files (PDF, EPUB).
        case downloads
        /// Pages that a reader opened, full texts as pages included.
        case pages
        /// Documents to which pages of pirate libraries led a reader.
        case pirateReferrers
        /// Sign-ins of an account, by country.
        case countries
        /// Sign-ins of an account whose place is logged; the value says when and where (``Travel``).
        case places
    }

    struct Row: Hashable, Sendable {
        var measure: Measure
        var entity: UInt32
        var subject: UInt32
        var day: Int32
    }

    private(set) var texts = TextTable()
    private(set) var rows: [Row] = []
    private var index = RowIndex()
    private(set) var things = SmallestHashes()
    private let domains = RegisteredDomainFinder()

    init() {}

    /// Adds what a batch's records say, which come from input number `input`.
    mutating func observe(_ batch: ActivityBatch, input: UInt32) {
        for access in batch.objects where access.state != .attempted { observe(access, input) }
        for mail in batch.mail where !mail.isRefused { observe(mail, input) }
        for change in batch.exposures where change.action == .share || change.action == .taken {
            let actor = change.principal.isEmpty ? change.resource.id : change.principal
            var hash = ContentHash()
            hash.combine(change.resource.id)
            hash.combine(change.grantee.id)
            add(
                change.route == .mail ? .forwards : .shares, actor, change.resource.id, change.mark, input, hash.value)
        }
        for event in batch.identities { observe(event, input) }
        for listing in batch.listings {
            add(
                .listings, listing.store, Self.network(listing.destination), listing.mark, input,
                listing.mark.identity)
        }
        for query in batch.queries {
            let start = domains.start(of: query.name)
            guard start > 1 else { continue }
            let name = ContentHash.of(query.name)
            Self.withKey(of: query.client) { client in
                add(
                    .names, client, query.name.suffix(from: start), query.mark, input, name,
                    value: UInt64(start - 1))
                if query.carriesText {
                    add(.textNames, client, query.name.suffix(from: start), query.mark, input, name)
                }
            }
        }
        for page in batch.pages { add(.pages, page.reader, .empty, page.mark, input, ContentHash.of(page.page)) }
        for failure in batch.failures {
            Self.withKey(of: failure.client) {
                add(.missingNames, $0, .empty, failure.mark, input, ContentHash.of(failure.name))
            }
        }
    }

    private mutating func observe(_ access: ObjectAccess, _ input: UInt32) {
        let network = Self.network(access.destination)
        switch access.route {
        case .library:
            let end = access.object.firstIndex(of: UInt8(ascii: "#")) ?? access.object.count
            let document = ContentHash.of(access.object.prefix(upTo: end))
            add(.documents, access.source.id, .empty, access.mark, input, document)
            observe(document: document, access.object.suffix(from: end), access, input)
            add(.publishers, access.source.id, .empty, access.mark, input, ContentHash.of(access.store))
            add(.documentsToNetwork, access.source.id, network, access.mark, input, document)
            add(.readerNetworks, access.source.id, .empty, access.mark, input, ContentHash.of(network))
            // Neighbours in one network of a provider are strangers to each other.
            let isV4 = IPAddress.parseV4(access.destination.id) != nil
            add(
                .documentsOfNetwork, isV4 ? access.destination.id : network, access.source.id, access.mark, input,
                document)
        case .cloudObject:
            var hash = ContentHash()
            hash.combine(access.store)
            hash.combine(access.object)
            if access.bytes == nil {
                add(.secrets, access.source.id, .empty, access.mark, input, hash.value)
                return
            }
            let size = access.bytes ?? 0
            add(.objects, access.source.id, access.store, access.mark, input, hash.value, value: size)
            add(.objectsOfStore, access.store, network, access.mark, input, hash.value, value: size)
            add(.objectsToNetwork, access.source.id, network, access.mark, input, hash.value, value: size)
            add(
                .objectsByClient, access.source.id, Self.program(access.client), access.mark, input, hash.value,
                value: size)
            if CloudInstance.isForeignUse(of: access.source.id, client: access.client) {
                add(.instanceCredentials, access.source.id, access.destination.id, access.mark, input, hash.value)
            }
        case .saasFile:
            let client = access.client.isEmpty ? network : access.client
            add(
                .files, access.source.id, client, access.mark, input, ContentHash.of(access.object),
                value: access.bytes ?? 0)
        default: break
        }
    }

    /// Adds what a document that ends in `form` tells besides.
    private mutating func observe(document: UInt64, _ form: Bytes, _ access: ObjectAccess, _ input: UInt32) {
        let reader = access.source.id
        let unit = access.object.prefix(upTo: access.object.count - form.count)
        add(.journals, reader, .empty, access.mark, input, Journal.hash(document: unit, publisher: access.store))
        add(form == "#html" ? .pages : .downloads, reader, .empty, access.mark, input, document)
        if PirateLibrary.isReferrer(access.referrer) {
            add(.pirateReferrers, reader, .empty, access.mark, input, document)
        }
    }

    private mutating func observe(_ event: IdentityEvent, _ input: UInt32) {
        let network = event.address.isEmpty ? .empty : Self.network(EntityView(.address, id: event.address))
        switch event.kind {
        case .signIn:
            if !network.isEmpty { add(.signIns, event.account, network, event.mark, input, event.mark.identity) }
            if !event.device.isEmpty {
                add(.devices, event.account, event.device, event.mark, input, event.mark.identity)
            }
            if !event.country.isEmpty {
                add(.countries, event.account, event.country, event.mark, input, event.mark.identity)
            }
            let second = event.mark.time.microseconds / 1_000_000 - Int64(Day.of(event.mark.time)) * 86_400
            if let place = event.place,
                let packed = Travel.pack(second: second, latitude: place.latitude, longitude: place.longitude)
            {
                add(.places, event.account, .empty, event.mark, input, event.mark.identity, value: packed)
            }
        case .refused:
            add(.refusedAccounts, network, .empty, event.mark, input, ContentHash.of(event.account))
        case .consent:
            add(.consents, event.account, .empty, event.mark, input, ContentHash.of(event.application))
        }
    }

    private mutating func observe(_ mail: MailAccess, _ input: UInt32) {
        let reader = mail.session.isEmpty ? Self.network(mail.destination) : mail.session
        if let folder = mail.wholeFolder {
            // However many messages it holds.
            var hash = ContentHash(seed: 1)
            hash.combine(folder)
            add(.messages, mail.mailbox.id, reader, mail.mark, input, hash.value, value: Self.messagesOfFolder)
        } else {
            // By record: of two exports of one record, one may list what the other only counts.
            let count = max(mail.claimed, UInt64(mail.messageCount))
            add(.messages, mail.mailbox.id, reader, mail.mark, input, mail.mark.identity, value: count)
        }
        add(.mailboxes, reader, .empty, mail.mark, input, ContentHash.of(mail.mailbox.id))
    }

    /// A folder that is synchronised counts as so many messages: its number is not logged.
    static let messagesOfFolder: UInt64 = 1000

    /// An address as an entity's text: its 16 bytes.
    static func withKey<Result>(of address: IPAddress, _ body: (Bytes) -> Result) -> Result {
        withUnsafeBytes(of: (address.high.bigEndian, address.low.bigEndian)) { body(Bytes($0)) }
    }

    /// The address that ``withKey(of:_:)`` made a text of.
    static func address(ofKey key: Bytes) -> IPAddress? {
        guard key.count == 16 else { return nil }
        let raw = UnsafeRawPointer(key.start)
        return IPAddress(
            high: UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }

    /// What comes before the first `/` of a user agent (RFC 9110 section 10.1.5): versions come and go.
    private static func program(_ client: Bytes) -> Bytes {
        client.prefix(upTo: client.firstIndex(of: UInt8(ascii: "/")) ?? client.count)
    }

    /// The network that an address belongs to: its first three parts, of IPv4 (/24) and of IPv6 (/48, what a site gets
    /// by RFC 6177); of anything else what stands there.
    private static func network(_ entity: EntityView) -> Bytes {
        guard entity.kind == .address else { return entity.id }
        guard IPAddress.parseV4(entity.id) != nil else {
            var colons = 0
            for index in 0..<entity.id.count where entity.id[index] == UInt8(ascii: ":") {
                colons += 1
                let isDouble = index > 0 && entity.id[index - 1] == UInt8(ascii: ":")
                if colons == 3 || isDouble { return entity.id.prefix(upTo: index) }
            }
            return entity.id
        }
        var dot = entity.id.count
        while dot > 0, entity.id[dot - 1] != UInt8(ascii: ".") { dot -= 1 }
        return entity.id.prefix(upTo: max(0, dot - 1))
    }

    private mutating func add(
        _ measure: Measure, _ entity: Bytes, _ subject: Bytes, _ mark: RecordMark, _ input: UInt32, _ hash: UInt64,
        value: UInt64 = 1
    ) {
        guard !entity.isEmpty else { return }
        let row = Row(
            measure: measure, entity: texts.number(of: entity), subject: texts.number(of: subject),
            day: Day.of(mark.time))
        things.add(
            SmallestHashes.Thing(
                group: number(of: row), hash: hash, value: value,
                tag: (UInt64(input) << 32 | UInt64(mark.length), mark.offset)))
    }

    /// Adds a row without things; returns its number.
    mutating func add(row measure: Measure, _ entity: [UInt8], _ subject: [UInt8], _ day: Int32) -> Int {
        let entity = entity.withUnsafeBytes { texts.number(of: Bytes($0)) }
        let subject = subject.withUnsafeBytes { texts.number(of: Bytes($0)) }
        return Int(number(of: Row(measure: measure, entity: entity, subject: subject, day: day)))
    }

    /// Adds a thing to a row that is there.
    mutating func add(_ thing: SmallestHashes.Thing) { things.add(thing) }

    private mutating func number(of row: Row) -> UInt32 {
        let found = index.number(of: row, rows: rows)
        if found == UInt32(rows.count) { rows.append(row) }
        return found
    }

    /// Adds all of other measures, whose input `i` is `inputMap[i]` here.
    mutating func merge(_ other: consuming Measures, inputMap: [UInt32]) {
        let numbers = (0..<UInt32(other.texts.count)).map { number in
            other.texts.with(number) { texts.number(of: $0) }
        }
        var groups: [UInt32] = []
        for row in other.rows {
            var row = row
            row.entity = numbers[Int(row.entity)]
            row.subject = numbers[Int(row.subject)]
            groups.append(number(of: row))
        }
        for thing in other.things.all {
            var thing = thing
            thing.group = groups[Int(thing.group)]
            let input = Int(thing.tag.0 >> 32)
            if input < inputMap.count {
                thing.tag.0 = UInt64(inputMap[input]) << 32 | thing.tag.0 & 0xFFFF_FFFF
            }
            things.add(thing)
        }
    }

    /// Puts all things in order: before anything is read from them.
    mutating func settle() { things.settle() }
}

extension SmallestHashes.Thing {
    /// Where a record of it stands.
    var origin: Origin {
        Origin(
            input: UInt32(truncatingIfNeeded: tag.0 >> 32), offset: tag.1,
            length: UInt32(truncatingIfNeeded: tag.0))
    }
}
