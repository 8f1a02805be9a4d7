// SPDX-License-Identifier: Apache-2.0

import CCodecs
import Foundation
import OutflowActivities
import OutflowRecords

/// A log in memory as the reader hands it to a source, and what the source makes of it, copied out of the batch.
struct CloudSample {
    struct Read: Hashable {
        var identity: UInt64
        var state: TransferState
        var source: String
        var tenant: String
        var store: String
        var session: String
        var destination: String
        var object: String
        var version: String
        var bytes: UInt64?
        var part: ObjectAccess.Part
        var size: UInt64?
        var client: String
    }

    struct Change: Hashable {
        var identity: UInt64
        var action: ExposureChange.Action
        var route: Route
        var resource: String
        var grantee: String
        var kind: EntityKind
        var means: String
        var size: UInt64?
    }

    struct Loss: Hashable {
        var from: Timestamp
        var to: Timestamp
        var perMillion: UInt32?
    }

    var reads: [Read] = []
    var changes: [Change] = []
    /// Objects that got new content.
    var written: Set<String> = []
    var flows: [Flow] = []
    var losses: [Loss] = []
    var records: UInt64 = 0
    var irrelevant: UInt64 = 0
    var rejected: [Rejection] = []
    var rejectedCount: UInt64 = 0
    var format: String?

    /// Reads `text` with the source that recognises it (or `format`).
    init(_ text: String, format: String? = nil, framing: Framing = .lines) {
        self.init(Array(text.utf8), format: format, framing: framing)
    }

    init(_ text: [UInt8], format: String? = nil, framing: Framing = .lines) {
        // Sources may look at 64 bytes behind a block; what stands there must not matter.
        let bytes = text + [UInt8](repeating: UInt8(ascii: "\""), count: 64)
        bytes.withUnsafeBytes { raw in
            let whole = Bytes(raw)[0..<text.count]
            let block = RecordBlock(
                bytes: whole, offset: 0, framing: framing,
                elements: framing == .lines ? [] : CloudSample.elements(of: whole))
            var records: [Bytes] = []
            block.forEachRecord { record, _ in if records.count < 20 { records.append(record) } }
            var options = SourceOptions()
            options.format = format
            let head = StreamHead(bytes: whole, isWhole: true, framing: framing, records: records, options: options)
            guard let (source, card) = LogSources.source(for: head) else { return }
            self.format = card.format
            // Header lines are never among the records of a block.
            var start = 0
            while let mark = type(of: source).headerMark, start < whole.count, mark.marks(whole.suffix(from: start)) {
                start = (whole.firstIndex(of: 0x0A, from: start) ?? whole.count - 1) + 1
            }
            let batch = ActivityBatch()
            source.read(
                start == 0 ? block : RecordBlock(bytes: whole.suffix(from: start), offset: UInt64(start)), into: batch)
            OtherRecords().read(batch, after: source)
            copy(batch)
        }
    }

    private mutating func copy(_ batch: ActivityBatch) {
        for read in batch.objects {
            reads.append(
                Read(
                    identity: read.mark.identity, state: read.state, source: read.source.id.string,
                    tenant: read.source.tenant.string, store: read.store.string, session: read.session.string,
                    destination: read.destination.id.string, object: read.object.string, version: read.version.string,
                    bytes: read.bytes,
                    part: read.part, size: read.objectSize, client: read.client.string))
        }
        for change in batch.exposures {
            changes.append(
                Change(
                    identity: change.mark.identity, action: change.action, route: change.route,
                    resource: change.resource.id.string, grantee: change.grantee.id.string, kind: change.grantee.kind,
                    means: change.means.string, size: change.size))
        }
        written = Set(batch.writes.map(\.object.string))
        flows = batch.flows
        losses = batch.losses.map { Loss(from: $0.from, to: $0.to, perMillion: $0.lostPerMillion) }
        records = batch.records
        irrelevant = batch.irrelevant
        rejected = batch.rejections.examples
        rejectedCount = batch.rejections.count
    }

    /// Where the objects of the first array stand, as the reader would find them.
    private static func elements(of text: Bytes) -> [Range<Int>] {
        var elements: [Range<Int>] = []
        var depth = 0
        var start = 0
        var inText = false
        var index = (text.firstIndex(of: UInt8(ascii: "[")) ?? text.count) + 1
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\\") where inText: index += 1
            case UInt8(ascii: "\""): inText.toggle()
            case UInt8(ascii: "{") where !inText:
                if depth == 0 { start = index }
                depth += 1
            case UInt8(ascii: "}") where !inText && depth > 0:
                depth -= 1
                if depth == 0 { elements.append(start..<index + 1) }
            default: break
            }
            index += 1
        }
        return elements
    }

    // MARK: Corpora

    /// Folder of the real logs; nil where they are not at hand.
    static let corpora = ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"]

    /// The files of an archive by name.
    static func members(ofArchive path: String) throws -> [String: [UInt8]] {
        struct Unreadable: Error { let path: String }
        let archive = archive_read_new()
        defer { archive_read_free(archive) }
        archive_read_support_filter_all(archive)
        archive_read_support_format_all(archive)
        guard archive_read_open_filename(archive, path, 1 << 16) == ARCHIVE_OK else { throw Unreadable(path: path) }
        var members: [String: [UInt8]] = [:]
        var entry: OpaquePointer?
        while archive_read_next_header(archive, &entry) == ARCHIVE_OK {
            var content: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while case let length = archive_read_data(archive, &buffer, buffer.count), length > 0 {
                content += buffer[0..<Int(length)]
            }
            if !content.isEmpty { members[String(cString: archive_entry_pathname(entry))] = content }
        }
        return members
    }
}
