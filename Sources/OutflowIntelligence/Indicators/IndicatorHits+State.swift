// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

extension IndicatorHits {
    /// Writes the hits as a section of a partial.
    public func encode(into encoder: inout StateEncoder) {
        var copy = self
        let all = copy.settled()
        encoder.begin(.indicatorHits)
        encoder.write(copy.isFull ? 1 : 0)
        encoder.write(UInt64(all.count))
        for (key, hit) in all {
            encoder.write(UInt64(key.kind.rawValue))
            key.value.withUnsafeBytes { encoder.write(Bytes($0)) }
            var blob = BlobWriter()
            key.profile.write(into: &blob)
            blob.bytes.withUnsafeBytes { encoder.write(Bytes($0)) }
            for text in [key.entity.kind, key.entity.id] { withBytes(of: text) { encoder.write($0) } }
            encoder.write(signed: hit.first.microseconds)
            encoder.write(signed: hit.last.microseconds)
            for texts in [hit.seen, hit.allowed] {
                encoder.write(UInt64(texts.count))
                for text in texts { withBytes(of: text) { encoder.write($0) } }
            }
            let evidence = Evidence.strongest(hit.evidence)
            encoder.write(UInt64(evidence.count))
            for piece in evidence {
                encoder.write(piece.weight)
                encoder.write(fixed: piece.identity)
                encoder.write(UInt64(piece.origin.input))
                encoder.write(piece.origin.offset)
                encoder.write(UInt64(piece.origin.length))
            }
        }
        encoder.end()
        sightings.encode(into: &encoder)
    }

    /// Reads what ``encode(into:)`` wrote; no hits when the partial has no such section.
    public init(from decoder: inout StateDecoder) throws(StateError) {
        self.init()
        sightings = try PatternSightings(from: &decoder)
        guard decoder.contains(.indicatorHits) else { return }
        try decoder.begin(.indicatorHits)
        let isFull = try decoder.read(atMost: 1) == 1
        let count = try decoder.readCount(bytesEach: 12)
        guard count <= Self.limit else { throw decoder.error("\(count) hits are more than \(Self.limit)") }
        for _ in 0..<count {
            guard let kind = Indicator.Kind(rawValue: UInt8(try decoder.read(atMost: 255))) else {
                throw decoder.error("a kind of indicator that there is not")
            }
            let value = try decoder.readBytes()
            guard Indicator.isSound(kind, value) else {
                throw decoder.error("an indicator's value of the wrong length")
            }
            let blob = try decoder.readBytes()
            let profile = blob.withUnsafeBytes { bytes in
                var reader = BlobReader(bytes)
                return Indicator.Profile(from: &reader)
            }
            guard let profile else { throw decoder.error("a damaged profile of an indicator") }
            let entity = Report.NamedEntity(
                kind: String(decoding: try decoder.readBytes(), as: UTF8.self),
                id: String(decoding: try decoder.readBytes(), as: UTF8.self))
            let first = Timestamp(microseconds: try decoder.readSigned())
            let last = Timestamp(microseconds: try decoder.readSigned())
            let hasNone = first == .latest && last == .earliest
            guard hasNone || first >= .earliest && last <= .latest && first <= last else {
                throw decoder.error("times out of order")
            }
            let seen = try Self.readSeen(&decoder)
            let allowed = try Self.readSeen(&decoder)
            var evidence: [Evidence] = []
            for _ in 0..<(try decoder.read(atMost: UInt64(Evidence.limit))) {
                let weight = try decoder.read()
                let identity = try decoder.readFixed()
                let input = try decoder.read(atMost: UInt64(max(0, decoder.inputCount - 1)))
                let offset = try decoder.read()
                let length = try decoder.read(atMost: UInt64(UInt32.max))
                evidence.append(
                    Evidence(
                        weight: weight, identity: identity,
                        origin: Origin(input: UInt32(truncatingIfNeeded: input), offset: offset, length: UInt32(length))
                    ))
            }
            restore(
                Key(kind: kind, value: value, profile: profile, entity: entity),
                Hit(first: first, last: last, seen: seen, allowed: allowed, evidence: evidence), isFull: isFull)
        }
        try decoder.end()
    }

    private static func readSeen(_ decoder: inout StateDecoder) throws(StateError) -> [String] {
        var seen: [String] = []
        for _ in 0..<(try decoder.read(atMost: UInt64(seenLimit))) {
            seen.append(String(decoding: try decoder.readBytes(), as: UTF8.self))
        }
        return seen
    }
}
