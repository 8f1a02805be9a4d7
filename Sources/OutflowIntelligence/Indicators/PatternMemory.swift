// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Patterns that records of late had a part of, compiled.
struct PatternMemory {
    private var compiled: [PatternText: PatternSteps?] = [:]
    private var patterns: [Indicator.Profile: PatternSightings.Pattern] = [:]
    /// Bytes of all texts.
    private var size = 0
    private static let sizeLimit = 16 << 20

    /// The steps of the pattern that a profile is about; nil when it cannot be read.
    mutating func steps(of profile: Indicator.Profile) -> (PatternSightings.Pattern, PatternSteps)? {
        guard let text = profile.pattern else { return nil }
        if size > Self.sizeLimit {
            compiled = [:]
            patterns = [:]
            size = 0
        }
        let pattern = patterns[profile] ?? remember(profile)
        guard let steps = compiled[text] ?? remember(text) else { return nil }
        return (pattern, steps)
    }

    private mutating func remember(_ profile: Indicator.Profile) -> PatternSightings.Pattern {
        let pattern = PatternSightings.Pattern(profile)
        patterns[profile] = pattern
        size += 256 + profile.title.utf8.count
        return pattern
    }

    private mutating func remember(_ text: PatternText) -> PatternSteps? {
        let steps = PatternSteps(text)
        compiled[text] = .some(steps)
        size += 256 + text.text.utf8.count
        return steps
    }
}
