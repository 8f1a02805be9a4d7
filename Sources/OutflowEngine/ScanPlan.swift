// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowDetection
import OutflowEstate
import OutflowIntelligence
import OutflowReaders
import OutflowSigma

/// What to scan, and how: made from arguments before any work begins.
public struct ScanPlan: Sendable {
    /// Files, folders, `-` for standard input.
    public var paths: [String]
    /// What the configuration says is inside, owned and sanctioned.
    public var estate: Estate
    /// Threads that parse and add up; at least 1.
    public var threads: Int
    /// How much hostile input may cost.
    public var limits: ReadLimits
    /// How many network transfers the report lists.
    public var transferLimit: Int
    /// What to look for; nil for nothing.
    public var indicators: Indicators?
    /// Rules whose matches become findings; nil for none.
    public var rules: RuleSet?
    /// How many false cases the user can stand; nil for no detectors at all.
    public var alarms: AlarmBudget?
    /// Whether the smallest theft that would have been caught is sought.
    public var seeksLimits = true
    /// Whether what was scanned is never concluded again: then memory is given back on the way.
    public var isLast = false

    /// A plan; without more arguments for an unconfigured estate, on two threads.
    public init(
        paths: [String], estate: Estate = Estate(), threads: Int = 2, limits: ReadLimits = ReadLimits(),
        transferLimit: Int = 10_000, alarms: AlarmBudget? = .standard
    ) {
        self.paths = paths
        self.estate = estate
        self.threads = threads
        self.limits = limits
        self.transferLimit = transferLimit
        self.alarms = alarms
    }

    /// What the configuration says about logs of a path, in the words of the sources.
    public var sourceOptions: @Sendable (String) -> SourceOptions {
        let estate = estate
        return { path in
            let options = estate.logOptions(path)
            return SourceOptions(
                logFormat: options.logFormat, zoneOffsetMinutes: options.zoneOffsetMinutes ?? 0, format: options.format)
        }
    }
}
