// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@testable import OutflowReaders

@Suite struct EventXMLFramingTests {
    private func event(_ id: Int, _ more: String = "") -> String {
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>\(id)</EventID>"
            + "<TimeCreated SystemTime='2020-05-01T22:55:58.1Z'/><Channel>Security</Channel></System>\(more)</Event>"
    }

    /// Number of each event, what was rejected, and counts, as a scan has them.
    private func read(
        _ bytes: [UInt8], blockBytes: Int = 1 << 20, maxRecordBytes: Int = 1 << 20
    ) -> (records: [String], input: InputSummary) {
        var limits = ReadLimits()
        limits.blockBytes = blockBytes
        limits.maxRecordBytes = maxRecordBytes
        let reader = InputReader(bytes: bytes, path: "log", limits: limits)
        let buffer = BlockBuffer()
        let batch = ActivityBatch()
        var records: [String] = []
        while let next = reader.next(into: buffer) {
            #expect(next.block.framing == .eventXML)
            next.block.forEachRecord { record, offset in
                records.append("\(offset) \(record.count)")
                #expect(record.hasPrefix("<Event") && record.hasSuffix(">"))
            }
            next.source.read(next.block, into: batch)
            reader.account(batch, duplicates: 0, input: next.input)
            batch.clear()
        }
        return (records, reader.inputs[0])
    }

    @Test(arguments: [
        "", "\u{FEFF}", "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n<!-- a > b <Event> -->",
    ])
    func eventsAreFoundHoweverTheyStand(start: String) {
        let (one, two) = (
            event(1), event(2, "\n  <EventData>\n<Data><![CDATA[</Event><Event><System>]]></Data></EventData>\n")
        )
        for text in [
            "\(one)\n\(two)", "\(one)\(two)\n", "\n<Events>\(one)\n\(two)</Events>\n",
            "<Events xmlns='x'>\(one)</Events>\n<Events>\(two)</Events>",
        ] {
            let bytes = Array((start + text).utf8)
            let (records, input) = read(bytes)
            #expect(records.count == 2)
            #expect(input.format == "windows-xml")
            #expect(input.records == 2)
            #expect(input.rejected.examples == [])
            #expect(input.first == Timestamp(microseconds: 1_588_373_758_100_000))
            for blockBytes in 1...70 {
                let (split, splitInput) = read(bytes, blockBytes: blockBytes)
                #expect(split == records, "blocks of \(blockBytes)")
                #expect(splitInput.rejected == input.rejected)
            }
        }
    }

    @Test func utf16IsReadToo() {
        let text = event(1, "<EventData><Data Name='a'>é😀</Data></EventData>") + "\r\n" + event(2)
        let bytes: [UInt8] =
            [0xFF, 0xFE] + text.utf16.flatMap { unit -> [UInt8] in [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        let (records, input) = read(bytes)
        #expect(records.count == 2)
        #expect(input.format == "windows-xml")
        #expect(input.records == 2)
    }

    @Test func damagedEventsAreToldAndTheNextOnesRead() {
        let text =
            event(1) + "\n<Event xmlns='x'><System><EventID>2" + "\n" + event(3) + "stray <b>" + event(4)
            + "\n<Event><System></Wrong></System></Event>\n" + event(5) + "\n<Event><System>"
        let bytes = Array(text.utf8)
        let (records, input) = read(bytes)
        #expect(records.count == 5)
        #expect(input.records == 4)
        let first = UInt64(event(1).utf8.count)
        #expect(
            input.rejected.examples.map { "\($0.reason)" } == [
                "the event is not closed before the next one begins",
                "no <Event> begins here; reading goes on with the next one",
                "elements of the event are not closed as they were opened, at byte 22 of the event",
                "the stream ends within this event",
            ])
        #expect(input.rejected.examples.first?.offset == first + 1)
        for blockBytes in 1...70 {
            let (split, splitInput) = read(bytes, blockBytes: blockBytes)
            #expect(split == records)
            #expect(splitInput.rejected == input.rejected, "blocks of \(blockBytes)")
        }
    }

    @Test func anEventWithoutAnEndDoesNotHideThoseBehindTheLimit() {
        let lost = "<Event><System><![CDATA[" + String(repeating: "x", count: 500)
        let bytes = Array((event(1) + lost + event(2) + event(3) + event(4)).utf8)
        let (records, input) = read(bytes, maxRecordBytes: 600)
        #expect(records.count == 3)
        #expect(input.rejected.examples.map(\.reason) == ["an event longer than the limit of 600 bytes"])
        for blockBytes in 1...70 {
            let (split, splitInput) = read(bytes, blockBytes: blockBytes, maxRecordBytes: 600)
            #expect(split == records)
            #expect(splitInput.rejected == input.rejected, "blocks of \(blockBytes)")
        }
    }

    @Test func otherXMLIsNotRecognised() {
        for text in ["<Events><Event>party</Event></Events>", "<html><Event></html>", "<Event", "<a/>"] {
            let (records, input) = read(Array(text.utf8))
            #expect(records == [])
            #expect(input.format == "unrecognised", "\(text)")
        }
    }
}
