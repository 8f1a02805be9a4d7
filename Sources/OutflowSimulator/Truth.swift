// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What a written estate holds: every theft and every look-alike with its figures, as the logs can prove them.
///
/// Written as `truth.json`. Figures mean what they mean in a report: `bytes` bounds the payload with each content
/// counted once, `on_wire` counts repeats, null is unknown.
struct Truth: Sendable {
    /// One theft, or something that looks like one.
    struct Entry: Sendable {
        let id: String
        /// As in a report: network, cloud-object, mail, library.
        let route: String
        /// As in a report: taken or accessed.
        var state = "taken"
        /// A sentence for people.
        let what: String
        let source: (kind: String, id: String)
        let destination: (kind: String, id: String)
        /// Further addresses of the source.
        var sourceAddresses: [String] = []
        /// Addresses of the destination.
        var addresses: [String] = []
        /// Distinct records that the figures rest on.
        var records = 0
        var bytes: ByteBounds = .zero
        var onWire: UInt64? = 0
        var distinct: Int?
        var reads = 0
        private(set) var first: Timestamp?
        private(set) var last: Timestamp?
        /// Names of what was taken.
        var names: [String] = []
        /// What finds the records: uids, event ids, record ids, sessions.
        var identities: [String] = []
        /// What several entries of one theft have in common: its id. Nil when it has one entry only.
        var group: String?
        /// Ways in which the thief was careful.
        var cunning: [String] = []
        /// Further figures, in order.
        var details: [(key: String, value: Int)] = []

        /// Widens first and last to `time`.
        mutating func see(_ time: Timestamp) {
            first = first.map { min($0, time) } ?? time
            last = last.map { max($0, time) } ?? time
        }

        /// Adds `value` to the detail `key`.
        mutating func add(_ key: String, _ value: Int) {
            if let index = details.firstIndex(where: { $0.key == key }) {
                details[index].value += value
            } else {
                details.append((key, value))
            }
        }

        /// At most so many identities are kept of an entry that goes on for long.
        static let identityLimit = 1_000

        /// Adds what another day says of the same entry.
        mutating func merge(_ other: Truth.Entry) {
            records += other.records
            bytes += other.bytes
            if let a = onWire, let b = other.onWire { onWire = a + b } else { onWire = nil }
            if let a = distinct, let b = other.distinct { distinct = a + b } else { distinct = nil }
            reads += other.reads
            if let time = other.first { see(time) }
            if let time = other.last { see(time) }
            names += other.names.prefix(max(0, Self.identityLimit - names.count))
            identities += other.identities.prefix(max(0, Self.identityLimit - identities.count))
            for detail in other.details { add(detail.key, detail.value) }
        }

        /// Counts a network flow: what its originator sent is what left. A flow that the sensor missed adds nothing.
        mutating func count(_ flow: Flow, seenBy sensor: Sensor) {
            see(flow.time)
            guard sensor.isSeen(flow.time) else { return add("missed_records", 1) }
            records += 1
            bytes += ByteBounds(atLeast: UInt64(flow.sent - flow.missed), atMost: UInt64(flow.sent))
            onWire = onWire.map { $0 + UInt64(flow.sent) }
            identities.append(flow.uid.string(UInt8(ascii: "C")))
        }
    }

    /// What was stolen.
    var thefts: [Entry] = []
    /// What looks like a theft and is none.
    var lookAlikes: [Entry] = []

    /// Adds what another day's truth says; entries of one id are one.
    mutating func merge(_ other: Truth) {
        for entry in other.thefts { Self.merge(entry, into: &thefts) }
        for entry in other.lookAlikes { Self.merge(entry, into: &lookAlikes) }
    }

    /// Puts thefts into the order of their ids in `order`.
    mutating func sort(by order: [String]) {
        let place = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
        thefts.sort { place[$0.id] ?? 0 < place[$1.id] ?? 0 }
    }

    private static func merge(_ entry: Entry, into entries: inout [Entry]) {
        if let index = entries.firstIndex(where: { $0.id == entry.id }) {
            entries[index].merge(entry)
        } else {
            entries.append(entry)
        }
    }

    /// The truth as JSON, keys in a fixed order.
    func json(of world: World) -> ByteText {
        var text = ByteText()
        text.object { text in
            text.field("schema", 1)
            text.field("seed", String(world.seed))
            text.array("local_networks") { text in
                for network in world.localNetworks { text.field(nil, network) }
            }
            text.field("from", world.calendar.start.description)
            text.field("to", world.calendar.end.description)
            text.array("thefts") { text in add(thefts, to: &text) }
            text.array("look_alikes") { text in add(lookAlikes, to: &text) }
        }
        text.add("\n")
        return text
    }

    /// One entry a line: after a line break no comma is set, so it stands before.
    private func add(_ entries: [Entry], to text: inout ByteText) {
        for (index, entry) in entries.enumerated() {
            text.add(index > 0 ? ",\n" : "\n")
            entry.add(to: &text)
        }
    }
}

extension Truth.Entry {
    fileprivate func add(to text: inout ByteText) {
        text.object { text in
            text.field("id", id)
            text.field("route", route)
            text.field("state", state)
            if let group { text.field("group", group) }
            if !cunning.isEmpty { text.array("cunning") { text in for word in cunning { text.field(nil, word) } } }
            text.field("what", what)
            for (key, entity, addresses) in [
                ("source" as StaticString, source, sourceAddresses), ("destination", destination, addresses),
            ] {
                text.object(key) { text in
                    text.field("kind", entity.kind)
                    text.field("id", entity.id)
                    guard !addresses.isEmpty else { return }
                    text.array("addresses") { text in for address in addresses { text.field(nil, address) } }
                }
            }
            text.field("records", records)
            text.object("bytes") { text in
                text.field("at_least", Int(bytes.atLeast))
                if let atMost = bytes.atMost { text.field("at_most", Int(atMost)) } else { text.null("at_most") }
                if let onWire { text.field("on_wire", Int(onWire)) } else { text.null("on_wire") }
            }
            text.object("objects") { text in
                if let distinct { text.field("distinct", distinct) } else { text.null("distinct") }
                text.field("reads", reads)
            }
            if let first { text.field("first", first.description) }
            if let last { text.field("last", last.description) }
            if !details.isEmpty {
                text.object("details") { text in for detail in details { text.field(name: detail.key, detail.value) } }
            }
            text.array("names") { text in for name in names { text.field(nil, name) } }
            text.array("identities") { text in for identity in identities { text.field(nil, identity) } }
        }
    }
}
