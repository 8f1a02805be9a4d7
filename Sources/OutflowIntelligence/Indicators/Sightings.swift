// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension Indicator {
    /// What others than an indicator's source say of it: organisations, each counted once, by its last word.
    public struct Sightings: Sendable, Hashable {
        /// How many saw it.
        public var seen: UInt32
        /// How many call it a false positive.
        public var mistaken: UInt32
        /// When it was last seen; nil if it was not.
        public var last: Timestamp?

        /// Sightings of their parts.
        public init(seen: UInt32, mistaken: UInt32, last: Timestamp?) {
            self.seen = seen
            self.mistaken = mistaken
            self.last = last
        }
    }
}

extension Indicator.Profile {
    /// Most recipients that a source can name.
    static let recipientLimit = 1_000
}

/// The sightings of an attribute of MISP: 0 it was seen, 1 it was a false positive, 2 it expires at that time. Source: MISP
/// core format (draft-dulaunoy-misp-core-format), section "Sighting".
struct MISPSightings {
    private struct Word {
        var time: Timestamp
        var isMistaken: Bool
    }

    /// The last word of each organisation; those that do not name themselves are one.
    private var words: [String: Word] = [:]
    /// When it expires; nil if nobody said so.
    private var expires: Timestamp?
    /// When it was last seen.
    private var last: Timestamp?
    /// When the last of all was told.
    private(set) var told = Timestamp.earliest
    /// What could not be understood.
    private(set) var rejected = 0

    /// Most sightings that are read.
    private static let limit = 100_000

    init(_ attribute: JSONValue) {
        for (number, element) in (attribute["Sighting"]?.elements ?? .none).enumerated() {
            guard number < Self.limit else {
                rejected += 1
                return
            }
            add(element.value)
        }
    }

    private mutating func add(_ sighting: JSONValue) {
        guard let time = MISPReader.seconds(sighting["date_sighting"]), let type = MISPReader.number(sighting["type"])
        else {
            rejected += 1
            return
        }
        told = max(told, time)
        switch type {
        case 0, 1:
            let isMistaken = type == 1
            if !isMistaken { last = max(last ?? time, time) }
            let who = Self.organisation(sighting)
            if let known = words[who] {
                // Of two words of one time, the one that doubts.
                if known.time > time || known.time == time && !isMistaken { return }
            }
            words[who] = Word(time: time, isMistaken: isMistaken)
        case 2: expires = max(expires ?? time, time)
        default: rejected += 1
        }
    }

    /// Who said it: UUID, else name, else the number that the server gives the organisation.
    private static func organisation(_ sighting: JSONValue) -> String {
        let organisation = sighting["Organisation"]
        for text in [organisation?.string("uuid").string, organisation?.string("name").string] {
            if let text, !text.isEmpty { return text }
        }
        return MISPReader.number(sighting["org_id"]).map { "\($0)" } ?? ""
    }

    /// What they make of an indicator of some owner; false if it is none any more: its owner calls it a false positive.
    func apply(to profile: inout Indicator.Profile, owner: [String]) -> Bool {
        if words.contains(where: { owner.contains($0.key) && $0.value.isMistaken }) { return false }
        let others = words.filter { !owner.contains($0.key) }.values
        func count(_ isMistaken: Bool) -> UInt32 {
            UInt32(clamping: others.count { $0.isMistaken == isMistaken })
        }
        if !words.isEmpty { profile.sightings = .init(seen: count(false), mistaken: count(true), last: last) }
        // What was seen after its end had not ended.
        if let expires, expires > last ?? .earliest {
            profile.validUntil = min(profile.validUntil ?? expires, expires)
        }
        return true
    }
}

/// Whom a MISP sharing group names. Source: MISP core format, JSON schema, "sharing_group".
enum MISPSharingGroup {
    /// Names of the organisations in the group of an event, object or attribute, in order; none when it does not list them. The
    /// group of another instance's servers ("all organisations of a server") names nobody.
    static func members(_ holder: JSONValue) -> [String] {
        guard let group = holder["SharingGroup"], MISPReader.flag(group["active"]) ?? true else { return [] }
        var names: Set<String> = []
        for (_, entry) in group["SharingGroupOrg"]?.elements ?? .none {
            let name = entry["Organisation"]?.string("name").string ?? ""
            if !name.isEmpty, name.utf8.count <= 255 { names.insert(name) }
        }
        return names.sorted().prefix(Indicator.Profile.recipientLimit).map { $0 }
    }
}
