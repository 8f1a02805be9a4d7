// SPDX-License-Identifier: Apache-2.0

/// Profiles of indicators that were met of late, as they are read out of a set, and the patterns behind them, compiled: a value
/// that is met a million times is not read a million times.
struct ProfileMemory {
    /// A profile, and its pattern over several records if it has one.
    struct Entry {
        let profile: Indicator.Profile
        let pattern: PatternSightings.Pattern?
        /// Nil when the profile has no pattern, or one that is not sound.
        let steps: PatternSteps?

        init(_ profile: Indicator.Profile) {
            self.profile = profile
            steps = profile.pattern.flatMap { PatternSteps($0) }
            pattern = profile.pattern.map { _ in PatternSightings.Pattern(profile) }
        }
    }

    private var entries: [UInt64: Entry] = [:]
    /// Bytes of patterns, roughly.
    private var size = 0
    private static let countLimit = 16_384
    private static let sizeLimit = 16 << 20

    /// The profile of a number in a set; nil when it is damaged.
    @inline(__always) mutating func entry(_ number: UInt64, of set: IndicatorSet) -> Entry? {
        entries[number] ?? read(number, of: set)
    }

    private mutating func read(_ number: UInt64, of set: IndicatorSet) -> Entry? {
        guard let profile = set.profile(number) else { return nil }
        if entries.count >= Self.countLimit || size >= Self.sizeLimit {
            entries.removeAll(keepingCapacity: true)
            size = 0
        }
        let entry = Entry(profile)
        entries[number] = entry
        // A compiled pattern takes several times the room of its text.
        size += 16 * (profile.pattern?.text.utf8.count ?? 0)
        return entry
    }
}
