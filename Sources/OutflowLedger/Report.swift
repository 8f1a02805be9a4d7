// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Everything that a scan concludes, ready to be written as JSON, HTML, CSV or on a terminal.
///
/// The same distinct records and configuration give equal values, but for ``inputs`` and what evidence refers to.
public struct Report: Sendable {
    /// One input: a file, standard input, or a member of an archive.
    public struct Input: Sendable, Hashable {
        /// Path as the user gave it or as found below a folder; a member of an archive as `archive.zip!member.log`.
        public var path: String
        /// `SourceCard.format`, or "unrecognised", or "unreadable".
        public var format: String
        /// Size on disk for a file; of the decompressed member for a member of an archive.
        public var bytes: UInt64
        /// Hex digits of the SHA-256 of the file as it lies on disk (of the archive, for a member).
        public var sha256: String
        /// Records read, rejected ones not among them.
        public var records: UInt64
        /// Of these, records that had been read before in this or another input.
        public var duplicates: UInt64
        /// Time of the earliest record; nil when no record has one.
        public var first: Timestamp?
        /// Time of the latest record; nil when no record has one.
        public var last: Timestamp?
        /// What could not be read, by offset in the decompressed stream.
        public var rejected: Rejections
        /// The hours of the records; not in `report.json`, whose gaps say what they tell.
        public var hours = ActiveHours()

        /// An input of its parts.
        public init(
            path: String, format: String, bytes: UInt64, sha256: String, records: UInt64 = 0, duplicates: UInt64 = 0,
            first: Timestamp? = nil, last: Timestamp? = nil, rejected: Rejections = Rejections()
        ) {
            self.path = path
            self.format = format
            self.bytes = bytes
            self.sha256 = sha256
            self.records = records
            self.duplicates = duplicates
            self.first = first
            self.last = last
            self.rejected = rejected
        }
    }

    /// A network taken as inside, and why.
    public struct LocalNetwork: Sendable, Hashable {
        /// The network, as `10.0.0.0/16`; `!10.0.5.0/24` for one that the configuration takes out.
        public var cidr: String
        /// `configured`, or `inferred: ` and what the logs say for it.
        public var why: String
        /// A network of its parts.
        public init(cidr: String, why: String) {
            self.cidr = cidr
            self.why = why
        }
    }

    /// What the logs cannot show.
    public struct Gap: Sendable, Hashable {
        /// The way by which data could have left unseen, or whose figures are weakened.
        public var route: Route
        /// When it begins; nil when it holds for all time.
        public var from: Timestamp?
        /// When it ends; nil when it holds for all time.
        public var to: Timestamp?
        /// What the logs do not show, in a sentence.
        public var what: String
        /// Which figures that weakens and how, and what the reader can do about it.
        public var effect: String
        /// A gap of its parts.
        public init(route: Route, from: Timestamp?, to: Timestamp?, what: String, effect: String) {
            self.route = route
            self.from = from
            self.to = to
            self.what = what
            self.effect = effect
        }
    }

    /// A source or a destination.
    public struct Entity: Sendable, Hashable {
        /// What it is, which also says how ``id`` is to be read.
        public var kind: EntityKind
        /// What identifies it: address, ARN, domain in lower case, mail address.
        public var id: String
        /// What a person calls it; nil when ``id`` says it all or no log names it.
        public var name: String?
        /// The tenant (cloud account, Microsoft 365 organisation) it belongs to; nil when unknown.
        public var tenant: String?
        /// Addresses behind a named destination, in order.
        public var addresses: [String]
        /// An entity of its parts.
        public init(kind: EntityKind, id: String, name: String? = nil, tenant: String? = nil, addresses: [String] = [])
        {
            self.kind = kind
            self.id = id
            self.name = name
            self.tenant = tenant
            self.addresses = addresses
        }
    }

    /// One ledger entry.
    public struct Transfer: Sendable, Hashable {
        /// `T-` and 16 hex digits, derived from what identifies the transfer.
        public var id: String
        /// The way by which the data left.
        public var route: Route
        /// How far it got.
        public var state: TransferState
        /// Who lost the data.
        public var source: Entity
        /// Who got it, or could have.
        public var destination: Entity
        /// Class of the destination, from `DestinationClasses`: "cloud-storage", "unknown", ...
        public var destinationClass: String
        /// Port of the service, protocol and services in a word or two ("443/tcp tls"); empty when not a network flow.
        public var service: String
        /// Bucket, site or publisher where the data lay; nil if `source` says it.
        public var store: String?
        /// Access key, session or application by which it was read; nil if not logged.
        public var session: String?
        /// Whether the user's configuration sanctions this destination.
        public var isSanctioned: Bool
        /// Payload that left, each content once.
        public var bytes: ByteBounds
        /// Payload with repeats; nil if unknown.
        public var onWire: UInt64?
        /// Distinct files, objects, documents or messages; nil if not known.
        public var distinctObjects: UInt64?
        /// Reads of objects, repetitions among them; 0 for flows, which show none.
        public var reads: UInt64
        /// Beginning of the earliest record that it rests on.
        public var first: Timestamp
        /// End of the latest record that it rests on.
        public var last: Timestamp
        /// Distinct records that it rests on.
        public var records: UInt64
        /// Strongest first, at most 16.
        public var evidence: [Origin]
        /// Sentences on how the figures came about and what weakens them.
        public var notes: [String]
        /// How likely it is theft; `none` until detection has judged it.
        public var suspicion = Suspicion.none
        /// The case that it belongs to; nil for none.
        public var caseID: String?

        /// A transfer of its parts.
        public init(
            id: String, route: Route, state: TransferState, source: Entity, destination: Entity,
            destinationClass: String = "unknown", service: String = "", store: String? = nil, session: String? = nil,
            isSanctioned: Bool = false, bytes: ByteBounds, onWire: UInt64?, distinctObjects: UInt64?, reads: UInt64,
            first: Timestamp, last: Timestamp, records: UInt64, evidence: [Origin], notes: [String] = []
        ) {
            self.id = id
            self.route = route
            self.state = state
            self.source = source
            self.destination = destination
            self.destinationClass = destinationClass
            self.service = service
            self.store = store
            self.session = session
            self.isSanctioned = isSanctioned
            self.bytes = bytes
            self.onWire = onWire
            self.distinctObjects = distinctObjects
            self.reads = reads
            self.first = first
            self.last = last
            self.records = records
            self.evidence = evidence
            self.notes = notes
        }
    }

    /// An internal copy that may have prepared a transfer; never part of the ledger's sums.
    public struct Staging: Sendable, Hashable {
        /// `S-` and 16 hex digits, derived from hosts and service.
        public var id: String
        /// Address of the host that the data was copied from.
        public var source: String
        /// Address of the host that it was copied to.
        public var destination: String
        /// Port, protocol and services in a word or two, as in ``Transfer/service``.
        public var service: String
        /// Payload that was copied.
        public var bytes: ByteBounds
        /// Beginning of the earliest flow.
        public var first: Timestamp
        /// End of the latest flow.
        public var last: Timestamp
        /// Distinct records that it rests on.
        public var records: UInt64
        /// Transfers out of `destination` that came after it.
        public var followedBy: [String]
        /// Strongest first, at most 16.
        public var evidence: [Origin]
        /// A copy of its parts.
        public init(
            id: String, source: String, destination: String, service: String, bytes: ByteBounds, first: Timestamp,
            last: Timestamp, records: UInt64, followedBy: [String], evidence: [Origin]
        ) {
            self.id = id
            self.source = source
            self.destination = destination
            self.service = service
            self.bytes = bytes
            self.first = first
            self.last = last
            self.records = records
            self.followedBy = followedBy
            self.evidence = evidence
        }
    }

    /// Sum of some transfers.
    public struct Total: Sendable, Hashable {
        /// How many transfers.
        public var transfers: UInt64 = 0
        /// Sum of their bounds; no upper bound as soon as one of them has none.
        public var bytes: ByteBounds = .zero
        /// Sum of the figures on the wire; nil as soon as one of them is unknown.
        public var onWire: UInt64? = 0
        /// Sum of their reads.
        public var reads: UInt64 = 0
        /// Sum of the distinct records that each rests on.
        public var records: UInt64 = 0
        /// No transfers.
        public init() {}
        /// Adds one transfer.
        public mutating func add(_ transfer: Transfer) {
            transfers += 1
            bytes += transfer.bytes
            onWire = Self.sum(onWire, transfer.onWire)
            reads += transfer.reads
            records += transfer.records
        }

        /// Nil when either is unknown, or they come to more than can be counted.
        public static func sum(_ a: UInt64?, _ b: UInt64?) -> UInt64? {
            guard let a, let b else { return nil }
            let (sum, overflow) = a.addingReportingOverflow(b)
            return overflow ? nil : sum
        }
    }

    /// All transfers added up, those of ``ledger`` and those left out of it.
    public struct Totals: Sendable, Hashable {
        /// Unsanctioned transfers by route.
        public var byRoute: [Route: Total] = [:]
        /// Unsanctioned transfers by state.
        public var byState: [TransferState: Total] = [:]
        /// Transfers to destinations that the configuration sanctions, which are in no other total.
        public var sanctioned = Total()
        /// Reads by hosts of the local networks, which are no outflow and in no other total.
        public var inside = Total()
        /// Transfers that are summed above but not listed in ``ledger``, because it lists the largest only.
        public var unlisted = Total()
        /// No transfers.
        public init() {}
    }

    /// In order of path.
    public var inputs: [Input] = []
    /// Networks taken as inside, and why: configured, or inferred from the logs.
    public var localNetworks: [LocalNetwork] = []
    /// Tenants of the estate: configured ones and those seen, in order.
    public var tenants: [String] = []
    /// What the logs cannot show, in order of route and time.
    public var gaps: [Gap] = []
    /// Biggest unexplained outflow first: by state, then by at_least, at_most, id; sanctioned destinations last.
    public var ledger: [Transfer] = []
    /// Internal copies that may have prepared a transfer, largest first.
    public var staging: [Staging] = []
    /// Sums over all transfers, listed or not.
    public var totals = Totals()
    /// Reasons for suspicion, in order of time and id.
    public var findings: [Finding] = []
    /// Findings and transfers joined, most suspicious first.
    public var cases: [Case] = []
    /// What detection would have caught, by route and duration.
    public var limits: [Limit] = []

    /// An empty report.
    public init() {}
}
