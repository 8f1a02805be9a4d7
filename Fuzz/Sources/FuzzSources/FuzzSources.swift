// SPDX-License-Identifier: Apache-2.0

import CFuzzer
import OutflowActivities
import OutflowRecords

/// Any lines as a log: every source that is willing reads them, and accounts for what it cannot read.
@main
enum FuzzSources {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments) { start, count in
            // Sources may read, but not use, 64 bytes beyond the end.
            let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: count + 64)
            defer { memory.deallocate() }
            memory.initialize(repeating: 0, count: count + 64)
            if let start { memory.update(from: start, count: count) }
            FuzzSources.read(Bytes(start: UnsafePointer(memory), count: count))
            return 0
        }
    }

    static func read(_ bytes: Bytes) {
        var lines: [Bytes] = []
        RecordBlock(bytes: bytes, offset: 0).forEachRecord { line, _ in if lines.count < 20 { lines.append(line) } }
        // A JSON record need not be a line: the whole as one record, too.
        let whole = RecordBlock(bytes: bytes, offset: 0, framing: .jsonElements, elements: [0..<bytes.count])
        let batch = ActivityBatch()
        for (framing, block, records) in [
            (Framing.lines, RecordBlock(bytes: bytes, offset: 0), lines), (.jsonElements, whole, [bytes]),
        ] {
            for type in LogSources.all {
                let head = StreamHead(
                    bytes: bytes, isWhole: true, framing: framing, records: records, options: SourceOptions())
                let score = type.recognise(head)
                precondition((0...100).contains(score), "\(type.card.format) is \(score) sure")
                guard let source = type.init(head) else { continue }
                source.read(block, into: batch)
                precondition(batch.rejections.examples.allSatisfy { $0.offset <= UInt64(bytes.count) })
                for flow in batch.flows {
                    precondition(flow.originatorLower <= flow.originatorUpper || flow.services.contains(.unbounded))
                    precondition(flow.offset + UInt64(flow.length) <= UInt64(bytes.count), "evidence beyond the end")
                }
                batch.clear()
            }
        }
    }
}
