// SPDX-License-Identifier: Apache-2.0

import Glibc
import OutflowActivities
import OutflowIntelligence
import OutflowRecords

/// Times STIX patterns against connections: half of them ask for an address, half for an address and a port.
enum Patterns {
    static func measure(_ count: Int) throws {
        let path = "\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/outflow-patterns-\(getpid()).json"
        defer { unlink(path) }
        try write(count, to: path)
        let start = Measure.seconds()
        let indicators = try Indicators(paths: [path])
        print("patterns: \(indicators.count), left out: \(indicators.patternsLeftOut.count)")
        print("read from a STIX bundle: \(Measure.rounded(Measure.seconds() - start)) CPU s")
        guard let set = indicators.sets.first else { return }
        for (what, looks, rare, port) in [
            ("one connection in 1,000 meets one", 5_000_000, 1_000, 443),
            ("all meet another one", 1_000_000, 1, 443),
            ("all lead to the address of another one, whose port they miss", 1_000_000, 1, 80),
        ] as [(String, Int, Int, UInt16)] {
            Measure.time(what, looks, set) { batch, index in
                let known = index % UInt64(rare) == 0
                // Patterns of odd number ask for a port too.
                let number = port == 443 ? index &* 7 % UInt64(count) : (index &* 14 &+ 1) % UInt64(count)
                batch.flows.append(
                    Flow(
                        originator: IPAddress(v4: 0x0A00_0000 | UInt32(truncatingIfNeeded: index & 0xFFFF)),
                        responder: IPAddress(
                            v4: Measure.address(known ? number : index &+ 1 << 40)),
                        start: Timestamp(microseconds: 0), duration: 0, originatorBytes: 1, responderBytes: 1,
                        originatorPort: 5000, responderPort: port, proto: 6, sensor: .zeek))
            }
        }
    }

    private static func write(_ count: Int, to path: String) throws {
        guard let file = fopen(path, "w") else { fatalError("\(path) cannot be written") }
        fputs("{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[", file)
        for index in 0..<count {
            let text = IPAddress(v4: Measure.address(UInt64(index))).description
            let pattern =
                index % 2 == 0
                ? "[ipv4-addr:value = '\(text)']"
                : "[network-traffic:dst_ref.value = '\(text)' AND network-traffic:dst_port = 443]"
            let digits = String(index, radix: 16)
            let id = "indicator--00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
            let separator = index == 0 ? "" : ","
            fputs(
                "\(separator){\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"\(id)\",\"pattern_type\":\"stix\","
                    + "\"modified\":\"2020-01-01T00:00:00.000Z\",\"pattern\":\"\(pattern)\"}", file)
        }
        fputs("]}", file)
        fclose(file)
    }
}
