// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Finds the source for the first bytes of a stream; see `LogSources.source(for:)`.
public typealias Recogniser = @Sendable (StreamHead) -> (any LogSource, SourceCard)?

/// One input, from its decompressed bytes to blocks of records with the source that reads them.
struct RecordStream {
    /// ``SourceCard/format``, or "unrecognised", "empty", "unreadable". What only may be an image with event logs in it
    /// is "unrecognised" until one is found.
    private(set) var format: String
    /// Decompressed bytes, before any conversion of text.
    private let raw: PeekableBytes
    private let text: TextStream
    private var source: (any LogSource)?
    private var framer = Framer.none
    private var hasRecords = false
    private var headRejections = Rejections()
    private var imageFormat: String?

    private enum Framer {
        case none
        case lines(LineFramer)
        case elements(ElementFramer)
        case eventLog(EventLogFramer)
        case eventXML(EventXMLFramer)
    }

    /// As much as is looked at to recognise a format, in bytes; more only when the first record does not fit.
    private static let headSizes = [64 << 10, 1 << 20, 16 << 20]

    init(_ raw: PeekableBytes, options: SourceOptions, limits: ReadLimits, recogniser: Recogniser) {
        self.raw = raw
        text = TextStream(raw)
        var found: (source: any LogSource, card: SourceCard, framing: Framing)?
        for size in Self.headSizes where size <= max(limits.maxRecordBytes, Self.headSizes[0]) {
            // One more byte than is shown tells whether there is more.
            let peeked = text.bytes.peek(size + 1)
            let isWhole = peeked.count <= size && text.bytes.failureAhead == nil
            let head = peeked.prefix(upTo: min(peeked.count, size))
            if head.isEmpty {
                if let failure = text.bytes.failureAhead {
                    format = "unreadable"
                    headRejections.add(Rejection(offset: 0, reason: failure.reason))
                } else {
                    format = "empty"
                }
                return
            }
            let framing =
                options.format == WindowsEventLog.card.format ? .eventLog : Framing.decide(head, isWhole: isWhole)
            let streamHead = StreamHead(
                bytes: head, isWhole: isWhole, framing: framing, records: framing.records(of: head, isWhole: isWhole),
                options: options)
            if let (source, card) = recogniser(streamHead) {
                found = (source, card, framing)
                break
            }
            // A first record that is longer than the head hides what follows: look further, as far as a record may reach.
            let hasWholeRecord = framing == .lines && head.firstIndex(of: UInt8(ascii: "\n")) != nil
            if isWhole || peeked.count < size || hasWholeRecord { break }
        }
        if found == nil, let (source, card) = Self.imageSource(text.bytes, options, recogniser) {
            format = "unrecognised"
            self.source = source
            imageFormat = card.format
            framer = .eventLog(EventLogFramer(text.bytes, offset: text.offset, limits: limits))
            return
        }
        guard let (source, card, framing) = found else {
            format = "unrecognised"
            headRejections.add(Self.unrecognised)
            return
        }
        format = card.format
        self.source = source
        if framing == .lines, let at = Self.bareReturn(in: text.bytes.peek(Self.headSizes[0])) {
            headRejections.add(Rejection(offset: text.offset + UInt64(at), reason: Self.bareReturns))
        }
        framer =
            switch framing {
            case .lines:
                .lines(
                    LineFramer(
                        text.bytes, offset: text.offset, limits: limits, mark: type(of: source).headerMark,
                        lastEvent: type(of: source).lastEvent))
            case .jsonElements: .elements(ElementFramer(text.bytes, offset: text.offset, limits: limits))
            case .eventLog: .eventLog(EventLogFramer(text.bytes, offset: text.offset, limits: limits))
            case .eventXML: .eventXML(EventXMLFramer(text.bytes, offset: text.offset, limits: limits))
            }
    }

    private static let unrecognised = Rejection(offset: 0, reason: "format not recognised; see `outflow sources`")

    private static let bareReturns =
        "lines end in carriage returns alone, so that all is read as one record; convert it: tr '\\r' '\\n' < FILE"

    /// Where in the head of a text without line feeds a carriage return stands that more text follows.
    private static func bareReturn(in head: Bytes) -> Int? {
        guard head.firstIndex(of: 0x0A) == nil, let at = head.firstIndex(of: 0x0D), at + 1 < head.count else {
            return nil
        }
        return at
    }

    /// The source for event logs that may lie further on in bytes that are no text.
    private static func imageSource(
        _ bytes: PeekableBytes, _ options: SourceOptions, _ recogniser: Recogniser
    ) -> (any LogSource, SourceCard)? {
        let head = bytes.peek(headSizes[0])
        guard options.format == nil, head.firstIndex(of: 0) != nil else { return nil }
        return recogniser(
            StreamHead(bytes: head, isWhole: false, framing: .eventLog, records: [], options: options))
    }

    /// The next block and its source, nil at the end.
    mutating func next(into buffer: BlockBuffer) -> (block: RecordBlock, source: any LogSource)? {
        guard let source else { return nil }
        switch framer {
        case .none: return nil
        case .elements(var elements):
            framer = .none  // So that there is one owner of what it holds.
            defer { framer = .elements(elements) }
            return elements.next(into: buffer).map { ($0, source) }
        case .eventXML(var events):
            framer = .none
            defer { framer = .eventXML(events) }
            return events.next(into: buffer).map { ($0, source) }
        case .eventLog(var chunks):
            framer = .none
            defer { framer = .eventLog(chunks) }
            guard let block = chunks.next(into: buffer) else { return nil }
            if let imageFormat { format = imageFormat }
            return (block, source)
        case .lines(var lines):
            framer = .none
            defer { framer = .lines(lines) }
            while let piece = lines.next(into: buffer) {
                switch piece {
                case .block(let block):
                    hasRecords = true
                    return (block, self.source ?? source)
                case .header(let header):
                    // The header at the very beginning was part of the head, and the source knows it already.
                    if hasRecords { self.source = (self.source ?? source).following(header: header) }
                }
            }
            return nil
        }
    }

    /// Reads what no framer read, and tells what was wrong and how many decompressed bytes there were.
    mutating func finish() -> (rejections: Rejections, bytes: UInt64) {
        var rejections = headRejections
        switch framer {
        case .lines(let lines): rejections.merge(lines.rejections)
        case .elements(let elements): rejections.merge(elements.rejections)
        case .eventXML(let events): rejections.merge(events.rejections)
        case .eventLog(let chunks):
            rejections.merge(chunks.rejections)
            if format == "unrecognised" { rejections.add(Self.unrecognised) }
        case .none:
            do throws(StreamFailure) { try text.bytes.drain() } catch {
                if !error.isCancelled, format != "unreadable" {
                    rejections.add(Rejection(offset: text.bytes.pulled, reason: error.reason))
                }
            }
        }
        if let converter = text.converter { rejections.merge(converter.rejections) }
        return (rejections, raw.pulled)
    }
}
