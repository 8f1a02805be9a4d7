// SPDX-License-Identifier: Apache-2.0

import OutflowLedger

/// How much findings say together, in points, and which word that is.
///
/// Points are decibans, ten times the decimal logarithm of the factor by which odds change (I. J. Good, Probability and
/// the Weighing of Evidence, 1950): a finding that is `possible` counts 10, `likely` 20, `very likely` 30. Kinds of
/// evidence that come about independently of each other add: rules, indicators, detectors. Within a kind the strongest
/// counts whole; others by other names are seldom independent of it, so they count 3 each and 6 together at most. The
/// same name again adds nothing.
///
/// The points order cases and give their words a fixed meaning. They are no measured probabilities.
public struct WeightOfEvidence: Sendable, Hashable {
    /// The points.
    public private(set) var points = 0
    /// By kind: its strongest finding (index in what was given) and points, then those of its further names.
    private(set) var parts: [(kind: Report.Finding.Kind, strongest: Int, points: Int, further: Int)] = []

    /// What some findings say.
    public init(_ findings: some Sequence<Report.Finding>) {
        var strongest: [Report.Finding.Kind: (index: Int, finding: Report.Finding)] = [:]
        var names: [Report.Finding.Kind: Set<String>] = [:]
        for (index, finding) in findings.enumerated() where finding.suspicion > .none {
            names[finding.kind, default: []].insert(finding.name)
            if let known = strongest[finding.kind],
                (known.finding.suspicion, finding.first, finding.id)
                    >= (finding.suspicion, known.finding.first, known.finding.id)
            {
                continue
            }
            strongest[finding.kind] = (index, finding)
        }
        for kind in [Report.Finding.Kind.detector, .indicator, .rule] {
            guard let best = strongest[kind] else { continue }
            let further = min((names[kind]?.count ?? 1) - 1, 2) * 3
            parts.append((kind, best.index, Self.points(of: best.finding.suspicion), further))
            points += Self.points(of: best.finding.suspicion) + further
        }
    }

    /// Whether this is one rule of low or medium level and no more. Such a rule tells of what administrators do too, so that
    /// by itself it is worth a line among the findings, and no case.
    var isOneWeakRule: Bool { points == Self.points(of: .possible) && parts.allSatisfy { $0.kind == .rule } }

    /// The word for the points.
    public var suspicion: Suspicion { Self.suspicion(of: points) }

    /// What a finding of a suspicion counts.
    public static func points(of suspicion: Suspicion) -> Int {
        switch suspicion {
        case .none: 0
        case .possible: 10
        case .likely: 20
        case .veryLikely: 30
        }
    }

    /// The strongest word that so many points carry.
    public static func suspicion(of points: Int) -> Suspicion {
        Suspicion.allCases.last { points >= Self.points(of: $0) } ?? .none
    }

    /// Equal when the points and their parts are.
    public static func == (one: WeightOfEvidence, other: WeightOfEvidence) -> Bool {
        one.points == other.points && one.parts.elementsEqual(other.parts, by: ==)
    }

    /// Hashes the points.
    public func hash(into hasher: inout Hasher) { hasher.combine(points) }
}
