// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// A source of JSON objects, each of which says itself what it is.
public protocol JSONRecordSource: LogSource {
    /// Whether an object is of this source, whatever stands around it.
    static func owns(_ object: JSONValue) -> Bool
}

/// Reads the records that the source of a stream has passed on because they are not its own: shippers mix kinds in one
/// stream, and what a record means must not depend on which others stand in its file.
///
/// It belongs to one thread. Costs nothing for streams of one kind.
public struct OtherRecords {
    /// What is said of an object that nobody owns, in a stream of a known kind.
    public static let unread = "a JSON object of a kind that is not read here"

    private let sources: [(type: any JSONRecordSource.Type, source: any JSONRecordSource)]

    /// Sources for any object.
    public init() {
        let types: [any JSONRecordSource.Type] = LogSources.all.compactMap { $0 as? any JSONRecordSource.Type }
        let head = StreamHead(bytes: .empty, isWhole: true, framing: .lines, records: [], options: SourceOptions())
        sources = types.compactMap { type in type.init(head).map { (type, $0) } }
    }

    /// Reads what `source` has passed on with the last block, while that block lives.
    public func read(_ batch: ActivityBatch, after source: any LogSource) {
        guard !batch.others.isEmpty else { return }
        let passed = batch.others
        batch.others.removeAll(keepingCapacity: true)
        for other in passed {
            do {
                let object = try batch.json.parse(other.record)
                guard let owner = owner(of: object) else {
                    leave(other, object, batch, source)
                    continue
                }
                owner.read(
                    RecordBlock(
                        bytes: other.record, offset: other.offset, framing: .jsonElements,
                        elements: [0..<other.record.count]), into: batch)
            } catch {
                batch.reject(offset: other.offset, "not JSON: \(error)")
            }
        }
        for other in batch.others { leave(other, try? batch.json.parse(other.record), batch, source) }
        batch.others.removeAll(keepingCapacity: true)
    }

    private func owner(of object: JSONValue) -> (any JSONRecordSource)? {
        guard object.kind == .object else { return nil }
        return sources.first { $0.type.owns(object) }?.source
    }

    /// What nobody owns: the format of a stream says so of all its records, else each is told. Indicators are looked for in it
    /// all the same.
    private func leave(
        _ other: (record: Bytes, offset: UInt64), _ object: JSONValue?, _ batch: ActivityBatch, _ source: any LogSource
    ) {
        if batch.wantsObservables, let object {
            object.observe(other.record, offset: other.offset, time: object.recordTime, batch)
        }
        if source is JSONLines {
            batch.records += 1
            batch.irrelevant += 1
        } else {
            batch.reject(offset: other.offset, Self.unread)
        }
    }
}
