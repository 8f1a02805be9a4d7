// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowLedger
import OutflowRecords
import OutflowReports
import OutflowSharing

@testable import OutflowHub

/// A hub and a report to look at.
enum WebSample {
    /// The usual hub with an administrator for people, and names that the test chooses.
    static func hub(title: String = "Title", account: String = "chief") -> String {
        HubFixture.file().replacingOccurrences(of: "\"title\": \"Closed\"", with: "\"title\": \(quoted(title))")
            .replacingOccurrences(
                of: "{\"name\": \"nobody\"",
                with: """
                    {"name": \(quoted(account)), "password": "Password\(account == "chief" ? 9 : 8)", "admin": true,
                     "read": ["*"], "write": ["*"]}, {"name": "nobody"
                    """)
    }

    /// Sharing with a partner whose collection is the inbox, which nobody reads, and with one whose others read too.
    static func sharing() throws -> HubSharing {
        let text = """
            {"from": "University", "partners": [
             {"name": "isac", "relation": "community", "collection": "\(HubFixture.shared)", "accounts": ["admin", "reader"]},
             {"name": "world", "collection": "\(HubFixture.shared)", "accounts": ["admin"]},
             {"name": "elsewhere", "collection": "https://other.example.org/api/collections/x/"}]}
            """
        guard let key = SigningKey(seed: [UInt8](repeating: 5, count: 32)) else { throw HubFailure("no key") }
        return HubSharing(partners: try Partners(Array(text.utf8)), key: key)
    }

    static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }

    /// A report with one case; `word` stands wherever a log has a say.
    static func report(_ word: String = "alice") -> Report {
        let time = Timestamp(microseconds: 1_588_377_240_000_000)
        let origin = Origin(input: 0, offset: 10, length: 19)
        var report = Report()
        report.inputs = [
            .init(path: word + ".log", format: "zeek", bytes: 100, sha256: String(repeating: "0", count: 64))
        ]
        report.ledger = [
            Report.Transfer(
                id: "T-00000000000000aa", route: .network, state: .taken,
                source: .init(kind: .address, id: "10.0.0.5", name: word),
                destination: .init(kind: .address, id: "203.0.113.7", name: word), destinationClass: "unknown",
                service: "443/tcp", store: word, session: word, isSanctioned: false, bytes: .exactly(5_000_000),
                onWire: nil, distinctObjects: nil, reads: 0, first: time, last: time, records: 1, evidence: [origin],
                notes: [word])
        ]
        report.findings = [
            .init(
                id: "F-00000000000000bb", kind: .detector, name: word, title: word, techniques: ["T1048"],
                entities: [.init(kind: "host", id: word)], first: time, last: time, evidence: [origin],
                caseID: "C-00000000000000cc", suspicion: .likely, notes: [word])
        ]
        report.cases = [
            .init(
                id: "C-00000000000000cc", title: word, suspicion: .likely, transfers: ["T-00000000000000aa"],
                findings: ["F-00000000000000bb"], entities: [.init(kind: "host", id: word)],
                story: [.init(at: time, tactic: "Exfiltration", text: word, evidence: [origin])],
                assessment: .init(bytes: .exactly(5_000_000), supports: [word], against: [word], next: [word]))
        ]
        return report
    }

    /// Adds a report with the text of its record; gives its name in the hub.
    static func add(_ report: Report, name: String = "Library", to fixture: HubFixture) throws -> String {
        let text = JSONReport.render(report, version: "0")
        let administration = try HubAdministration(path: fixture.path, creates: false)
        let word = report.cases[0].title
        let record = CitedRecord(
            origin: Origin(input: 0, offset: 10, length: 19), text: Array("GET /secret.zip 200 \(word)".utf8),
            isSound: true)
        let summary = try administration.add(report: text, name: name, records: [record])
        precondition(summary.cases == 1 && summary.records == 1 && !summary.wasThere)
        return HubAdministration.name(text)
    }
}

/// Somebody with a browser: keeps the cookie.
final class Browser {
    private let fixture: HubFixture
    var cookie: String?

    init(_ fixture: HubFixture) { self.fixture = fixture }

    func get(_ path: String) async -> HubResponse { await send("GET", path, [], []) }

    func post(_ path: String, _ form: [String: String], headers: [HubHeader] = []) async -> HubResponse {
        let body = form.map { "\(PercentCoding.encode($0))=\(PercentCoding.encode($1))" }.joined(separator: "&")
        return await send(
            "POST", path, Array(body.utf8), headers + [HubHeader("Content-Type", "application/x-www-form-urlencoded")])
    }

    @discardableResult
    func signIn(_ name: String = "chief", _ password: String = "Password9") async -> HubResponse {
        await post("/web/sign-in", ["name": name, "password": password])
    }

    private func send(_ method: String, _ path: String, _ body: [UInt8], _ headers: [HubHeader]) async -> HubResponse {
        var headers = headers
        if let cookie { headers.append(HubHeader("Cookie", "a=b; \(WebServer.cookie)=\(cookie)")) }
        let response = await fixture.call(
            method, path, user: nil, accept: "text/html", contentType: nil, body: body, headers: headers)
        if let set = response.header("set-cookie") {
            let value = set.split(separator: ";")[0].split(separator: "=", maxSplits: 1)
            cookie = value.count > 1 ? String(value[1]) : nil
        }
        return response
    }
}

extension HubResponse {
    /// The body as text.
    var words: String { String(decoding: body, as: UTF8.self) }

    /// Where its links lead.
    var links: [String] {
        words.components(separatedBy: "href=\"").dropFirst().map {
            String($0.prefix { $0 != "\"" }).replacingOccurrences(of: "&amp;", with: "&")
        }
    }

    /// The secret that its forms carry.
    var formSecret: String? {
        words.components(separatedBy: "name=\"form_secret\" value=\"").dropFirst().first.map {
            String($0.prefix { $0 != "\"" })
        }
    }
}
