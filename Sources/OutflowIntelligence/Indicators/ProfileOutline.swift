// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// What of an encoded profile decides whether a record meets its indicator, read in place: nothing is copied, so that a million
/// hits on a million indicators cost no more than as many on one.
struct ProfileOutline {
    /// The profile as it is encoded.
    let bytes: Bytes
    /// Until when its source holds it for valid, exclusive; nil when not said.
    let validUntil: Timestamp?
    /// Whether the value is part of a pattern over several records.
    let hasPattern: Bool
    /// Whether a record meets all that the profile asks for besides the value.
    let isMet: Bool

    /// The outline of the profile that a reader stands before, and whether `flow` meets its tests; nil is a record that is of no
    /// connection. Fails where ``Indicator/Profile/init(from:)`` does.
    init?(from reader: inout BlobReader, flow: Flow?) {
        let start = reader.at
        guard reader.skip(3), let tlp = reader.byte(), tlp == 0 || TLP(rawValue: tlp - 1) != nil,
            Self.time(&reader) != nil, let end = Self.time(&reader), let confidence = reader.byte(), confidence <= 101,
            let word = reader.number()
        else { return nil }
        validUntil = end
        let techniques = word & ~Indicator.Profile.all
        guard techniques <= 64, reader.skip(Int(techniques)) else { return nil }
        var isMet = true
        if word & Indicator.Profile.hasTests != 0 {
            guard let number = reader.number(), (1...1_000).contains(number) else { return nil }
            for _ in 0..<number {
                guard let one = FlowTest.isMet(by: flow, &reader) else { return nil }
                isMet = isMet && one
            }
        }
        self.isMet = isMet
        hasPattern = word & Indicator.Profile.hasPattern != 0
        if hasPattern {
            guard let version = reader.byte(), version <= 1, reader.skip(1) else { return nil }
        }
        if word & Indicator.Profile.hasSightings != 0 {
            guard let seen = reader.number(), let mistaken = reader.number(), UInt32(exactly: seen) != nil,
                UInt32(exactly: mistaken) != nil, Self.time(&reader) != nil
            else { return nil }
        }
        if word & Indicator.Profile.hasRecipients != 0 {
            guard let number = reader.number(), number <= UInt64(Indicator.Profile.recipientLimit),
                reader.skip(Int(number))
            else { return nil }
        }
        if word & Indicator.Profile.hasTechniqueMarking != 0 {
            guard let code = reader.byte(), code == 0 || TLP(rawValue: code - 1) != nil else { return nil }
        }
        bytes = reader.bytes(from: start)
    }

    /// A time, `.some(nil)` for one that is not known; nil where the bytes are damaged.
    private static func time(_ reader: inout BlobReader) -> Timestamp?? {
        guard let isKnown = reader.byte(), let value = reader.signed() else { return nil }
        let time = Timestamp(microseconds: value)
        guard time >= .earliest, time <= .latest else { return nil }
        return .some(isKnown == 1 ? time : nil)
    }
}
