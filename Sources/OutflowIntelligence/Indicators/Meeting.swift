// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Who met which value, in one activity.
struct Meeting {
    enum Value {
        case address(IPAddress)
        case text(Bytes, Indicator.Kind)
    }

    var mark: RecordMark
    var who: HitTable.Who
    var value: Value
    var weight: UInt64 = 0
    /// Whether the record tells when it happened.
    var hasTime = true

    @inline(__always) init?(
        _ stage: IndicatorSearch.Stage, _ item: Int, _ part: Int, _ records: IndicatorSearch.Records
    ) {
        switch stage {
        case .flows:
            let flow = records.flows[item]
            let isOriginator = part == 0
            mark = RecordMark(time: flow.start, identity: flow.identity, offset: flow.offset, length: flow.length)
            value = .address(isOriginator ? flow.originator : flow.responder)
            who = .host(isOriginator ? flow.responder : flow.originator)
            weight = flow.originatorUpper.saturatingAdd(flow.responderUpper)
        case .queries:
            let query = records.queries[item]
            mark = query.mark
            value = .text(query.name, .domain)
            who = .host(query.client)
        case .observables:
            let seen = records.observables[item]
            mark = seen.mark
            hasTime = seen.hasTime
            if seen.kind == .address {
                guard let address = IPAddress(seen.value) else { return nil }
                value = .address(address)
            } else {
                value = .text(seen.value, seen.kind.indicator)
            }
            who = seen.who.map(Self.entity) ?? .host(seen.host)
        case .listings:
            let listing = records.listings[item]
            mark = listing.mark
            who = Self.entity(EntityView(.principal, id: listing.principal))
            value = Self.value(listing.destination, client: .empty, part)
        case .objects:
            let access = records.objects[item]
            mark = access.mark
            who = Self.entity(access.source)
            weight = access.bytes ?? 0
            value = Self.value(access.destination, client: access.client, part)
        case .mail:
            let access = records.mail[item]
            mark = access.mark
            who = Self.entity(access.mailbox)
            weight = access.claimed
            value = Self.value(access.destination, client: access.client, part)
        case .exposures:
            let change = records.exposures[item]
            mark = change.mark
            who = Self.entity(change.resource)
            weight = change.size ?? 0
            value = Self.value(change.grantee, client: .empty, part)
        }
    }

    private static func entity(_ view: EntityView) -> HitTable.Who {
        .named(.init(kind: view.kind.rawValue, id: view.id.string))
    }

    private static func value(_ entity: EntityView, client: Bytes, _ part: Int) -> Value {
        switch entity.kind {
        case .domain: .text(entity.id, .domain)
        case .address, .host:
            part == 1
                ? IPAddress(entity.id).map { .address($0) } ?? .text(entity.id, .mail) : .text(client, .userAgent)
        default: part == 1 ? .text(entity.id, .mail) : .text(client, .userAgent)
        }
    }

    /// Whether the value is the indicator, lies in it, or lies below it; equal fingerprints alone say nothing.
    func `is`(_ kind: Indicator.Kind, _ wanted: Bytes, _ part: Int) -> Bool {
        switch value {
        case .address(let address):
            if kind == .address { return IPAddress(network: wanted) == address }
            guard kind == .network, wanted.count == 17, wanted[16] < 128,
                let base = IPAddress(network: wanted.prefix(upTo: 16))
            else { return false }
            return Network(base, prefixLength: Int(wanted[16])).contains(address)
        case .text(let text, let own):
            if kind == .domain, own == .domain { return part <= text.count && text.suffix(from: part) == wanted }
            return kind == own && text == wanted
        }
    }

    /// Whether what was seen is the indicator, letter by letter, and not something below it.
    func isItself(_ kind: Indicator.Kind, _ part: Int) -> Bool {
        switch value {
        case .address: kind == .address
        case .text: kind != .domain || part == 0
        }
    }

    /// What was seen, as it is told.
    var seen: String {
        switch value {
        case .address(let address): address.description
        case .text(let text, _): String(text.string.prefix(200))
        }
    }
}

extension Observable.Kind {
    /// The kind of indicator that names such values.
    var indicator: Indicator.Kind {
        switch self {
        case .domain: .domain
        case .url: .url
        case .hash: .hash
        case .mail: .mail
        case .certificate: .certificate
        case .ja3: .ja3
        case .ja4: .ja4
        case .userAgent: .userAgent
        case .address: .address
        }
    }
}

extension Flow {
    /// When it was over.
    var last: Timestamp {
        let (end, overflow) = start.microseconds.addingReportingOverflow(max(duration, 0))
        return overflow ? .latest : min(Timestamp(microseconds: end), max(start, .latest))
    }

    /// What tells the connection from others at the same time, whichever end a sensor takes for the originator.
    var connection: UInt64 {
        let isTurned = (responder, responderPort) < (originator, originatorPort)
        var hash = ContentHash(seed: 0x434F_4E4E)
        hash.combine(isTurned ? responder : originator)
        hash.combine(isTurned ? originator : responder)
        let (low, high) = isTurned ? (responderPort, originatorPort) : (originatorPort, responderPort)
        hash.combine(UInt64(low) << 32 | UInt64(high) << 8 | UInt64(proto))
        return hash.value
    }

    /// Identity of the record, by what makes two flows the same.
    var identity: UInt64 {
        var hash = ContentHash(seed: 0x464C_4F57)
        hash.combine(originator)
        hash.combine(responder)
        hash.combine(UInt64(bitPattern: start.microseconds))
        hash.combine(UInt64(bitPattern: duration))
        hash.combine(UInt64(originatorPort) << 32 | UInt64(responderPort) << 8 | UInt64(proto))
        hash.combine(originatorUpper)
        hash.combine(responderUpper)
        return hash.value
    }
}
