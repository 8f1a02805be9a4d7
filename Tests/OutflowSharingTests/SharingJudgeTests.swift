// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowIntelligence
import Testing

@testable import OutflowSharing

/// The judge against a second one, which is written as plainly as the rules are.
@Suite struct SharingJudgeTests {
    /// Numbers from a seed (SplitMix64).
    struct Dice {
        var state: UInt64
        mutating func roll(_ sides: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return Int((value ^ value >> 31) % UInt64(sides))
        }
    }

    /// Who may get what others marked, row by row.
    private static let reaches: [Partner.Relation: Set<TLP>] = [
        .organisation: [.clear, .green, .amber, .amberStrict], .client: [.clear, .green, .amber],
        .community: [.clear, .green], .public: [.clear],
    ]
    /// From open to closed.
    private static let scale: [TLP] = [.clear, .green, .amber, .amberStrict, .red]

    /// Whether one source lets the recipient have something: the rules, one after the other.
    private func allows(_ claim: SharingItem.Claim, _ judge: SharingJudge) -> Bool {
        let level = Dictionary(uniqueKeysWithValues: zip(Self.scale, 0...))
        switch claim {
        case .own(nil): return false
        case .received(nil, _, _): return false
        case .own(let tlp?):
            if level[tlp]! > level[judge.limit]! { return false }
            if tlp == .red { if !judge.named.contains(judge.recipient.name) { return false } }
            if let upTo = judge.recipient.upTo { if level[tlp]! > level[upTo]! { return false } }
            return true
        case .received(let tlp?, let source, let recipients):
            if level[tlp]! > level[judge.limit]! { return false }
            if source == judge.recipient.name { return true }
            if tlp == .red { return recipients.contains(where: { $0 == judge.recipient.name }) }
            return Self.reaches[judge.recipient.relation]!.contains(tlp)
        }
    }

    /// Whether nothing but references can hold an item back.
    private func mayByItself(_ item: SharingItem, _ judge: SharingJudge) -> Bool {
        if item.subject == .victim && !item.isNamed { return false }
        if item.subject == .account && !item.isNamed { return false }
        if item.victimWord != nil && !item.isNamed { return false }
        return !item.claims.isEmpty && item.claims.allSatisfy { allows($0, judge) }
    }

    /// The ids that are shared: all that may be by themselves, without those that lead to what is not, again and again.
    private func shared(_ items: [SharingItem], _ judge: SharingJudge) -> Set<String> {
        let ids = items.map(\.id)
        var good = Set(
            items.filter { item in mayByItself(item, judge) && ids.filter { $0 == item.id }.count == 1 }.map(\.id))
        for _ in 0...items.count {
            for item in items {
                let needs = item.needs.allSatisfy { good.contains($0) }
                let lists = item.lists.isEmpty || item.lists.contains { good.contains($0) }
                if !needs || !lists { good.remove(item.id) }
            }
        }
        return good
    }

    private func item(_ number: Int, of count: Int, _ dice: inout Dice) -> SharingItem {
        // Mostly open, so that much is shared.
        func tlp() -> TLP? { dice.roll(25) == 0 ? nil : Self.scale[min(dice.roll(5), dice.roll(5))] }
        let claims = (0..<(dice.roll(40) == 0 ? 0 : 1 + dice.roll(2))).map { _ -> SharingItem.Claim in
            dice.roll(3) > 0
                ? .own(tlp())
                : .received(
                    tlp(), from: ["a", "b", "c"][dice.roll(3)], to: dice.roll(3) == 0 ? ["d", "c"] : [])
        }
        // Cycles, references to itself and to nothing are among them.
        func references() -> [String] {
            dice.roll(2) == 0
                ? [] : (0..<dice.roll(3)).map { _ in "\(dice.roll(dice.roll(12) == 0 ? count + 1 : count))" }
        }
        let id = dice.roll(60) == 0 ? dice.roll(count) : number
        let subjects = SharingItem.Subject.allCases
        let subject = subjects[dice.roll(subjects.count)]
        let isNamed = dice.roll(2) == 0
        let needs = references()
        let lists = references()
        return SharingItem(
            id: "\(id)", subject: subject, claims: claims, isNamed: isNamed, needs: needs, lists: lists,
            victimWord: dice.roll(12) == 0 ? "acme" : nil)
    }

    @Test func aMillionDecisionsAreThoseOfThePlainJudge() {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(state: seed)
        var decisions = 0
        var sharedOnes = 0
        while decisions < 1_000_000 {
            let count = 1 + dice.roll(6)
            let items = (0..<count).map { item($0, of: count, &dice) }
            let relation = Partner.Relation.allCases[dice.roll(4)]
            let upTo: TLP? = dice.roll(3) == 0 ? Self.scale[dice.roll(5)] : nil
            let named: Set<String> = dice.roll(2) == 0 ? ["a"] : []
            let judge = SharingJudge(
                recipient: Partner(name: ["a", "d"][dice.roll(2)], relation: relation, upTo: upTo),
                limit: Self.scale[dice.roll(5)], named: named)
            let expected = shared(items, judge)
            var found: Set<String> = []
            for (id, verdict) in judge.judge(items) {
                guard case .shared(let tlp, let lists) = verdict else { continue }
                found.insert(id)
                // Everything that it leads to is shared too, and its marking is the most restrictive of all.
                for reference in [id] + (items.first { $0.id == id }?.needs ?? []) + lists {
                    let most = items.first { $0.id == reference }?.claims.compactMap(\.tlp).max()
                    if !expected.contains(reference) || most.map({ $0 > tlp }) ?? true {
                        Issue.record("\(id) leaks \(reference), seed \(seed), decision \(decisions)")
                    }
                }
            }
            if found != expected {
                Issue.record("\(found) instead of \(expected), seed \(seed), decision \(decisions)")
                return
            }
            decisions += count
            sharedOnes += found.count
        }
        // The test would be worth nothing if nearly all were withheld.
        #expect(sharedOnes > 50_000, "seed \(seed)")
    }

    @Test func redGoesToThoseWhoAreNamed() {
        let item = SharingItem(id: "x", subject: .infrastructure, claims: [.own(.red)])
        let partner = Partner(name: "cert", relation: .organisation)
        #expect(
            SharingJudge(recipient: partner, limit: .red).judge([item])["x"]
                == .withheld("TLP:RED goes to named recipients only"))
        #expect(
            SharingJudge(recipient: partner, limit: .red, named: ["cert"]).judge([item])["x"]
                == .shared(.red, lists: []))
    }

    @Test func whatASharingGroupHoldsGoesToItsMembers() {
        let item = SharingItem(
            id: "x", subject: .infrastructure, claims: [.received(.red, from: "CERT North", to: ["cert", "isac"])])
        func verdict(_ name: String, _ limit: TLP) -> SharingJudge.Verdict? {
            SharingJudge(recipient: Partner(name: name, relation: .public), limit: limit).judge([item])["x"]
        }
        #expect(verdict("cert", .red) == .shared(.red, lists: []))
        #expect(verdict("CERT North", .red) == .shared(.red, lists: []))
        for (name, limit) in [("cert", TLP.amberStrict), ("Cert", .red), ("other", .red)] {
            guard case .withheld = verdict(name, limit) else {
                Issue.record("\(name) got it at \(limit)")
                continue
            }
        }
    }

    @Test func theMostRestrictiveMarkingWinsAcrossReferences() {
        let items = [
            SharingItem(id: "a", subject: .outline, claims: [.own(.clear)], needs: ["b"]),
            SharingItem(id: "b", subject: .outline, claims: [.own(.clear)], lists: ["c", "d"]),
            SharingItem(id: "c", subject: .infrastructure, claims: [.own(.amber), .own(.green)]),
            SharingItem(id: "d", subject: .infrastructure, claims: [.own(nil)]),
        ]
        let verdicts = SharingJudge(recipient: Partner(name: "x"), limit: .amber).judge(items)
        #expect(verdicts["a"] == .shared(.amber, lists: []))
        #expect(verdicts["b"] == .shared(.amber, lists: ["c"]))
        guard case .withheld = verdicts["d"] else { Issue.record("unmarked was shared"); return }
    }
}
