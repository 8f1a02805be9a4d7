// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

extension IndicatorSearch {
    /// A fingerprint is in the set: compares the indicator itself, and keeps the hit.
    @inline(__always) mutating func found(
        _ entry: IndicatorSet.Entry, profileAt place: Int, _ look: Pending, _ stage: Stage, _ records: Records
    ) {
        if !left.isEmpty, left.contains(entry.profile) { return }
        let part = Int(look.part)
        guard let meeting = Meeting(stage, Int(look.item), part, records),
            meeting.is(entry.kind, entry.value, part)
        else { return }
        var reader = set.profileReader(at: place)
        let flow = stage == .flows ? records.flows[Int(look.item)] : nil
        guard let outline = ProfileOutline(from: &reader, flow: flow), outline.isMet else { return }
        // What its source no longer holds for valid is no indicator any more.
        if let end = outline.validUntil, meeting.hasTime, meeting.mark.time >= end { return }
        let origin = Origin(input: records.input, offset: meeting.mark.offset, length: meeting.mark.length)
        let evidence = Evidence(weight: meeting.weight, identity: meeting.mark.identity, origin: origin)
        let seen = meeting.isItself(entry.kind, part) ? nil : meeting.seen
        let list = seen.flatMap { allowed.name(of: $0, for: entry.kind) }
        if outline.hasPattern { return sighted(entry, meeting, flow, evidence, allowedBy: list) }
        table.add(
            .init(entry: entry.place, who: meeting.who), entry, outline.bytes,
            meeting.hasTime ? meeting.mark.time : nil, seen: seen, isAllowed: list != nil, evidence)
    }

    /// Keeps a record that meets steps of a pattern over several records.
    private mutating func sighted(
        _ entry: IndicatorSet.Entry, _ meeting: Meeting, _ flow: Flow?, _ evidence: Evidence, allowedBy list: String?
    ) {
        guard let known = profiles.entry(entry.profile, of: set), let pattern = known.pattern, let steps = known.steps
        else { return }
        // Steps follow each other in time, and somebody meets them.
        if !meeting.hasTime || meeting.who.isUnknown { return }
        let first = meeting.mark.time
        let last = flow?.last ?? first
        let met = steps.met(entry.kind, entry.value, flow, first, last)
        if met == 0 { return }
        sightings.add(
            pattern, .init(first: first, identity: evidence.identity),
            .init(
                last: last, steps: met, connection: flow?.connection,
                subjects: [
                    .init(entity: meeting.who.entity, kind: entry.kind, value: entry.value.array, allowedBy: list ?? "")
                ],
                evidence: evidence))
    }
}
