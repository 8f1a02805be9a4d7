// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowLedger
import OutflowRecords
import OutflowReports
import Testing

@testable import OutflowHub

/// The pages for people, as a browser asks for them.
@Suite("Web pages")
struct WebTests {
    private let fixture: HubFixture
    private let report: String

    init() throws {
        fixture = try HubFixture(WebSample.hub())
        report = try WebSample.add(WebSample.report(), to: fixture)
    }

    @Test func strangersSeeOnlyTheSignIn() async throws {
        let browser = Browser(fixture)
        for path in ["/", "/web/", "/web/cases", "/web/audit", "/web/records/\(report)/0-10", "/web/nothing"] {
            let response = await browser.get(path)
            #expect(response.status == 303, "\(path)")
            #expect(response.header("location")?.hasPrefix("/web/") == true)
        }
        let page = await browser.get("/web/sign-in")
        #expect(page.status == 200 && page.words.contains("<label for=\"password\">"))
        #expect(await browser.get("/web/style.css").header("content-type") == "text/css; charset=utf-8")
        // A program that asks without name and password is told as before.
        #expect(await fixture.call("GET", "/", user: nil).status == 401)
    }

    @Test func signingInAndOut() async throws {
        let browser = Browser(fixture)
        let wrong = await browser.post("/web/sign-in", ["name": "chief", "password": "wrong"])
        #expect(wrong.status == 401 && wrong.words.contains("No account has this name and password."))
        #expect(wrong.header("set-cookie") == nil)
        // The name need not be typed again, and is shown as text.
        #expect(wrong.words.contains(#"value="chief""#))
        let strange = await browser.post("/web/sign-in", ["name": "\"><b>x", "password": "wrong"])
        #expect(strange.words.contains("&quot;&gt;&lt;b&gt;x") && !strange.words.contains("<b>"))
        let right = await browser.signIn()
        #expect(right.status == 303 && right.header("location") == "/web/cases")
        let cookie = try #require(right.header("set-cookie"))
        #expect(cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains("Secure"))
        #expect(await browser.get("/web/cases").status == 200)
        // Somebody else's cookie is worth nothing.
        let other = Browser(fixture)
        other.cookie = String(repeating: "A", count: 43)
        #expect(await other.get("/web/cases").status == 303)
        // Signing out takes the secret of the session.
        #expect(await browser.post("/web/sign-out", [:]).status == 403)
        #expect(await browser.post("/web/sign-out", ["form_secret": "guess"]).status == 403)
        #expect(await browser.get("/web/cases").status == 200)
        let secret = try #require(await browser.get("/web/cases").formSecret)
        #expect(await browser.post("/web/sign-out", ["form_secret": secret]).status == 303)
        #expect(await browser.get("/web/cases").status == 303)
    }

    @Test func formsOfOtherSitesAreRefused() async throws {
        let form = ["name": "chief", "password": "Password9"]
        let headers = [
            HubHeader("Origin", "https://evil.example"), HubHeader("Origin", "null"),
            HubHeader("Sec-Fetch-Site", "cross-site"), HubHeader("Sec-Fetch-Site", "same-site"),
        ]
        for header in headers {
            let response = await Browser(fixture).post("/web/sign-in", form, headers: [header])
            #expect(response.status == 403 && response.header("set-cookie") == nil, "\(header)")
        }
        let own = await Browser(fixture).post(
            "/web/sign-in", form, headers: [HubHeader("Origin", "http://hub.example.org:6100")])
        #expect(own.status == 303)
    }

    @Test func aNewPasswordEndsSessions() async throws {
        let browser = Browser(fixture)
        await browser.signIn()
        var administration = try HubAdministration(path: fixture.path, creates: false)
        administration.cost = .least
        _ = try Array(#"{"users": [{"name": "chief", "password": "new", "admin": true}]}"#.utf8).withUnsafeBytes {
            try administration.load($0)
        }
        fixture.store.forgetCatalogue()
        #expect(await browser.get("/web/cases").status == 303)
    }

    @Test func fromTheListToTheRecord() async throws {
        let browser = Browser(fixture)
        await browser.signIn()
        let list = await browser.get("/web/cases?q=ALICE&suspicion=likely")
        #expect(list.words.contains("1 case, the most suspicious first"))
        #expect(await browser.get("/web/cases?q=bob").words.contains("No case fits this filter."))
        let link = try #require(list.links.first { $0.hasPrefix("/web/cases/") })
        let told = await browser.get(link)
        #expect(told.status == 200)
        for words in ["<svg", "What speaks for theft", "What would confirm or refute it", "T-00000000000000aa"] {
            #expect(told.words.contains(words), "\(words)")
        }
        let place = try #require(told.links.first { $0.hasPrefix("/web/records/") })
        let record = await browser.get(place)
        #expect(
            record.words.contains("GET /secret.zip 200") && record.words.contains("log was the one that was scanned"))
        let missing = await browser.get("/web/records/\(report)/0-999")
        #expect(missing.words.contains("does not have the text"))
        #expect(await browser.get("/web/ledger/\(report)").words.contains("id=\"ledger-table\""))
        for path in ["/web/cases/\(report)/C-none", "/web/cases/R-x/C-y", "/web/records/\(report)/9-9", "/web/x"] {
            #expect(await browser.get(path).status == 404, "\(path)")
        }
    }

    @Test func whoIsNoAdministratorSeesOwnCollectionsOnly() async throws {
        _ = await fixture.post([HubFixture.indicator(1)])
        let browser = Browser(fixture)
        #expect(await browser.signIn("reader", "Password1").header("location") == "/web/indicators")
        let page = await browser.get("/web/indicators")
        #expect(page.words.contains("n1") && page.words.contains("One: Shared") && !page.words.contains("Two: Other"))
        #expect(!page.words.contains("href=\"/web/cases\""))
        let link = try #require(page.links.first { $0.hasPrefix("/web/indicators/") })
        #expect(await browser.get(link).words.contains("&quot;name&quot;: &quot;n1&quot;"))
        let stranger = Browser(fixture)
        await stranger.signIn("stranger", "Password4")
        #expect(await stranger.get(link).status == 404)
        for path in ["cases", "ledger", "partners", "audit", "cases/\(report)/C-1", "records/\(report)/0-10"] {
            #expect(await browser.get("/web/" + path).status == 403, "\(path)")
        }
    }

    @Test func partnersAndAudit() async throws {
        _ = await fixture.post([HubFixture.indicator(1), HubFixture.indicator(2)])
        _ = await fixture.get(collectionPath + "objects/", user: "reader:Password1")
        await fixture.hub.finish()
        let browser = Browser(fixture)
        await browser.signIn()
        #expect(await browser.get("/web/partners").words.contains("href=\"/web/partners/reader\""))
        let partner = await browser.get("/web/partners/reader")
        #expect(partner.words.contains("objects.read") && partner.words.contains("Shared"))
        #expect(await browser.get("/web/audit").words.contains("report.add"))
    }

    @Test func everyPageHasAPolicyAndNoScriptInIt() async throws {
        let browser = Browser(fixture)
        var pages = [await browser.get("/web/sign-in")]
        await browser.signIn()
        for path in ["cases", "ledger/\(report)", "indicators", "partners", "audit", "records/\(report)/0-10", "none"] {
            pages.append(await browser.get("/web/" + path))
        }
        for page in pages {
            let policy = try #require(page.header("content-security-policy"))
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe") && page.header("cache-control") == "no-store")
            #expect(!page.words.contains("style=\"") && !page.words.contains(" onclick"))
            #expect(page.words.components(separatedBy: "<script").count == 2)
        }
    }

    @Test(arguments: [
        "<script>x()</script>", "\"><img src=x onerror=x()>", "'><svg/onload=x()>", "</title><b>x", "\u{202E}x",
    ])
    func hostileStringsStayWords(hostile: String) async throws {
        let name = hostile + "n"
        let fixture = try HubFixture(WebSample.hub(title: hostile, account: name))
        let report = try WebSample.add(WebSample.report(hostile), name: hostile, to: fixture)
        let object = """
            {"type": "indicator", "id": "\(HubFixture.id(1))", "spec_version": "2.1", "modified": "2020-01-01T00:00:00Z",
             "created": "2020-01-01T00:00:00Z", "name": \(WebSample.quoted(hostile)), "pattern": \(WebSample.quoted(hostile)),
             "object_marking_refs": [\(WebSample.quoted(hostile))], "valid_from": \(WebSample.quoted(hostile))}
            """
        #expect(await fixture.post([object], user: name + ":Password8").status == 202)
        await fixture.hub.finish()
        let browser = Browser(fixture)
        #expect(await browser.signIn(name, "Password8").status == 303)
        var paths = ["/web/cases", "/web/ledger", "/web/indicators", "/web/partners", "/web/audit"]
        paths += [
            "/web/cases?q=\(PercentCoding.encode(hostile))", "/web/cases?report=\(PercentCoding.encode(hostile))",
        ]
        paths += ["/web/records/\(report)/0-10", "/web/\(PercentCoding.encode(hostile))"]
        for path in paths {
            let page = await browser.get(path)

            for link in page.links
            where link.hasPrefix("/web/c") || link.hasPrefix("/web/i") || link.hasPrefix("/web/p") {
                let next = await browser.get(link)
                #expect(!next.words.contains(hostile), "\(link)")
            }
            #expect(!page.words.contains(hostile), "\(path)")
            #expect(page.status < 500)
        }
    }

    @Test func sessionsEnd() throws {
        let clock = Moment()
        let sessions = Sessions(now: { clock.seconds * 1_000_000_000 })
        let account = Account(key: 1, name: "a", passwordHash: "h", isAdmin: true, grants: [:])
        var catalogue = Catalogue()
        catalogue.accounts["a"] = account
        let cookie = sessions.begin(account)
        clock.seconds = 3_599
        #expect(sessions.find(cookie, catalogue) != nil)
        clock.seconds = 3_599 + 3_600
        #expect(sessions.find(cookie, catalogue) == nil)
        let second = sessions.begin(account)
        for _ in 0..<23 {
            clock.seconds += 1_800
            #expect(sessions.find(second, catalogue) != nil)
        }
        clock.seconds += 1_800
        #expect(sessions.find(second, catalogue) == nil)
    }
}

/// A clock that is set by hand; one thread uses it.
private final class Moment: @unchecked Sendable { var seconds: UInt64 = 0 }
