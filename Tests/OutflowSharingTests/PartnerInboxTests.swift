// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords
import Testing

@testable import OutflowIntelligence
@testable import OutflowSharing

/// Who may speak in whose name in a collection that many write to.
@Suite struct PartnerInboxTests {
    private let now = Timestamp(microseconds: 1_700_000_000_000_000)
    private let cert: SigningKey
    private let isac: SigningKey
    private let partners: [Partner]

    init() throws {
        cert = try #require(SigningKey(seed: [UInt8](repeating: 1, count: 32)))
        isac = try #require(SigningKey(seed: [UInt8](repeating: 2, count: 32)))
        partners = [
            Partner(name: "CERT North", keys: [cert.publicKey]), Partner(name: "isac", keys: [isac.publicKey]),
            Partner(name: "no keys"),
        ]
    }

    private func identity(_ name: String, _ number: Int = 1) -> JSONTree {
        ["type": "identity", "id": .string("identity--\(number)"), "name": .string(name), "modified": "1"]
    }

    private func indicator(_ number: Int, by identity: Int? = 1) -> JSONTree {
        var object: JSONTree = ["type": "indicator", "id": .string("indicator--\(number)"), "modified": "1"]
        if let identity { object["created_by_ref"] = .string("identity--\(identity)") }
        return object
    }

    private func note(_ objects: [JSONTree], _ key: SigningKey, for audience: String = "us", number: String = "n")
        -> JSONTree
    {
        SignedManifest.note(for: objects, with: key, for: audience, number: number, uuid: number, at: now)
    }

    private func inbox(_ state: JSONTree = [:], names: [String] = ["us"]) -> PartnerInbox {
        PartnerInbox(partners: partners, names: names, state: state)
    }

    private func ids(_ objects: [JSONTree]) -> [String] { objects.compactMap { $0["id"]?.string } }

    /// Kept and read again between polls.
    private func kept(_ inbox: PartnerInbox) throws -> PartnerInbox {
        self.inbox(try JSONTree(parsing: inbox.state.canonical))
    }

    @Test func whatIsSignedIsLetInWhateverComesFirst() throws {
        let objects = [identity("CERT North"), indicator(1), indicator(2)]
        let note = note(objects, cert)
        let whole = [note] + objects
        // In every order, and cut into two polls everywhere. What comes before its maker is known speaks in nobody's name.
        for order in [whole, whole.reversed(), [objects[2], objects[0], note, objects[1]]] {
            for cut in 0...order.count {
                var inbox = inbox()
                let first = inbox.take(Array(order[..<cut]), now: now)
                inbox = try kept(inbox)
                let second = inbox.take(Array(order[cut...]), now: now)
                let got = first.accepted + second.accepted
                #expect(Set(ids(got)) == ["identity--1", "indicator--1", "indicator--2"], "cut at \(cut)")
                #expect(second.waiting == 0 && first.refused.isEmpty && second.refused.isEmpty)
                // Whoever reads the second bundle alone knows who made what is in it.
                if ids(second.accepted).contains("indicator--1") {
                    #expect(ids(second.accepted).contains("identity--1"))
                }
            }
        }
    }

    @Test(arguments: ["CERT North", "cert north", " CERT  North ", "CERT\tNorth"])
    func nobodySpeaksInAPartnersName(name: String) throws {
        let objects = [identity(name), indicator(1)]
        let isacs = note(objects, isac)
        let strangers = note(objects, try #require(SigningKey.generate()))
        let others = note(objects, cert, for: "others")
        let stale = note([identity(name), indicator(7)], cert)
        for notes in [[], [isacs], [strangers], [others], [stale]] {
            var inbox = inbox()
            let outcome = inbox.take(notes + objects, now: now)
            #expect(outcome.accepted.isEmpty || ids(outcome.accepted) == ["identity--1"], "\(notes)")
            #expect(!ids(outcome.accepted).contains("indicator--1"))
        }
        // What nobody speaks for is let in as what it is, and so is what a partner without keys says.
        var inbox = inbox()
        #expect(inbox.take([identity("somebody"), indicator(1), indicator(2, by: nil)], now: now).accepted.count == 3)
        #expect(inbox.take([identity("no keys", 2), indicator(3, by: 2)], now: now).accepted.count == 2)
    }

    @Test func changedObjectsAreNotTheSignedOnes() {
        let note = note([identity("CERT North"), indicator(1)], cert)
        var changed = indicator(1)
        changed["pattern"] = "[ipv4-addr:value = '203.0.113.1']"
        var inbox = inbox()
        let outcome = inbox.take([note, identity("CERT North"), changed], now: now)
        #expect(ids(outcome.accepted) == ["identity--1"] && outcome.waiting == 1)
    }

    @Test func aSignatureCountsOnceAndForThoseItIsFor() throws {
        let first = note([indicator(1)], cert)
        var inbox = inbox()
        #expect(inbox.take([first], now: now).refused.isEmpty)
        inbox = try kept(inbox)
        let again = inbox.take([first], now: now)
        #expect(again.refused.count == 1 && again.refused[0].reason.contains("received before"))
        // To a group that we are in.
        var member = self.inbox(names: ["us", "the community"])
        let group = note([identity("isac"), indicator(2)], isac, for: "the community")
        #expect(member.take([group, identity("isac"), indicator(2)], now: now).signed["isac"] == 2)
    }

    @Test func whatWaitsTooLongIsGivenUp() throws {
        var inbox = inbox()
        #expect(inbox.take([identity("isac"), indicator(1)], now: now).waiting == 2)
        inbox = try kept(inbox)
        let later = Timestamp(microseconds: now.microseconds + 31 * 86_400_000_000)
        let outcome = inbox.take([], now: later)
        #expect(outcome.waiting == 0 && outcome.dropped == 2)
        // However many come, no more than so many wait.
        let flood = inbox.take([identity("isac")] + (0..<10_100).map { indicator($0) }, now: later)
        #expect(flood.waiting == 10_000 && flood.dropped == 101)
    }

    @Test func aDamagedStateIsEmptyOrHarmless() throws {
        var inbox = inbox()
        _ = inbox.take([note([indicator(9)], cert), identity("isac"), indicator(1)], now: now)
        let text = inbox.state.canonical
        for index in stride(from: 0, to: text.count, by: 7) {
            var bytes = text
            bytes[index] = UInt8(ascii: "9")
            guard let state = try? JSONTree(parsing: bytes) else { continue }
            var damaged = self.inbox(state)
            _ = damaged.take([indicator(2)], now: now)
        }
    }

    @Test func aKeySpeaksForItsPartnerOnly() {
        var known = Partners()
        known.all = partners
        func bundle(_ name: String) -> JSONTree { ["type": "bundle", "objects": [identity(name), indicator(1)]] }
        let sender = partners[1]
        #expect(PartnerName.impersonated(in: bundle("CERT North"), by: sender, known) == "CERT North")
        #expect(PartnerName.impersonated(in: bundle("cert  NORTH"), by: sender, known) == "CERT North")
        #expect(PartnerName.impersonated(in: bundle("isac"), by: sender, known) == nil)
        #expect(PartnerName.impersonated(in: bundle("somebody"), by: sender, known) == nil)
        let event: JSONTree = ["Event": ["Orgc": ["name": "CERT North"]]]
        #expect(PartnerName.impersonated(in: event, by: sender, known) == "CERT North")
    }

    private func changed(_ object: JSONTree, _ changes: KeyValuePairs<String, JSONTree>) -> JSONTree {
        var object = object
        for (key, value) in changes { object[key] = value }
        return object
    }

    /// What a scan makes of bundles: the indicators that are left, by source.
    private func left(_ bundles: [[JSONTree]]) -> Set<String> {
        var feed = IndicatorFeed()
        for objects in bundles {
            let text = (["type": "bundle", "objects": .list(objects)] as JSONTree).canonical
            _ = text.withUnsafeBytes { feed.read(Bytes($0), path: "inbox", source: "inbox") }
        }
        return Set(
            feed.versioned.values.filter { !$0.isRevoked }.flatMap { one in
                one.values.map { "\(one.profile.source): \(Indicator.text($0.0, $0.1))" }
            })
    }

    /// Whoever is not the partner changes nothing of what it signed, neither before nor after its identity is known, by its id,
    /// by its maker's id under another name, or by saying that the partner signed it.
    @Test func nobodyChangesOrRevokesWhatAPartnerSigned() throws {
        let stamp: JSONTree = "2026-01-01T00:00:00.000Z"
        let id = "indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2"
        let signed: JSONTree = [
            "type": "indicator", "id": .string(id), "created_by_ref": "identity--1", "modified": stamp,
            "pattern": "[domain-name:value = 'evil.example']", "pattern_type": "stix", "valid_from": stamp,
        ]
        let late: JSONTree = "2026-02-01T00:00:00.000Z"
        let revoked = changed(signed, ["revoked": true, "modified": late])
        let harmless = changed(signed, ["pattern": "[domain-name:value = 'a.example']", "modified": late])
        let renamed = changed(identity("Foo"), ["modified": "2"])
        let forged = changed(revoked, [PartnerInbox.signer: "CERT North"])
        let mine = [identity("CERT North"), signed]
        let attacks: [[JSONTree]] = [
            [revoked], [harmless], [renamed], [renamed, revoked], [forged], [renamed, forged, harmless],
            [note([renamed, revoked], isac, number: "x"), renamed, revoked],
        ]
        for (number, attack) in attacks.enumerated() {
            // A partner that signs another's identity first has it: the other one's is refused then, and told.
            for isFirst in number < attacks.count - 1 ? [true, false] : [false] {
                var inbox = inbox()
                var bundles: [[JSONTree]] = []
                let honest = [note(mine, cert)] + mine
                for arrival in isFirst ? [attack, honest] : [honest, attack] {
                    bundles.append(inbox.take(arrival, now: now).accepted)
                    inbox = try kept(inbox)
                }
                #expect(left(bundles).contains("CERT North: evil.example"), "\(attack), first: \(isFirst)")
                #expect(!left(bundles).contains("CERT North: a.example"))
                // At once as well.
                inbox = self.inbox()
                let whole = inbox.take(isFirst ? attack + honest : honest + attack, now: now)
                #expect(left([whole.accepted]).contains("CERT North: evil.example"), "\(attack)")
            }
        }
        // The partner itself does.
        var inbox = inbox()
        let first = inbox.take([note(mine, cert)] + mine, now: now).accepted
        let second = inbox.take([note([revoked], cert, number: "m"), revoked], now: now).accepted
        #expect(left([first]).count == 1 && left([first, second]).isEmpty)
    }

    @Test func identitiesBelongToWhoSignedThemFirst() throws {
        var makers = ObjectMakers()
        let revoked = changed(indicator(1), ["revoked": true])
        func bundle(_ objects: JSONTree...) -> JSONTree { ["type": "bundle", "objects": .list(objects)] }
        #expect(makers.take(bundle(indicator(1)), from: "CERT North") != nil)
        #expect(makers.take(bundle(identity("CERT North"), indicator(1)), from: "CERT North") == nil)
        makers = ObjectMakers("1 x\n" + makers.text)
        #expect(makers.take(bundle(revoked), from: "isac")?.contains("CERT North's") == true)
        #expect(makers.take(bundle(identity("Foo")), from: "isac")?.contains("CERT North's") == true)
        #expect(makers.take(bundle(revoked), from: "CERT North") == nil)
        #expect(makers.take(bundle(changed(indicator(2, by: nil), [PartnerInbox.signer: "x"])), from: "isac") != nil)
        let event: JSONTree = [["Event": ["Orgc": ["name": "x", "uuid": "u"]]]]
        #expect(makers.take(event, from: "isac") == nil && makers.take(event, from: "CERT North") != nil)
    }
}
