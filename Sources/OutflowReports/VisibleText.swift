// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Text from a log made safe to look at: what could move the cursor, reorder the line or hide itself is shown as
/// `\u{202E}` instead.
///
/// An attacker chooses host names, user agents and file names. Control characters and ANSI sequences rewrite a terminal
/// (CWE-150), bidirectional overrides and invisible characters make one name look like another (Unicode TR 36 and 39;
/// CVE-2021-42574 "Trojan Source").
public enum VisibleText {
    /// More marks than these on one letter are shown as escapes: they would climb over the lines around.
    static let markLimit = 3

    /// The text with every control, formatting, invisible and private-use character written as `\u{HEX}`. A backslash
    /// that begins such an escape in the text itself is written `\u{5C}`, so that the result is unambiguous.
    public static func escape(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) { return text }
        var out = String.UnicodeScalarView()
        var marks = 0
        var iterator = text.unicodeScalars.makeIterator()
        var pending = iterator.next()
        while let scalar = pending {
            pending = iterator.next()
            var hide = isHidden(scalar)
            if !hide, isMark(scalar) {
                marks += 1
                hide = marks > markLimit
            } else if !hide {
                marks = 0
            }
            if scalar == "\\", pending == "u" { hide = true }
            if hide {
                out.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
            } else {
                out.append(scalar)
            }
        }
        return String(out)
    }

    /// ``escape(_:)``, cut to `limit` columns with an ellipsis and a word on how much is missing.
    static func excerpt(_ text: String, limit: Int) -> String {
        // A column takes at least one byte, so a short text need not be measured.
        guard text.utf8.count > limit else { return escape(text) }
        let visible = escape(String(text.unicodeScalars.prefix(limit)))
        let rest = text.unicodeScalars.count - limit
        return rest > 0 ? "\(visible)… (\(Wording.grouped(UInt64(rest))) more characters)" : visible
    }

    /// Whether a character has no shape of its own, or not one that can be relied upon.
    static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: return true
        case .spaceSeparator: return scalar != " "
        default:
            return properties.isDefaultIgnorableCodePoint || properties.isNoncharacterCodePoint || scalar == "\u{2800}"
        }
    }

    /// Whether a character is drawn onto the one before it.
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x300 else { return false }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return true
        default: return false
        }
    }

    /// Columns that an escaped text takes on a terminal: two for wide East Asian characters and emoji, none for marks
    /// (Unicode TR 11).
    static func width(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        var columns = 0
        for scalar in text.unicodeScalars { columns += width(scalar) }
        return columns
    }

    static func width(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        if isMark(scalar) { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x20000...0x3FFFD:
            return 2
        default:
            return scalar.properties.isEmojiPresentation ? 2 : 1
        }
    }

    /// An escaped text cut to `columns`, with an ellipsis in the middle: both ends of a host name matter.
    static func fit(_ text: String, _ columns: Int) -> String {
        guard width(text) > columns else { return text }
        guard columns > 1 else { return columns == 1 ? "…" : "" }
        let scalars = Array(text.unicodeScalars)
        var left = (columns - 1) / 2
        var right = columns - 1 - left
        var low = 0
        var high = scalars.count
        while high > 0, width(scalars[high - 1]) <= right {
            right -= width(scalars[high - 1])
            high -= 1
        }
        // A mark must not lose its letter.
        while high < scalars.count, isMark(scalars[high]) { high += 1 }
        while low < high, width(scalars[low]) <= left {
            left -= width(scalars[low])
            low += 1
        }
        var out = String.UnicodeScalarView()
        out.append(contentsOf: scalars[..<low])
        out.append("…")
        out.append(contentsOf: scalars[high...])
        return String(out)
    }

    /// An escaped text filled up with blanks to `columns`, on the right or on the left.
    static func pad(_ text: String, _ columns: Int, right: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, columns - width(text)))
        return right ? blanks + text : text + blanks
    }

    /// Words laid out in lines of at most `columns`; a word that is longer is broken, a figure stays with its unit.
    static func wrap(_ text: String, _ columns: Int) -> [String] {
        let columns = max(8, columns)
        var lines: [String] = []
        var line = ""
        var used = 0
        var words: [String] = []
        for word in text.split(separator: " ") {
            let bare = word.prefix { $0.isLetter }
            if ["B", "kB", "MB", "GB", "TB", "PB", "EB"].contains(bare), words.last?.last?.isNumber ?? false {
                words[words.count - 1] += " " + word
            } else {
                words.append(String(word))
            }
        }
        for word in words {
            var rest = word
            var length = width(rest)
            if used > 0, used + 1 + length > columns {
                lines.append(line)
                line = ""
                used = 0
            }
            while length > columns {
                var head = String.UnicodeScalarView()
                var taken = 0
                for scalar in rest.unicodeScalars {
                    if taken + width(scalar) > columns { break }
                    head.append(scalar)
                    taken += width(scalar)
                }
                lines.append(String(head))
                rest = String(String.UnicodeScalarView(rest.unicodeScalars.dropFirst(head.count)))
                length = width(rest)
            }
            line += used > 0 ? " " + rest : rest
            used += used > 0 ? 1 + length : length
        }
        if used > 0 || lines.isEmpty { lines.append(line) }
        return lines
    }
}
