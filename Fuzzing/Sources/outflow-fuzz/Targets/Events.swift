// SPDX-License-Identifier: Apache-2.0

import OutflowEVTX
import OutflowJSON
import OutflowRecords

extension FuzzTarget {
    /// The chunk of a Windows event log, which a stream would hand out only behind its mark. Its checksums are made right,
    /// so that what they guard is reached. Events are as JSON what they are.
    static let eventChunk = FuzzTarget(name: "event-chunk") { input in
        var chunk = input
        let mark = Array("ElfChnk\0".utf8)
        if chunk.count >= 512 { chunk.replaceSubrange(0..<8, with: mark) }
        let reader = EventLogReader()
        let parser = JSONParser()
        func read() -> (events: [UInt64], damages: Int) {
            var (events, damages): ([UInt64], Int) = ([], 0)
            withExactCopy(of: chunk) { bytes in
                reader.read(bytes, at: 4096) { event in
                    check(event.offset >= 4096 && event.offset < 4096 + UInt64(bytes.count), "an event outside")
                    check(!event.fields.fields.isEmpty, "an event without fields")
                    checkJSON(event.fields, parser)
                    events.append(event.offset)
                } damaged: { offset, _ in
                    check(offset >= 4096 && offset <= 4096 + UInt64(bytes.count), "damage outside")
                    damages += 1
                }
            }
            return (events, damages)
        }
        let (first, second) = (read(), read())
        check(first == second, "a reader that is used again reads otherwise")
        check(zip(first.events, first.events.dropFirst()).allSatisfy { $0 < $1 }, "events out of order")
        var at = 0
        withExactCopy(of: input) { bytes in
            while at < bytes.count {
                switch EventLogScanner().step(bytes.suffix(from: at), isLast: true) {
                case .stretch(let size), .gap(let size):
                    check(size > 0 && size <= bytes.count - at, "a step of \(size)")
                    at += size
                }
            }
        }
    }

    /// One event as XML text. Whatever was read of it can be written as JSON.
    static let eventXML = FuzzTarget(name: "event-xml") { input in
        let reader = EventXMLReader()
        let parser = JSONParser()
        withExactCopy(of: input) { bytes in
            do throws(EventLogDamage) {
                try reader.read(bytes)
                check(reader.place == bytes.count, "not all of it was read")
            } catch {
                check(reader.place <= bytes.count, "damage behind the end")
                check(!error.isRemark, "\(error)")
            }
            checkJSON(reader.fields, parser)
        }
    }

    private static func checkJSON(_ fields: EventFields, _ parser: JSONParser) {
        let json = fields.nestedJSON(limit: 1 << 16)
        json.withUnsafeBytes { text in
            do throws(JSONParser.Failure) {
                let root = try parser.parse(copying: Bytes(text))
                check(root.kind == .object, "no object")
            } catch {
                fatalError("\(error): \(String(decoding: json, as: UTF8.self).debugDescription)")
            }
        }
    }

    /// Calls `body` with a copy behind which no byte may be read.
    private static func withExactCopy(of input: [UInt8], _ body: (Bytes) -> Void) {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(input.count, 1))
        defer { copy.deallocate() }
        copy.initialize(from: input, count: input.count)
        body(Bytes(start: UnsafePointer(copy), count: input.count))
    }
}
