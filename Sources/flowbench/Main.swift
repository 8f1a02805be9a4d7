// SPDX-License-Identifier: Apache-2.0
import Glibc
import OutflowActivities
import OutflowLedger
import OutflowRecords

@main struct Main {
    static func main() {
        let path = CommandLine.arguments[1]
        let mode = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : "all"
        let fd = open(path, O_RDONLY)
        let size = 256 * 1024
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: size * 2 + 128)
        var held = 0
        var offset: UInt64 = 0
        let batch = ActivityBatch()
        let ledger = FlowLedger()
        var source: (any LogSource)?
        var dup: UInt64 = 0
        var recs: UInt64 = 0
        var rejects: UInt64 = 0
        while true {
            let n = Glibc.read(fd, buffer + held, size)
            if n <= 0 { break }
            let total = held + n
            var end = total
            while end > 0, buffer[end - 1] != 10 { end -= 1 }
            let bytes = Bytes(start: UnsafePointer(buffer), count: end)
            if source == nil {
                var records: [Bytes] = []
                RecordBlock(bytes: bytes, offset: 0).forEachRecord { r, _ in if records.count < 10 { records.append(r) } }
                source = LogSources.source(for: StreamHead(bytes: bytes, isWhole: false, framing: .lines, records: records, options: .init()))!.0
            }
            if mode != "read" {
                source!.read(RecordBlock(bytes: bytes, offset: offset), into: batch)
                recs += batch.records
                rejects += batch.rejections.count
                if mode == "all" { dup += ledger.observe(batch.flows, input: 0) }
                batch.clear()
            }
            offset += UInt64(end)
            held = total - end
            memmove(buffer, buffer + end, held)
        }
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue == 0 ? 0 : 0, &usage)
        let cpu = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        print("records \(recs) rejects \(rejects) dup \(dup) cpu \(cpu) rss \(usage.ru_maxrss / 1024) MB")
    }
}
