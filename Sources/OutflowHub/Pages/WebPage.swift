// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import OutflowReports

/// A page for people under way. Markup comes from literals, everything else through ``HTMLWriter``'s escaper.
struct WebPage {
    /// The parts of the hub that people see.
    enum Part: CaseIterable {
        case cases, ledger, indicators, partners, audit

        var path: StaticString {
            switch self {
            case .cases: "/web/cases"
            case .ledger: "/web/ledger"
            case .indicators: "/web/indicators"
            case .partners: "/web/partners"
            case .audit: "/web/audit"
            }
        }

        var title: StaticString {
            switch self {
            case .cases: "Cases"
            case .ledger: "Ledger"
            case .indicators: "Indicators"
            case .partners: "Partners"
            case .audit: "Audit"
            }
        }

        /// Whether only administrators may see it: cases and ledgers hold what was stolen from whom, word for word.
        var isForAdministrators: Bool { self != .indicators }
    }

    /// Who looks at it.
    struct Reader {
        let account: Account
        let formSecret: String
    }

    var writer = HTMLWriter()
    private let reader: Reader?

    /// Begins a page.
    ///
    /// - Parameters:
    ///   - title: of the page, also its heading.
    ///   - part: where it belongs; nil for none.
    ///   - reader: who looks; nil before signing in.
    init(_ title: String, in part: Part?, for reader: Reader?, hasHeading: Bool = true) {
        self.reader = reader
        raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        raw("<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n")
        raw(
            "<link rel=\"stylesheet\" href=\"/web/style.css\">\n<script defer src=\"/web/script.js\"></script>\n<title>"
        )
        writer.excerpt(title, 200)
        raw(" – Outflow hub</title>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n")
        raw("<header class=\"masthead\">\n<p class=\"brand\">Outflow <span>hub</span></p>\n")
        if let reader {
            raw("<nav aria-label=\"Parts of the hub\"><ul>")
            for other in Part.allCases where reader.account.isAdmin || !other.isForAdministrators {
                raw("<li><a href=\"")
                raw(other.path)
                raw(other == part ? "\" aria-current=\"page\">" : "\">")
                raw(other.title)
                raw("</a></li>")
            }
            raw("</ul></nav>\n<form class=\"leave\" method=\"post\" action=\"/web/sign-out\">")
            secret()
            raw("<span class=\"who\">Signed in as ")
            writer.log(reader.account.name, limit: 60)
            raw("</span> <button>Sign out</button></form>\n")
        }
        raw("</header>\n<main id=\"main\">\n")
        if hasHeading {
            raw("<h1>")
            writer.log(title, limit: 400)
            raw("</h1>\n")
        }
    }

    mutating func raw(_ literal: StaticString) { writer.raw(literal) }
    mutating func text(_ words: String) { writer.text(words) }
    mutating func log(_ words: String) { writer.log(words) }

    /// The secret of the session, for a form.
    mutating func secret() {
        guard let reader else { return }
        raw("<input type=\"hidden\" name=\"form_secret\"")
        writer.attribute("value", reader.formSecret)
        raw(">")
    }

    /// A link. Parts of `path` that come from outside are percent-encoded.
    mutating func link(_ path: String, _ words: String) {
        raw("<a")
        writer.attribute("href", path)
        raw(">")
        log(words)
        raw("</a>")
    }

    /// The beginning of a table.
    mutating func table(_ caption: StaticString, _ heads: [StaticString]) {
        raw("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"")
        raw(caption)
        raw("\"><table class=\"words\"><caption>")
        raw(caption)
        raw("</caption><thead><tr>")
        for head in heads {
            raw("<th scope=\"col\">")
            raw(head)
            raw("</th>")
        }
        raw("</tr></thead>\n<tbody>\n")
    }

    mutating func endTable() { raw("</tbody></table></div>\n") }

    mutating func cell(_ words: String) {
        raw("<td>")
        log(words)
        raw("</td>")
    }

    mutating func when(_ time: Timestamp?) {
        raw("<td class=\"when\">")
        if let time {
            raw("<time")
            writer.attribute("datetime", time.description)
            raw(">")
            text(ReportPieces.minute(time))
            raw("</time>")
        }
        raw("</td>")
    }

    mutating func paragraph(_ words: String) { writer.element("p", "p", words) }

    /// Text of a log, as it stands there: lines stay lines.
    mutating func record(_ bytes: [UInt8]) {
        raw("<pre class=\"record\" tabindex=\"0\">")
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            if number > 0 { raw("\n") }
            text(String(decoding: line, as: UTF8.self))
        }
        raw("</pre>\n")
    }

    /// Ends the page.
    mutating func response(status: Int = 200) -> HubResponse {
        raw("</main>\n</body>\n</html>\n")
        return HubResponse(status: status, headers: Self.headers("text/html; charset=utf-8"), body: writer.bytes)
    }

    /// Nothing loads but the hub's own style sheet and script, nothing runs that stands in a page, no other site may show
    /// a page in a frame, and nothing is kept by caches.
    static func headers(_ type: String) -> [HubHeader] {
        [
            HubHeader("Content-Type", type),
            HubHeader(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; "
                    + "base-uri 'none'; frame-ancestors 'none'"),
            HubHeader("X-Content-Type-Options", "nosniff"), HubHeader("Referrer-Policy", "same-origin"),
            HubHeader("Cross-Origin-Opener-Policy", "same-origin"),
            HubHeader("Cross-Origin-Resource-Policy", "same-origin"), HubHeader("Cache-Control", "no-store"),
        ]
    }
}
