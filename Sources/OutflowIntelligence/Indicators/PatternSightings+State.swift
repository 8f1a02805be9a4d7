// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

extension PatternSightings {
    /// Writes what was seen as a section of a partial; nothing when there is nothing.
    func encode(into encoder: inout StateEncoder) {
        var copy = self
        let all = copy.settled()
        if all.isEmpty { return }
        encoder.begin(.patternSightings)
        encoder.write(UInt64(copy.room))
        encoder.write(fixed: copy.highest)
        encoder.write(UInt64(all.count))
        for (pattern, kept) in all {
            var blob = BlobWriter()
            pattern.profile.write(into: &blob)
            blob.bytes.withUnsafeBytes { encoder.write(Bytes($0)) }
            encoder.write(kept.ceiling == nil ? 0 : 1)
            encoder.write(UInt64(kept.sightings.count))
            for (place, sighting) in kept.sightings.sorted(by: { $0.key < $1.key }) {
                encoder.write(signed: place.first.microseconds)
                encoder.write(signed: sighting.last.microseconds)
                encoder.write(fixed: place.identity)
                encoder.write(fixed: sighting.steps)
                encoder.write(sighting.connection == nil ? 0 : 1)
                encoder.write(fixed: sighting.connection ?? 0)
                encoder.write(UInt64(sighting.subjects.count))
                for subject in sighting.subjects {
                    for text in [subject.entity.kind, subject.entity.id] {
                        withBytes(of: text) { encoder.write($0) }
                    }
                    encoder.write(UInt64(subject.kind.rawValue))
                    subject.value.withUnsafeBytes { encoder.write(Bytes($0)) }
                    withBytes(of: subject.allowedBy) { encoder.write($0) }
                }
                encoder.write(sighting.evidence.weight)
                encoder.write(UInt64(sighting.evidence.origin.input))
                encoder.write(sighting.evidence.origin.offset)
                encoder.write(UInt64(sighting.evidence.origin.length))
            }
        }
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote; nothing when the partial has no such section.
    init(from decoder: inout StateDecoder) throws(StateError) {
        self.init()
        guard decoder.contains(.patternSightings) else { return }
        try decoder.begin(.patternSightings)
        let room = try decoder.read(atMost: UInt64(Self.limit))
        let highest = try decoder.readFixed()
        let count = try decoder.readCount(bytesEach: 12)
        guard room > 0, count <= Self.totalLimit else { throw decoder.error("\(count) patterns, of each \(room)") }
        var total = 0
        for _ in 0..<count {
            let blob = try decoder.readBytes()
            let profile = blob.withUnsafeBytes { bytes in
                var reader = BlobReader(bytes)
                return Indicator.Profile(from: &reader)
            }
            guard let profile, profile.pattern != nil else { throw decoder.error("a damaged profile of a pattern") }
            let pattern = Pattern(profile)
            let isCut = try decoder.read(atMost: 1) == 1
            let number = try decoder.readCount(bytesEach: 24)
            total += number
            guard number > 0, number <= Int(room), total <= Self.totalLimit else {
                throw decoder.error("\(number) records of a pattern")
            }
            var latest: Place?
            for _ in 0..<number {
                let (place, sighting) = try Self.readSighting(&decoder)
                latest = max(latest ?? place, place)
                add(pattern, place, sighting)
            }
            if isCut, let latest { cut(pattern, at: latest) }
        }
        narrow(room: Int(room), highest: highest)
        try decoder.end()
    }

    private static func readSighting(_ decoder: inout StateDecoder) throws(StateError) -> (Place, Sighting) {
        let first = Timestamp(microseconds: try decoder.readSigned())
        let last = Timestamp(microseconds: try decoder.readSigned())
        guard first >= .earliest, last <= .latest, first <= last else { throw decoder.error("times out of order") }
        let identity = try decoder.readFixed()
        let steps = try decoder.readFixed()
        let isOfConnection = try decoder.read(atMost: 1) == 1
        let connection = try decoder.readFixed()
        var subjects: [Subject] = []
        for _ in 0..<(try decoder.read(atMost: UInt64(subjectLimit))) {
            let entity = Report.NamedEntity(
                kind: String(decoding: try decoder.readBytes(), as: UTF8.self),
                id: String(decoding: try decoder.readBytes(), as: UTF8.self))
            let kind = Indicator.Kind(rawValue: UInt8(try decoder.read(atMost: 255)))
            let value = try decoder.readBytes()
            guard let kind, Indicator.isSound(kind, value) else { throw decoder.error("an indicator that is none") }
            let list = String(decoding: try decoder.readBytes(), as: UTF8.self)
            subjects.append(Subject(entity: entity, kind: kind, value: value, allowedBy: list))
        }
        guard !subjects.isEmpty else { throw decoder.error("a record that nobody is in") }
        let weight = try decoder.read()
        let input = try decoder.read(atMost: UInt64(max(0, decoder.inputCount - 1)))
        let offset = try decoder.read()
        let length = try decoder.read(atMost: UInt64(UInt32.max))
        let origin = Origin(input: UInt32(truncatingIfNeeded: input), offset: offset, length: UInt32(length))
        return (
            Place(first: first, identity: identity),
            Sighting(
                last: last, steps: steps, connection: isOfConnection ? connection : nil, subjects: subjects,
                evidence: Evidence(weight: weight, identity: identity, origin: origin))
        )
    }
}

extension Indicator {
    /// Whether bytes may be a value of a kind.
    static func isSound(_ kind: Kind, _ value: [UInt8]) -> Bool {
        kind == .address ? value.count == 16 : kind == .network ? value.count == 17 && value[16] < 128 : true
    }
}
