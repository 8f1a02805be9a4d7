// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Something to look for in logs that a partner, a feed or a list names as a sign of an attack.
public struct Indicator: Sendable, Hashable {
    /// What it is a sign in.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case address = 1
        case network, domain, url, hash, mail, certificate, ja3, ja4, userAgent

        /// The word for it in reports, in the terms of `Report.NamedEntity`.
        public var name: String {
            switch self {
            case .address: "address"
            case .network: "network"
            case .domain: "domain"
            case .url: "url"
            case .hash: "hash"
            case .mail: "mailbox"
            case .certificate: "certificate"
            case .ja3: "ja3"
            case .ja4: "ja4"
            case .userAgent: "user-agent"
            }
        }
    }

    /// What it is a sign in.
    public var kind: Kind
    /// The value in the form that logs are compared with; see ``IndicatorText``. Addresses are 16 bytes, networks 17 (the
    /// length of the prefix in the 128-bit form last); all else is text.
    public var value: [UInt8]
    /// Where it comes from and what is known about it.
    public var profile: Profile

    /// Where an indicator comes from, and what its source says about it. Many indicators can share one.
    public struct Profile: Sendable, Hashable {
        /// The partner or feed that names it.
        public var source: String
        /// Its id there: a STIX id, a MISP UUID; empty for a line of a list.
        public var id: String
        /// What its source calls it; may be empty.
        public var title: String
        /// Who may see it; nil when its source did not say.
        public var tlp: TLP?
        /// From when on its source holds it for valid; nil when not said.
        public var validFrom: Timestamp?
        /// Until when, exclusive; nil when not said.
        public var validUntil: Timestamp?
        /// How sure its source is, 0 to 100; nil when not said.
        public var confidence: UInt8?
        /// ATT&CK techniques that it belongs to, in order.
        public var techniques: [String]
        /// Who may learn of the techniques, where their source marked them more restrictively than the value; nil where it did
        /// not.
        public internal(set) var techniqueMarking: TechniqueMarking?
        /// What a connection must be besides leading to the value; none for most.
        public var tests: [FlowTest] = []
        /// What others than its source have said of it; nil when nobody did.
        public var sightings: Sightings?
        /// Those whom its source named as recipients (a MISP sharing group), in order; nil when it named none. An empty list is
        /// nobody.
        public var recipients: [String]?
        /// The pattern over several records of which the value is a part; nil for most.
        public var pattern: PatternText?

        /// A marking that stands for itself.
        public enum TechniqueMarking: Sendable, Hashable {
            /// Shared with nobody.
            case unmarked
            case tlp(TLP)
        }

        /// Marks the techniques, by what says that the value is a sign of them; nil when that is not marked. What is no more
        /// restrictive than the value's marking changes nothing.
        mutating func mark(techniques marking: TLP?) {
            guard let tlp else { return }
            techniqueMarking = marking.map { $0 > tlp ? .tlp($0) : nil } ?? .unmarked
        }

        /// A profile of its parts.
        public init(
            source: String, id: String = "", title: String = "", tlp: TLP? = nil, validFrom: Timestamp? = nil,
            validUntil: Timestamp? = nil, confidence: UInt8? = nil, techniques: [String] = []
        ) {
            self.source = source
            self.id = id
            self.title = title
            self.tlp = tlp
            self.validFrom = validFrom
            self.validUntil = validUntil
            self.confidence = confidence
            self.techniques = techniques
        }
    }

    /// An indicator of its parts.
    public init(kind: Kind, value: [UInt8], profile: Profile) {
        self.kind = kind
        self.value = value
        self.profile = profile
    }

    /// The value as people read it.
    public var text: String { Self.text(kind, value) }

    static func text(_ kind: Kind, _ value: [UInt8]) -> String {
        switch kind {
        case .address where value.count == 16: IPAddress(bytes: value[...]).description
        case .network where value.count == 17 && value[16] <= 128:
            Network(IPAddress(bytes: value[..<16]), prefixLength: Int(value[16])).description
        default: String(decoding: value, as: UTF8.self)
        }
    }
}

extension IPAddress {
    /// The address of 16 bytes in network order.
    init(bytes: ArraySlice<UInt8>) {
        var halves: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            if index < 8 { halves.0 = halves.0 << 8 | UInt64(byte) } else { halves.1 = halves.1 << 8 | UInt64(byte) }
        }
        self.init(high: halves.0, low: halves.1)
    }

    /// The address of 16 bytes in network order; nil for any other number of them.
    @inline(__always) init?(network bytes: Bytes) {
        guard bytes.count == 16 else { return nil }
        let raw = UnsafeRawPointer(bytes.start)
        self.init(
            high: UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }

    /// Its 16 bytes in network order.
    var bytes: [UInt8] {
        [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) } }
    }
}
