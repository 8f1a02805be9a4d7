// SPDX-License-Identifier: Apache-2.0

/// Where a record stands: which input, and which bytes of its decompressed stream. Every figure leads back to these.
public struct Origin: Hashable, Comparable, Sendable {
    /// Index of the input in the order in which inputs were opened. Reports renumber inputs by path.
    public var input: UInt32
    /// Number of bytes of the record, without its line end.
    public var length: UInt32
    /// Offset of the record's first byte in the decompressed stream.
    public var offset: UInt64

    /// An origin of its parts.
    @inlinable public init(input: UInt32, offset: UInt64, length: UInt32) {
        self.input = input
        self.offset = offset
        self.length = length
    }

    /// Order by input, then by offset.
    @inlinable public static func < (left: Origin, right: Origin) -> Bool {
        (left.input, left.offset, left.length) < (right.input, right.offset, right.length)
    }
}

/// Why a stretch of input was not counted. Nothing is dropped without one.
public struct Rejection: Hashable, Sendable {
    /// Offset of the stretch in the decompressed stream.
    public var offset: UInt64
    /// What was wrong, and where the text allows what to do; without any secret of the machine.
    public var reason: String

    /// A rejection of the bytes at `offset`.
    public init(offset: UInt64, reason: String) {
        self.offset = offset
        self.reason = reason
    }
}

/// How many stretches of an input were rejected, and the first few of them.
public struct Rejections: Sendable, Hashable {
    /// How many examples are kept.
    public static let exampleLimit = 10
    /// How many were rejected.
    public private(set) var count: UInt64 = 0
    /// Those with the lowest offsets, in order of offset.
    public private(set) var examples: [Rejection] = []

    /// None.
    public init() {}

    /// Counts one more.
    public mutating func add(_ rejection: Rejection) {
        count += 1
        keep(rejection)
    }

    /// Counts `times` more for which no example is at hand.
    public mutating func add(count times: UInt64) { count += times }

    /// Counts all those of `other`.
    public mutating func merge(_ other: Rejections) {
        count += other.count
        for example in other.examples { keep(example) }
    }

    private mutating func keep(_ rejection: Rejection) {
        if examples.count == Self.exampleLimit, let last = examples.last, last.offset <= rejection.offset { return }
        let at = examples.firstIndex { ($0.offset, $0.reason) > (rejection.offset, rejection.reason) } ?? examples.count
        examples.insert(rejection, at: at)
        if examples.count > Self.exampleLimit { examples.removeLast() }
    }
}
