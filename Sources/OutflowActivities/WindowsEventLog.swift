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
                if batch.wantsObservables {
                    event.fields.observe(
                        event.system, event.time, offset: event.offset, length: Int(event.length), batch)
                }
            } damaged: { offset, damage in
                batch.reject(offset: offset, damage.description)
            }
        }
    }
}

extension EventFields {
    /// Takes what indicators name out of the data of a Windows event: ends of connections (Sysmon 3, Security 5156), DNS
    /// questions and answers (Sysmon 22), hashes (Sysmon 1, 6, 7, 15, 23, 29), addresses of sign-ins (Security 4624, 4625, 4648,
    /// 4768 to 4771, 4776), and whatever other events call so.
    ///
    /// Source: learn.microsoft.com/sysinternals/downloads/sysmon, "Events"; learn.microsoft.com, "Appendix L: Events to monitor".
    func observe(_ system: EventSystem, _ time: Timestamp?, offset: UInt64, length: Int, _ batch: ActivityBatch) {
        let found = RecordObservables(batch)
        // What an event says of itself names nobody but its own computer and provider.
        for field in fields
        where field.kind == .string && !field.name.hasPrefix("Event.System.") && !field.name.hasPrefix("Event.#") {
            found.add(field.name.suffix(from: field.name.startOfLastPart), field.value)
        }
        found.settle(offset: offset, length: length, time: time, identity: identity, host: system.computer)
    }

    /// The same for the same event, however it is written.
    private var identity: UInt64 {
        var hash = ContentHash(seed: 0x4556_4E54)
        for field in fields where !field.name.hasPrefix("Event.#") {
            hash.combine(field.name)
            hash.combine(field.value)
        }
        return hash.value
    }
}

extension Bytes {
    /// Where the part behind the last dot begins.
    fileprivate var startOfLastPart: Int {
        var index = count
        while index > 0, start[index - 1] != UInt8(ascii: ".") { index -= 1 }
        return index
    }
}
