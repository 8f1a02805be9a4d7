// SPDX-License-Identifier: Apache-2.0

import Glibc
import OutflowActivities
import OutflowIntelligence
import OutflowRecords

/// Times sets of indicators: building one, opening it, looking up values that are in it and values that are not. CPU seconds
/// (user and system) of one thread.
@main
struct Measure {
    static func main() throws {
        if CommandLine.arguments.dropFirst().first == "patterns" {
            return try Patterns.measure(CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 1_000_000)
        }
        let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000
        let path = "\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/outflow-indicators-\(getpid())"
        defer { unlink(path) }
        var start = seconds()
        var builder = IndicatorSetBuilder()
        let profiles = (0..<8).map { Indicator.Profile(source: "feed \($0)", tlp: .green, confidence: 70) }
        for index in 0..<count {
            let (kind, value) = indicator(UInt64(index))
            builder.add(Indicator(kind: kind, value: value, profile: profiles[index & 7]))
        }
        let set = try builder.finish()
        print("indicators: \(set.count)")
        print("made from values: \(rounded(seconds() - start)) CPU s")
        print("memory of look-ups: \(rounded(Double(set.residentBytes) / Double(set.count))) bytes each")
        try set.write(to: path)
        start = seconds()
        let opened = try IndicatorSet(compiled: path)
        print("opened from disk: \(rounded(seconds() - start)) CPU s")
        let looks = 10_000_000
        // One value in a thousand is an indicator.
        time("exact values (hashes)", looks, opened) { batch, index in
            let known = index % 1000 == 0 ? index * 3 % UInt64(count) / 3 * 3 + 2 : index &+ 1 << 40
            batch.observables.append(
                Observable(
                    mark: mark(index), kind: .hash, value: copy(hash(known), batch), host: IPAddress(v4: 1),
                    peer: IPAddress(v4: 2)))
        }
        time("addresses, two a flow", looks, opened) { batch, index in
            let known = index % 1000 == 0 ? index * 3 % UInt64(count) / 3 * 3 : index &+ 1 << 40
            batch.flows.append(
                Flow(
                    originator: IPAddress(v4: 0x0A00_0000 | UInt32(truncatingIfNeeded: index & 0xFFFF)),
                    responder: IPAddress(v4: address(known)), start: Timestamp(microseconds: 0), duration: 0,
                    originatorBytes: 1, responderBytes: 1, originatorPort: 1, responderPort: 443, proto: 6,
                    sensor: .zeek))
        }
        time("names with the names above them", looks, opened) { batch, index in
            let known = index % 1000 == 0 ? index * 3 % UInt64(count) / 3 * 3 + 1 : index &+ 1 << 40
            batch.queries.append(
                DNSQuery(
                    mark: mark(index), client: IPAddress(v4: 1), resolver: IPAddress(v4: 2),
                    name: copy(Array("www.".utf8) + name(known), batch)))
        }
    }

    /// Times look-ups in batches of 4,096, which are made before the clock runs.
    static func time(
        _ what: String, _ looks: Int, _ set: IndicatorSet, _ add: (ActivityBatch, UInt64) -> Void
    ) {
        let matcher = IndicatorMatcher([set])
        let batch = ActivityBatch()
        var total = 0.0
        for first in stride(from: 0, to: looks, by: 4096) {
            batch.clear()
            for index in first..<min(first + 4096, looks) { add(batch, UInt64(index)) }
            let start = seconds()
            matcher.observe(batch, input: 0)
            total += seconds() - start
        }
        var start = seconds()
        let hits = matcher.hits
        let kept = seconds() - start
        start = seconds()
        let findings = hits.findings().count
        print("\(what): \(rounded(Double(looks) / total / 1e6)) million a CPU s; \(hits.count) hits, which took")
        print("  \(rounded(kept)) CPU s to hand over and \(rounded(seconds() - start)) to make \(findings) findings of")
    }

    private static func mark(_ index: UInt64) -> RecordMark {
        RecordMark(time: Timestamp(microseconds: 0), identity: index, offset: 0, length: 1)
    }

    private static func copy(_ bytes: [UInt8], _ batch: ActivityBatch) -> Bytes {
        bytes.withUnsafeBytes { batch.arena.copy(Bytes($0)) }
    }

    private static func mix(_ index: UInt64) -> UInt64 {
        var value = index &* 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    static func address(_ index: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: mix(index)) }

    private static func digits(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { Array("0123456789abcdef".utf8)[Int(value >> UInt64(4 * ($0 & 15)) & 15)] }
    }

    private static func name(_ index: UInt64) -> [UInt8] { digits(mix(index), 11) + Array(".example".utf8) }

    private static func hash(_ index: UInt64) -> [UInt8] {
        digits(mix(index), 16) + digits(mix(index ^ 1 << 50), 16) + digits(mix(index ^ 1 << 51), 16)
            + digits(mix(index ^ 1 << 52), 16)
    }

    /// A third addresses, a third names, a third SHA-256.
    private static func indicator(_ index: UInt64) -> (Indicator.Kind, [UInt8]) {
        switch index % 3 {
        case 0:
            let v4 = address(index)
            return (
                .address,
                [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
                    + (0..<4).map { UInt8(truncatingIfNeeded: v4 >> UInt32(24 - 8 * $0)) }
            )
        case 1: return (.domain, name(index))
        default: return (.hash, hash(index))
        }
    }

    static func seconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
