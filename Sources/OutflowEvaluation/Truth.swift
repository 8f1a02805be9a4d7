// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// What is known to have happened in some logs: thefts, and things that look like thefts and are none.
public struct Truth: Sendable, Hashable {
    /// One theft, or one thing that looks like one.
    public struct Event: Sendable, Hashable {
        /// What to call it.
        public var id: String
        /// What several events have in common that are one theft, shared among accounts; nil for one by itself.
        public var group: String?
        /// A sentence for people; empty if there is none.
        public var what: String
        /// The way it went; nil if the truth does not say, or in words of its own.
        public var route: Route?
        /// Names of who lost the data: addresses, accounts, mailboxes. Any of them is it.
        public var sources: [String]
        /// Names of who got it. Any of them is it; empty when nobody is named.
        public var destinations: [String]
        /// Sessions and access keys by which it was taken; empty when none are named.
        public var sessions: [String]
        /// Payload that was taken, each content once.
        public var bytes: ByteBounds
        /// Whether it went where its source sends by itself too: a transfer of the ledger then holds more than the theft.
        public var isAmongOwn = false
        /// When it began; nil when the truth does not say.
        public var first: Timestamp?
        /// When it ended; nil when the truth does not say.
        public var last: Timestamp?

        /// An event of its parts.
        public init(
            id: String, group: String? = nil, what: String = "", route: Route? = nil, sources: [String] = [],
            destinations: [String] = [], sessions: [String] = [], bytes: ByteBounds = .unknown,
            first: Timestamp? = nil, last: Timestamp? = nil
        ) {
            self.id = id
            self.group = group
            self.what = what
            self.route = route
            self.sources = sources
            self.destinations = destinations
            self.sessions = sessions
            self.bytes = bytes
            self.first = first
            self.last = last
        }

        /// Its size for comparisons: what it comes to at most, or at least where there is no ceiling; nil if unknown.
        public var size: UInt64? { bytes.atMost ?? (bytes.atLeast > 0 ? bytes.atLeast : nil) }
    }

    /// What was stolen; of a theft shared among accounts an event each.
    public var thefts: [Event]
    /// What looks like a theft and is none.
    public var lookAlikes: [Event]
    /// Begin of the time that the logs cover; nil when the truth does not say.
    public var from: Timestamp?
    /// End of that time.
    public var to: Timestamp?

    /// A truth of its parts.
    public init(
        thefts: [Event] = [], lookAlikes: [Event] = [], from: Timestamp? = nil, to: Timestamp? = nil
    ) {
        self.thefts = thefts
        self.lookAlikes = lookAlikes
        self.from = from
        self.to = to
    }
}

extension Truth {
    /// A theft with the events that it consists of.
    struct Whole {
        /// All of it as one event, by the name that its parts have in common.
        var event: Event
        /// At least one.
        var parts: [Event]
    }

    /// The thefts, those of a group as one, in the order of their first events.
    var wholes: [Whole] {
        var wholes: [Whole] = []
        var places: [String: Int] = [:]
        for event in thefts {
            if let group = event.group, let place = places[group] {
                wholes[place].event.add(event)
                wholes[place].parts.append(event)
                continue
            }
            if let group = event.group { places[group] = wholes.count }
            var whole = event
            whole.id = event.group ?? event.id
            wholes.append(Whole(event: whole, parts: [event]))
        }
        return wholes
    }
}

extension Truth.Event {
    /// Adds another event of the same theft.
    fileprivate mutating func add(_ other: Self) {
        for (list, more) in [
            (\Self.sources, other.sources), (\.destinations, other.destinations), (\.sessions, other.sessions),
        ] {
            self[keyPath: list] += more.filter { !self[keyPath: list].contains($0) }
        }
        if route != other.route { route = nil }
        isAmongOwn = isAmongOwn || other.isAmongOwn
        bytes = bytes + other.bytes
        if let time = other.first { first = min(first ?? time, time) }
        if let time = other.last { last = max(last ?? time, time) }
    }
}
