// SPDX-License-Identifier: Apache-2.0

import OutflowIntelligence

/// Something that could be part of an alert, as the judge sees it.
public struct SharingItem: Sendable, Hashable {
    /// What it tells. Only what is listed here can ever be shared; the rest of a case has no word here.
    public enum Subject: String, Sendable, CaseIterable {
        /// Who shares.
        case sender
        /// The marking itself.
        case marking
        /// An attacker's address, name or account.
        case infrastructure
        /// A mailbox or account that data went to: it may be a person's, and goes out only when the user names it.
        case account
        /// An ATT&CK technique.
        case technique
        /// Times to the hour and amounts by order of magnitude.
        case outline
        /// Advice.
        case advice
        /// That a partner's indicator was seen.
        case sighting
        /// One of the victim's own values: only when the user names it.
        case victim
    }

    /// Where information comes from, and what its source allows.
    public enum Claim: Sendable, Hashable {
        /// Our own, under the marking that the user chose; nil for none.
        case own(TLP?)
        /// A partner's, under that partner's marking; nil for none. `to` are those whom that partner named as recipients.
        case received(TLP?, from: String, to: Set<String> = [])
    }

    /// What the item is called: the id of its STIX object.
    public var id: String
    /// What it tells.
    public var subject: Subject
    /// All that stand behind it, the markings of its parts (granular markings) among them.
    public var claims: [Claim]
    /// Whether the user named this one thing.
    public var isNamed: Bool
    /// Items without which it makes no sense, and which it tells about.
    public var needs: [String]
    /// Items that it lists, each of which can be left out.
    public var lists: [String]
    /// One of the victim's words that stands in it, if any.
    public var victimWord: String?

    /// An item of its parts.
    public init(
        id: String, subject: Subject, claims: [Claim], isNamed: Bool = false, needs: [String] = [],
        lists: [String] = [], victimWord: String? = nil
    ) {
        self.id = id
        self.subject = subject
        self.claims = claims
        self.isNamed = isNamed
        self.needs = needs
        self.lists = lists
        self.victimWord = victimWord
    }
}

/// Decides what goes to whom. This is the only place that does.
///
/// An item is shared when its subject may be, when each source behind it, and behind everything that it leads to, allows it for
/// this recipient, and when none of those is marked more restrictively than the alert as a whole. What is not marked is not shared.
public struct SharingJudge: Sendable {
    /// What becomes of an item.
    public enum Verdict: Sendable, Hashable {
        /// It is shared, under this marking, with these of the items that it lists.
        case shared(TLP, lists: [String])
        /// It is not, and why.
        case withheld(String)
    }

    /// Who is to get it.
    public var recipient: Partner
    /// The most restrictive marking in the alert.
    public var limit: TLP
    /// Those whom the user named as recipients of what is RED.
    public var named: Set<String>

    /// A judge.
    public init(recipient: Partner, limit: TLP, named: Set<String> = []) {
        self.recipient = recipient
        self.limit = limit
        self.named = named
    }

    /// Why a claim forbids sharing; nil when it allows it.
    func objection(_ claim: SharingItem.Claim) -> String? {
        switch claim {
        case .own(nil), .received(nil, _, _): return "it is not marked: what is not marked is not shared"
        case .own(let tlp?):
            if tlp > limit { return "\(tlp.label) is more restrictive than the alert, \(limit.label)" }
            if tlp == .red, !named.contains(recipient.name) { return "TLP:RED goes to named recipients only" }
            if let upTo = recipient.upTo, tlp > upTo { return "\(recipient.name) is to get no more than \(upTo.label)" }
        case .received(let tlp?, let source, let recipients):
            if tlp > limit { return "\(source) marked it \(tlp.label), more restrictive than \(limit.label)" }
            // Its source may have back what is its own.
            if source == recipient.name { return nil }
            if tlp == .red {
                if recipients.contains(recipient.name) { return nil }
                return "\(source) marked it TLP:RED, for the recipients that it named"
            }
            if tlp > recipient.relation.ceiling {
                return
                    "\(source) marked it \(tlp.label), which does not reach \(recipient.name) (\(recipient.relation.rawValue))"
            }
        }
        return nil
    }

    /// Why an item by itself cannot be shared, whatever it refers to; nil when it can.
    private func objection(_ item: SharingItem) -> String? {
        if item.subject == .victim, !item.isNamed { return "it is the victim's: shared only when it is named" }
        if item.subject == .account, !item.isNamed {
            return "it may be a person's, one of the victim's perhaps: shared only when it is named"
        }
        if let word = item.victimWord, !item.isNamed { return "'\(word)' stands in it, which is the victim's" }
        if item.claims.isEmpty { return "it is not marked: what is not marked is not shared" }
        return item.claims.lazy.compactMap { objection($0) }.first
    }

    /// The verdict on each of some items. References to what is not among them withhold an item.
    public func judge(_ items: [SharingItem]) -> [String: Verdict] {
        var withheld: [String: String] = [:]
        var byID: [String: SharingItem] = [:]
        for item in items {
            if byID.updateValue(item, forKey: item.id) != nil { withheld[item.id] = "two items have this id" }
        }
        for item in items where withheld[item.id] == nil { withheld[item.id] = objection(item) }
        // A refusal spreads along references until nothing changes.
        var changes = true
        while changes {
            changes = false
            for item in items where withheld[item.id] == nil {
                let bad = item.needs.first { withheld[$0] != nil || byID[$0] == nil }
                if let bad {
                    withheld[item.id] = "it leads to \(bad), which is not shared"
                } else if !item.lists.isEmpty, item.lists.allSatisfy({ withheld[$0] != nil || byID[$0] == nil }) {
                    withheld[item.id] = "nothing that it is about is shared"
                } else {
                    continue
                }
                changes = true
            }
        }
        // The most restrictive marking wins, also along references.
        var markings = byID.filter { withheld[$0.key] == nil }.mapValues { item in
            item.claims.compactMap(\.tlp).max() ?? .red
        }
        changes = true
        while changes {
            changes = false
            for item in items where withheld[item.id] == nil {
                for reference in item.needs + item.lists {
                    guard let other = markings[reference], let own = markings[item.id], other > own else { continue }
                    markings[item.id] = other
                    changes = true
                }
            }
        }
        return byID.mapValues { item in
            if let reason = withheld[item.id] { return .withheld(reason) }
            return .shared(
                markings[item.id] ?? .red, lists: item.lists.filter { withheld[$0] == nil && byID[$0] != nil })
        }
    }
}

extension SharingItem.Claim {
    /// The marking that it carries.
    public var tlp: TLP? {
        switch self {
        case .own(let tlp), .received(let tlp, _, _): tlp
        }
    }
}
