// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Changes of who can reach things from outside, one row per distinct change.
struct ExposureLedger: Sendable {
    struct Key: TableKey {
        var identity: UInt64
        var action: UInt8
        var route: UInt8
        var resourceKind: UInt8
        var granteeKind: UInt8
        var resource: UInt32
        var tenant: UInt32
        var grantee: UInt32
        var means: UInt32

        func feed(_ hash: inout ContentHash) {
            hash.combine(identity)
            hash.combine(UInt64(action) | UInt64(route) << 8 | UInt64(resourceKind) << 16 | UInt64(granteeKind) << 24)
            hash.combine(UInt64(resource) | UInt64(tenant) << 32)
            hash.combine(UInt64(grantee) | UInt64(means) << 32)
        }
    }

    struct Change: Sendable {
        var time: Timestamp
        var resourceName: UInt32
        var granteeName: UInt32
        var principal: UInt32
        var size: UInt64?
        var origin: Origin
    }

    private(set) var strings = StringTable()
    private(set) var changes = FlatTable<Key, Change>()

    /// An empty ledger.
    init() {}

    /// Adds the batch's changes, which come from input number `input`; returns how many records were known. One record
    /// may make several changes.
    mutating func observe(_ batch: ActivityBatch, input: UInt32) -> UInt64 {
        var duplicates: UInt64 = 0
        var lastKnown: (UInt64, UInt64)?
        for change in batch.exposures {
            let key = Key(
                identity: change.mark.identity, action: change.action.rawValue, route: change.route.code,
                resourceKind: change.resource.kind.code, granteeKind: change.grantee.kind.code,
                resource: strings.intern(change.resource.id), tenant: strings.intern(change.resource.tenant),
                grantee: strings.intern(change.grantee.id), means: strings.intern(change.means))
            let value = Change(
                time: change.mark.time, resourceName: strings.intern(change.resource.name),
                granteeName: strings.intern(change.grantee.name), principal: strings.intern(change.principal),
                size: change.size, origin: Origin(input: input, offset: change.mark.offset, length: change.mark.length))
            if add(key, value) { continue }
            let record = (change.mark.identity, change.mark.offset)
            if lastKnown.map({ $0 != record }) ?? true { duplicates += 1 }
            lastKnown = record
        }
        return duplicates
    }

    private mutating func add(_ key: Key, _ new: Change) -> Bool {
        let (row, isNew) = changes.row(for: key, or: new)
        if isNew { return true }
        var known = changes.values[row]
        known.time = min(known.time, new.time)
        known.resourceName = strings.preferred(known.resourceName, new.resourceName)
        known.granteeName = strings.preferred(known.granteeName, new.granteeName)
        known.principal = strings.preferred(known.principal, new.principal)
        known.size = new.size.map { max($0, known.size ?? 0) } ?? known.size
        known.origin = min(known.origin, new.origin)
        changes.values[row] = known
        return false
    }

    /// Adds all of another ledger, whose input `i` is `inputMap[i]` here.
    mutating func merge(_ other: consuming ExposureLedger, inputMap: [UInt32]) {
        let text = strings.merge(other.strings)
        for (key, value) in zip(other.changes.keys, other.changes.values) {
            var key = key
            for field in [\Key.resource, \.tenant, \.grantee, \.means] {
                key[keyPath: field] = text[Int(key[keyPath: field])]
            }
            var value = value
            for field in [\Change.resourceName, \.granteeName, \.principal] {
                value[keyPath: field] = text[Int(value[keyPath: field])]
            }
            value.origin = value.origin.renumbered(inputMap)
            _ = add(key, value)
        }
    }

    /// Writes the ledger as a section.
    func encode(into encoder: inout StateEncoder) {
        encoder.begin(.exposures)
        strings.encode(into: &encoder)
        encoder.write(UInt64(changes.count))
        let keys = changes.keys
        encoder.fixedColumn(keys) { $0.identity }
        for field in [\Key.action, \.route, \.resourceKind, \.granteeKind] {
            encoder.column(keys) { UInt64($0[keyPath: field]) }
        }
        for field in [\Key.resource, \.tenant, \.grantee, \.means] {
            encoder.column(keys) { UInt64($0[keyPath: field]) }
        }
        let values = changes.values
        encoder.timeColumn(values) { $0.time.microseconds }
        for field in [\Change.resourceName, \.granteeName, \.principal] {
            encoder.column(values) { UInt64($0[keyPath: field]) }
        }
        encoder.sizeColumn(values) { $0.size }
        encoder.originColumn(values) { $0.origin }
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote.
    init(from decoder: inout StateDecoder) throws(StateError) {
        try decoder.begin(.exposures)
        strings = try StringTable(from: &decoder)
        let count = try decoder.readCount(bytesEach: 24)
        let identities = try decoder.fixedColumn(count)
        let actions = try decoder.column(count, atMost: 0xFF)
        let routes = try decoder.references(count, below: Route.allCases.count)
        let resourceKinds = try decoder.references(count, below: EntityKind.allCases.count)
        let granteeKinds = try decoder.references(count, below: EntityKind.allCases.count)
        let resources = try decoder.references(count, below: strings.count)
        let tenants = try decoder.references(count, below: strings.count)
        let grantees = try decoder.references(count, below: strings.count)
        let means = try decoder.references(count, below: strings.count)
        let times = try decoder.momentColumn(count)
        let resourceNames = try decoder.references(count, below: strings.count)
        let granteeNames = try decoder.references(count, below: strings.count)
        let principals = try decoder.references(count, below: strings.count)
        let sizes = try decoder.sizeColumn(count)
        let origins = try decoder.originColumn(count)
        for row in 0..<count {
            guard let action = ExposureChange.Action(rawValue: UInt8(actions[row])) else {
                throw decoder.error("action \(actions[row]) is unknown")
            }
            let key = Key(
                identity: identities[row], action: action.rawValue, route: UInt8(routes[row]),
                resourceKind: UInt8(resourceKinds[row]), granteeKind: UInt8(granteeKinds[row]),
                resource: resources[row], tenant: tenants[row], grantee: grantees[row], means: means[row])
            let value = Change(
                time: times[row], resourceName: resourceNames[row], granteeName: granteeNames[row],
                principal: principals[row], size: sizes[row], origin: origins[row])
            guard add(key, value) else { throw decoder.error("a change comes twice") }
        }
        try decoder.end()
    }
}
