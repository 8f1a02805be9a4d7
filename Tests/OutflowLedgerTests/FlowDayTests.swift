// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowRecords
import Testing

/// Durations and sizes of single records, as days of outflow tell them.
@Suite struct FlowDayTests {
    @Test func magnitudesRiseWithTheirNumbersAndAreRightToAQuarter() {
        var last: UInt8 = 0
        for place in 0..<64 {
            let power = UInt64(1) << UInt64(place)
            for number: UInt64 in [power, power | power / 3, power &* 2 &- 1] {
                let magnitude = Magnitude.of(number)
                #expect(magnitude >= last)
                last = magnitude
                let floor = Magnitude.floor(magnitude)
                #expect(floor <= number && number - floor <= number / 4, "\(number)")
            }
        }
        #expect(Magnitude.of(0) == 0 && Magnitude.floor(.max) == .max)
    }

    /// Keeps the days that it is told.
    struct Diary: LedgerJudge {
        var isLast = false
        var expected = 0
        var days: [OutboundDay] = []
        mutating func expect(days: Int) { expected = days }
        mutating func add(_ day: OutboundDay) { days.append(day) }
        mutating func conclude(_ report: inout Report, _ facts: LedgerFacts) {}
    }

    private static func diary(_ ledger: Ledger, isLast: Bool = false) -> Diary {
        var diary = Diary(isLast: isLast)
        _ = ledger.conclude(inputs: [], estate: Estate(), judge: &diary)
        return diary
    }

    static func flow(_ start: Int64, seconds: Int64, sent: UInt64, port: UInt16) -> Flow {
        Flow(
            originator: IPAddress(v4: 0x0A00_0001), responder: IPAddress(v4: 0x0808_0808),
            start: Timestamp(microseconds: start * 1_000_000), duration: seconds * 1_000_000, originatorBytes: sent,
            responderBytes: 10, originatorPort: port, responderPort: 443, proto: 6, sensor: .zeek)
    }

    @Test func theLongestAndTheLargestRecordOfADay() throws {
        let flows = [
            Self.flow(86_400 * 100, seconds: 5, sent: 9_000, port: 1),
            Self.flow(86_400 * 100 + 4000, seconds: 7200, sent: 500, port: 2),
            Self.flow(86_400 * 101 + 10, seconds: 1, sent: 70, port: 3),
        ]
        let ledger = Ledger()
        // In any order, and again.
        for flow in (flows + flows).shuffled() {
            let batch = ActivityBatch()
            batch.flows.append(flow)
            _ = ledger.observe(batch, input: 0)
        }
        let diary = Self.diary(ledger)
        let days = diary.days.sorted { $0.day < $1.day }
        try #require(days.count == 2)
        #expect(diary.expected >= 2)
        #expect(days.map(\.day) == [100, 101])
        #expect(days.map(\.hours) == [3, 1])
        #expect(days.map(\.longest) == [7168, 1])
        #expect(days.map(\.largest) == [8192, 64])
        #expect(days.map(\.bytes) == [9_500, 70])
        #expect(Self.diary(ledger, isLast: true).days.count == 2)
        #expect(Self.diary(ledger).days.isEmpty, "the last has taken them")
    }
}
