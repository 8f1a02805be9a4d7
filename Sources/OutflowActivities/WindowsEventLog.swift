// SPDX-License-Identifier: Apache-2.0

import OutflowEVTX
import OutflowRecords

/// Windows event logs (EVTX): files, chunks and records carved from images.
///
/// Its records mean nothing to the ledger by themselves: rules look at their fields, see `EventLogReader`.
public struct WindowsEventLog: LogSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "windows-evtx", title: "Windows EVTX", routes: [],
        recognisedBy: "ElfFile or ElfChnk and a NUL at the beginning; chunks and records anywhere in bytes that are no "
            + "text",
        activities: "none: fields of events, for rules", bytes: "no",
        switchOn:
            "Process creation with command lines (Audit Process Creation), object access, PowerShell script block "
            + "logging, Sysmon; larger logs (wevtutil sl Security /ms:BYTES), which else forget within hours",
        reference: "libyal, Windows XML Event Log (EVTX) format; [MS-EVEN6]")

    /// How sure the head is of this format.
    public static func recognise(_ head: StreamHead) -> Int { head.framing == .eventLog ? 100 : 0 }

    /// A reader for the stream with this head.
    public init?(_ head: StreamHead) { guard head.framing == .eventLog else { return nil } }

    /// Adds what the block's records mean; see ``LogSource/read(_:into:)``.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        let reader = batch.eventLog
        block.forEachRecord { stretch, offset in
            reader.read(stretch, at: offset) { event in
                batch.records += 1
                batch.irrelevant += 1
                if let time = event.time { batch.saw(time) }
            } damaged: { offset, damage in
                batch.reject(offset: offset, damage.description)
            }
        }
    }
}
