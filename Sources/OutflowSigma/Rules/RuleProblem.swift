// SPDX-License-Identifier: Apache-2.0

/// Why a rule, or a file of rules, was not loaded.
public enum RuleProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file could not be read, or is too large.
    case unreadable(String)
    /// The text is no YAML, or YAML of a kind that is refused (aliases, too deep).
    case notYAML(String)
    /// Something that the specification demands is missing or of the wrong shape.
    case malformed(String)
    /// The condition cannot be parsed, or names what is not there.
    case condition(String)
    /// A modifier that is unknown, or does not go with the value or the modifiers before it.
    case modifier(String)
    /// A regular expression that neither RE2 nor PCRE2 takes.
    case regex(String)
    /// Placeholders without a value list, by name.
    case placeholders([String])
    /// The rule says of itself that it is not to be used.
    case status(String)
    /// Another rule has this id.
    case duplicate(String)
    /// A correlation or filter refers to a rule that was not loaded.
    case reference(String)
    /// Beyond a limit that keeps hostile rules from exhausting memory or time.
    case limit(String)

    /// In words, with what to do where that is not plain.
    public var description: String {
        switch self {
        case .unreadable(let words): "cannot be read: \(words)"
        case .notYAML(let words): "not readable as YAML: \(words)"
        case .malformed(let words): words
        case .condition(let words): "condition: \(words)"
        case .modifier(let words): words
        case .regex(let words): "regular expression: \(words)"
        case .placeholders(let names):
            "placeholders without values: \(names.map { "%\($0)%" }.joined(separator: ", ")); "
                + "give lists with --placeholders"
        case .status(let words): words
        case .duplicate(let words): words
        case .reference(let words): words
        case .limit(let words): words
        }
    }
}

/// A rule that was not loaded: where it stands, and why.
public struct RejectedRule: Hashable, Sendable {
    /// The file, as found below the folder that was given.
    public var path: String
    /// The rule's id, nil when it has none or could not be read.
    public var id: String?
    /// Why it was not loaded.
    public var problem: RuleProblem
    /// Of a correlation that does not tell the rules for themselves that it is about: their ids and names.
    public var silenced: [String]

    /// A rejection of its parts.
    public init(path: String, id: String?, problem: RuleProblem, silenced: [String] = []) {
        self.path = path
        self.id = id
        self.problem = problem
        self.silenced = silenced
    }
}

/// What keeps hostile rules from exhausting memory or time. What goes beyond is rejected and named.
public struct RuleLimits: Sendable, Hashable {
    /// Largest rule file in bytes.
    public var fileBytes = 4 << 20
    /// Deepest nesting of lists and maps in a rule.
    public var depth = 24
    /// Most nodes (scalars, lists, maps) of one file.
    public var nodes = 200_000
    /// Most nodes of one file with those that its documents take over from others by `action`.
    public var expandedNodes = 600_000
    /// Longest value in bytes.
    public var valueBytes = 64 << 10
    /// Most wildcards in one value.
    public var wildcards = 64
    /// Most values that one field's modifiers and placeholders may expand to.
    public var expansions = 20_000
    /// Longest condition in characters.
    public var conditionLength = 16 << 10
    /// Deepest nesting of brackets and `not` in a condition.
    public var conditionDepth = 64
    /// Longest regular expression in bytes.
    public var regexBytes = 16 << 10
    /// Memory of one compiled regular expression in bytes.
    public var regexMemory: Int64 = 8 << 20
    /// Memory of all compiled regular expressions together in bytes; it goes with the time that compiling takes.
    public var regexTotalMemory = 16 << 20
    /// Most tests of fields that a rule comes to, those of an identifier as often as conditions name it, and names that a
    /// pattern in a condition is compared with.
    public var ruleTests = 200_000
    /// The same for the rules of one file.
    public var fileTests = 400_000
    /// The same for all rules, with those of filters for each rule that they are for.
    public var tests = 2_000_000
    /// Most branches of a rule's compiled condition.
    public var branches = 200_000
    /// Most rules in all.
    public var rules = 100_000

    /// The standard limits.
    public init() {}
}
