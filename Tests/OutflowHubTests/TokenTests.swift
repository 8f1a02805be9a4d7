// SPDX-License-Identifier: Apache-2.0

import OutflowHub
import Testing

@Suite struct TokenTests {
    private func call(_ hub: HubFixture, _ method: String, _ path: String, token: String) async -> HubResponse {
        await hub.call(
            method, path, user: nil,
            body: method == "POST" ? Array("{\"objects\": [\(HubFixture.indicator(1))]}".utf8) : [],
            headers: [HubHeader("Authorization", "Bearer \(token)")])
    }

    @Test func aTokenMayNoMoreThanItSaysAndItsAccountMay() async throws {
        let hub = try HubFixture()
        let administration = try HubAdministration(path: hub.path, creates: false)
        func token(_ account: String, read: [String], write: [String], days: Int = 1) throws -> String {
            try administration.makeToken(account: account, label: "test", read: read, write: write, days: days)
        }
        let reads = try token("admin", read: [HubFixture.shared], write: [])
        let writes = try token("admin", read: [], write: ["*"])
        let tooMuch = try token("reader", read: ["*"], write: ["*"])
        let expired = try token("admin", read: ["*"], write: ["*"], days: 0)
        #expect(throws: HubFailure.self) { try token("nobody at all", read: [], write: []) }
        #expect(throws: HubFailure.self) { try token("admin", read: ["nowhere"], write: []) }
        try await Task.sleep(for: .milliseconds(250))
        let objects = collectionPath + "objects/"
        #expect(await call(hub, "GET", objects, token: reads).status == 200)
        #expect(await call(hub, "POST", objects, token: reads).status == 403)
        #expect(await call(hub, "GET", "/group/two/", token: reads).status == 404)
        #expect(await call(hub, "GET", objects, token: writes).status == 403)
        #expect(await call(hub, "POST", objects, token: writes).status == 202)
        #expect(await call(hub, "GET", objects, token: tooMuch).status == 200)
        #expect(await call(hub, "POST", objects, token: tooMuch).status == 403)
        for other in [expired, reads + "x", String(reads.dropLast()), "", "ofh_"] {
            #expect(await call(hub, "GET", objects, token: other).status == 401)
        }
        #expect(try administration.revokeTokens(account: "admin", label: "test") == 3)
        try await Task.sleep(for: .milliseconds(250))
        #expect(await call(hub, "GET", objects, token: reads).status == 401)
        #expect(await call(hub, "GET", objects, token: tooMuch).status == 200)
    }

    @Test func aClientCertificateSignsItsAccountIn() async throws {
        let print = String(repeating: "ab", count: 32)
        let file = HubFixture.file().replacing(
            "\"name\": \"reader\",", with: "\"name\": \"reader\", \"certificate\": \"\(print.uppercased())\",")
        let hub = try HubFixture(file)
        for (certificate, status) in [(print, 200), (String(repeating: "ac", count: 32), 401), (nil, 401)] {
            let request = HubRequest(
                method: "GET", path: collectionPath + "objects/", headers: [HubHeader("Accept", "*/*")],
                certificate: certificate, readBody: { _ in [] })
            #expect(await hub.hub.respond(to: request).status == status)
        }
    }
}
