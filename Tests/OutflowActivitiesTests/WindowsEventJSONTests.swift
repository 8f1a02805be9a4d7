// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowReaders
import OutflowRecords
import Testing

@Suite struct WindowsEventJSONTests {
    /// The input as a scan has it.
    static func read(_ text: String, zone: Int = 0) -> InputSummary {
        let reader = InputReader(
            bytes: Array(text.utf8), path: "log", options: { _ in SourceOptions(zoneOffsetMinutes: zone) })
        let buffer = BlockBuffer()
        let batch = ActivityBatch()
        while let next = reader.next(into: buffer) {
            next.source.read(next.block, into: batch)
            OtherRecords().read(batch, after: next.source)
            reader.account(batch, duplicates: 0, input: next.input)
            batch.clear()
        }
        return reader.inputs[0]
    }

    @Test(arguments: [
        (
            "winlogbeat-json",
            #"{"@timestamp":"2020-05-01T22:55:58.100Z","winlog":{"channel":"Security","event_id":4688,"event_data":{}}}"#
        ),
        (
            "winlogbeat-json",
            #"{"@timestamp":"2020-05-01T22:55:58.100Z","log_name":"Security","event_id":4688,"event_data":{},"beat":{}}"#
        ),
        (
            "evtx-json",
            ##"{"Event":{"#attributes":{"xmlns":"x"},"System":{"EventID":4688,"Channel":"Security","TimeCreated":{"##
                + ##""#attributes":{"SystemTime":"2020-05-01T22:55:58.100000Z"}}}}}"##
        ),
        (
            "nxlog-json",
            #"{"EventTime":"2020-05-02 00:55:58.1","EventReceivedTime":"2020-05-02 00:56:00","Channel":"Security","#
                + #""EventID":4688,"SourceModuleType":"im_msvistalog","CommandLine":"x"}"#
        ),
        (
            "windows-json",
            #"{"EventID":4688,"Channel":"Security","TimeCreated":"2020-05-01T22:55:58.100Z","CommandLine":"x"}"#
        ),
    ])
    func collectorsAreToldApartAndTimesRead(format: String, record: String) {
        for text in [
            "\(record)\n\(record)\n", "[\(record),\n\(record)]", "{ \(record.dropFirst())\n{\(record.dropFirst())",
        ] {
            let input = Self.read(text, zone: 120)
            #expect(input.format == format)
            #expect(input.records == 2)
            #expect(input.first == Timestamp(microseconds: 1_588_373_758_100_000))
            #expect(input.rejected.count == 0)
        }
    }

    @Test func damagedLinesAreToldWithTheirOffset() {
        let good = #"{"EventID":1,"Channel":"Security","TimeCreated":"2020-05-01T22:55:58.100Z"}"#
        let input = Self.read("\(good)\n{\"EventID\":\n\(good)\n")
        #expect(input.records == 2)
        #expect(input.rejected.examples.map(\.offset) == [UInt64(good.utf8.count + 1)])
    }

    @Test(arguments: [
        #"{"EventID":1,"Channel":"x"}"#, #"{"EventID":1,"TimeCreated":"2020-05-01T22:55:58Z"}"#,
        #"{"Event":{"System":1}}"#,
        #"{"winlog":3}"#, #"{"log_name":"a","event_id":1}"#, "{}",
    ])
    func otherJSONIsNotTakenForEvents(text: String) { #expect(Self.read(text + "\n").format == "json-lines") }

    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"] != nil, "OUTFLOW_CORPORA is not set"))
    func allEventsOfRealHostsAreCounted() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"])
        let reader = InputReader(paths: ["\(folder)/windows-json/otrf-hosts.jsonl.gz"])
        let buffer = BlockBuffer()
        let batch = ActivityBatch()
        while let next = reader.next(into: buffer) {
            next.source.read(next.block, into: batch)
            OtherRecords().read(batch, after: next.source)
            reader.account(batch, duplicates: 0, input: next.input)
            batch.clear()
        }
        #expect(reader.inputs.map(\.format) == ["windows-json"])
        #expect(reader.inputs.map(\.records) == [40_000])
        #expect(reader.inputs[0].rejected.count == 0)
    }
}
