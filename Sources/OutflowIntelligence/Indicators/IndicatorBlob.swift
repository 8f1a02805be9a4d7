// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Reads numbers and bytes one after the other out of memory that may hold anything; nil where it ends too early.
struct BlobReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var at: Int

    init(_ bytes: UnsafeRawBufferPointer, at: Int = 0) {
        self.bytes = bytes
        self.at = at < 0 ? bytes.count : at
    }

    mutating func byte() -> UInt8? {
        guard at < bytes.count else { return nil }
        defer { at += 1 }
        return bytes[at]
    }

    /// A number of 1 to 10 bytes (LEB128).
    @inline(__always) mutating func number() -> UInt64? {
        if at < bytes.count, bytes[at] < 0x80 {
            defer { at += 1 }
            return UInt64(bytes[at])
        }
        return longNumber()
    }

    private mutating func longNumber() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let next = byte() {
            guard shift < 63 || next <= 1 else { return nil }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    mutating func signed() -> Int64? {
        guard let value = number() else { return nil }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Bytes with their number before them, in place.
    mutating func view() -> Bytes? {
        guard let count = number(), count <= UInt64(bytes.count - at) else { return nil }
        defer { at += Int(count) }
        return Bytes(UnsafeRawBufferPointer(rebasing: bytes[at..<at + Int(count)]))
    }

    mutating func text() -> String? { view()?.string }

    /// Goes past so many stretches of bytes with their number before them; false where it ends too early.
    mutating func skip(_ count: Int) -> Bool {
        for _ in 0..<count where view() == nil { return false }
        return true
    }

    /// All that was read since a place.
    func bytes(from start: Int) -> Bytes { Bytes(UnsafeRawBufferPointer(rebasing: bytes[start..<at])) }
}

/// Writes what ``BlobReader`` reads.
struct BlobWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func signed(_ value: Int64) { number(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    mutating func raw(_ part: some Sequence<UInt8>) { bytes.append(contentsOf: part) }

    mutating func append(_ part: some Collection<UInt8>) {
        number(UInt64(part.count))
        bytes.append(contentsOf: part)
    }

    mutating func text(_ text: String) { append(text.utf8) }
}

extension Indicator.Profile {
    /// Writes the profile.
    func write(into blob: inout BlobWriter) {
        for part in [source, id, title] { blob.text(part) }
        blob.byte(tlp.map { $0.rawValue + 1 } ?? 0)
        for time in [validFrom, validUntil] {
            blob.byte(time == nil ? 0 : 1)
            blob.signed(time?.microseconds ?? 0)
        }
        blob.byte(confidence.map { $0 + 1 } ?? 0)
        // Tests and patterns came later: without any, a profile reads as it always did.
        let parts =
            (tests.isEmpty ? 0 : Self.hasTests) | (pattern == nil ? 0 : Self.hasPattern)
            | (sightings == nil ? 0 : Self.hasSightings) | (recipients == nil ? 0 : Self.hasRecipients)
            | (techniqueMarking == nil ? 0 : Self.hasTechniqueMarking)
        blob.number(UInt64(techniques.count) | parts)
        for technique in techniques { blob.text(technique) }
        if !tests.isEmpty {
            blob.number(UInt64(tests.count))
            for test in tests { test.write(into: &blob) }
        }
        if let pattern {
            blob.byte(pattern.version == .v20 ? 0 : 1)
            blob.text(pattern.text)
        }
        if let sightings {
            for number in [sightings.seen, sightings.mistaken] { blob.number(UInt64(number)) }
            blob.byte(sightings.last == nil ? 0 : 1)
            blob.signed(sightings.last?.microseconds ?? 0)
        }
        if let recipients {
            blob.number(UInt64(recipients.count))
            for name in recipients { blob.text(name) }
        }
        switch techniqueMarking {
        case .unmarked: blob.byte(0)
        case .tlp(let tlp): blob.byte(tlp.rawValue + 1)
        case nil: break
        }
    }

    static let hasTests: UInt64 = 128
    static let hasPattern: UInt64 = 256
    static let hasSightings: UInt64 = 512
    static let hasRecipients: UInt64 = 1024
    static let hasTechniqueMarking: UInt64 = 2048
    static let all = hasTests | hasPattern | hasSightings | hasRecipients | hasTechniqueMarking

    /// Reads what ``write(into:)`` wrote; nil when it is damaged.
    init?(from reader: inout BlobReader) {
        guard let source = reader.text(), let id = reader.text(), let title = reader.text(),
            let tlp = reader.byte(), tlp == 0 || TLP(rawValue: tlp - 1) != nil
        else { return nil }
        var times: [Timestamp?] = []
        for _ in 0..<2 {
            guard let isKnown = reader.byte(), let value = reader.signed() else { return nil }
            let time = Timestamp(microseconds: value)
            guard time >= .earliest, time <= .latest else { return nil }
            times.append(isKnown == 1 ? time : nil)
        }
        guard let confidence = reader.byte(), confidence <= 101, let word = reader.number() else { return nil }
        let count = word & ~Self.all
        guard count <= 64 else { return nil }
        var techniques: [String] = []
        for _ in 0..<count {
            guard let technique = reader.text() else { return nil }
            techniques.append(technique)
        }
        self.init(
            source: source, id: id, title: title, tlp: tlp == 0 ? nil : TLP(rawValue: tlp - 1), validFrom: times[0],
            validUntil: times[1], confidence: confidence == 0 ? nil : confidence - 1, techniques: techniques)
        if word & Self.hasTests != 0 {
            guard let number = reader.number(), (1...1_000).contains(number) else { return nil }
            for _ in 0..<number {
                guard let test = FlowTest(from: &reader) else { return nil }
                tests.append(test)
            }
        }
        if word & Self.hasPattern != 0 {
            guard let version = reader.byte(), version <= 1, let text = reader.text() else { return nil }
            pattern = PatternText(text: text, version: version == 0 ? .v20 : .v21)
        }
        if word & Self.hasSightings != 0 {
            guard let seen = reader.number().flatMap({ UInt32(exactly: $0) }),
                let mistaken = reader.number().flatMap({ UInt32(exactly: $0) }), let isKnown = reader.byte(),
                let last = reader.signed()
            else { return nil }
            let time = Timestamp(microseconds: last)
            guard time >= .earliest, time <= .latest else { return nil }
            sightings = .init(seen: seen, mistaken: mistaken, last: isKnown == 1 ? time : nil)
        }
        if word & Self.hasRecipients != 0 {
            guard let number = reader.number(), number <= UInt64(Self.recipientLimit) else { return nil }
            var names: [String] = []
            for _ in 0..<number {
                guard let name = reader.text() else { return nil }
                names.append(name)
            }
            recipients = names
        }
        if word & Self.hasTechniqueMarking != 0 {
            guard let code = reader.byte() else { return nil }
            guard code == 0 || TLP(rawValue: code - 1) != nil else { return nil }
            techniqueMarking = code == 0 ? .unmarked : TLP(rawValue: code - 1).map { .tlp($0) }
        }
    }
}
