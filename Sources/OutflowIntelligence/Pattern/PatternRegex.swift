// SPDX-License-Identifier: Apache-2.0

import CPatternRegex
import Foundation

/// The expression of a MATCHES: Perl-compatible (STIX 2.1 section 9.6.1), searched for anywhere in the text, both in Unicode
/// normalization form C. Over binary values it is about bytes.
final class PatternRegex: @unchecked Sendable {
    // Unchecked: compiled expressions never change.
    private let overText: OpaquePointer
    /// Nil when the expression has characters that no byte is.
    private let overBytes: OpaquePointer?

    /// Compiles an expression that stands at `position` of its pattern.
    init(_ text: String, _ position: PatternError.Position) throws(PatternError) {
        let normal = text.precomposedStringWithCanonicalMapping
        overText = try Self.compile(Array(normal.utf8), isText: true, position)
        let scalars = normal.unicodeScalars
        if scalars.allSatisfy({ $0.value < 256 }) {
            // The text is a good expression over characters; over bytes it may still not be one, then no bytes match.
            overBytes = try? Self.compile(scalars.map { UInt8($0.value) }, isText: false, position)
        } else {
            overBytes = nil
        }
    }

    deinit {
        outflow_regex_free(overText)
        if let overBytes { outflow_regex_free(overBytes) }
    }

    private static func compile(
        _ bytes: [UInt8], isText: Bool, _ position: PatternError.Position
    ) throws(PatternError) -> OpaquePointer {
        var offset = 0
        var message = [CChar](repeating: 0, count: 256)
        let size = message.count
        guard let regex = outflow_regex_new(bytes, bytes.count, isText ? 1 : 0, &offset, &message, size) else {
            let words = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw .meaning(position, "no regular expression: \(words) (byte \(offset) of it)")
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
        switch outflow_regex_search(regex, bytes, bytes.count) {
        case 1: return true
        case 0: return false
        case -1: throw .tooCostly("a regular expression backtracks too much; write it without nested repetitions")
        default: throw .observation("a text that no regular expression can be searched in")
        }
    }
}
