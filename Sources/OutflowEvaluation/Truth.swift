// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// What is known to have happened in some logs: thefts, and things that look like thefts and are none.
public struct Truth: Sendable, Hashable {
    /// One theft, or one thing that looks like one.
    public struct Event: Sendable, Hashable {
        /// What to call it.
        public var id: String
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
        /// When it began; nil when the truth does not say.
        public var first: Timestamp?
        /// When it ended; nil when the truth does not say.
        public var last: Timestamp?

        /// An event of its parts.
        public init(
            id: String, what: String = "", route: Route? = nil, sources: [String] = [], destinations: [String] = [],
            sessions: [String] = [], bytes: ByteBounds = .unknown, first: Timestamp? = nil, last: Timestamp? = nil
        ) {
            self.id = id
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

    /// What was stolen.
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
