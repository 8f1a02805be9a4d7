// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowActivities

/// Every function must agree with its plain twin, whatever stands behind the text.
struct PaddedTextTests {
    /// Calls `body` with `text` in front of bytes that would mislead a reader that looked at them.
    private func padded<Result>(_ text: String, _ body: (Bytes) -> Result) -> [Result] {
        [
            "0123456789012345", "................", "\t1714521600.0064",
            "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
        ]
        .map { behind in
            withBytes(of: text + behind) { body($0.prefix(upTo: text.utf8.count)) }
        }
    }

    private static let texts: [String] = {
        var texts = [
            "", "-", "0", "7", "42", "65535", "99999999", "100000000", "18446744073709551616", "1e3", "12.5", "+1",
            "1 ",
            "1714521600.006479", "0000000000.000000", "1714521600,006479", "1714521600.00647a", "171452160a.006479",
            "1714521600", "-1.5", "0.000001", "12345678.123456", "123456789.123456", "1.5751690", ".575169", "9.5e-07",
            "1.5", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.02.3.4", "1.2.3.04",
            "1..2.3", ".1.2.3", "1.2.3.", "1.2.3.4", "1000.2.3.4", "10.0.1.19", "a.b.c.d", "1.2.3.4a", "::1",
            "192.168.100.200", "192.168.100.2000", "1.2.3./", "1.2.3.:",
        ]
        var random = SplitMix(seed: 0x0F10)
        let alphabet = Array("0123456789.-a")
        for _ in 0..<20_000 {
            texts.append(String((0..<random.below(18)).map { _ in alphabet[random.below(alphabet.count)] }))
        }
        for _ in 0..<20_000 {
            texts.append((0..<4).map { _ in "\(random.below(300))" }.joined(separator: "."))
            texts.append(
                "\(random.below(4_000_000_000)).\(1_000_000 + random.below(1_000_000))".replacing(".1", with: "."))
        }
        return texts
    }()

    @Test func numbersAgree() {
        for text in Self.texts {
            for value in padded(text, { PaddedText.unsigned($0) == $0.unsigned }) { #expect(value, "\(text)") }
        }
    }

    @Test func timesAgree() {
        for text in Self.texts {
            for value in padded(text, { PaddedText.epochSeconds($0) == Timestamp(epochSeconds: $0) }) {
                #expect(value, "\(text)")
            }
        }
    }

    @Test func intervalsAgree() {
        for text in Self.texts {
            for value in padded(text, { PaddedText.interval($0) == ZeekConn.microseconds($0) }) {
                #expect(value, "\(text)")
            }
        }
    }

    @Test func addressesAgree() {
        for text in Self.texts {
            for value in padded(text, { PaddedText.v4($0) == IPAddress.parseV4($0) }) { #expect(value, "\(text)") }
            for value in padded(text, { PaddedText.portableV4($0) == IPAddress.parseV4($0) }) {
                #expect(value, "\(text)")
            }
        }
    }

    @Test(arguments: ["", "tcp", "eightfit", "ninebytes"])
    func wordsStopAtTheirEnd(text: String) {
        let want = text.utf8.count > 8 ? 0 : text.utf8.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        for value in padded(text, { PaddedText.word($0) }) { #expect(value == want) }
    }
}

/// A small generator whose seed stands in the test.
private struct SplitMix {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ z >> 31) % UInt64(limit))
    }
}
