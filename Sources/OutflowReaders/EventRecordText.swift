// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEVTX
import OutflowRecords

/// Records of binary Windows event logs as text: a record's own bytes tell little, since most of what it says stands in
/// templates elsewhere in its chunk.
public enum EventRecordText {
    /// The event at `origin` as one line of JSON, see `EventFields.nestedJSON(limit:)`; nil when no event that can be
    /// read stands there, or the block is none of an event log.
    public static func json(_ origin: Origin, in block: RecordBlock) -> [UInt8]? {
        guard block.framing == .eventLog, origin.offset >= block.offset else { return nil }
        var found: [UInt8]?
        for range in block.elements where found == nil {
            let start = block.offset + UInt64(range.lowerBound)
            guard origin.offset >= start, origin.offset - start < UInt64(range.count) else { continue }
            EventLogReader().read(block.bytes[range], at: start) { event in
                if event.offset == origin.offset { found = event.fields.nestedJSON() }
            } damaged: { _, _ in
            }
        }
        return found
    }
}
