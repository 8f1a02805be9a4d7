// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

@testable import OutflowLedger

/// A record that a test can put into a batch as often as it likes.
struct TestRecord {
    let identity: UInt64
    let time: Timestamp
    let add: (ActivityBatch, RecordMark) -> Void

    init(_ identity: UInt64, at seconds: Double = 0, _ add: @escaping (ActivityBatch, RecordMark) -> Void) {
        self.identity = identity
        time = Timestamp(microseconds: 1_588_000_000_000_000 + Int64(seconds * 1_000_000))
        self.add = add
    }

    func add(to batch: ActivityBatch, offset: UInt64) {
        add(batch, RecordMark(time: time, identity: identity, offset: offset, length: 10))
    }
}

extension ActivityBatch {
    func entity(_ kind: EntityKind, _ id: String, name: String = "", tenant: String = "") -> EntityView {
        EntityView(kind, id: arena.copy(id), name: arena.copy(name), tenant: arena.copy(tenant))
    }
}

/// The last two labels: enough for tests.
@Sendable func lastTwoLabels(_ name: Bytes) -> Int {
    var dots = 0
    var index = name.count
    while index > 0 {
        index -= 1
        if name[index] == UInt8(ascii: ".") {
            dots += 1
            if dots == 2 { return index + 1 }
        }
    }
    return 0
}

let inside = Network("10.0.0.0/8")!

func address(_ text: String) -> IPAddress { IPAddress(text)! }

/// A ledger that has seen `records` in order, as one batch of input 0; `duplicates` counts known ones.
func ledger(_ records: [TestRecord], duplicates: inout UInt64) -> RichLedger {
    var ledger = RichLedger(domainStart: lastTwoLabels)
    let batch = ActivityBatch()
    for (index, record) in records.enumerated() { record.add(to: batch, offset: UInt64(index) * 100) }
    duplicates = ledger.observe(batch, input: 0)
    return ledger
}

func conclude(_ records: [TestRecord]) -> RichLedger.Conclusion {
    var duplicates: UInt64 = 0
    var ledger = ledger(records, duplicates: &duplicates)
    return ledger.conclude(.init(isLocal: { inside.contains($0) }))
}

func encoded(_ ledger: inout RichLedger) -> [UInt8] {
    var encoder = StateEncoder()
    ledger.encode(into: &encoder)
    return encoder.finish()
}

func decoded(_ file: [UInt8], evidenceCapacity: Int = 262_144) throws(StateError) -> RichLedger {
    var decoder = try StateDecoder(file)
    return try RichLedger(from: &decoder, evidenceCapacity: evidenceCapacity, domainStart: lastTwoLabels)
}
