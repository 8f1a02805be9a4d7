// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Records whose template is lost: carved from an image, or behind a part of the chunk that was overwritten.
///
/// All templates of events give the values of the `System` part the same numbers (the same in all 467 templates of the
/// public EVTX-ATTACK-SAMPLES), so these can be told by number and type. The event's own data have no names then: each
/// value becomes `Event.EventData.Data`. The computer's name is part of the template, and lost with it.
extension EventDecoder {
    private static let system: [(type: UInt8, name: StaticString)] = [
        (ValueType.uint8, "Event.System.Level"),
        (ValueType.uint8, "Event.System.Opcode"),
        (ValueType.uint16, "Event.System.Task"),
        (ValueType.uint16, "Event.System.EventID"),
        (ValueType.uint16, "Event.System.EventID.#attributes.Qualifiers"),
        (ValueType.hex64, "Event.System.Keywords"),
        (ValueType.fileTime, "Event.System.TimeCreated.#attributes.SystemTime"),
        (ValueType.guid, "Event.System.Correlation.#attributes.ActivityID"),
        (ValueType.uint32, "Event.System.Execution.#attributes.ProcessID"),
        (ValueType.uint32, "Event.System.Execution.#attributes.ThreadID"),
        (ValueType.uint64, "Event.System.EventRecordID"),
        (ValueType.uint8, "Event.System.Version"),
        (ValueType.sid, "Event.System.Security.#attributes.UserID"),
        (ValueType.null, ""),
        (ValueType.string, "Event.System.Provider.#attributes.Name"),
        (ValueType.guid, "Event.System.Provider.#attributes.Guid"),
        (ValueType.string, "Event.System.Channel"),
    ]

    /// Fields of an instance without its template, whose values are those in a range.
    mutating func run(nameless own: Range<Int>, _ prefix: Bytes, _ depth: Int) throws(EventLogDamage) {
        isNameless = true
        if prefix.isEmpty {
            try runSystem(own, depth)
        } else {
            var data = Leaf(kind: .value)
            data.name = Bytes("Event.EventData.Data")
            data.isData = true
            for index in own { try add(values.base[index], leaf: data, depth) }
        }
    }

    private mutating func runSystem(_ own: Range<Int>, _ depth: Int) throws(EventLogDamage) {
        let known = Self.system
        // Number, time and record are what every event has.
        for index in [3, 6, 10] {
            guard index < own.count, values.base[own.lowerBound &+ index].type == known[index].type else {
                throw .templateMissing
            }
        }
        for index in 0..<min(own.count, known.count) {
            let value = values.base[own.lowerBound &+ index]
            guard value.type == known[index].type, value.type != ValueType.null, value.size > 0 else { continue }
            var leaf = Leaf(kind: .value)
            leaf.name = Bytes(known[index].name)
            leaf.role = Leaf.Role(leaf.name)
            try add(value, leaf: leaf, depth)
        }
        for index in own where values.base[index].type == ValueType.binaryXML {
            var event = Leaf(kind: .value)
            event.name = Bytes("Event")
            event.isAfterElements = true
            try add(values.base[index], leaf: event, depth)
        }
    }

    private mutating func add(_ value: Value, leaf: Leaf, _ depth: Int) throws(EventLogDamage) {
        var leaf = leaf
        let result: Result<Void, EventLogDamage> = withUnsafePointer(to: &leaf) { pointer in
            do throws(EventLogDamage) { return .success(try add(value, pointer, depth)) } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
