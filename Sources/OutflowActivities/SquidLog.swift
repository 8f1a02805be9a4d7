// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Squid's access log, native, or common or combined with the cache's result.
public struct SquidLog: LogSource {
    private let reader: AccessLogReader

    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "squid", title: "Squid access log", routes: [.library, .web],
        recognisedBy:
            "native layout (time, elapsed, client, result/status, ...), or the cache's result at the line's end",
        activities:
            "documents with a known identifier read by user or client; uploads where the size of requests is logged",
        bytes: "sometimes: of the reply, with its headers; of requests only with %>st",
        switchOn: "a logformat with %>st: only then are uploads seen. What goes through CONNECT is not seen at all",
        reference: "https://www.squid-cache.org/Doc/config/logformat/")

    /// A layout that fits, with the cache's result in it.
    public static func recognise(_ head: StreamHead) -> Int { AccessSurvey(head)?.score(for: .forwardProxy) ?? 0 }

    /// A reader of the layout that fits most of the head's records, or of the configured one.
    public init?(_ head: StreamHead) {
        guard let survey = AccessSurvey(head) else { return nil }
        reader = AccessLogReader(survey, writer: .forwardProxy, options: head.options)
    }

    /// Reads lines.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) { reader.read(block, into: batch) }

    /// The line's fields; see `AccessLogReader`.
    public func fields(of record: Bytes, into fields: EventFields, _ batch: ActivityBatch) -> FieldReading {
        reader.fields(of: record, into: fields, batch)
    }
}
