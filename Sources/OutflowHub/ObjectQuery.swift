// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Finds the objects of one page: the filter as SQL whose values are all bound.
///
/// Each strand walks one index in the order of date and key, and stops after a page: cost follows the page, not the
/// collection. Several strands (one a type, one an id) are merged.
struct ObjectQuery {
    let collection: Int64
    let filter: ObjectFilter

    private struct Strand {
        var sql: String
        var values: [SQLiteValue]
    }

    /// The places of the first `count` objects behind `cursor`.
    func places(_ database: SQLiteConnection, _ index: ObjectIndex, behind cursor: Cursor, count: Int) throws
        -> [Cursor]
    {
        var places: [Cursor] = []
        let strands = try strands(database, index)
        for strand in strands { places += try walk(strand, database, behind: cursor, count: count) }
        if strands.count > 1 {
            places.sort { ($0.date, $0.object) < ($1.date, $1.object) }
            places.removeLast(max(0, places.count - count))
        }
        return places
    }

    private func strands(_ database: SQLiteConnection, _ index: ObjectIndex) throws -> [Strand] {
        let kinds = try database.statement("SELECT kind FROM kind WHERE name = ?1")
        func kind(_ name: String) throws -> Int64? { try kinds.bind(.text(name)).first { $0.integer(0) } }
        if let ids = filter.ids {
            let wanted = Set(ids).filter { filter.types?.contains($0.type) ?? true }
            try index.names.catchUp(database)
            return try wanted.flatMap { id -> [Strand] in
                guard let kind = try kind(id.type) else { return [] }
                let name = index.hash.name(collection: collection, id)
                let key: [SQLiteValue] = [.integer(collection), .integer(kind), .bytes(id.uuid)]
                let check = "AND o.collection = ? AND o.kind = ? AND o.uuid = ?"
                let versions = Strand(
                    sql: "o INDEXED BY object_versions WHERE o.siblings = 1 AND o.name = ? \(check)",
                    values: [.integer(name)] + key)
                return index.names.candidates(name).map {
                    Strand(sql: "o WHERE o.siblings = 0 AND o.object = ? \(check)", values: [.integer($0)] + key)
                } + [versions]
            }
        }
        if let types = filter.types {
            return try types.compactMap { type in
                guard let kind = try kind(type) else { return nil }
                return Strand(
                    sql: "o INDEXED BY object_by_kind WHERE o.collection = ? AND o.kind = ?",
                    values: [.integer(collection), .integer(kind)])
            }
        }
        return [Strand(sql: "o INDEXED BY object_by_date WHERE o.collection = ?", values: [.integer(collection)])]
    }

    /// Two walks: what was added in the same microsecond as the cursor's object, then what was added later. Each is one
    /// range of an index whose entries end in the key.
    private func walk(_ strand: Strand, _ database: SQLiteConnection, behind cursor: Cursor, count: Int) throws
        -> [Cursor]
    {
        let condition = condition()
        var places: [Cursor] = []
        func walk(_ range: String, _ values: [SQLiteValue]) throws {
            guard places.count < count else { return }
            let statement = try database.statement(
                "SELECT o.date_added, o.object FROM object \(strand.sql) AND \(range)\(condition.sql)"
                    + " ORDER BY o.date_added, o.object LIMIT ?")
            statement.bind(strand.values + values + condition.values + [.integer(count - places.count)])
            try statement.each { places.append(Cursor(date: $0.integer(0), object: $0.integer(1))) }
        }
        let floor = filter.addedAfter?.microseconds ?? .min
        if cursor.date > floor {
            try walk("o.date_added = ? AND o.object > ?", [.integer(cursor.date), .integer(cursor.object)])
        }
        try walk("o.date_added > ?", [.integer(max(floor, cursor.date))])
        return places
    }

    /// The choice of specification versions and versions. An object that never had a sibling passes every choice but an
    /// exact one.
    private func condition() -> Strand {
        var strand = Strand(sql: "", values: [])
        let floor = SQLiteValue.integer(filter.addedAfter?.microseconds ?? .min)
        // The other objects of this id that the rest of the request asks for.
        var siblings =
            "SELECT 1 FROM object p INDEXED BY object_versions WHERE p.siblings = 1 AND p.name = o.name"
            + " AND p.collection = o.collection AND p.kind = o.kind AND p.uuid = o.uuid AND p.date_added > ?"
        var siblingValues = [floor]
        var alternatives = ""
        if let specs = filter.specs {
            let list = specs.map { _ in "?" }.joined(separator: ",")
            strand.sql += " AND o.spec IN (\(list))"
            strand.values += specs.map { .integer($0) }
            siblings += " AND p.spec IN (\(list))"
            siblingValues += specs.map { .integer($0) }
        } else {
            strand.sql += " AND (o.siblings = 0 OR NOT EXISTS (\(siblings) AND p.spec > o.spec))"
            strand.values += siblingValues
            siblings += " AND p.spec = o.spec"
        }
        let versions = filter.versions
        guard !versions.hasAll else { return strand }
        var values: [SQLiteValue] = []
        func alternative(_ sql: String, _ more: [SQLiteValue]) {
            alternatives += (alternatives.isEmpty ? "" : " OR ") + sql
            values += more
        }
        if versions.hasFirst || versions.hasLast { alternative("o.siblings = 0", []) }
        if versions.hasLast {
            alternative(
                "NOT EXISTS (\(siblings) AND (p.version > o.version OR p.version = o.version AND p.spec > o.spec))",
                siblingValues)
        }
        if versions.hasFirst {
            alternative(
                "NOT EXISTS (\(siblings) AND (p.version < o.version OR p.version = o.version AND p.spec > o.spec))",
                siblingValues)
        }
        if !versions.exact.isEmpty {
            let list = versions.exact.map { _ in "?" }.joined(separator: ",")
            alternative("o.version IN (\(list))", versions.exact.map { .text($0) })
            // An object without a version of its own has the date when it was added.
            let dates = versions.exact.compactMap { text in
                withBytes(of: text + "Z") { Timestamp(iso8601: $0)?.microseconds }
            }
            let dateList = dates.map { _ in "?" }.joined(separator: ",")
            alternative("(o.version = '' AND o.date_added IN (\(dateList)))", dates.map { .integer($0) })
        }
        strand.sql += " AND (\(alternatives))"
        strand.values += values
        return strand
    }
}
