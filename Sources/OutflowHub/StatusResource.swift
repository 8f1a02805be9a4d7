// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What became of a request to add objects (TAXII 2.1, section 4.3.1).
struct StatusResource {
    let id: String
    let requested: Timestamp
    private var successes = JSONText()
    private var failures = JSONText()
    private var successCount = 0
    private var failureCount = 0
    /// Objects that were stored.
    private(set) var added = 0

    init(id: String, requested: Timestamp) {
        self.id = id
        self.requested = requested
    }

    /// Notes an object that was checked.
    mutating func add(_ facts: ObjectFacts, _ outcome: ObjectWriter.Outcome, date: Timestamp) {
        let version =
            facts.version.isEmpty ? date.description : facts.spelling ?? VersionText.format(facts.version)
        switch outcome {
        case .added:
            successCount += 1
            added += 1
            Self.append(&successes, id: facts.id.description, version: version, message: nil)
        case .present:
            successCount += 1
            Self.append(
                &successes, id: facts.id.description, version: version,
                message: "this version was there already; what was sent was not stored")
        case .deleted(let time):
            failureCount += 1
            Self.append(
                &failures, id: facts.id.description, version: version,
                message: "this object was deleted from the collection at \(time), and stays deleted")
        }
    }

    /// Notes an object that was refused.
    mutating func add(_ refusal: ObjectFacts.Refusal) {
        failureCount += 1
        // The resource demands an id and a version; what has none is named by its lack.
        Self.append(
            &failures, id: refusal.id ?? "unknown", version: requested.description, message: refusal.reason)
    }

    private static func append(_ list: inout JSONText, id: String, version: String, message: String?) {
        if !list.bytes.isEmpty { list.raw(",") }
        list.raw("{")
        list.member("id", id)
        list.member("version", version)
        if let message { list.member("message", message) }
        list.raw("}")
    }

    /// The resource as JSON.
    var text: [UInt8] {
        var text = JSONText(reserving: successes.bytes.count + failures.bytes.count + 400)
        text.raw("{")
        text.member("id", id)
        text.member("status", "complete")
        text.member("request_timestamp", requested.description)
        for (name, count) in [
            ("total_count", successCount + failureCount), ("success_count", successCount),
            ("failure_count", failureCount), ("pending_count", 0),
        ] as [(StaticString, Int)] {
            text.key(name)
            text.number(count)
        }
        for (name, list) in [("successes", successes), ("failures", failures)] as [(StaticString, JSONText)]
        where !list.bytes.isEmpty {
            text.key(name)
            text.raw("[")
            text.raw(list.bytes)
            text.raw("]")
        }
        text.raw("}")
        return text.bytes
    }
}
