// SPDX-License-Identifier: Apache-2.0

import CPCRE2
import Foundation

/// The expression of a MATCHES: Perl-compatible (STIX 2.1 section 9.6.1), searched for anywhere in the text, both in Unicode
/// normalization form C. Over binary values it is about bytes.
final class PatternRegex: @unchecked Sendable {
    // Unchecked: compiled expressions never change.
    private let overText: OpaquePointer
    /// Nil when the expression has characters that no byte is.
    private let overBytes: OpaquePointer?

    /// Compiles an expression that stands at `position` of its pattern.
    init(_ text: String, _ position: @autoclosure () -> PatternError.Position) throws(PatternError) {
        let normal = text.precomposedStringWithCanonicalMapping
        overText = try Self.compile(Array(normal.utf8), isText: true, position())
        let scalars = normal.unicodeScalars
        if scalars.allSatisfy({ $0.value < 256 }) {
            // The text is a good expression over characters; over bytes it may still not be one, then no bytes match.
            overBytes = try? Self.compile(scalars.map { UInt8($0.value) }, isText: false, position())
        } else {
            overBytes = nil
        }
    }

    deinit {
        cpcre2_free(overText)
        if let overBytes { cpcre2_free(overBytes) }
    }

    private static func compile(
        _ bytes: [UInt8], isText: Bool, _ position: @autoclosure () -> PatternError.Position
    ) throws(PatternError) -> OpaquePointer {
        var message = [CChar](repeating: 0, count: 256)
        // Some milliseconds of backtracking, and at most 8 MiB of memory for it.
        let flags = isText ? CPCRE2_UNICODE_CLASSES : CPCRE2_BYTES
        let regex = bytes.withUnsafeBytes {
            cpcre2_new(
                $0.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, Int32(flags.rawValue), 200_000, 8192,
                &message, message.count)
        }
        guard let regex else {
            let words = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw .meaning(position(), "no regular expression: \(words)")
        }
        return regex
    }

    /// Whether the expression is found in the text.
    func matches(_ text: String) throws(PatternError) -> Bool {
        try search(overText, Array(text.precomposedStringWithCanonicalMapping.utf8))
    }

    /// Whether the expression is found in the bytes.
    func matches(_ bytes: [UInt8]) throws(PatternError) -> Bool {
        guard let overBytes else { return false }
        return try search(overBytes, bytes)
    }

    private func search(_ regex: OpaquePointer, _ bytes: [UInt8]) throws(PatternError) -> Bool {
        let outcome = bytes.withUnsafeBufferPointer { cpcre2_search(regex, $0.baseAddress, $0.count) }
        if outcome == CPCRE2_LIMIT {
            throw .tooCostly("a regular expression backtracks too much; write it without nested repetitions")
        }
        return outcome == CPCRE2_MATCH
    }
}
