// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension HubFile {
    /// Writes the whole hub, as it is at one moment, piece by piece into `sink`.
    ///
    /// - Returns: how many grants are not in it, because they are for collections that there are not.
    static func dump(_ database: SQLiteConnection, into sink: (borrowing [UInt8]) throws -> Void) throws -> Int {
        try database.transaction("BEGIN") {
            let catalogue = try Catalogue(inside: database)
            var text = JSONText(reserving: 1 << 20)
            func flush() throws {
                try sink(text.bytes)
                text = JSONText(reserving: 1 << 20)
            }
            text.raw("{\"discovery\":{")
            text.member("title", catalogue.discovery.title)
            if let description = catalogue.discovery.description { text.member("description", description) }
            if let contact = catalogue.discovery.contact { text.member("contact", contact) }
            if let root = catalogue.discovery.defaultRoot { text.member("default", "/\(root)/") }
            text.raw("},\n\"api_roots\":[")
            var isFirst = true
            for root in catalogue.roots.values.sorted(by: { $0.key < $1.key }) {
                text.raw(isFirst ? "\n{" : ",\n{")
                isFirst = false
                text.member("path", root.path)
                text.member("title", root.title)
                if let description = root.description { text.member("description", description) }
                text.key("max_content_length")
                text.number(root.maxContentLength)
                text.key("collections")
                text.raw("[")
                for (index, collection) in root.collections.enumerated() {
                    text.raw(index == 0 ? "\n{" : ",\n{")
                    write(collection, into: &text)
                    try deleted(collection, database, into: &text)
                    text.key("objects")
                    text.raw("[")
                    let objects = try database.statement(
                        """
                        SELECT date_added, text FROM object INDEXED BY object_by_date WHERE collection = ?1
                        ORDER BY date_added, object
                        """)
                    var comma: StaticString = "\n{"
                    try objects.bind(.integer(collection.key)).each { row in
                        text.raw(comma)
                        comma = ",\n{"
                        text.member("date_added", Timestamp(microseconds: row.integer(0)).description)
                        text.key("object")
                        text.raw(row.bytes(1))
                        text.raw("}")
                        if text.bytes.count > 1 << 19 { try flush() }
                    }
                    text.raw("]}")
                }
                text.raw("]}")
            }
            text.raw("],\n\"users\":")
            // A grant for what is no collection gives nothing, and `load` would refuse it.
            let subjects = Set(catalogue.roots.values.flatMap { $0.collections.map(\.id) } + ["*"])
            text.list(catalogue.accounts.values.sorted { $0.key < $1.key }) { text, account in
                let tokens = catalogue.tokens.filter { $0.value.account == account.name }.map {
                    (hash: Base64.encode($0.key), token: $0.value)
                }
                write(account, tokens.sorted { $0.hash < $1.hash }, subjects, into: &text)
            }
            text.raw("}\n")
            try flush()
            let grants = catalogue.accounts.values.map(\.grants) + catalogue.tokens.values.map(\.grants)
            return grants.reduce(0) { $0 + $1.keys.count { !subjects.contains($0) } }
        }
    }

    private static func write(_ collection: TAXIICollection, into text: inout JSONText) {
        text.member("id", collection.id)
        text.member("title", collection.title)
        if let description = collection.description { text.member("description", description) }
        if let alias = collection.alias { text.member("alias", alias) }
        text.key("can_read")
        text.bool(collection.canRead)
        text.key("can_write")
        text.bool(collection.canWrite)
        text.key("media_types")
        text.list(collection.mediaTypes) { $0.string($1) }
    }

    private static func deleted(
        _ collection: TAXIICollection, _ database: SQLiteConnection, into text: inout JSONText
    ) throws {
        let graves = try database.statement(
            """
            SELECT k.name, t.uuid, t.version, t.spec, t.older, t.date_deleted FROM tombstone t JOIN kind k ON k.kind = t.kind
            WHERE t.collection = ?1 ORDER BY t.date_deleted, t.kind, t.uuid, t.spec, t.version
            """)
        var list = JSONText()
        try graves.bind(.integer(collection.key)).each { row in
            list.raw(list.bytes.isEmpty ? "{" : ",{")
            list.member("id", ObjectID(type: row.text(0), uuid: Array(row.bytes(1))).description)
            let version = row.text(2)
            if !version.isEmpty { list.member("version", VersionText.format(version)) }
            list.member("spec_version", SpecVersion.format(Int(row.integer(3))))
            list.key("older")
            list.bool(row.integer(4) != 0)
            list.member("date_deleted", Timestamp(microseconds: row.integer(5)).description)
            list.raw("}")
        }
        guard !list.bytes.isEmpty else { return }
        text.key("deleted")
        text.raw("[")
        text.raw(list.bytes)
        text.raw("]")
    }

    private static func write(
        _ account: Account, _ tokens: [(hash: String, token: Token)], _ subjects: Set<String>, into text: inout JSONText
    ) {
        text.raw("{")
        text.member("name", account.name)
        text.member("password_hash", account.passwordHash)
        if account.isAdmin {
            text.key("admin")
            text.bool(true)
        }
        if let certificate = account.certificate { text.member("certificate", certificate) }
        write(account.grants, subjects, into: &text)
        if !tokens.isEmpty {
            text.key("tokens")
            text.list(tokens) { text, one in
                text.raw("{")
                text.member("token_hash", one.hash)
                text.member("label", one.token.label)
                text.member("expires", Timestamp(microseconds: one.token.expires).description)
                write(one.token.grants, subjects, into: &text)
                text.raw("}")
            }
        }
        text.raw("}")
    }

    private static func write(_ grants: [String: Rights], _ subjects: Set<String>, into text: inout JSONText) {
        let names = grants.keys.filter { subjects.contains($0) }.sorted()
        text.key("read")
        text.list(names.filter { grants[$0]?.canRead == true }) { $0.string($1) }
        text.key("write")
        text.list(names.filter { grants[$0]?.canWrite == true }) { $0.string($1) }
    }
}
