// SPDX-License-Identifier: Apache-2.0

/// What led to an alarm of a ``Judge``.
struct Alarm: Sendable {
    /// Number of the entity.
    var entity: UInt32
    /// Number of the feature that reached the threshold.
    var feature: Int
    /// What the figure of the strongest day is about.
    var subject: UInt32
    /// Day on which the evidence began to rise.
    var since: Int32
    /// Day of the alarm.
    var day: Int32
    /// Last day of the same case.
    var last: Int32
    /// The figure on the strongest day of the case.
    var value: UInt64
    /// p-value on the day of the alarm.
    var p: Double
    /// e-value on the day of the alarm; of one day alone 1/p.
    var evidence: Double
    /// The entity's own past; nil where only peers were compared.
    var past: EntityHistory.Past?
    /// The score among those of others.
    var rank: Reference.Rank
    /// The statistic when it alarmed.
    var statistic: Double
    /// What it had to reach.
    var threshold: Double
    /// Whether the day alone was enough.
    var isSingleDay: Bool
}
