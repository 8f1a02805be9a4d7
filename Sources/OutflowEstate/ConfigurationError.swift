// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong with a configuration file.
public struct ConfigurationError: Error, Sendable, Hashable {
    /// A place in a text. Both count from 1; columns count Unicode scalars.
    public struct Position: Sendable, Hashable, Comparable {
        /// Number of the line.
        public var line: Int
        /// Number of the character in its line.
        public var column: Int

        /// The place in a line and column.
        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }

        /// Order in the text.
        public static func < (left: Position, right: Position) -> Bool {
            (left.line, left.column) < (right.line, right.column)
        }
    }

    /// The file as the user named it.
    public var file: String
    /// Where in it; nil when it could not be read at all.
    public var position: Position?
    /// What is wrong.
    public var message: String
    /// What to do about it; nil if there is nothing to add.
    public var hint: String?

    /// An error of its parts.
    public init(file: String, position: Position?, message: String, hint: String? = nil) {
        self.file = file
        self.position = position
        self.message = message
        self.hint = hint
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// `outflow.yaml:3:5: unknown key "netwroks"; did you mean "networks"?`
    public var description: String {
        let place = position.map { ":\($0.line):\($0.column)" } ?? ""
        return "\(file)\(place): \(message)\(hint.map { "; \($0)" } ?? "")"
    }
}

/// All that is wrong with a configuration file, in order of place. It is never empty when thrown.
public struct ConfigurationErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// The errors, first one first.
    public var all: [ConfigurationError]

    /// Some errors, put into order.
    public init(_ errors: [ConfigurationError]) {
        let start = ConfigurationError.Position(line: 0, column: 0)
        // Stable: errors at one place stay in the order in which they were found.
        all = errors.enumerated().sorted {
            let (left, right) = ($0.element.position ?? start, $1.element.position ?? start)
            return left != right ? left < right : $0.offset < $1.offset
        }.map { $0.element }
    }

    /// One error a line, the first twenty.
    public var description: String {
        let shown = all.prefix(20).map { $0.description }
        return (shown + (all.count > 20 ? ["and \(all.count - 20) more errors"] : [])).joined(separator: "\n")
    }
}

/// Text from a file as it may stand in a message: in quotes, cut to a bearable length, without control characters that
/// a terminal would obey.
package func quoted(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(60) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            shown += "\\u{\(String(scalar.value, radix: 16))}"
        default:
            shown.unicodeScalars.append(scalar)
        }
    }
    return text.unicodeScalars.count > 60 ? "\"\(shown)...\"" : "\"\(shown)\""
}

/// "did you mean ...?" with the candidate that differs from `word` by the fewest typing errors, if by at most two (one
/// in short words); nil if none is near.
package func suggestion(for word: String, among candidates: [String]) -> String? {
    guard word.utf8.count <= 40 else { return nil }
    let near = candidates.map { (distance: editDistance(word.lowercased(), $0), word: $0) }
        .filter { $0.distance <= ($0.word.utf8.count < 5 ? 1 : 2) }
        .min { $0 < $1 }
    return near.map { "did you mean \(quoted($0.word))?" }
}

/// Number of insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal
/// string alignment distance).
func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left.utf8)
    let b = Array(right.utf8)
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
            row.append(best)
        }
        before = last
        last = row
    }
    return last[b.count]
}
