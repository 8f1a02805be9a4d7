// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

/// Law 7: bad input is survived and told.
@Suite("Law 7: damage")
struct DamageTests {
    private enum Harm: CaseIterable { case flip, cut, insert }

    @Test("damage in one file leaves the others as they were", arguments: seeds(30))
    func damage(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let world = SmallWorld(seed: seed, size: 15)
        let files = Layout.random.files(world, &dice)
        let folder = try Folder()
        var paths = try files.map { try folder.write($0.name, $0.bytes) }
        // A record of its own, which no damage can reach.
        paths.append(
            try folder.write(
                "zz-witness.log",
                LogLine.header(.conn)
                    + "1750000000.000000\tCw\t10.1.0.99\t50000\t203.0.113.99\t443\ttcp\t-\t1.5\t4321\t10\tSF\t0\tShADadFf\t9\t40\t9\t40\n"
            ))
        let whole = try scanned(paths)

        let victim = dice.number(0...files.count - 1)
        var bytes = files[victim].bytes
        for _ in 0..<dice.number(1...8) where !bytes.isEmpty {
            let at = dice.number(0...bytes.count - 1)
            switch dice.pick(Harm.allCases) {
            case .flip: bytes[at] = UInt8(truncatingIfNeeded: dice.number(0...255))
            case .cut: bytes.removeSubrange(at..<min(bytes.count, at + dice.number(1...200)))
            case .insert:
                let odd: [[UInt8]] = [
                    [0], [0xFF, 0xFE], Array("\n{\"".utf8), Array(repeating: 0x5B, count: 300), Array("\t-\t".utf8),
                ]
                bytes.insert(contentsOf: dice.pick(odd), at: at)
            }
        }
        try folder.write(files[victim].name, bytes)
        let report = try scanned(paths, threads: dice.pick([1, 2]), blockBytes: dice.pick([300, 262_144]))

        let witness = try #require(report.ledger.first { $0.source.id == "10.1.0.99" })
        #expect(witness.bytes == .exactly(4_321) && witness.records == 1)
        #expect(report.inputs.count >= whole.inputs.count)
        for (number, file) in files.enumerated() where number != victim {
            let path = folder.path + "/" + file.name
            let (before, after) = (whole.inputs.first { $0.path == path }, report.inputs.first { $0.path == path })
            #expect(before?.records == after?.records && after?.rejected.count == 0, "seed \(seed)")
        }
        for input in report.inputs {
            #expect(input.rejected.count == 0 || !input.rejected.examples.isEmpty, "seed \(seed)")
            for example in input.rejected.examples {
                #expect(!example.reason.isEmpty)
                // Offsets count in the decompressed stream, which is at most what it was, and what was inserted.
                #expect(example.offset <= UInt64(bytes.count * 40 + 100_000), "seed \(seed) \(example)")
                if !input.path.hasSuffix(".gz") { #expect(example.offset <= input.bytes, "seed \(seed) \(example)") }
            }
        }
    }

    /// What a damaged line does to the lines around it: nothing.
    @Test("a damaged line costs itself only", arguments: seeds(20))
    func line(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let world = SmallWorld(seed: seed, kinds: .zeek, size: 30)
        let lines = world.lines.filter { $0.log == .conn }
        let broken = dice.number(0...lines.count - 1)
        var text = LogLine.header(.conn)
        var offset = 0
        for (number, line) in lines.enumerated() {
            let row = line.text(json: false, named: false)
            if number == broken { offset = text.utf8.count }
            text += (number == broken ? String(row.prefix(dice.number(5...40))) : row) + "\n"
        }
        let folder = try Folder()
        let input = try #require(try scanned([try folder.write("conn.log", text)]).inputs.first)
        #expect(input.records == UInt64(lines.count - 1) && input.rejected.count == 1, "seed \(seed)")
        #expect(input.rejected.examples.map(\.offset) == [UInt64(offset)], "seed \(seed)")
    }
}
