// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// How records stand in a stream.
public enum Framing: Sendable, Hashable {
    /// One record a line (LF or CRLF).
    case lines
    /// JSON values one after the other, or the elements of one array (also the `Records` or `value` array of an object).
    case jsonElements
    /// Chunks of Windows event logs, and records that stand outside of chunks.
    case eventLog
    /// Windows events as XML elements (`<Event>`), with or without one around them.
    case eventXML
}

/// A stretch of whole records of one stream.
public struct RecordBlock {
    /// The bytes. At least 64 readable bytes follow them (their content is undefined).
    public var bytes: Bytes
    /// Offset of the first byte in the decompressed stream.
    public var offset: UInt64
    /// With ``Framing/jsonElements`` and ``Framing/eventXML``: where each record stands in `bytes`. With ``Framing/eventLog``: where each chunk or
    /// stretch of records does. Empty with lines: the source splits those.
    public var elements: [Range<Int>]
    /// How the records stand.
    public var framing: Framing

    /// A block of its parts.
    public init(bytes: Bytes, offset: UInt64, framing: Framing = .lines, elements: [Range<Int>] = []) {
        self.bytes = bytes
        self.offset = offset
        self.framing = framing
        self.elements = elements
    }

    /// Calls `body` for every record with its bytes (without line end, a trailing CR and surrounding blanks) and its
    /// offset in the stream. Empty lines are passed over. With ``Framing/eventLog``, for every chunk.
    @inlinable public func forEachRecord(_ body: (_ record: Bytes, _ offset: UInt64) -> Void) {
        switch framing {
        case .jsonElements, .eventXML, .eventLog:
            for range in elements { body(bytes[range], offset + UInt64(range.lowerBound)) }
        case .lines:
            var at = 0
            while at < bytes.count {
                let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: at) ?? bytes.count
                var last = end
                if last > at, bytes[last - 1] == UInt8(ascii: "\r") { last -= 1 }
                if last > at { body(bytes[at..<last], offset + UInt64(at)) }
                at = end + 1
            }
        }
    }
}

/// The beginning of a stream, by which its format is recognised. Names play no part.
public struct StreamHead {
    /// The first bytes of the decompressed stream (UTF-16 already turned into UTF-8, BOM removed), up to 64 KiB.
    public var bytes: Bytes
    /// Whether these are all bytes of the stream.
    public var isWhole: Bool
    /// How the records of the stream stand.
    public var framing: Framing
    /// The first records, for a look: at most 20, each without its line end.
    public var records: [Bytes]
    /// What the estate's configuration says about logs of this path; see ``SourceOptions``.
    public var options: SourceOptions

    /// A head of its parts.
    public init(bytes: Bytes, isWhole: Bool, framing: Framing, records: [Bytes], options: SourceOptions) {
        self.bytes = bytes
        self.isWhole = isWhole
        self.framing = framing
        self.records = records
        self.options = options
    }
}

/// What a user can tell about a log that the log does not tell itself.
public struct SourceOptions: Sendable, Hashable {
    /// The site's own `LogFormat` directive (EZproxy, Apache), if configured for this path.
    public var logFormat: String?
    /// Minutes east of UTC of times that carry no zone.
    public var zoneOffsetMinutes: Int
    /// Name of the format to use whatever the content looks like (a ``SourceCard/format``), if configured for this path.
    public var format: String?

    /// Options; without arguments those of an unconfigured estate.
    public init(logFormat: String? = nil, zoneOffsetMinutes: Int = 0, format: String? = nil) {
        self.logFormat = logFormat
        self.zoneOffsetMinutes = zoneOffsetMinutes
        self.format = format
    }
}

/// A row of the table of log sources: what `outflow sources` prints and the docs are made from.
public struct SourceCard: Sendable {
    /// Short name, as in `inputs[].format`: `zeek-tsv`, `cloudtrail`.
    public var format: String
    /// What a user calls it: "AWS CloudTrail".
    public var title: String
    /// Routes that it can show.
    public var routes: [Route]
    /// By what it is recognised, in a few words.
    public var recognisedBy: String
    /// Which activities its records become.
    public var activities: String
    /// Whether the log shows how many bytes left: "yes", "no", "sometimes: ...".
    public var bytes: String
    /// What to switch on so that it shows more; empty if there is nothing.
    public var switchOn: String
    /// Where the format is described.
    public var reference: String

    /// A row of its cells.
    public init(
        format: String, title: String, routes: [Route], recognisedBy: String, activities: String, bytes: String,
        switchOn: String, reference: String
    ) {
        self.format = format
        self.title = title
        self.routes = routes
        self.recognisedBy = recognisedBy
        self.activities = activities
        self.bytes = bytes
        self.switchOn = switchOn
        self.reference = reference
    }
}

/// What came of a record's fields.
public enum FieldReading: Hashable, Sendable {
    /// They were added.
    case read
    /// Those before some damage were added; the damage in words.
    case damaged(String)
    /// The record is JSON, which is looked at in place, or has nothing but its text.
    case textOnly
    /// A blank line or a comment: there is no record.
    case noRecord
    /// The record is none of this log, or broken; why.
    case unreadable(String)
}

/// A log format: recognises itself, and turns records into activities.
///
/// To add one, write one file with a type that conforms, and name the type in `LogSources.all`. A value serves one
/// stream (or, for logs whose header changes midway, the stretch behind one header). Several threads may call
/// ``read(_:into:)`` at the same time with different batches, so a source is immutable once made.
public protocol LogSource: Sendable {
    /// Its row in the table of sources.
    static var card: SourceCard { get }

    /// How surely the head is of this format: 0 not at all, 100 beyond doubt. 50 is "looks like it".
    static func recognise(_ head: StreamHead) -> Int

    /// A reader for the stream that begins with `head`; nil when the head turns out not to fit after all.
    init?(_ head: StreamHead)

    /// Adds what the block's records mean to `batch`: counts every record in `batch.records`, rejects what cannot be
    /// read with offset and reason, never throws and never traps whatever the bytes are.
    func read(_ block: RecordBlock, into batch: ActivityBatch)

    /// What tells header lines that may come anywhere in the stream; nil for most formats. Such lines are never among the records of a block: those at the very beginning are part of the head that
    /// ``init(_:)`` gets, later ones are given to ``following(header:)``.
    static var headerMark: HeaderMark? { get }

    /// Adds the fields of one record, by the names that the source gives them, for rules and patterns to look at. Their
    /// views live as long as the record's block and `batch` keep what they hold; 34 readable bytes follow each that
    /// has 16 bytes or more.
    ///
    /// - Returns: what came of it; of what ``read(_:into:)`` rejects that it cannot be read, and why.
    func fields(of record: Bytes, into fields: EventFields, _ batch: ActivityBatch) -> FieldReading

    /// The JSON object that a record holds in another shape, as a CSV row holds one in a cell: rules look at that. It lives as
    /// long as the record's block and `batch` keep it; 34 readable bytes follow it. Empty for what is no record, a header that
    /// comes again; nil for most formats.
    func json(of record: Bytes, _ batch: ActivityBatch) -> Bytes?

    /// For formats in which several lines tell of one event: where in whole lines the last event begins, which may go on behind
    /// them. Blocks are cut there, so that an event is in one block. Nil for most formats: each line stands for itself.
    static var lastEvent: (@Sendable (_ lines: Bytes) -> Int)? { get }

    /// The source for what follows after these header lines (whole lines, each as ``headerMark`` says).
    func following(header: Bytes) -> any LogSource
}

extension LogSource {
    /// Most formats have no header lines midway.
    public static var headerMark: HeaderMark? { nil }
    /// Records are what they look like.
    public func json(of record: Bytes, _ batch: ActivityBatch) -> Bytes? { nil }
    /// JSON, or text without fields.
    public func fields(of record: Bytes, into fields: EventFields, _ batch: ActivityBatch) -> FieldReading { .textOnly }
    /// Each line stands for itself.
    public static var lastEvent: (@Sendable (_ lines: Bytes) -> Int)? { nil }
    /// Header lines change nothing.
    public func following(header: Bytes) -> any LogSource { self }
}
