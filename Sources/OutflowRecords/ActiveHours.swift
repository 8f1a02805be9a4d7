// SPDX-License-Identifier: Apache-2.0

/// The hours in which records of a log lie: what it does not cover shows in them.
///
/// 64 hours to a word. Only the years 1990 to 2099 are kept, which bounds memory whatever times a log claims.
public struct ActiveHours: Sendable, Hashable {
    /// An hour in microseconds.
    public static let hour: Int64 = 3_600_000_000
    /// 1990-01-01T00:00Z and 2100-01-01T00:00Z, in hours since the epoch.
    private static let known: Range<Int64> = 175_320..<1_139_568

    private var words: [Int64: UInt64] = [:]
    /// Beginning of the hour that was seen last: nearly all records lie in the hour of the one before.
    @usableFromInline var latest = Int64.min

    /// No hours.
    public init() {}

    /// The hours of numbers since the epoch, as ``numbers`` gives them; those out of range are left out.
    public init(numbers: some Sequence<UInt64>) {
        for number in numbers { insert(hour: Int64(clamping: number)) }
    }

    /// Adds the hour of a moment, in microseconds since the epoch.
    @inlinable public mutating func insert(_ microseconds: Int64) {
        if UInt64(bitPattern: microseconds &- latest) >= UInt64(bitPattern: Self.hour) { note(microseconds) }
    }

    /// Adds the hour of a moment that is not in the latest.
    @usableFromInline mutating func note(_ microseconds: Int64) {
        let hour = microseconds / Self.hour - (microseconds % Self.hour < 0 ? 1 : 0)
        latest = hour &* Self.hour
        insert(hour: hour)
    }

    private mutating func insert(hour: Int64) {
        guard Self.known.contains(hour) else { return }
        words[hour >> 6, default: 0] |= 1 << UInt64(hour & 63)
    }

    /// Adds all of another's.
    public mutating func formUnion(_ other: ActiveHours) {
        for (word, bits) in other.words { words[word, default: 0] |= bits }
    }

    /// No hours any more.
    public mutating func removeAll() {
        words.removeAll(keepingCapacity: true)
        latest = .min
    }

    /// Their numbers since the epoch, in order.
    public var numbers: [UInt64] {
        words.keys.sorted().flatMap { word in
            let bits = words[word] ?? 0
            return (0..<64).filter { bits >> UInt64($0) & 1 == 1 }.map { UInt64(word << 6 + Int64($0)) }
        }
    }

    /// How many.
    public var count: Int { words.values.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Equal when the same hours are in both.
    public static func == (left: ActiveHours, right: ActiveHours) -> Bool { left.words == right.words }

    /// Feeds the hours.
    public func hash(into hasher: inout Hasher) { hasher.combine(words) }

    /// Stretches without a record that are out of the ordinary, in order of time: three hours or more, and more than five times
    /// as long as the third longest there is. A log that is silent every night has its nights for its ordinary, and one that
    /// is never silent has none. Nothing is said of fewer than 24 hours with records.
    public var silences: [Range<Timestamp>] {
        let hours = numbers
        guard hours.count >= 24 else { return [] }
        let runs = zip(hours, hours.dropFirst()).filter { $1 - $0 > 1 }
        let lengths = runs.map { $1 - $0 - 1 }.sorted(by: >)
        let ordinary = lengths.count > 2 ? lengths[2] : 0
        func time(_ hour: UInt64) -> Timestamp { Timestamp(microseconds: Int64(hour) * Self.hour) }
        return runs.filter { $1 - $0 - 1 >= 3 && $1 - $0 - 1 > 5 * ordinary }.map { time($0 + 1)..<time($1) }
    }
}
