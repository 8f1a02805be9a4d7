// SPDX-License-Identifier: Apache-2.0

/// A Sigma rule that looks at single records.
///
/// Source: Sigma Rules Specification 2.1.
public struct Rule: Hashable, Sendable {
    /// A named part of the detection.
    public struct Identifier: Hashable, Sendable {
        /// The search identifier.
        public var name: String
        /// What it asks.
        public var expression: Expression
    }

    /// Where it was read, and what it says of itself.
    public var header: RuleHeader
    /// Which records it is for.
    public var logSource: RuleLogSource
    /// The parts of its detection, in the order of the file.
    public var identifiers: [Identifier]
    /// How they are joined.
    public var condition: Condition
    /// Identifiers and condition as one.
    public var expression: Expression
    /// Filters that are for it, as ``RuleCollection/filtered()`` adds them: their titles, and what must hold for a match to stay.
    public var filters: [Identifier] = []
    /// What is likely a mistake in how it is written, in sentences.
    public var remarks: [String] = []
}

/// What rules of all kinds say of themselves.
public struct RuleHeader: Hashable, Sendable, Codable {
    /// The file, as found below the folder that was given.
    public var path: String
    /// The rule's id, nil for none.
    public var id: String?
    /// The short name by which correlations may call it, nil for none.
    public var name: String?
    /// What it detects, in a few words.
    public var title: String
    /// `informational`, `low`, `medium`, `high`, `critical`; nil for none.
    public var level: String?
    /// Tags such as `attack.t1048`, in the order of the file.
    public var tags: [String]

    /// A header of its parts.
    public init(path: String, id: String?, name: String?, title: String, level: String?, tags: [String]) {
        self.path = path
        self.id = id
        self.name = name
        self.title = title
        self.level = level
        self.tags = tags
    }

    /// What identifies the rule in output: its id, its name, or its title.
    public var key: String { id ?? name ?? title }
}

/// Which records a rule is for. What is nil does not matter.
public struct RuleLogSource: Hashable, Sendable {
    /// A kind of event whatever writes it: `process_creation`.
    public var category: String?
    /// What writes it: `windows`.
    public var product: String?
    /// A part of the product's logs: `security`.
    public var service: String?

    /// A log source of its parts.
    public init(category: String? = nil, product: String? = nil, service: String? = nil) {
        self.category = category
        self.product = product
        self.service = service
    }

    /// Whether it names a product and nothing else.
    var isWholeProduct: Bool { product != nil && category == nil && service == nil }

    /// Whether records of a source are among those that the rule is for.
    public func includes(_ source: RuleLogSource) -> Bool {
        (category == nil || category == source.category) && (product == nil || product == source.product)
            && (service == nil || service == source.service)
    }
}
