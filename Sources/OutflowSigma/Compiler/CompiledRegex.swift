// SPDX-License-Identifier: Apache-2.0

import CPCRE2
import CRE2
import OutflowRecords

/// A regular expression ready to search with: by RE2, whose time is linear in the text, and what RE2 refuses (look-around,
/// back-references) by PCRE2 with a limit of steps.
final class CompiledRegex: @unchecked Sendable {  // Both libraries search with const objects.
    private let re2: OpaquePointer?
    private let pcre2: OpaquePointer?
    /// Whether `$` may stand before a line end that ends the text, which it does for PCRE (the specification's flavour) and
    /// not for RE2.
    private let endsBeforeNewline: Bool
    /// Literals in lower case of which one must be in a text of ASCII that matches; empty when nothing is known.
    let literals: [[UInt8]]

    /// Compiles an expression.
    ///
    /// - Parameter searchMemory: bytes that it may take with what searches build; with fewer they are slower. What needs more for
    ///   itself gets what the limits allow.
    init(_ source: RegexSource, limits: RuleLimits, searchMemory: Int64? = nil) throws(RuleProblem) {
        var flags: Int32 = 0
        if source.ignoresCase { flags |= Int32(CRE2_IGNORE_CASE.rawValue) }
        if source.isMultiline { flags |= Int32(CRE2_MULTI_LINE.rawValue) }
        if source.dotMatchesNewline { flags |= Int32(CRE2_DOT_NEWLINE.rawValue) }
        let length = source.pattern.utf8.count
        endsBeforeNewline = source.pattern.contains("$") && !source.pattern.contains("\\z")
        var message = [CChar](repeating: 0, count: 256)
        var made: OpaquePointer?
        for memory in [searchMemory, limits.regexMemory] where made == nil {
            guard let memory else { continue }
            made = source.pattern.withCString { cre2_new($0, length, flags, memory, &message, message.count) }
        }
        re2 = made
        if re2 != nil {
            pcre2 = nil
            literals = Self.literals(source.pattern, flags, limits)
            return
        }
        let refusal = Self.words(message)
        pcre2 = source.pattern.withCString {
            cpcre2_new($0, length, flags | Int32(CPCRE2_COUNTED.rawValue), 0, 20_000, &message, message.count)
        }
        literals = []
        if pcre2 == nil {
            throw .regex("RE2: \(refusal); PCRE2: \(Self.words(message)); in '\(source.pattern.prefix(80))'")
        }
    }

    deinit {
        cre2_free(re2)
        cpcre2_free(pcre2)
    }

    /// The memory of the compiled expression, in bytes, without what searches build and drop again.
    var size: Int { re2 == nil ? cpcre2_size(pcre2) : cre2_size(re2) }

    /// Whether searches take steps, and may be given up: those of PCRE2.
    var takesSteps: Bool { pcre2 != nil }

    /// Whether it matches somewhere in the text; nil when PCRE2 would need more steps than there are. Those that it took are
    /// taken off: the same for the same text each time.
    func search(_ text: Bytes, steps: inout UInt64) -> Bool? {
        if let re2 {
            if cre2_search(re2, text.start, text.count) { return true }
            guard endsBeforeNewline, text.count > 0, text[text.count - 1] == UInt8(ascii: "\n") else { return false }
            return cre2_search(re2, text.start, text.count - 1)
        }
        let answer = cpcre2_search_counted(pcre2, text.start, text.count, &steps)
        return answer == CPCRE2_MATCH ? true : answer == CPCRE2_NO_MATCH ? false : nil
    }

    private static func words(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func literals(_ pattern: String, _ flags: Int32, _ limits: RuleLimits) -> [[UInt8]] {
        final class Box { var found: [[UInt8]] = [] }
        let box = Box()
        _ = pattern.withCString {
            cre2_literals($0, pattern.utf8.count, flags, limits.regexMemory, Unmanaged.passUnretained(box).toOpaque()) {
                context, text, length in
                guard let context, let text else { return }
                let bytes = UnsafeRawBufferPointer(start: text, count: length)
                Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().found.append(Array(bytes))
            }
        }
        // Folding of other characters might differ between RE2 and us.
        return box.found.allSatisfy { $0.allSatisfy { $0 < 0x80 } } ? box.found : []
    }
}
