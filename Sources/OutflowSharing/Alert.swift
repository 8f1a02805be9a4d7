// SPDX-License-Identifier: Apache-2.0

import OutflowIntelligence
import OutflowJSON
import OutflowLedger
import OutflowRecords

/// A case as one partner may see it, and why each part of it is in or out.
public struct Alert: Sendable {
    /// One object, and what became of it.
    public struct Decision: Sendable {
        /// Its type in STIX.
        public var type: String
        /// Its id there.
        public var id: String
        /// What a person calls it. For the user's eyes only: it names what is withheld too.
        public var title: String
        /// The verdict.
        public var verdict: SharingJudge.Verdict
    }

    /// On each object that the case could be told with, in order.
    public let decisions: [Decision]
    /// What is shared, in STIX 2.1.
    public let bundle: JSONTree
    /// The marking of the alert.
    public let marking: TLP

    /// Whether anything but sender and markings is shared.
    public var isEmpty: Bool {
        !decisions.contains { decision in
            guard case .shared = decision.verdict else { return false }
            return decision.type != "identity"
        }
    }

    /// Makes an alert of a case's facts.
    ///
    /// - Parameters:
    ///   - facts: what there is to tell.
    ///   - now: the time that its objects bear.
    ///   - recipient: who is to get it.
    ///   - marking: the marking of what is our own, and the most restrictive that others' parts may have.
    ///   - sender: the name that it carries; nil for none.
    ///   - identifiers: a namespace that nobody else knows.
    ///   - included: values of the victim's that the user named one by one.
    ///   - bundleID: a UUID for this bundle.
    ///   - previous: the bundle that this one replaces; nil for the first.
    public init(
        _ facts: CaseFacts, to recipient: Partner, marking: TLP, sender: String?, identifiers: STIXIdentifier,
        including included: Set<String> = [], bundleID: String, now: Timestamp, replacing previous: JSONTree? = nil
    ) {
        self.marking = marking
        let drafts = STIXCase(
            facts, marking: marking, sender: sender, identifiers: identifiers, included: included, now: now
        ).drafts
        let judge = SharingJudge(
            recipient: recipient, limit: marking, named: marking == .red ? [recipient.name] : [])
        let verdicts = judge.judge(drafts.map(\.item))
        var objects: [JSONTree] = []
        var markings: Set<TLP> = []
        var decisions: [Decision] = []
        for draft in drafts {
            let verdict = verdicts[draft.item.id] ?? .withheld("it was not judged")
            decisions.append(
                Decision(
                    type: draft.object["type"]?.string ?? "", id: draft.item.id, title: draft.title, verdict: verdict))
            guard case .shared(let tlp, let lists) = verdict else { continue }
            var object = draft.object
            object["object_marking_refs"] = [.string(tlp.stixID)]
            if !draft.item.lists.isEmpty { object["object_refs"] = .list(lists.map { .string($0) }) }
            markings.insert(tlp)
            objects.append(object)
        }
        if let previous {
            objects = Versions.carry(objects, from: previous, judge, at: now) { markings.insert($0) }
        }
        self.decisions = decisions
        bundle = [
            "type": "bundle", "id": .string("bundle--\(bundleID)"),
            "objects": .list(markings.sorted().map(\.stixObject) + objects),
        ]
    }
}

/// Versions of objects: `created` stays, `modified` moves when something changed, and what is no longer said is revoked (STIX 2.1
/// section 3.6).
enum Versions {
    static func carry(
        _ objects: [JSONTree], from previous: JSONTree, _ judge: SharingJudge, at now: Timestamp, mark: (TLP) -> Void
    ) -> [JSONTree] {
        var old: [String: JSONTree] = [:]
        for object in previous["objects"]?.list ?? [] where object["modified"] != nil {
            if let id = object["id"]?.string { old[id] = object }
        }
        var result: [JSONTree] = []
        for object in objects {
            guard let id = object["id"]?.string, let before = old.removeValue(forKey: id) else {
                result.append(object)
                continue
            }
            var new = object
            for key in ["created", "published"] where new[key] != nil {
                guard let time = before[key]?.string, STIXTime.seconds(time) != nil else { continue }
                new[key] = .string(time)
            }
            var unchanged = new
            unchanged["modified"] = before["modified"]
            result.append(unchanged.canonical == before.canonical ? before : new)
        }
        for (_, before) in old.sorted(by: { $0.key < $1.key }) where before["revoked"] == nil {
            // What was said is taken back towards those only who may hear it.
            let parts = before["granular_markings"]?.list.compactMap { $0["marking_ref"]?.string } ?? []
            let tlps = ((before["object_marking_refs"]?.strings ?? []) + parts).map { TLP(stixID: $0) }
            guard !tlps.isEmpty, tlps.allSatisfy({ judge.objection(.own($0)) == nil }) else { continue }
            for case let tlp? in tlps { mark(tlp) }
            var revoked = before
            revoked["revoked"] = true
            revoked["modified"] = .string(Rounding.stix(now))
            result.append(revoked)
        }
        return result
    }
}
