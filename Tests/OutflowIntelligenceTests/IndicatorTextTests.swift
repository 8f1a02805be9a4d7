// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowIntelligence

/// The forms in which people write indicators.
@Suite struct IndicatorTextTests {
    @Test(arguments: [
        ("198.51.100.7", Indicator.Kind.address, "198.51.100.7"),
        ("198.51.100[.]7", .address, "198.51.100.7"),
        ("198(dot)51(dot)100(dot)7", .address, "198.51.100.7"),
        ("::ffff:198.51.100.7", .address, "198.51.100.7"),
        ("[2001:DB8::1]", .address, "2001:db8::1"),
        ("198.51.100.0/24", .network, "198.51.100.0/24"),
        ("198.51.100.7/32", .address, "198.51.100.7"),
        ("2001:db8::/32", .network, "2001:db8::/32"),
        ("Evil.Example.COM.", .domain, "evil.example.com"),
        ("evil[.]example[dot]com", .domain, "evil.example.com"),
        ("*.evil.example", .domain, "evil.example"),
        ("bücher.example", .domain, "xn--bcher-kva.example"),
        ("BÜCHER。example", .domain, "xn--bcher-kva.example"),
        ("evil.example:8443", .domain, "evil.example"),
        ("hxxps://Evil[.]example:443/a?b#c", .url, "evil.example/a?b"),
        ("hXXp://evil[.]example:8080/a", .url, "evil.example:8080/a"),
        ("http[://]evil.example", .url, "evil.example/"),
        ("http://user:secret@evil.example/", .url, "evil.example/"),
        ("evil.example/path", .url, "evil.example/path"),
        ("D41D8CD98F00B204E9800998ECF8427E", .hash, "d41d8cd98f00b204e9800998ecf8427e"),
        ("phish[at]evil[.]example", .mail, "phish@evil.example"),
        ("t13d1516h2_8daaf6152771_e5627efa2ab1", .ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1"),
        ("\u{200B}evil.example\u{FEFF}", .domain, "evil.example"),
    ])
    func isRead(text: String, kind: Indicator.Kind, value: String) throws {
        let (gotKind, gotValue) = try #require(IndicatorText.classify(text))
        #expect(gotKind == kind)
        #expect(Indicator.text(gotKind, gotValue) == value)
    }

    @Test(arguments: [
        "", " ", "word", "999.1.1.1", "1.2.3", "a..b", "-", "http://", "http:///x", "@", "a@b", "..", "x.1",
        "1.2.3.4/33",
        String(repeating: "a", count: 64) + ".example", "http://evil.example:99999/",
    ])
    func isNone(text: String) { #expect(IndicatorText.classify(text) == nil) }

    /// Samples of RFC 3492 section 7.1.
    @Test(arguments: [
        ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"), ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
        ("pročprostěnemluvíčesky", "proprostnemluvesky-uyb24dma41a"), ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
    ])
    func punycode(label: String, code: String) {
        #expect(
            InternationalName.punycode(Array(label.unicodeScalars)).map { String(decoding: $0, as: UTF8.self) } == code)
    }
}
