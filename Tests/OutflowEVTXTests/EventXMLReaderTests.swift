// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowEVTX

/// What the reader of XML makes of a text, with copies of all views.
struct XMLReading: Equatable {
    var fields: [String] = []
    var damage: EventLogDamage?
    var place = 0
    var time: Timestamp?
    var system: [String] = []

    init(_ text: String) { self.init(Array(text.utf8)) }

    init(_ text: [UInt8]) {
        // Exactly so many bytes, so that the address sanitizer sees one too many.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: text)
        let reader = EventXMLReader()
        do throws(EventLogDamage) { try reader.read(Bytes(UnsafeRawBufferPointer(copy))) } catch { damage = error }
        fields = reader.fields.fields.map { "\($0.name.string)=\(Reading.Event.text($0))" }
        place = reader.place
        time = reader.system.time
        system = [reader.system.channel.string, reader.system.eventID.string, reader.system.provider.string]
    }
}

@Suite struct EventXMLReaderTests {
    @Test func anEventBecomesTheFieldsThatABinaryLogGives() {
        let reading = XMLReading(
            """
            <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>
              <Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/>
              <EventID Qualifiers=''>4688</EventID><Level>0</Level>
              <TimeCreated SystemTime='2016-07-08T18:12:51.681640100Z'/>
              <Correlation/><Execution ProcessID="4" ThreadID="24"></Execution>
              <Channel>Security</Channel></System>
              <EventData><Data Name='CommandLine'>a &lt;b&gt; &amp; &quot;c&quot; &#x41;&#66; &unknown; &amp</Data>
              <Data Name='Empty'></Data><Data Name='Empty2'/><Data>one</Data><Data Name=''>two</Data>
              <Data Name='Blank'> </Data><Data Name='Parts'>x<![CDATA[</Event>&amp;]]><!-- no -->y</Data></EventData>
            </Event>
            """)
        #expect(
            reading.fields == [
                "Event.#attributes.xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"",
                "Event.System.Provider.#attributes.Name=\"Microsoft-Windows-Security-Auditing\"",
                "Event.System.Provider.#attributes.Guid=\"54849625-5478-4994-A5BA-3E3B0328C30D\"",
                "Event.System.EventID=4688", "Event.System.Level=0",
                "Event.System.TimeCreated.#attributes.SystemTime=\"2016-07-08T18:12:51.681640Z\"",
                "Event.System.Correlation=null", "Event.System.Execution.#attributes.ProcessID=4",
                "Event.System.Execution.#attributes.ThreadID=24", "Event.System.Channel=\"Security\"",
                "Event.EventData.CommandLine=\"a <b> & \"c\" AB &unknown; &amp\"", "Event.EventData.Empty=\"\"",
                "Event.EventData.Empty2=\"\"", "Event.EventData.Data=\"one\"", "Event.EventData.Data=\"two\"",
                "Event.EventData.Blank=\" \"", "Event.EventData.Parts=\"x</Event>&amp;y\"",
            ])
        #expect(reading.damage == nil)
        #expect(reading.system == ["Security", "4688", "Microsoft-Windows-Security-Auditing"])
        #expect(reading.time == Timestamp(microseconds: 1_468_001_571_681_640))
    }

    @Test func userDataAndRenderingKeepTheirElements() {
        let reading = XMLReading(
            "<Event><UserData><EventXML xmlns:a='b'><Param1>x</Param1><Param1>y</Param1></EventXML></UserData>"
                + "<RenderingInfo Culture='en-US'><Message>Hello\r\n</Message></RenderingInfo></Event>")
        #expect(
            reading.fields == [
                "Event.UserData.EventXML.#attributes.xmlns:a=\"b\"", "Event.UserData.EventXML.Param1=\"x\"",
                "Event.UserData.EventXML.Param1=\"y\"", "Event.RenderingInfo.#attributes.Culture=\"en-US\"",
                "Event.RenderingInfo.Message=\"Hello\r\n\"",
            ])
    }

    @Test(arguments: [
        ("<Event><System></Event>", EventLogDamage.unbalanced, 22), ("<Event", .notWellFormed, 6),
        ("<Event><!DOCTYPE x [<!ENTITY a 'b'>]></Event>", .notWellFormed, 7), ("<Event a></Event>", .notWellFormed, 8),
        ("<Event a='></Event>", .notWellFormed, 9), ("<Event><![CDATA[x</Event>", .notWellFormed, 7),
        ("<Event/><Event/>", .unbalanced, 14), ("", .noEvent, 0), ("x<Event/>", .notWellFormed, 0),
        (String(repeating: "<a>", count: 33), .tooDeep, 98),
        ("<Event>" + String(repeating: "<a/>", count: 20_000), .tooLarge, 65_547),
    ])
    func damageIsToldWithItsPlace(text: String, damage: EventLogDamage, place: Int) {
        let reading = XMLReading(text)
        #expect(reading.damage == damage)
        #expect(reading.place == place)
    }

    @Test func noBytesTrap() {
        let seed = UInt64.random(in: 0 ... .max)
        var state = seed
        func next(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        let words = [
            "<Event", ">", "</Event>", "<System>", "</System>", "<Data Name='", "'", "/>", "&", "#x1F600;", "amp;",
            "<![CDATA[",
            "]]>", "<!--", "-->", "<?", "\u{0}", "é", "<EventData>", "</EventData>", "=", "\"", " ", "x",
        ]
        for _ in 0..<3000 {
            let text = (0..<next(30)).map { _ in words[next(words.count)] }.joined()
            let reading = XMLReading(text)
            #expect(reading.place <= text.utf8.count, "seed \(seed): \(text)")
        }
    }
}

@Suite struct EventJSONTests {
    private func json(_ fields: [(String, String, EventFields.Kind)], limit: Int = 1 << 20) -> String {
        let list = EventFields()
        let copies = fields.map { (Array($0.0.utf8), Array($0.1.utf8), $0.2) }
        var text = ""
        func add(_ index: Int) {
            if index == copies.count {
                text = String(decoding: list.nestedJSON(limit: limit), as: UTF8.self)
                return
            }
            copies[index].0.withUnsafeBytes { name in
                copies[index].1.withUnsafeBytes { value in
                    list.add(Bytes(name), Bytes(value), copies[index].2)
                    add(index + 1)
                }
            }
        }
        add(0)
        return text
    }

    /// JSON has no numbers with a zero in front (RFC 8259 section 6). Found by fuzzing.
    @Test(arguments: [("05", "\"05\""), ("-05", "\"-05\""), ("0", "0"), ("-0", "-0"), ("50", "50"), ("inf", "\"inf\"")])
    func numbersThatJSONDoesNotHaveAreTexts(number: String, written: String) {
        #expect(json([("A", number, .number)]) == "{\"A\":\(written)}")
    }

    @Test func fieldsBecomeObjectsInEachOther() {
        #expect(
            json([
                ("Event.System.EventID", "1", .number), ("Event.System.EventID.#attributes.Qualifiers", "7", .number),
                ("Event.EventData.a.b", "x\"\\\n\u{1}é", .string), ("Event.EventData.Data", "", .string),
                ("Event.System.Correlation", "", .null), ("Event.EventData.Data", "inf", .number),
            ])
                == ##"{"Event":{"System":{"EventID":{"#text":1,"#attributes":{"Qualifiers":7}},"Correlation":null},"##
                + #""EventData":{"a.b":"x\"\\\n\u0001é","Data":["","inf"]}}}"#)
    }

    @Test func whatIsTooLongIsCutAndSaidToBe() {
        let many = (0..<100).map { ("a\($0)", "value", EventFields.Kind.string) }
        #expect(json(many, limit: 20) == ###"{"a0":"value","a1":"value","#cut":true}"###)
        let deep = String(repeating: "a.", count: 10_000) + "a"
        #expect(json([(deep, "1", .number)]).hasSuffix(#"":1}"# + String(repeating: "}", count: 40)))
    }
}
