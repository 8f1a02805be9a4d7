// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Which estate to simulate, how long, and what is stolen there.
public struct EstatePlan: Sendable {
    /// What kind of organisation it is.
    public var kind: EstateKind
    /// Hosts in all, 20 to 28,000, of which some join and leave while the estate is recorded.
    public var hosts: Int
    /// Days recorded, 1 to 3,660.
    public var days: Int
    /// What everything follows from.
    public var seed: UInt64
    /// The first day, as days since 1970-01-01.
    public var firstDay: Int
    /// How much of ordinary life is written, in percent of what is usual: fewer records of the same sizes, for long
    /// stretches; 1 to 1,000.
    public var detail: Int
    /// How Zeek's logs are written.
    public var zeek: ZeekWriting
    /// Whether all files are gzipped.
    public var isGzipped: Bool
    /// What is stolen.
    public var thefts: [TheftPlan]

    /// How Zeek's logs are written.
    public enum ZeekWriting: String, CaseIterable, Sendable {
        /// Tab-separated values with header lines.
        case tsv
        /// A JSON object a line.
        case json
    }

    /// A plan without thefts, from Monday 2024-01-01 on.
    public init(kind: EstateKind, hosts: Int, days: Int, seed: UInt64) {
        self.kind = kind
        self.hosts = max(20, min(hosts, 28_000))
        self.days = max(1, min(days, 3_660))
        self.seed = seed
        firstDay = Timestamp.days(year: 2024, month: 1, day: 1)
        detail = 100
        zeek = .tsv
        isGzipped = false
        thefts = []
    }
}
