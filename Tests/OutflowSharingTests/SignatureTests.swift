// SPDX-License-Identifier: Apache-2.0

import OutflowIntelligence
import OutflowJSON
import OutflowRecords
import Testing

@testable import OutflowSharing

@Suite struct SignatureTests {
    static let now = Timestamp(microseconds: 1_700_000_000_000_000)
    let document: JSONTree = ["type": "bundle", "n": 1, "text": "é"]

    @Test func knownAnswers() throws {
        // RFC 8032 section 7.1, test 1.
        let seed: [UInt8] = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49,
            0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
        ]
        let key = try #require(SigningKey(seed: seed))
        // RFC 8037 appendix A.2: the same key as a JWK.
        #expect(Base64URL.encode(key.publicKey) == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        #expect(Array(key.sign([]).prefix(4)) == [0xe5, 0x56, 0x43, 0x00])
        #expect(SHA1.hash(Array("abc".utf8)).prefix(4) == [0xA9, 0x99, 0x3E, 0x36])
        #expect(SHA1.hash([UInt8](repeating: 0x61, count: 1_000_0)).count == 20)
    }

    @Test func whatWasSignedIsAcceptedOnceByThoseItIsFor() throws {
        let key = try #require(SigningKey.generate())
        let other = try #require(SigningKey.generate())
        let signature = DetachedSignature.sign(document, with: key, for: "us", number: "n1", at: Self.now)
        func verify(
            _ text: String, _ document: JSONTree, _ keys: [[UInt8]], _ audience: String = "us", later: Int64 = 0
        ) throws(DetachedSignature.Refusal) -> DetachedSignature.Statement {
            try DetachedSignature.verify(
                text, of: document, keys: keys, for: audience,
                now: Timestamp(microseconds: Self.now.microseconds + later * 1_000_000))
        }
        // The order of members and blanks do not matter: it is the canonical text that is signed.
        let again = try JSONTree(parsing: Array(#"{"text":"\u00e9", "n":1.0, "type":"bundle"}"#.utf8))
        let statement = try verify(signature, again, [other.publicKey, key.publicKey])
        var replays = ReplayGuard()
        try replays.accept(statement, from: "them")
        var kept = ReplayGuard(replays.text)
        #expect(throws: DetachedSignature.Refusal.replayed("n1")) { try kept.accept(statement, from: "them") }
        #expect(throws: DetachedSignature.Refusal.forged) { try verify(signature, document, [other.publicKey]) }
        #expect(throws: DetachedSignature.Refusal.forged) { try verify(signature, ["type": "bundle"], [key.publicKey]) }
        #expect(throws: DetachedSignature.Refusal.notForUs("us")) {
            try verify(signature, document, [key.publicKey], "others")
        }
        #expect(throws: DetachedSignature.Refusal.untimely(Self.now)) {
            try verify(signature, document, [key.publicKey], later: 31 * 86_400)
        }
        #expect(throws: DetachedSignature.Refusal.untimely(Self.now)) {
            try verify(signature, document, [key.publicKey], later: -3600)
        }
    }

    /// Parsers disagree which of two members of one name counts: what is signed with one must not be read as the other.
    @Test(arguments: [
        #"{"x": 9, "text":"\u00e9", "n":1, "type":"bundle"}"#, #"{"n":2, "text":"\u00e9", "n":1, "type":"bundle"}"#,
        #"{"text":"\u00e9", "n":1, "type":"bundle", "\u006e":1}"#,
    ]) func nothingCanBePutBesideWhatIsSigned(text: String) throws {
        let key = try #require(SigningKey.generate())
        let signature = DetachedSignature.sign(document, with: key, for: "us", number: "n", at: Self.now)
        let changed = try JSONTree(parsing: Array(text.utf8))
        #expect(throws: DetachedSignature.Refusal.self) {
            try DetachedSignature.verify(signature, of: changed, keys: [key.publicKey], for: "us", now: Self.now)
        }
        let nested: JSONTree = ["objects": [["id": 1], changed]]
        let whole = DetachedSignature.sign(nested, with: key, for: "us", number: "n", at: Self.now)
        let isAccepted =
            (try? DetachedSignature.verify(whole, of: nested, keys: [key.publicKey], for: "us", now: Self.now)) != nil
        #expect(isAccepted == !nested.hasRepeatedNames)
    }

    /// A key speaks for its partner only, also in lists of MISP events.
    @Test(arguments: [
        #"{"Event": {"Orgc": {"name": "CERT"}}}"#, #"{"response": [{"Event": {"Orgc": {"name": "cert "}}}]}"#,
        #"[{"Event": {"Orgc": {"name": "me"}}}, {"Event": {"Orgc": {"name": "cert"}}}]"#,
        #"{"objects": [{"type": "identity", "name": "cert"}]}"#,
    ]) func noOtherNameIsSignedFor(text: String) throws {
        let key = try #require(SigningKey.generate())
        let list = """
            {"from": "us", "partners": [{"name": "cert", "relation": "community", "keys": ["\(Base64URL.encode(key.publicKey))"]},
             {"name": "me", "relation": "community", "keys": ["\(Base64URL.encode(key.publicKey))"]}]}
            """
        let partners = try Partners(Array(list.utf8))
        let document = try JSONTree(parsing: Array(text.utf8))
        let (me, cert) = (try #require(partners.named("me")), try #require(partners.named("cert")))
        #expect(PartnerName.impersonated(in: document, by: me, partners) == "cert")
        let own = try JSONTree(parsing: Array(text.replacing("me\"", with: "x\"").utf8))
        if !text.hasPrefix("[") { #expect(PartnerName.impersonated(in: own, by: cert, partners) == nil) }
    }

    @Test func everyChangedByteIsRefused() throws {
        let key = try #require(SigningKey.generate())
        let signature = Array(DetachedSignature.sign(document, with: key, for: "us", number: "n", at: Self.now).utf8)
        for index in signature.indices {
            var changed = signature
            changed[index] = changed[index] == 0x41 ? 0x42 : 0x41
            #expect(throws: DetachedSignature.Refusal.self, "byte \(index)") {
                try DetachedSignature.verify(
                    String(decoding: changed, as: UTF8.self), of: document, keys: [key.publicKey], for: "us",
                    now: Self.now)
            }
        }
    }

    @Test func partnersAreReadStrictly() throws {
        let key = try #require(SigningKey.generate())
        let text = """
            {"from": "us", "partners": [{"name": "cert", "relation": "community", "up_to": "amber",
            "keys": ["\(Base64URL.encode(key.publicKey))"]}]}
            """
        let partners = try Partners(Array(text.utf8))
        #expect(
            partners.named("cert") == Partner(name: "cert", relation: .community, upTo: .amber, keys: [key.publicKey]))
        for (good, bad) in [
            ("community", "comunity"), ("amber", "orange"), ("up_to", "upto"), ("\"keys\": [\"", "\"keys\": [\"A"),
        ] {
            #expect(throws: Partners.Failure.self) { try Partners(Array(text.replacing(good, with: bad).utf8)) }
        }
    }
}
