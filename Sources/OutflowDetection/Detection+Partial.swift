// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords
import OutflowSketches

extension Detection {
    /// Writes what was observed as a section of a partial. Flows are not in it: a partial keeps them one by one.
    public mutating func encode(into encoder: inout StateEncoder) {
        measures.settle()
        encoder.begin(.measures)
        encoder.write(UInt64(measures.texts.count - 1))
        for number in 1..<UInt32(max(1, measures.texts.count)) { measures.texts.with(number) { encoder.write($0) } }
        let rows = measures.rows
        encoder.write(UInt64(rows.count))
        encoder.column(rows) { UInt64($0.measure.rawValue) }
        encoder.column(rows) { UInt64($0.entity) }
        encoder.column(rows) { UInt64($0.subject) }
        encoder.timeColumn(rows) { Int64($0.day) }
        let things = measures.things.all
        encoder.write(UInt64(things.count))
        encoder.column(things) { UInt64($0.group) }
        encoder.fixedColumn(things) { $0.hash }
        encoder.column(things) { $0.value }
        encoder.originColumn(things) { $0.origin }
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote; a partial without the section has observed nothing.
    ///
    /// - Throws: when the section is damaged.
    public init(from decoder: inout StateDecoder) throws(StateError) {
        self.init()
        guard decoder.contains(.measures) else { return }
        try decoder.begin(.measures)
        measures = try Measures(from: &decoder)
        try decoder.end()
    }
}

extension Measures {
    fileprivate init(from decoder: inout StateDecoder) throws(StateError) {
        self.init()
        let textCount = try decoder.readCount(bytesEach: 1)
        var texts: [[UInt8]] = []
        for _ in 0..<textCount { texts.append(try decoder.readBytes()) }
        let rowCount = try decoder.readCount(bytesEach: 4)
        let kinds = try decoder.references(rowCount, below: Measure.allCases.count)
        let entities = try decoder.references(rowCount, below: textCount + 1)
        let subjects = try decoder.references(rowCount, below: textCount + 1)
        let days = try decoder.timeColumn(rowCount)
        let damaged = decoder.error("a row of measures is out of range or comes twice")
        for row in 0..<rowCount {
            guard let day = Int32(exactly: days[row]), let measure = Measure(rawValue: UInt8(kinds[row])),
                add(row: measure, Self.text(entities[row], texts), Self.text(subjects[row], texts), day) == row
            else { throw damaged }
        }
        let count = try decoder.readCount(bytesEach: 12)
        let groups = try decoder.references(count, below: rowCount)
        let hashes = try decoder.fixedColumn(count)
        let values = try decoder.column(count)
        let origins = try decoder.originColumn(count)
        for index in 0..<count {
            add(
                SmallestHashes.Thing(
                    group: groups[index], hash: hashes[index], value: values[index],
                    tag: (
                        UInt64(origins[index].input) << 32 | UInt64(origins[index].length), origins[index].offset
                    )))
        }
    }

    private static func text(_ number: UInt32, _ texts: [[UInt8]]) -> [UInt8] {
        number == 0 ? [] : texts[Int(number) - 1]
    }
}
