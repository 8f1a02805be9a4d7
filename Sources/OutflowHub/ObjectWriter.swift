// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Puts objects into collections and takes them out, inside the writer's transaction.
struct ObjectWriter {
    let database: SQLiteConnection
    let index: ObjectIndex
    private var hash: KeyedHash { index.hash }
    private var names: ObjectNames { index.names }

    /// What became of an object that was sent.
    enum Outcome: Equatable {
        case added
        /// The collection had this version already: the one sent was not stored.
        case present
        /// It was deleted, at this time, and stays so.
        case deleted(Timestamp)
    }

    /// The time from which the next objects of the collection count, in microseconds: now, but later than all that is
    /// there, so that whoever asks for what came after the last thing seen misses nothing.
    func nextDate(_ collection: Int64, now: Timestamp) throws -> Int64 {
        let last = try database.statement(
            "SELECT date_added FROM object INDEXED BY object_by_date WHERE collection = ?1 ORDER BY date_added DESC LIMIT 1"
        ).bind(.integer(collection)).first { $0.integer(0) }
        return max(now.microseconds, (last ?? .min) &+ 1)
    }

    /// Whether anything was ever deleted from the collection.
    func hasTombstones(_ collection: Int64) throws -> Bool {
        try database.statement("SELECT 1 FROM tombstone WHERE collection = ?1 LIMIT 1").bind(.integer(collection))
            .first { _ in true } ?? false
    }

    /// The number of an object type.
    func kind(_ name: String) throws -> Int64 {
        let find = try database.statement("SELECT kind FROM kind WHERE name = ?1")
        if let known = try find.bind(.text(name)).first({ $0.integer(0) }) { return known }
        try database.statement("INSERT INTO kind (name) VALUES (?1)").bind(.text(name)).run()
        return database.lastRow
    }

    /// Adds an object unless this version of it is there, or was deleted.
    func add(
        _ facts: ObjectFacts, text: UnsafeRawBufferPointer, collection: Int64, kind: Int64, date: Int64,
        heedsTombstones: Bool
    ) throws -> Outcome {
        let name = hash.name(collection: collection, facts.id)
        let key: [SQLiteValue] = [.integer(collection), .integer(kind), .bytes(facts.id.uuid)]
        var hasSiblings = false
        var single: Int64?
        let versions = try database.statement(
            """
            SELECT spec = ?5 AND version = ?6 FROM object INDEXED BY object_versions
            WHERE siblings = 1 AND name = ?4 AND collection = ?1 AND kind = ?2 AND uuid = ?3
            ORDER BY spec = ?5 AND version = ?6 DESC LIMIT 1
            """)
        let same = versions.bind(key + [.integer(name), .integer(facts.spec), .text(facts.version)])
        if let isSame = try same.first({ $0.integer(0) != 0 }) {
            if isSame { return .present }
            hasSiblings = true
        } else if let only = try only(name, key) {
            if only.spec == Int64(facts.spec), only.version == facts.version { return .present }
            hasSiblings = true
            single = only.object
        }
        if heedsTombstones, let deleted = try tombstone(facts, collection: collection, kind: kind) {
            return .deleted(deleted)
        }
        if let single {
            try database.statement("UPDATE object SET siblings = 1 WHERE object = ?1").bind(.integer(single)).run()
        }
        let insert = try database.statement(
            """
            INSERT INTO object (collection, date_added, kind, uuid, spec, version, spelled, name, siblings, text)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """)
        insert.bind(
            .integer(collection), .integer(date), .integer(kind), .bytes(facts.id.uuid), .integer(facts.spec),
            .text(facts.version), .text(facts.spelling), .integer(name), .flag(hasSiblings))
        insert.bindHere(text, at: 10)
        defer { insert.reset() }
        try insert.run()
        if !hasSiblings { names.insert(name, database.lastRow) }
        return .added
    }

    /// The object of this id, if the collection has one version of it and never had another.
    private func only(_ name: Int64, _ key: [SQLiteValue]) throws -> (object: Int64, spec: Int64, version: String)? {
        for candidate in names.candidates(name) {
            let find = try database.statement(
                """
                SELECT spec, version FROM object
                WHERE object = ?4 AND siblings = 0 AND collection = ?1 AND kind = ?2 AND uuid = ?3
                """)
            let found = try find.bind(key + [.integer(candidate)]).first { ($0.integer(0), $0.text(1)) }
            if let (spec, version) = found { return (candidate, spec, version) }
        }
        return nil
    }

    /// When the object was deleted: this very version, or the whole object as it then was with versions no older.
    private func tombstone(_ facts: ObjectFacts, collection: Int64, kind: Int64) throws -> Timestamp? {
        try database.statement(
            """
            SELECT date_deleted FROM tombstone WHERE collection = ?1 AND kind = ?2 AND uuid = ?3 AND spec = ?4
                AND (version = ?5 OR older = 1 AND version > ?5) LIMIT 1
            """
        ).bind(
            .integer(collection), .integer(kind), .bytes(facts.id.uuid), .integer(facts.spec), .text(facts.version)
        ).first { Timestamp(microseconds: $0.integer(0)) }
    }

    /// Deletes the versions of an object that the filter chooses, and remembers that they are deleted.
    ///
    /// - Returns: how many there were; nil if the collection has no version of the object at all.
    func delete(_ id: ObjectID, collection: Int64, filter: ObjectFilter, now: Timestamp) throws -> Int? {
        var any = ObjectFilter()
        any.ids = [id]
        any.versions = .all
        guard
            try !ObjectQuery(collection: collection, filter: any)
                .places(database, self.index, behind: .start, count: 1).isEmpty
        else { return nil }
        var chosen = filter
        chosen.ids = [id]
        let places = try ObjectQuery(collection: collection, filter: chosen)
            .places(database, self.index, behind: .start, count: .max)
        let isWhole = filter.versions.hasAll
        let bury = try database.statement(
            """
            INSERT INTO tombstone SELECT collection, kind, uuid, spec, version, ?2, ?3 FROM object WHERE object = ?1
            ON CONFLICT DO UPDATE SET older = max(older, excluded.older), date_deleted = excluded.date_deleted
            """)
        let remove = try database.statement("DELETE FROM object WHERE object = ?1")
        for place in places {
            try bury.bind(.integer(place.object), .flag(isWhole), .integer(now.microseconds)).run()
            try remove.bind(.integer(place.object)).run()
        }
        return places.count
    }
}
