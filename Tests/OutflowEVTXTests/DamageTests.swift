// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowEVTX

/// A chunk of so many events, with one value each.
private func chunk(_ ids: ClosedRange<UInt64>) -> EventLogWriter {
    let event = Template.event()
    let data = Template.data(["A"])
    var writer = EventLogWriter()
    for id in ids {
        writer.add(
            id,
            [
                .instance(
                    event,
                    Template.system(UInt16(id & 0xFFF), record: id, [.instance(data, [.string("value \(id)")])]))
            ])
    }
    return writer
}

@Suite struct DamageTests {
    @Test func badChecksumsAreToldAndTheRecordsRead() {
        var bytes = chunk(1...5).finished()
        bytes[600] ^= 0x20
        var reading = Reading(bytes, at: 4096)
        #expect(reading.damages == [.init(4096, .recordsChecksum)])
        #expect(reading.events.count == 5)
        bytes[60] ^= 1
        reading = Reading(bytes, at: 4096)
        #expect(reading.damages.first == .init(4096, .headerChecksum))
        #expect(reading.events.count == 5)
        #expect(Reading(chunk(1...5).finished(checksums: false)).damages == [])
    }

    @Test func recordsBehindADamagedOneAreRead() {
        let writer = chunk(1...5)
        for damage in 0..<3 {
            var bytes = writer.finished()
            let at = writer.records[2].offset
            switch damage {
            case 0: bytes.replaceSubrange(at + 4..<at + 8, with: [0, 0, 0, 0])
            case 1: bytes.replaceSubrange(at + 4..<at + 8, with: [0xFF, 0xFF, 0xFF, 0x7F])
            default: bytes[at] = 0
            }
            let reading = Reading(bytes)
            #expect(reading.events.map(\.recordID) == [1, 2, 4, 5])
            #expect(reading.damages.contains(.init(UInt64(at), damage < 2 ? .recordSize : .noRecord)))
        }
    }

    @Test func aHeaderThatIsOutOfDateHidesNoRecord() {
        let short = chunk(1...3)
        let long = chunk(1...5)
        // The header of the chunk as it was two records before.
        let bytes = Array(short.finished()[..<512] + long.finished()[512...])
        let reading = Reading(bytes)
        #expect(reading.events.map(\.recordID) == [1, 2, 3, 4, 5])
        #expect(reading.damages == [.init(UInt64(long.records[3].offset), .headerOutOfDate)])
    }

    @Test func whatAChunkHeldBeforeIsNotPartOfTheLog() {
        let old = chunk(101...110)
        let new = chunk(501...503)
        var bytes = new.finished()
        bytes.replaceSubrange(new.at..<old.at, with: old.finished()[new.at..<old.at])
        let reading = Reading(bytes)
        #expect(reading.events.map(\.recordID) == [501, 502, 503])
        #expect(reading.damages == [])
    }

    @Test func aChunkThatIsCutOffIsReadAsFarAsItGoes() {
        let writer = chunk(1...5)
        let reading = Reading(Array(writer.finished()[..<(writer.records[3].offset + 50)]))
        #expect(reading.events.map(\.recordID) == [1, 2, 3])
        #expect(reading.damages.first == .init(0, .chunkCutOff))
    }

    @Test func recordsWithoutTheHeaderOfTheirChunk() {
        let writer = chunk(1...5)
        let reading = Reading(Array(writer.finished()[512..<writer.at]), at: 1000)
        #expect(reading.damages == [.init(1000, .chunkHeaderMissing)])
        #expect(reading.events.map(\.recordID) == [1, 2, 3, 4, 5])
        #expect(reading.events.last?.values("EventData.A") == ["\"value 5\""])
        #expect(reading.events.last?.offset == UInt64(1000 + writer.records[4].offset - 512))
    }

    @Test func aRecordWhoseTemplateIsLostKeepsWhatCanBeTold() {
        let writer = chunk(1...5)
        let (offset, size) = writer.records[3]
        let reading = Reading(Array(writer.finished()[offset..<offset + size]))
        #expect(reading.damages.map(\.damage) == [.chunkHeaderMissing, .namesMissing])
        #expect(reading.events.count == 1)
        guard let event = reading.events.first else { return }
        #expect(event.eventID == "4")
        #expect(event.channel == "Security")
        #expect(event.provider == "Example-Provider")
        #expect(event.computer == "")
        #expect(event.time?.description == "2019-04-17T18:40:00.000000Z")
        #expect(event.values("System.EventRecordID") == ["4"])
        #expect(event.values("EventData.Data") == ["\"value 4\""])
    }

    /// Elements without templates, and values of an instance that use each other, are read too.
    @Test func elementsInARecordWithoutATemplate() {
        var writer = EventLogWriter()
        writer.add(
            1,
            [
                .element(
                    "Event", [],
                    [
                        .element("System", [], [.element("Channel", [], [.text("X")])]),
                        .instance(.data(["A"]), [.string("1")]),
                    ])
            ])
        writer.add(2, [.element("Event", [], [.element("System", [], [.element("Channel", [], [.text("Y")])])])])
        let reading = Reading(writer.finished())
        #expect(reading.damages == [])
        #expect(reading.events.map(\.channel) == ["X", "Y"])
        #expect(reading.events.first?.values("EventData.A") == ["\"1\""])
    }

    // MARK: Hostile

    @Test func nestingHasAnEnd() {
        var deep = Node.text("x")
        for _ in 0..<200 { deep = .element("E", [], [deep]) }
        var writer = EventLogWriter()
        writer.add(1, [deep])
        var nested: [Node] = [.element("E")]
        for _ in 0..<60 {
            nested = [.instance(Template(.element("E", [], [.value(0)])), [.xml(nested)])]
        }
        writer.add(2, nested)
        #expect(Reading(writer.finished()).damages.map(\.damage) == [.tooDeep, .tooDeep])
    }

    /// A value that is used twice, and holds one that is used twice, and so on.
    @Test func templatesThatDoubleTheirValuesHaveAnEnd() {
        let double = Template(
            .element("E", [], [Node](repeating: .element("F", [], [.value(0)]), count: 8)))
        var nested: [Node] = [.instance(double, [.string("x")])]
        for _ in 0..<20 { nested = [.instance(double, [.xml(nested)])] }
        var writer = EventLogWriter()
        for id in 1...50 as ClosedRange<UInt64> { writer.add(id, nested) }
        let reading = Reading(writer.finished())
        #expect(reading.events == [])
        #expect(reading.damages.map(\.damage) == [EventLogDamage](repeating: .tooLarge, count: 50))
    }

    @Test func aTemplateThatIsItsOwnValueHasAnEnd() {
        // The instance's definition is where the instance itself stands.
        var writer = EventLogWriter()
        writer.add(1, [.instance(Template(.element("E", [], [.value(0)])), [.xml([.element("F")])])])
        var bytes = writer.finished(checksums: false)
        let at = writer.records[0].offset
        for offset in 0..<400 {
            bytes.replaceSubrange(at + 28 + 6..<at + 28 + 10, with: TestValue.bytes(UInt32(at + offset)))
            _ = Reading(bytes)
        }
    }

    /// Any byte of a chunk changed: no trap, and what is not reached by the change is read.
    @Test func anyByteMayBeWrong() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed)
        let writer = chunk(1...6)
        let sound = writer.finished()
        let reader = EventLogReader()
        for _ in 0..<3000 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<writer.at, using: &random)
                bytes[at] = [0, 1, 0x0C, 0x21, 0x41, 0x81, 0xFF, UInt8.random(in: 0...255, using: &random)]
                    .randomElement(
                        using: &random)!
            }
            let reading = Reading(bytes, with: reader)
            for event in reading.events {
                #expect(Int(event.offset) + Int(event.length) <= bytes.count, "seed \(seed)")
            }
        }
        #expect(Reading(sound, with: reader).events.count == 6)
    }
}

/// SplitMix64, so that a printed seed gives the same test again.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
