// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Objects that arrive one by one from a collection that many may write to: who may speak in whose name.
///
/// What carries the name of a partner whose keys are pinned, or an identity that such a partner signed, is let in only when one
/// of these keys signed it. It may arrive before its signature, or the other way round; until then it waits. All else is let in
/// as what anybody may say.
///
/// What a partner signed bears its name (``signer``): only what the same partner signed is a later version of it, or revokes it,
/// whatever arrived before its maker was known.
public struct PartnerInbox: Sendable {
    /// What became of some objects.
    public struct Outcome: Sendable {
        /// Those that may be used, without the signatures.
        public var accepted: [JSONTree] = []
        /// How many of them each partner signed.
        public var signed: [String: Int] = [:]
        /// Signatures that were not accepted: the note's id, and why.
        public var refused: [(id: String, reason: String)] = []
        /// Objects that wait for a signature now.
        public var waiting = 0
        /// Objects that waited for too long, or were too many, and were given up.
        public var dropped = 0
    }

    private struct Promise {
        var partner: String
        var since: Int64
    }

    private struct Waiting {
        var object: JSONTree
        var since: Int64
    }

    /// The member of an accepted object that says which partner signed it. Nobody else can write it: it is taken out of what
    /// arrives.
    public static let signer = "x_outflow_signed_by"

    private let partners: [Partner]
    private let names: [String]
    private var replays = ReplayGuard()
    private var makers = ObjectMakers()
    /// By digest: what was signed and has not arrived.
    private var promised: [String: Promise] = [:]
    private var waiting: [Waiting] = []
    /// Identities that were let in, by id: bundles carry the names of those who made their objects.
    private var identities: [String: JSONTree] = [:]

    /// How long things wait for each other, in seconds, and how many may.
    private static let patience: Int64 = 30 * 86_400
    private static let most = 10_000

    /// An inbox.
    ///
    /// - Parameters:
    ///   - partners: those whom we know.
    ///   - names: what we are called by those who sign for us: our own name, and those of groups that we are in.
    ///   - state: what ``state`` gave when it was used last.
    public init(partners: [Partner], names: [String], state: JSONTree = [:]) {
        self.partners = partners.filter { !$0.keys.isEmpty }
        self.names = names
        replays = ReplayGuard(state["signatures"]?.string ?? "")
        makers = ObjectMakers(state["makers"]?.string ?? "")
        for entry in state["promised"]?.list ?? [] {
            guard let digest = entry["digest"]?.string, let partner = entry["partner"]?.string,
                let since = entry["since"]?.integer
            else { continue }
            promised[digest] = Promise(partner: partner, since: since)
        }
        for entry in state["waiting"]?.list ?? [] {
            guard let object = entry["object"], let since = entry["since"]?.integer else { continue }
            waiting.append(Waiting(object: object, since: since))
        }
        for identity in state["identities"]?.list ?? [] {
            if let id = identity["id"]?.string { identities[id] = identity }
        }
    }

    /// What must be kept for the next time.
    public var state: JSONTree {
        [
            "signatures": .string(replays.text), "makers": .string(makers.text),
            "promised": .list(
                promised.sorted { $0.key < $1.key }.map {
                    [
                        "digest": .string($0.key), "partner": .string($0.value.partner),
                        "since": .integer($0.value.since),
                    ]
                }),
            "waiting": .list(waiting.map { ["object": $0.object, "since": .integer($0.since)] }),
            "identities": .list(identities.sorted { $0.key < $1.key }.map(\.value)),
        ]
    }

    /// Takes what arrived.
    public mutating func take(_ objects: [JSONTree], now: Timestamp) -> Outcome {
        var outcome = Outcome()
        let second = now.microseconds / 1_000_000
        promised = promised.filter { second - $0.value.since < Self.patience }
        for note in objects where SignedManifest.isNote(note) { believe(note, now, &outcome) }
        let fresh = objects.filter { !SignedManifest.isNote($0) }
        // Parsers differ in which of two members they read.
        for object in fresh where object.hasRepeatedNames {
            outcome.refused.append((object["id"]?.string ?? "", "two members of an object have one name"))
        }
        let arrived = waiting + fresh.filter { !$0.hasRepeatedNames }.map { Waiting(object: $0, since: second) }
        waiting = []
        let names = namesOfIdentities(arrived.map(\.object))
        let digests = arrived.map { SignedManifest.digest($0.object) }
        // First who signed which identity, wherever it stands.
        for (one, digest) in zip(arrived, digests) {
            guard one.object["type"]?.string == "identity", let id = one.object["id"]?.string,
                let signer = promised[digest]?.partner, claims(one.object, names).allSatisfy({ $0 == signer })
            else { continue }
            makers.bind(id, to: signer)
        }
        for (one, digest) in zip(arrived, digests) {
            let signer = promised[digest]?.partner
            let claimed = claims(one.object, names)
            guard claimed.allSatisfy({ $0 == signer }) else {
                if let signer, let other = claimed.first(where: { $0 != signer }) {
                    let id = one.object["id"]?.string ?? ""
                    outcome.refused.append(
                        (id, "signed by \(signer), but it is \(other)'s; only \(other) may sign that"))
                } else if second - one.since < Self.patience {
                    waiting.append(one)
                } else {
                    outcome.dropped += 1
                }
                continue
            }
            var object = one.object
            object[Self.signer] = nil
            if let signer {
                outcome.signed[signer, default: 0] += 1
                promised[digest] = nil
                object[Self.signer] = .string(signer)
            }
            // Strangers may not fill the memory with names.
            if object["type"]?.string == "identity", let id = object["id"]?.string,
                signer != nil || identities[id] != nil || identities.count < Self.most
            {
                identities[id] = object
            }
            outcome.accepted.append(object)
        }
        bound(&outcome)
        outcome.waiting = waiting.count
        // A bundle says who made what is in it.
        let here = Set(outcome.accepted.compactMap { $0["id"]?.string })
        let absent = Set(outcome.accepted.compactMap { $0["created_by_ref"]?.string }).subtracting(here)
        outcome.accepted = absent.sorted().compactMap { identities[$0] } + outcome.accepted
        return outcome
    }

    private mutating func believe(_ note: JSONTree, _ now: Timestamp, _ outcome: inout Outcome) {
        var reason: DetachedSignature.Refusal = .forged
        for partner in partners {
            for name in names {
                do throws(DetachedSignature.Refusal) {
                    // A collection keeps what was said for years; its number keeps a signature from being used twice.
                    let (statement, digests) = try SignedManifest.verify(
                        note, keys: partner.keys, for: name, now: now, days: 36_500)
                    try replays.accept(statement, from: partner.name)
                    for digest in digests.prefix(100_000) {
                        promised[digest] = Promise(partner: partner.name, since: now.microseconds / 1_000_000)
                    }
                    return
                } catch {
                    if error != .forged { reason = error }
                }
            }
        }
        outcome.refused.append((note["id"]?.string ?? "", reason.description))
    }

    /// All names that identities bear, by id: those that were let in, and those that want to be.
    private func namesOfIdentities(_ objects: [JSONTree]) -> [String: Set<String>] {
        var names: [String: Set<String>] = [:]
        for object in Array(identities.values) + objects where object["type"]?.string == "identity" {
            guard let id = object["id"]?.string, let name = object["name"]?.string else { continue }
            names[id, default: []].insert(name)
        }
        return names
    }

    /// Partners in whose name an object speaks.
    private func claims(_ object: JSONTree, _ names: [String: Set<String>]) -> [String] {
        var said: Set<String> = []
        if object["type"]?.string == "identity", let name = object["name"]?.string { said.insert(name) }
        if let maker = object["created_by_ref"]?.string { said.formUnion(names[maker] ?? []) }
        let isIdentity = object["type"]?.string == "identity"
        let maker = (isIdentity ? object["id"] : object["created_by_ref"])?.string
        let owner = maker.flatMap { makers.owner(of: $0) }
        return partners.map(\.name).filter { partner in
            partner == owner || said.contains { PartnerName.reads($0, like: partner) }
        }
    }

    private mutating func bound(_ outcome: inout Outcome) {
        if waiting.count > Self.most {
            outcome.dropped += waiting.count - Self.most
            waiting.removeFirst(waiting.count - Self.most)
        }
        if promised.count > 100 * Self.most {
            let oldest = promised.sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
            for (digest, _) in oldest.prefix(promised.count - 100 * Self.most) { promised[digest] = nil }
        }
    }
}

/// Names of partners, as a person reads them.
public enum PartnerName {
    /// Whether two names read alike: case, blanks at the ends and between words do not count.
    public static func reads(_ name: String, like other: String) -> Bool { plain(name) == plain(other) }

    private static func plain(_ name: String) -> String {
        name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// A partner other than `sender`, with pinned keys, in whose name a bundle speaks; nil if there is none.
    public static func impersonated(in bundle: JSONTree, by sender: Partner, _ partners: Partners) -> String? {
        for object in bundle["objects"]?.list ?? [] where object["type"]?.string == "identity" {
            guard let name = object["name"]?.string else { continue }
            if let other = partners.all.first(where: {
                !$0.keys.isEmpty && $0.name != sender.name && reads(name, like: $0.name)
            }) {
                return other.name
            }
        }
        // MISP events name their makers too, alone or in lists.
        return makers(bundle).lazy.compactMap { name in
            partners.all.first { !$0.keys.isEmpty && $0.name != sender.name && reads(name, like: $0.name) }?.name
        }.first
    }

    /// Names of the organisations that MISP events in a document say they come from, wherever they stand.
    private static func makers(_ document: JSONTree) -> [String] {
        switch document {
        case .list(let elements): elements.flatMap(makers)
        case .object(let members):
            [document["Orgc"]?["name"]?.string].compactMap { $0 } + members.flatMap { makers($0.value) }
        default: []
        }
    }
}
