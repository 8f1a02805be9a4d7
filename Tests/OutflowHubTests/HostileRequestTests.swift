// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import OutflowHub

/// Random and damaged requests: always an answer, never one that blames the hub.
@Suite("Hostile requests")
struct HostileRequestTests {
    private static let pieces = [
        "web", "cases", "share", "records", "ledger", "indicators", "partners", "audit", "sign-in", "sign-out",
        "taxii2", "api1",
        "collections", "objects", "manifest", "versions", "status", HubFixture.shared, HubFixture.id(1), "..", ".", "",
        "%00", "%", "%zz", "%ff%fe", "0-10", "18446744073709551615-18446744073709551615", "-1--1", "'--", "C-x", "R-x",
    ]
    private static let names = [
        "q", "suspicion", "report", "from", "before", "collection", "type", "limit", "next", "added_after", "match[id]",
        "match[version]", "match[type]", "match[spec_version]", "x", "to", "tlp", "preview", "form_secret",
    ]
    private static let values = [
        "", "0", "-1", "9223372036854775807", "99999999999999999999", "9223372036854775807.9223372036854775807", "1.",
        "likely", "isac", "TLP:AMBER", "%F0%9F%92%A9", "%00", "%", "' OR 1=1 --",
        "a%20b%20c%20d%20e%20f%20g%20h%20i%20j", "last,all,first",
        "2016-01-01T01:01:01Z", "*", String(repeating: "9", count: 5_000),
    ]

    @Test func noRequestIsTheHubsFault() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed)
        let fixture = try HubFixture(WebSample.hub(), sharing: WebSample.sharing())
        let report = try WebSample.add(WebSample.report(), to: fixture)
        let browser = Browser(fixture)
        await browser.signIn()
        let signedIn = browser.cookie
        for round in 0..<1_500 {
            let pieces = Self.pieces + [report, "C-00000000000000cc"]
            var path = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                "/" + (pieces.randomElement(using: &random) ?? "")
            }
            .joined()
            if path.isEmpty { path = "/" }
            let query = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                (Self.names.randomElement(using: &random) ?? "") + "="
                    + (Self.values.randomElement(using: &random) ?? "")
            }
            if !query.isEmpty { path += "?" + query.joined(separator: "&") }
            browser.cookie = signedIn
            var form: [String: String] = [:]
            for _ in 0..<3 {
                form[Self.names.randomElement(using: &random) ?? ""] = Self.values.randomElement(using: &random)
            }
            let response =
                switch Int.random(in: 0...3, using: &random) {
                case 0: await browser.post(path, form)
                case 1: await fixture.get(path)
                case 2:
                    await fixture.call(
                        "POST", path, body: (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) })
                default: await browser.get(path)
                }
            #expect(
                (200..<500).contains(response.status), "seed \(seed), round \(round): \(path) is \(response.status)")
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
