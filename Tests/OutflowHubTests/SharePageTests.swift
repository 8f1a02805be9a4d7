// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowSharing
import Testing

@testable import OutflowHub

/// Sharing a case from its page: who may, what is previewed, what is sent.
@Suite("Share page") struct SharePageTests {
    private let fixture: HubFixture
    private let report: String
    private var page: String { "/web/share/\(report)/C-00000000000000cc" }

    init() throws {
        fixture = try HubFixture(WebSample.hub(), sharing: WebSample.sharing())
        report = try WebSample.add(WebSample.report("quartzserver"), to: fixture)
    }

    private func hidden(_ name: String, _ response: HubResponse) -> String? {
        response.words.components(separatedBy: "name=\"\(name)\" value=\"").dropFirst().first.map {
            String($0.prefix { $0 != "\"" }).replacingOccurrences(of: "&amp;", with: "&")
        }
    }

    private func form(_ response: HubResponse) throws -> [String: String] {
        try ["form_secret", "to", "tlp", "preview", "once"].reduce(into: [:]) {
            $0[$1] = try #require(hidden($1, response))
        }
    }

    @Test func whatIsPreviewedIsSent() async throws {
        let browser = Browser(fixture)
        await browser.signIn()
        let start = await browser.get(page)
        #expect(start.status == 200 && start.words.contains(">isac</option>") && !start.words.contains("elsewhere"))
        #expect(!start.words.contains("<form method=\"post\" action=\"/web/share"))
        let preview = await browser.get(page + "?to=isac&tlp=TLP%3AAMBER")
        #expect(
            preview.status == 200 && preview.words.contains("203.0.113.7") && preview.words.contains("quartzserver"))
        // Looking changes nothing.
        #expect(await fixture.get(collectionPath + "objects/").ids.isEmpty)
        let sent = await browser.post(page, try form(preview))
        #expect(sent.status == 200 && sent.words.contains("isac can read"), "\(sent.words)")
        let objects = await fixture.get(collectionPath + "objects/?limit=1000", user: "reader:Password1")
        let text = String(decoding: objects.body, as: UTF8.self)
        #expect(text.contains("203.0.113.7") && text.contains("indicator--"))
        for secret in ["quartzserver", "10.0.0.5", "C-00000000000000cc"] {
            #expect(!text.contains(secret), "\(secret)")
        }
        // Sent again: all is there but the signature.
        let again = await browser.post(page, try form(await browser.get(page + "?to=isac&tlp=TLP%3AAMBER")))
        #expect(again.words.contains("isac can read 1 new objects"), "\(again.words)")
        let log = await browser.get("/web/partners")
        #expect(log.words.contains("C-00000000000000cc of \(report) to isac at TLP:AMBER"))
    }

    /// Posts a form in another window of the same browser.
    private func post(_ cookie: String?, _ form: [String: String]) async -> Int {
        let browser = Browser(fixture)
        browser.cookie = cookie
        return await browser.post(page, form).status
    }

    @Test func aPreviewThatIsPostedTwiceIsSentOnce() async throws {
        let browser = Browser(fixture)
        await browser.signIn()
        let good = try form(await browser.get(page + "?to=isac&tlp=TLP%3AAMBER"))
        var without = good
        without["once"] = nil
        #expect(await browser.post(page, without).status == 409)
        let cookie = browser.cookie
        async let first = post(cookie, good)
        async let second = post(cookie, good)
        async let third = post(cookie, good)
        let statuses = await [first, second, third]
        #expect(statuses.sorted() == [200, 409, 409])
        let all = await fixture.get(collectionPath + "objects/?limit=1000").ids
        let again = await browser.post(page, good)
        #expect(again.status == 409 && again.words.contains("sent already"))
        #expect(await fixture.get(collectionPath + "objects/?limit=1000").ids == all)
        #expect(all.count { $0.hasPrefix("note--") } == Set(all).count { $0.hasPrefix("note--") })
    }

    @Test func onlyWhoMaySendsAndOnlyWhatWasPreviewed() async throws {
        let browser = Browser(fixture)
        await browser.signIn()
        let good = try form(await browser.get(page + "?to=isac&tlp=TLP%3AAMBER"))
        // Without the secret of the session, from another site, with another marking or partner, or changed.
        for (key, value) in [
            ("form_secret", ""), ("form_secret", "x"), ("preview", ""), ("tlp", "TLP:CLEAR"), ("tlp", "x"),
            ("to", "world"),
            ("to", "nobody"),
        ] {
            var bad = good
            bad[key] = value
            let answer = await browser.post(page, bad)
            #expect((400..<500).contains(answer.status), "\(key) \(value): \(answer.status)")
        }
        let foreign = await browser.post(page, good, headers: [HubHeader("Origin", "https://evil.example")])
        #expect(foreign.status == 403)
        // Others may not even look.
        let reader = Browser(fixture)
        #expect(await reader.get(page).status == 303)
        #expect(await reader.post(page, good).status == 303)
        await reader.signIn("reader", "Password1")
        #expect(await reader.get(page).status == 403)
        #expect(await reader.post(page, good).status == 403)
        // A program with name and password is no browser.
        #expect(
            await fixture.call("POST", page, contentType: "application/x-www-form-urlencoded", body: [0x61]).status
                >= 300)
        #expect(await fixture.get(collectionPath + "objects/").ids.isEmpty)
    }

    @Test func aCollectionThatOthersReadGetsNothing() async throws {
        let browser = Browser(fixture)
        await browser.signIn()
        let preview = await browser.get(page + "?to=world&tlp=TLP%3ACLEAR")
        #expect(preview.words.contains("Others may read this collection: reader"))
        #expect(!preview.words.contains("name=\"preview\""))
    }

    @Test func aHubWithoutPartnersSharesNothing() async throws {
        let plain = try HubFixture(WebSample.hub())
        let name = try WebSample.add(WebSample.report(), to: plain)
        let browser = Browser(plain)
        await browser.signIn()
        #expect(await browser.get("/web/share/\(name)/C-00000000000000cc").status == 404)
        #expect(!(await browser.get("/web/cases/\(name)/C-00000000000000cc")).words.contains("/web/share/"))
    }

    /// Every page for everybody: stranger, somebody, administrator.
    @Test(arguments: [
        ("cases", [303, 403, 200]), ("cases/R/C", [303, 403, 200]), ("share/R/C", [303, 403, 200]),
        ("records/R/0-10", [303, 403, 200]), ("ledger/R", [303, 403, 200]), ("indicators", [303, 200, 200]),
        ("partners", [303, 403, 200]), ("partners/reader", [303, 403, 200]), ("audit", [303, 403, 200]),
        ("cases/R/C-none", [303, 403, 404]), ("nothing", [303, 403, 404]),
    ]) func matrix(path: String, statuses: [Int]) async throws {
        let whole =
            "/web/"
            + path.replacingOccurrences(of: "/R", with: "/\(report)")
            .replacingOccurrences(of: "/C", with: path.hasSuffix("none") ? "/C" : "/C-00000000000000cc")
        for (index, account) in [nil, ("reader", "Password1"), ("chief", "Password9")].enumerated() {
            let browser = Browser(fixture)
            if let account { await browser.signIn(account.0, account.1) }
            #expect(await browser.get(whole).status == statuses[index], "\(whole) \(account?.0 ?? "stranger")")
        }
    }
}
