// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// One event of a Windows event log. Its views die with the next event.
public struct LogEvent {
    /// Offset of its record in the stream.
    public var offset: UInt64
    /// Length of its record in bytes.
    public var length: UInt32
    /// The identifier that the record's header gives.
    public var recordID: UInt64
    /// When the record was written; nil if its header has no time.
    public var written: Timestamp?
    /// What the event says of itself.
    public var system: EventSystem
    /// All it says.
    public var fields: EventFields

    /// When it happened: the event's own time, else that of its record.
    public var time: Timestamp? { system.time ?? written }
}

/// Reads the events of Windows event logs (EVTX), chunk by chunk: each chunk stands for itself.
///
/// Fields are called as in the JSON of the `evtx` tool, joined by dots:
/// - an element by the names of the elements around it: `Event.System.EventID`, `Event.UserData.EventXML.Param1`;
/// - an attribute behind `#attributes`: `Event.System.Provider.#attributes.Name`, `Event.#attributes.xmlns`;
/// - `Data` in `EventData` or `UserData` by its attribute `Name`: `Event.EventData.CommandLine`; without a name it is
///   `Event.EventData.Data`, as often as there is one;
/// - what comes several times, and the elements of an array, is several fields of one name.
///
/// An element without anything in it is null; `Data` without anything is an empty string; an attribute without a value is
/// no field. Numbers and truth values have their kinds, all else is a string: GUIDs in capitals without braces, times
/// in UTC with six digits of fraction, hexadecimal numbers with `0x`, binary data in capital hexadecimal digits.
///
/// ```swift
/// let reader = EventLogReader()
/// reader.read(stretch, at: offset) { event in
///     print(event.system.channel.string, event.system.eventID.string)
/// } damaged: { offset, damage in
///     print(offset, damage)
/// }
/// ```
///
/// Memory is bounded whatever the bytes are: some 4 MiB of tables that real logs hardly touch. One reader belongs to one
/// thread.
public final class EventLogReader {
    private var decoder = EventDecoder()

    /// A reader for any number of chunks.
    public init() {}

    /// Reads a chunk, or records that stand outside of one, as ``EventLogScanner`` finds them.
    ///
    /// - Parameters:
    ///   - stretch: the bytes, from the chunk's or first record's beginning.
    ///   - offset: where they begin in the stream.
    ///   - event: called with each event, in their order.
    ///   - damaged: called with each record that cannot be read, and each remark on the chunk, see
    ///     ``EventLogDamage/isRemark``.
    public func read(
        _ stretch: Bytes, at offset: UInt64, event: (LogEvent) -> Void,
        damaged: (_ offset: UInt64, _ damage: EventLogDamage) -> Void
    ) {
        let isChunk = stretch.hasPrefix(EVTXFormat.chunkMark) && stretch.count >= EVTXFormat.chunkHeaderSize
        let walk = isChunk ? ChunkWalk(chunk: stretch) : ChunkWalk(records: stretch)
        decoder.begin(walk.bytes)
        let low = walk.bytes.low
        func place(_ at: Int) -> UInt64 { offset &+ UInt64(at &- low) }
        for remark in walk.remarks { damaged(offset, remark) }
        walk.forEachRecord { at, size in
            do throws(EventLogDamage) {
                try decoder.decode((at &+ 24)..<(at &+ size &- 4))
                if decoder.isNameless { damaged(place(at), .namesMissing) }
                let time: UInt64 = walk.bytes.load(at &+ 16)
                event(
                    LogEvent(
                        offset: place(at), length: UInt32(truncatingIfNeeded: size),
                        recordID: walk.bytes.load(at &+ 8),
                        written: time == 0 ? nil : Timestamp(fileTime: time), system: decoder.system,
                        fields: decoder.fields))
            } catch {
                damaged(place(at), error)
            }
        } damaged: { at, damage in
            damaged(place(at), damage)
        }
    }
}
