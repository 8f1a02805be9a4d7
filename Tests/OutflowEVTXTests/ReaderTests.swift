// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowEVTX

/// What a reader makes of some bytes, with copies of all views.
struct Reading: Equatable {
    struct Event: Equatable {
        var offset: UInt64
        var length: UInt32
        var recordID: UInt64
        var time: Timestamp?
        var channel: String
        var eventID: String
        var provider: String
        var computer: String
        var fields: [String]

        /// Values of the fields with a name.
        func values(_ name: String) -> [String] {
            fields.compactMap { field in
                guard field.hasPrefix("Event.\(name)=") else { return nil }
                return String(field.dropFirst(name.count + 7))
            }
        }

        /// Strings in quotes, other kinds as they are.
        static func text(_ field: EventFields.Field) -> String {
            switch field.kind {
            case .string, .escapedString: "\"\(field.value.string)\""
            case .null: "null"
            case .bool, .number: field.value.string
            }
        }
    }
    var events: [Event] = []
    var damages: [Damage] = []

    struct Damage: Equatable {
        var offset: UInt64
        var damage: EventLogDamage
        init(_ offset: UInt64, _ damage: EventLogDamage) {
            self.offset = offset
            self.damage = damage
        }
    }

    init(_ stretch: [UInt8], at offset: UInt64 = 0, with reader: EventLogReader = EventLogReader()) {
        // Exactly so many bytes, so that the address sanitizer sees one too many.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: stretch.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: stretch)
        var events: [Event] = []
        var damages: [Damage] = []
        reader.read(Bytes(UnsafeRawBufferPointer(copy)), at: offset) { event in
            events.append(
                Event(
                    offset: event.offset, length: event.length, recordID: event.recordID, time: event.time,
                    channel: event.system.channel.string, eventID: event.system.eventID.string,
                    provider: event.system.provider.string, computer: event.system.computer.string,
                    fields: event.fields.fields.map { "\($0.name.string)=\(Event.text($0))" }))
        } damaged: { offset, damage in
            damages.append(Damage(offset, damage))
        }
        self.events = events
        self.damages = damages
    }

}

@Suite struct ReaderTests {
    @Test func anEventBecomesFieldsWithTheNamesOfTheEvtxTool() {
        var writer = EventLogWriter()
        writer.add(
            7,
            [
                .instance(
                    .event(),
                    Template.system(
                        4688, record: 1007,
                        [
                            .instance(
                                .data(["CommandLine", "ProcessId", "Empty"]),
                                [.string("cmd /c \u{E9}\u{1F600}"), .number(0x14, UInt32(0xABC)), .null])
                        ]))
            ])
        let reading = Reading(writer.finished(), at: 4096)
        #expect(reading.damages == [])
        #expect(reading.events.count == 1)
        guard let event = reading.events.first else { return }
        #expect(event.offset == 4096 + 512)
        #expect(event.length == UInt32(writer.records[0].size))
        #expect(event.recordID == 7)
        #expect(event.channel == "Security")
        #expect(event.eventID == "4688")
        #expect(event.provider == "Example-Provider")
        #expect(event.computer == "HOST-1")
        #expect(event.time?.description == "2019-04-17T18:40:00.000000Z")
        #expect(
            event.fields == [
                "Event.#attributes.xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"",
                "Event.System.Provider.#attributes.Name=\"Example-Provider\"",
                "Event.System.Provider.#attributes.Guid=\"03020100-0504-0706-0809-0A0B0C0D0E0F\"",
                "Event.System.EventID=4688",
                "Event.System.Version=1",
                "Event.System.Level=4",
                "Event.System.Task=12544",
                "Event.System.Opcode=0",
                "Event.System.Keywords=\"0x8020000000000000\"",
                "Event.System.TimeCreated.#attributes.SystemTime=\"2019-04-17T18:40:00.000000Z\"",
                "Event.System.EventRecordID=1007",
                "Event.System.Correlation=null",
                "Event.System.Execution.#attributes.ProcessID=456",
                "Event.System.Execution.#attributes.ThreadID=460",
                "Event.System.Channel=\"Security\"",
                "Event.System.Computer=\"HOST-1\"",
                "Event.System.Security.#attributes.UserID=\"S-1-5-18\"",
                "Event.EventData.CommandLine=\"cmd /c \u{E9}\u{1F600}\"",
                "Event.EventData.ProcessId=\"0xabc\"",
                "Event.EventData.Empty=\"\"",
            ])
    }

    /// Every type as text.
    @Test(arguments: [
        (TestValue.null, ["\"\""]),
        (.string("a\0b"), ["\"a\""]),
        (.units([0x61, 0xD800, 0x62, 0xDC00]), ["\"a\u{FFFD}b\u{FFFD}\""]),
        (.plain(2, [0x41, 0x80, 0xFC, 0, 0x42]), ["\"A\u{20AC}\u{FC}\""]),
        (.number(3, Int8(-5)), ["-5"]),
        (.number(4, UInt8(200)), ["200"]),
        (.number(5, Int16.min), ["-32768"]),
        (.number(6, UInt16.max), ["65535"]),
        (.number(7, Int32(-1)), ["-1"]),
        (.number(8, UInt32.max), ["4294967295"]),
        (.number(9, Int64.min), ["-9223372036854775808"]),
        (.number(10, UInt64.max), ["18446744073709551615"]),
        (.number(11, Float(1.5).bitPattern), ["1.5"]),
        (.number(12, Double(-0.1).bitPattern), ["-0.1"]),
        (.number(13, UInt32(1)), ["true"]),
        (.number(13, UInt32(0)), ["false"]),
        (.plain(14, [0, 0xAB, 0x7F]), ["\"00AB7F\""]),
        (.number(0x10, UInt32(255)), ["\"0xff\""]),
        (.number(0x10, UInt64(1) << 40), ["\"0x10000000000\""]),
        (.number(0x11, UInt64(0)), ["\"1601-01-01T00:00:00.000000Z\""]),
        (.number(0x11, UInt64.max), ["\"18446744073709551615\""]),
        (.plain(0x12, [0xE3, 7, 4, 0, 3, 0, 17, 0, 10, 0, 40, 0, 5, 0, 9, 0]), ["\"2019-04-17T10:40:05.009000Z\""]),
        (.plain(0x12, [UInt8](repeating: 0xFF, count: 16)), ["\"\(String(repeating: "FF", count: 16))\""]),
        (
            .plain(0x13, [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0]), ["\"S-1-5-32-544\""]
        ),
        (.plain(0x13, [1, 9, 0]), ["\"010900\""]),
        (.number(0x14, UInt32(0)), ["\"0x0\""]),
        (.number(0x15, UInt64(0x1F)), ["\"0x1f\""]),
        (.number(8, UInt16(9)), ["9"]),
        (.plain(8, [1, 2, 3]), ["\"010203\""]),
        (.plain(0x20, [1, 2]), ["\"0102\""]),
        (.strings(["one", "", "three"]), ["\"one\"", "\"\"", "\"three\""]),
        (.plain(0x86, [1, 0, 2, 0]), ["1", "2"]),
        (.plain(0x82, [0x61, 0, 0x62, 0]), ["\"a\"", "\"b\""]),
        (.plain(0x93, [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5]), ["\"S-1-5-18\"", "\"S-1-5\""]),
        (.plain(0x88, []), ["\"\""]),
    ])
    func typesAsText(_ value: TestValue, _ expected: [String]) {
        var writer = EventLogWriter()
        writer.add(1, [.instance(.event(), Template.system(1, record: 1, [.instance(.data(["X"]), [value])]))])
        let reading = Reading(writer.finished())
        #expect(reading.damages == [])
        #expect(reading.events.first?.values("EventData.X") == expected)
    }

    @Test func elementsStandInTheEventAsWindowsNestsThem() {
        let user = Template(
            .element(
                "EventXML", [("Guid", [.value(0)])],
                [
                    .element("Param1", [], [.value(1)]),
                    .element("Param2", [], [.text("a "), .entity("lt"), .character(0x20AC), .cdata(" & "), .value(2)]),
                    .element("Param2", [], [.value(9)]),
                    .element("Nothing"),
                ]))
        var writer = EventLogWriter()
        writer.add(
            1,
            [
                .instance(
                    .event(),
                    Template.system(
                        1, record: 1,
                        [
                            .element(
                                "UserData", [],
                                [.instance(user, [.null, .number(8, UInt32(5)), .strings(["x", "y"])])])
                        ]))
            ])
        let reading = Reading(writer.finished())
        #expect(reading.damages == [])
        let event = reading.events.first
        #expect(event?.values("UserData.EventXML.Param1") == ["5"])
        #expect(event?.values("UserData.EventXML.Param2") == ["\"a <\u{20AC} & x,y\"", "null"])
        #expect(event?.values("UserData.EventXML.Nothing") == ["null"])
        #expect(event?.values("UserData.EventXML.#attributes.Guid") == [])
    }

    @Test func dataWithoutNameAndWithANameThatIsAValue() {
        let data = Template(
            .element(
                "EventData", [],
                [
                    .element("Data", [], [.value(0)]),
                    .element("Data", [("Name", [.value(1)])], [.value(2)]),
                    .element("Data", [("Name", [.text("Kind")]), ("Unit", [.text("s")])], [.text("k")]),
                    .element("Binary", [], [.value(3)]),
                ]))
        var writer = EventLogWriter()
        writer.add(
            1,
            [
                .instance(
                    .event(),
                    Template.system(
                        1, record: 1,
                        [
                            .instance(
                                data, [.strings(["p", "q"]), .string("Dynamic"), .string("v"), .plain(14, [0xFE])])
                        ]))
            ])
        let event = Reading(writer.finished()).events.first
        #expect(event?.values("EventData.Data") == ["\"p\"", "\"q\""])
        #expect(event?.values("EventData.Dynamic") == ["\"v\""])
        #expect(event?.values("EventData.Kind") == ["\"k\""])
        #expect(event?.values("EventData.Kind.#attributes.Unit") == ["\"s\""])
        #expect(event?.values("EventData.Binary") == ["\"FE\""])
    }

    @Test func templatesAreSharedAndKeptApartByWhereTheyStand() {
        let event = Template.event()
        let data = Template.data(["A"])
        var writer = EventLogWriter()
        for id in 1...20 as ClosedRange<UInt64> {
            let own = Node.instance(data, [.string("v\(id)")])
            let nodes = id % 2 == 0 ? [own] : [Node.element("Outer", [], [own])]
            writer.add(id, [.instance(event, Template.system(UInt16(id), record: id, nodes))])
        }
        let reading = Reading(writer.finished())
        #expect(reading.damages == [])
        #expect(reading.events.map(\.eventID) == (1...20).map(String.init))
        for (index, event) in reading.events.enumerated() {
            let name = index % 2 == 1 ? "EventData.A" : "Outer.EventData.Data"
            #expect(event.values(name) == ["\"v\(index + 1)\""])
        }
    }
}
