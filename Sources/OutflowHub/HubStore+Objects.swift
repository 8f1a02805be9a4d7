// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A stored object as it is read for a response.
struct StoredRow {
    let place: Cursor
    /// Type and UUID.
    let id: ObjectID
    let spec: Int
    /// Version as it is shown.
    let version: String
}

/// One page of a collection.
struct Page<Content: Sendable>: Sendable {
    var content: Content
    var first: Timestamp?
    var last: Timestamp?
    /// The cursor behind the last object, if there are more.
    var next: Cursor?
    /// Objects in it.
    var count = 0
}

extension HubStore {
    /// Adds what is good in a submission, and keeps the status resource of it.
    func add(
        _ submission: Submission, to collection: TAXIICollection, of root: APIRoot, by account: Account,
        from peer: String
    ) async throws -> (status: [UInt8], added: Int) {
        let index = index
        let (rootKey, collectionKey, accountKey) = (root.key, collection.key, account.key)
        return try await write { database in
            let writer = ObjectWriter(database: database, index: index)
            try index.names.catchUp(database)
            let now = Clock.now()
            var date = try writer.nextDate(collectionKey, now: now)
            let heedsTombstones = try writer.hasTombstones(collectionKey)
            var status = StatusResource(id: Random.uuid(), requested: now)
            var kinds: [String: Int64] = [:]
            for (facts, range) in submission.good {
                let kind = try kinds[facts.id.type] ?? writer.kind(facts.id.type)
                kinds[facts.id.type] = kind
                let outcome = try submission.withText(range) {
                    try writer.add(
                        facts, text: $0, collection: collectionKey, kind: kind, date: date,
                        heedsTombstones: heedsTombstones)
                }
                status.add(facts, outcome, date: Timestamp(microseconds: date))
                if outcome == .added { date += 1 }
            }
            for refusal in submission.refused { status.add(refusal) }
            let text = status.text
            try database.statement("INSERT INTO status VALUES (?1, ?2, ?3, ?4, ?5)").bind(
                .text(status.id), .integer(rootKey), .integer(accountKey), .integer(now.microseconds), .bytes(text)
            ).run()
            // A status is kept for a week; the specification asks for a day (TAXII 2.1, section 4.3).
            try database.statement("DELETE FROM status WHERE at < ?1")
                .bind(.integer(now.microseconds - 7 * 86_400_000_000)).run()
            try AuditLog.append(
                [
                    AuditEntry(
                        at: now, actor: account.name, peer: peer, action: "objects.add", subject: collection.id,
                        status: 202, count: status.added)
                ], to: database)
            return (text, status.added)
        }
    }

    /// The status resource that `account` was given; nil if there is none.
    func status(_ id: String, of root: APIRoot, for account: Account) async throws -> [UInt8]? {
        let (rootKey, accountKey) = (root.key, account.key)
        return try await read { database in
            try database.statement("SELECT text FROM status WHERE status = ?1 AND root = ?2 AND account = ?3")
                .bind(.text(id), .integer(rootKey), .integer(accountKey)).first { Array($0.bytes(0)) }
        }
    }

    /// Deletes versions of an object; nil if the collection has none at all.
    func delete(
        _ id: ObjectID, from collection: TAXIICollection, filter: ObjectFilter, by account: Account, from peer: String
    ) async throws -> Int? {
        let index = index
        let key = collection.key
        return try await write { database in
            let now = Clock.now()
            let count = try ObjectWriter(database: database, index: index)
                .delete(id, collection: key, filter: filter, now: now)
            if let count, count > 0 {
                try AuditLog.append(
                    [
                        AuditEntry(
                            at: now, actor: account.name, peer: peer, action: "object.delete",
                            subject: "\(collection.id) \(id)", status: 200, count: count)
                    ], to: database)
            }
            return count
        }
    }

    /// Whether the collection has the object, in any version.
    func has(_ id: ObjectID, in collection: TAXIICollection) async throws -> Bool {
        var filter = ObjectFilter()
        filter.ids = [id]
        filter.versions = .all
        let query = ObjectQuery(collection: collection.key, filter: filter)
        let index = index
        return try await read { try !query.places($0, index, behind: .start, count: 1).isEmpty }
    }

    /// One page: `body` writes each object, with the row and its text, into the content.
    func page(
        _ query: ObjectQuery, behind cursor: Cursor, count: Int,
        _ body: @escaping @Sendable (inout JSONText, StoredRow, UnsafeRawBufferPointer) -> Void
    ) async throws -> Page<[UInt8]> {
        let index = index
        return try await read { database in
            try database.transaction("BEGIN") {
                var places = try query.places(database, index, behind: cursor, count: count + 1)
                let hasMore = places.count > count
                if hasMore { places.removeLast() }
                var page = Page(
                    content: [UInt8](), first: places.first.map { Timestamp(microseconds: $0.date) },
                    last: places.last.map { Timestamp(microseconds: $0.date) }, next: hasMore ? places.last : nil)
                let fetch = try database.statement(
                    """
                    SELECT k.name, o.uuid, o.spec, o.version, o.spelled, o.text
                    FROM object o CROSS JOIN kind k ON k.kind = o.kind WHERE o.object = ?1
                    """)
                var text = JSONText(reserving: places.count * 128)
                for place in places {
                    try fetch.bind(.integer(place.object)).each { row in
                        if !text.bytes.isEmpty { text.raw(",") }
                        body(&text, StoredRow(row, place), row.bytes(5))
                    }
                }
                page.content = text.bytes
                page.count = places.count
                return page
            }
        }
    }
}

extension StoredRow {
    fileprivate init(_ row: SQLiteStatement, _ place: Cursor) {
        self.place = place
        id = ObjectID(type: row.text(0), uuid: Array(row.bytes(1)))
        spec = Int(row.integer(2))
        let version = row.text(3)
        self.version =
            version.isEmpty
            ? Timestamp(microseconds: place.date).description
            : row.optionalText(4) ?? VersionText.format(version)
    }
}
