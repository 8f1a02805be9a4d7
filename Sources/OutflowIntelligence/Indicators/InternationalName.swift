// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Names with characters beyond ASCII, in the form that DNS carries (IDNA): each such label as `xn--` and Punycode.
public enum InternationalName {
    /// The name in lower case and ASCII; nil when a label cannot be written so. Characters are mapped as UTS 46 does in the
    /// main: compatibility characters and case are folded (NFKC); what it forbids beyond that is not looked for.
    public static func ascii(_ name: some StringProtocol) -> [UInt8]? {
        if name.utf8.allSatisfy({ $0 < 0x80 }) {
            return name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        }
        let mapped = String(name).precomposedStringWithCompatibilityMapping.lowercased()
            .precomposedStringWithCompatibilityMapping
        var labels: [[UInt8]] = []
        for label in mapped.split(separator: ".", omittingEmptySubsequences: false) {
            if label.utf8.allSatisfy({ $0 < 0x80 }) {
                labels.append(Array(label.utf8))
            } else {
                guard let code = punycode(Array(label.unicodeScalars)) else { return nil }
                labels.append(Array("xn--".utf8) + code)
            }
        }
        return Array(labels.joined(separator: [UInt8(ascii: ".")]))
    }

    /// Punycode of a label (RFC 3492 section 6.3); nil for labels longer than any that DNS carries.
    static func punycode(_ label: [Unicode.Scalar]) -> [UInt8]? {
        guard label.count <= 63 else { return nil }
        var output = label.filter(\.isASCII).map { UInt8($0.value) }
        let basic = output.count
        var handled = basic
        if basic > 0 { output.append(UInt8(ascii: "-")) }
        var next: UInt32 = 128
        var delta = 0
        var bias = 72
        while handled < label.count {
            guard let lowest = label.map(\.value).filter({ $0 >= next }).min() else { return nil }
            delta += Int(lowest - next) * (handled + 1)
            next = lowest
            for scalar in label {
                if scalar.value < next { delta += 1 }
                guard scalar.value == next else { continue }
                var rest = delta
                var position = 36
                while true {
                    let threshold = position <= bias ? 1 : position >= bias + 26 ? 26 : position - bias
                    if rest < threshold { break }
                    output.append(digit(threshold + (rest - threshold) % (36 - threshold)))
                    rest = (rest - threshold) / (36 - threshold)
                    position += 36
                }
                output.append(digit(rest))
                bias = adapt(delta, handled + 1, handled == basic)
                delta = 0
                handled += 1
            }
            delta += 1
            next += 1
        }
        return output
    }

    private static func digit(_ value: Int) -> UInt8 {
        value < 26 ? UInt8(ascii: "a") + UInt8(value) : UInt8(ascii: "0") + UInt8(value - 26)
    }

    private static func adapt(_ delta: Int, _ points: Int, _ isFirst: Bool) -> Int {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / points
        var step = 0
        while delta > 455 {
            delta /= 35
            step += 36
        }
        return step + 36 * delta / (delta + 38)
    }
}
