// SPDX-License-Identifier: Apache-2.0

import OutflowActivities

#if canImport(Glibc)
    import Glibc
#endif

/// What is measured of an entity each day, and how its figures are judged.
public struct Feature: Sendable {
    /// What an entity is.
    public enum Kind: String, Sendable, CaseIterable {
        /// A local host.
        case host
        /// A reader of a library.
        case reader
        /// A library, with all of its readers.
        case library
        /// A principal of a cloud.
        case principal
        /// A mailbox.
        case mailbox
        /// An account of a service that keeps files.
        case account
        /// A network outside that reads.
        case network
        /// A bucket or another place where objects lie.
        case store
        /// An application or session that reads mail.
        case application
    }

    /// What is believed of the figure before any log was read: in so many days of an entity (`frequency`) it is above
    /// `scale`, and from there it falls as a Pareto law with `index`. It weighs as ``Judge/priorWeight`` days of other
    /// entities: it decides in a young or tiny estate only, and how far beyond everything seen an extreme lies.
    ///
    /// Sizes of transfers are Pareto with an index between 1.0 and 1.3 (Crovella, Bestavros: Self-similarity in World Wide
    /// Web traffic, 1997; Downey: Lognormal and Pareto distributions in the Internet, 2005). Frequencies and scales are this
    /// project's assumption, and stand in docs/detection.md.
    public struct Prior: Sendable {
        /// Share of days on which the figure exceeds ``scale``.
        public var frequency: Double
        /// In units of the figure.
        public var scale: Double
        /// How fast it falls from there.
        public var index: Double

        /// A prior of its parts.
        public init(frequency: Double, scale: Double, index: Double) {
            self.frequency = frequency
            self.scale = scale
            self.index = index
        }

        /// The share of days on which the figure is at least `value`.
        func tail(_ value: Double) -> Double {
            value <= scale
                ? (value <= 0 ? 1 : max(frequency, min(1, frequency * scale / value)))
                : frequency * pow(value / scale, -index)
        }
    }

    /// As in findings: `new-destination`.
    public var name: String
    /// What it measures, in a few words.
    public var title: String
    /// Unit of the figure: `bytes`, `documents`, ...
    public var unit: String
    /// Whose it is.
    public var kind: Kind
    /// The way by which the data left.
    public var route: Route
    /// ATT&CK technique ids.
    public var techniques: [String]
    /// Figures below are not told apart.
    public var floor: UInt64
    /// What is believed beforehand.
    public var prior: Prior
    /// Whether peers alone can judge it. Where entities differ much in kind (servers and desktops), only an entity's own
    /// past can.
    public var comparesPeers: Bool

    /// A feature of its parts.
    public init(
        _ name: String, title: String, unit: String = "bytes", kind: Kind, route: Route, techniques: [String],
        floor: UInt64, prior: Prior, comparesPeers: Bool = true
    ) {
        self.name = name
        self.title = title
        self.unit = unit
        self.kind = kind
        self.route = route
        self.techniques = techniques
        self.floor = floor
        self.prior = prior
        self.comparesPeers = comparesPeers
    }
}
