// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// How much left of the versions of one object: those asked for by name, and whichever was current when none was named.
///
/// What was current may be any of the named ones, so it raises the upper bound only, as far as those are as large.
struct VersionBounds {
    private var current: ByteBounds?
    private var named = ByteBounds.zero
    private var versions: UInt64 = 0

    /// Nothing read.
    init() {}

    /// Adds all that left of one version.
    mutating func add(_ bounds: ByteBounds, isNamed: Bool) {
        if isNamed {
            named += bounds
            versions += 1
        } else {
            current = bounds
        }
    }

    /// Whether the current version may be one of the named.
    var isUncertain: Bool { current != nil && versions > 0 }

    /// So many at least.
    var count: UInt64 { max(versions, 1) }

    /// The bounds of all together.
    var bounds: ByteBounds {
        guard let current else { return named }
        if versions == 0 { return current }
        let both = named + current
        return ByteBounds(atLeast: max(named.atLeast, current.atLeast), atMost: both.atMost)
    }
}
