// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// EZproxy's access log, and every other log of a library proxy that writes absolute addresses.
public struct EZproxyLog: LogSource {
    private let reader: AccessLogReader

    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "ezproxy", title: "EZproxy access log", routes: [.library],
        recognisedBy: "the common LogFormat layouts with absolute addresses of publishers, or the configured LogFormat",
        activities: "documents read (PDF, EPUB, HTML full text) by user or session; not pages' parts, lists, abstracts",
        bytes: "yes, of the reply",
        switchOn:
            "LogFormat with %{ezproxy-session}i, %u, %s, %b, %{User-Agent}i and %{Range}i; a layout without %s cannot "
            + "tell pages from errors. Redirects to a publisher's own delivery network leave no size here",
        reference: "https://help.oclc.org/Library_Management/EZproxy/Configure_resources/LogFormat")

    /// A layout that fits, with absolute addresses.
    public static func recognise(_ head: StreamHead) -> Int { AccessSurvey(head)?.score(for: .libraryProxy) ?? 0 }

    /// A reader of the layout that fits most of the head's records, or of the configured one.
    public init?(_ head: StreamHead) {
        guard let survey = AccessSurvey(head) else { return nil }
        reader = AccessLogReader(survey, writer: .libraryProxy, options: head.options)
    }

    /// Reads lines.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) { reader.read(block, into: batch) }

    /// The line's fields; see `AccessLogReader`.
    public func fields(of record: Bytes, into fields: EventFields, _ batch: ActivityBatch) -> FieldReading {
        reader.fields(of: record, into: fields, batch)
    }
}
