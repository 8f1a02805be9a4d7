// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords
import OutflowSharing

/// Reads what was added to a collection since the last time, into bundles in a folder.
///
/// Each object version arrives once. A bundle is written under the next number, then the state that counts it: a poll that
/// is interrupted between the two writes the same bundle again, whole. What arrived lies in files that
/// `outflow scan --indicators` reads.
public struct TAXIIPoll: Sendable {
    /// What to ask for, and how much of it.
    public struct Options: Sendable {
        /// Only what was added after this moment (RFC 3339), the first time.
        public var addedAfter: String?
        /// Only objects of these types; all if empty.
        public var types: [String] = []
        /// Objects to ask for in a page. (Always asked for: medallion 3.0 has no second page without.)
        public var pageSize = 1_000
        /// The most objects of one run; the next one goes on.
        public var mostObjects = 1_000_000
        /// The most objects of a bundle.
        public var bundleObjects = 50_000
        /// About the most bytes of a bundle.
        public var bundleBytes = 64 << 20

        /// What holds unless told otherwise.
        public init() {}
    }

    /// What a run brought.
    public struct Summary: Sendable {
        /// Paths of the bundles that were written.
        public var bundles: [String] = []
        /// Objects in them.
        public var objects = 0
        /// Objects that the server sent again, and that were left out.
        public var repeated = 0
        /// Whether the server has no more for now.
        public var isComplete = false
        /// How many each partner signed.
        public var signed: [String: Int] = [:]
        /// Signatures that were not accepted: the note's id, and why.
        public var refused: [(id: String, reason: String)] = []
        /// Objects in a partner's name that wait for its signature.
        public var waiting = 0
        /// Objects that waited too long.
        public var dropped = 0
    }

    private let client: TAXIIClient
    private let collection: TAXIIAddress
    private let folder: String
    private let statePath: String
    private let options: Options
    private let trust: (partners: [Partner], names: [String])?
    private let now: @Sendable () -> Timestamp

    /// A poll of the collection at an address.
    ///
    /// - Parameters:
    ///   - client: of the collection's server.
    ///   - collection: address of the collection.
    ///   - options: what is asked for.
    ///   - now: tells the time.
    ///   - folder: where bundles go; made if missing.
    ///   - state: the file that says how far the collection was read.
    ///   - trust: partners with pinned keys, and the names by which they call us; nil to let everything in.
    public init(
        _ client: TAXIIClient, collection: TAXIIAddress, folder: String, state: String, options: Options = Options(),
        trust: (partners: [Partner], names: [String])? = nil, now: @escaping @Sendable () -> Timestamp
    ) {
        self.client = client
        self.collection = collection
        self.folder = folder
        statePath = state
        self.options = options
        self.trust = trust
        self.now = now
    }

    /// Reads to the end of what there is, or to the limit.
    ///
    /// - Throws: ``TAXIIFailure``; what was written until then stays, and the next run goes on from there.
    public func run() async throws -> Summary {
        let lock = try FileLock(statePath + ".lock")
        defer { lock.release() }
        let question = "\(collection) \(options.types.sorted().joined(separator: ","))"
        var state = PollState(question: question, addedAfter: options.addedAfter)
        if let text = try DurableFile.read(statePath) { state = try PollState(text, place: statePath) }
        guard state.question == question else {
            throw TAXIIFailure(
                "\(statePath) is of another poll: \(TAXIIClient.quoted(state.question)); name another state")
        }
        try DurableFile.makeFolder(folder)
        var run = Run(self, state)
        return try await run.whole()
    }

    /// One run on its way.
    private struct Run {
        private let poll: TAXIIPoll
        private var state: PollState
        private var summary = Summary()
        private var buffer: [JSONTree] = []
        private var bytes = 0
        private var arrived = 0
        /// Versions that arrived in this listing.
        private var seen: Set<String> = []
        private var emptyPages = 0
        /// The first bundle of a listing that is begun again, and how many of its objects had arrived.
        private var recalled: Int?
        private var expected = 0

        init(_ poll: TAXIIPoll, _ state: PollState) {
            self.poll = poll
            self.state = state
        }

        mutating func whole() async throws -> Summary {
            if let listing = state.listing, listing.next != nil, !listing.isPlace { try recall() }
            var isResumed = state.listing != nil
            while true {
                let page: TAXIIClient.Page
                do { page = try await poll.client.page(poll.collection, query()) } catch let failure as TAXIIFailure {
                    // The server forgot its cursor: begin the listing again, without what arrived.
                    guard isResumed, state.listing?.next != nil, failure.status == 400 || failure.status == 404 else {
                        throw failure
                    }
                    try recall()
                    isResumed = false
                    continue
                }
                isResumed = false
                if try take(page) { return try end() }
                if arrived >= poll.options.mostObjects {
                    try commit()
                    return summary
                }
                if buffer.count >= poll.options.bundleObjects || bytes >= poll.options.bundleBytes { try commit() }
            }
        }

        private func query() -> TAXIIQuery {
            var query = TAXIIQuery()
            // Without a cursor the server is asked for what was added after the last object that it sent.
            let after = state.listing.flatMap { $0.next == nil ? $0.last : nil } ?? state.addedAfter
            if let after { query.add("added_after", after) }
            if let next = state.listing?.next { query.add("next", next) }
            query.add("limit", String(poll.options.pageSize))
            if !poll.options.types.isEmpty { query.add("match[type]", poll.options.types.joined(separator: ",")) }
            return query
        }

        /// Takes a page; true when the listing is at its end.
        private mutating func take(_ page: TAXIIClient.Page) throws -> Bool {
            guard page.objects.isEmpty || page.lastAdded != nil else {
                throw TAXIIFailure(
                    "\(poll.collection): the server does not say when objects were added (X-TAXII-Date-Added-Last): what "
                        + "comes later could not be told from what is here")
            }
            let before = (state.listing?.next, state.listing?.last)
            var new = 0
            for object in page.objects {
                guard seen.insert(Self.version(object)).inserted else {
                    summary.repeated += 1
                    continue
                }
                buffer.append(object)
                new += 1
            }
            arrived += new
            bytes += page.bytes
            let last = try PollState.later(state.listing?.last, page.lastAdded)
            if !page.hasMore {
                state.addedAfter = try PollState.later(state.addedAfter, last)
                state.listing = nil
                return true
            }
            let known = state.listing?.next
            state.listing = .init(
                next: page.next, last: last, from: state.listing?.from ?? recalled ?? state.bundles + 1,
                isPlace: known != nil && page.next != nil && known != page.next)
            // What is listed again was there before. (A cursor may keep its name while it moves on.)
            let isProgress = new > 0 || !page.objects.isEmpty && summary.repeated <= expected
            emptyPages = isProgress ? 0 : emptyPages + 1
            guard isProgress || (page.next, last) != before && emptyPages < 100 else {
                throw TAXIIFailure("\(poll.collection): the server says that there is more, and sends the same again")
            }
            return false
        }

        private mutating func end() throws -> Summary {
            summary.isComplete = true
            try commit()
            return summary
        }

        /// Writes what arrived, then how far that is.
        private mutating func commit() throws {
            var accepted = buffer
            if let trust = poll.trust {
                var inbox = PartnerInbox(partners: trust.partners, names: trust.names, state: state.inbox)
                let outcome = inbox.take(buffer, now: poll.now())
                state.inbox = inbox.state
                accepted = outcome.accepted
                summary.signed.merge(outcome.signed) { $0 + $1 }
                summary.refused += outcome.refused
                summary.waiting = outcome.waiting
                summary.dropped += outcome.dropped
            }
            buffer = []
            bytes = 0
            if !accepted.isEmpty {
                state.bundles += 1
                let bundle: JSONTree = [
                    "type": "bundle", "id": .string("bundle--\(SystemRandom.uuid())"), "objects": .list(accepted),
                ]
                let path = poll.bundle(state.bundles)
                try DurableFile.write(bundle.canonical, to: path)
                summary.bundles.append(path)
                summary.objects += accepted.count
            }
            try DurableFile.write(Array(state.text.utf8), to: poll.statePath)
        }

        /// Begins the listing again: what arrived of it is read from its bundles.
        private mutating func recall() throws {
            let from = state.listing?.from ?? state.bundles + 1
            recalled = from
            for number in stride(from: from, through: state.bundles, by: 1) {
                let path = poll.bundle(number)
                guard let text = try DurableFile.read(path), let bundle = try? JSONTree(parsing: text, limit: .max)
                else {
                    throw TAXIIFailure(
                        "\(path) is not there any more, and the server has forgotten how far it was read: what arrived "
                            + "cannot be told; move \(poll.statePath) away to read the collection from the beginning")
                }
                for object in bundle["objects"]?.list ?? [] {
                    var object = object
                    object[PartnerInbox.signer] = nil
                    seen.insert(Self.version(object))
                }
            }
            for entry in state.inbox["waiting"]?.list ?? [] {
                if let object = entry["object"] { seen.insert(Self.version(object)) }
            }
            expected = seen.count
            state.listing = nil
        }

        /// What tells one version of an object from others.
        private static func version(_ object: JSONTree) -> String {
            let version = (object["modified"] ?? object["created"])?.string ?? SignedManifest.digest(object)
            return "\(object["id"]?.string ?? "") \(version)"
        }
    }

    private func bundle(_ number: Int) -> String {
        let digits = String(number)
        return "\(folder)/bundle-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".json"
    }
}
