// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The access log of a web server (Apache, nginx and many others), common or combined, with or without virtual host:
/// what the organisation's own server gave out, and what went through it when it is a library's reverse proxy.
public struct CombinedLog: LogSource {
    private let reader: AccessLogReader

    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "combined", title: "Apache or nginx access log", routes: [.web, .library],
        recognisedBy: "common or combined layout with the server's own paths, or the configured LogFormat",
        activities: "files and pages given out; documents read through a reverse proxy (/http/publisher/...)",
        bytes: "yes, of the reply; with its headers where the server logs %O",
        switchOn: "LogFormat with %v, %u, %>s, %B, %{User-Agent}i and %{Range}i",
        reference: "https://httpd.apache.org/docs/2.4/mod/mod_log_config.html")

    /// A layout that fits, with the server's own paths.
    public static func recognise(_ head: StreamHead) -> Int { AccessSurvey(head)?.score(for: .webServer) ?? 0 }

    /// A reader of the layout that fits most of the head's records, or of the configured one.
    public init?(_ head: StreamHead) {
        guard let survey = AccessSurvey(head) else { return nil }
        reader = AccessLogReader(survey, writer: .webServer, options: head.options)
    }

    /// Reads lines.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) { reader.read(block, into: batch) }

    /// The line's fields; see `AccessLogReader`.
    public func fields(of record: Bytes, into fields: EventFields, _ batch: ActivityBatch) -> FieldReading {
        reader.fields(of: record, into: fields, batch)
    }
}
