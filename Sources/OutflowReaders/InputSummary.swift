// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// What is known of one input: a file, standard input, or a member of an archive.
public struct InputSummary: Sendable, Hashable {
    /// The path as given or as found in a folder; a member of an archive as `archive.zip!member.log`.
    public var path: String
    /// `SourceCard.format` of what it holds, or "unrecognised", "empty", "unreadable".
    public var format: String
    /// Size on disk for a file; decompressed size for a member of an archive.
    public var bytes: UInt64 = 0
    /// SHA-256 of the file as it lies on disk (of the archive, for a member), in hex digits; empty if it was not read.
    public var sha256 = ""
    /// Records that its source read.
    public var records: UInt64 = 0
    /// Of these, records that had been read before.
    public var duplicates: UInt64 = 0
    /// Of these, records without any meaning for the ledger.
    public var irrelevant: UInt64 = 0
    /// Time of the first record, nil if none has one.
    public var first: Timestamp?
    /// Time of the last record, nil if none has one.
    public var last: Timestamp?
    /// The hours of the records.
    public var hours = ActiveHours()
    /// What could not be read, by offset in the decompressed stream.
    public var rejected = Rejections()

    /// An input of which nothing has been read.
    public init(path: String, format: String) {
        self.path = path
        self.format = format
    }

    /// Adds what the records of one block were.
    mutating func count(_ batch: ActivityBatch, duplicates: UInt64) {
        records &+= batch.records
        irrelevant &+= batch.irrelevant
        self.duplicates &+= duplicates
        if let time = batch.first { first = first.map { min($0, time) } ?? time }
        if let time = batch.last { last = last.map { max($0, time) } ?? time }
        hours.formUnion(batch.hours)
        rejected.merge(batch.rejections)
    }
}
