// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords
import OutflowReports

/// What a list shows of a STIX object.
private struct ObjectWords: Sendable {
    var place: Cursor
    var id: String
    var title = ""
    var about = ""
    var valid = ""
    var marks = ""
    var isRevoked = false

    /// Reads an object's text. Sources: STIX 2.1, sections 4.7 (indicator) and 5.2 (sighting).
    init(_ place: Cursor, _ id: String, _ text: UnsafeRawBufferPointer, _ parser: JSONParser) {
        self.place = place
        self.id = id
        guard let object = try? parser.parse(copying: Bytes(text)) else { return }
        func word(_ key: StaticString) -> String { Self.words(object.string(key)) }
        title = word("name")
        about = word("pattern")
        if id.hasPrefix("sighting--") {
            about = word("sighting_of_ref")
            title = object["count"]?.count.map { "seen \($0) times" } ?? "seen"
            valid = [word("first_seen"), word("last_seen")].filter { !$0.isEmpty }.joined(separator: " – ")
        } else {
            valid = [word("valid_from"), word("valid_until")].filter { !$0.isEmpty }.joined(separator: " – ")
        }
        if about.isEmpty { about = word("description") }
        if about.isEmpty { about = word("value") }
        var names: [String] = []
        if let list = object["object_marking_refs"] {
            for (_, value) in list.elements.prefix(8) {
                if let text = value.string { names.append(Self.marking(Self.words(text))) }
            }
        }
        marks = names.joined(separator: " ")
        isRevoked = object["revoked"]?.bool == true
    }

    /// The beginning of a text: no cell is longer.
    private static func words(_ text: Bytes) -> String {
        String(decoding: UnsafeBufferPointer(start: text.start, count: min(text.count, 2_000)), as: UTF8.self)
    }

    /// The name of a TLP marking (STIX 2.1, section 7.2.1.4, and OASIS CTI's TLP 2.0 definitions); other ids as they are.
    private static func marking(_ id: String) -> String {
        switch id {
        case "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "TLP:WHITE"
        case "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "TLP:GREEN"
        case "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "TLP:AMBER"
        case "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "TLP:RED"
        case "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "TLP:CLEAR"
        case "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "TLP:GREEN"
        case "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "TLP:AMBER"
        case "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "TLP:AMBER+STRICT"
        case "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "TLP:RED"
        default: id
        }
    }
}

extension WebServer {
    private static let pageLength = 100
    /// Types that people look for here.
    private static let types = ["indicator", "sighting", "report", "observed-data", "course-of-action", "identity"]

    /// Indicators, sightings and other objects of the collections that the reader may read, the latest first.
    func indicators(_ visit: Visit) async throws -> HubResponse {
        let readable = visit.catalogue.roots(for: visit.account).flatMap { root in
            root.collections.filter { visit.account.rights(in: $0).canRead }.map { (root: root, collection: $0) }
        }
        if visit.path.count == 3 { return try await object(visit, readable.map(\.collection)) }
        guard visit.path.count == 1 else { throw Refusal.missing }
        var page = WebPage("Indicators and sightings", in: .indicators, for: visit.reader)
        guard
            let wanted = visit.parameter("collection").flatMap({ id in readable.first { $0.collection.id == id } })
                ?? readable.first
        else {
            page.paragraph("There is no collection that you may read.")
            return page.response()
        }
        let type =
            Self.types.contains(visit.parameter("type") ?? "") ? visit.parameter("type") ?? "indicator" : "indicator"
        page.raw(
            "<form class=\"filter\" method=\"get\" action=\"/web/indicators\"><p><label for=\"collection\">Collection</label>"
        )
        page.raw("<select id=\"collection\" name=\"collection\">")
        for (root, collection) in readable {
            Self.option(
                &page, collection.id, "\(root.title): \(collection.title)", collection.key == wanted.collection.key)
        }
        page.raw("</select></p><p><label for=\"type\">Type</label><select id=\"type\" name=\"type\">")
        for known in Self.types { Self.option(&page, known, known, known == type) }
        page.raw("</select></p><p><button>Show</button></p></form>\n")
        var before = Cursor(date: .max, object: .max)
        if let numbers = visit.parameter("before")?.split(separator: "."), numbers.count == 2,
            let date = Int64(numbers[0]), let object = Int64(numbers[1])
        {
            before = Cursor(date: date, object: object)
        }
        var entries = try await entries(wanted.collection.key, type, before: before, count: Self.pageLength + 1)
        let hasMore = entries.count > Self.pageLength
        if hasMore { entries.removeLast() }
        guard !entries.isEmpty else {
            page.paragraph(
                "The collection has no object of this type\(before.date == .max ? "" : " before this place").")
            return page.response()
        }
        page.table("Objects, the latest first", ["Added", "Name", "Pattern or subject", "Valid or seen", "Marking"])
        for entry in entries {
            page.raw("<tr>")
            page.when(Timestamp(microseconds: entry.place.date))
            page.raw("<th scope=\"row\">")
            page.link(
                "/web/indicators/\(PercentCoding.encode(wanted.collection.id))/\(PercentCoding.encode(entry.id))",
                entry.title.isEmpty ? entry.id : entry.title)
            if entry.isRevoked { page.raw("<small>revoked</small>") }
            page.raw("</th><td><code>")
            page.log(entry.about)
            page.raw("</code></td>")
            page.cell(entry.valid)
            page.cell(entry.marks)
            page.raw("</tr>\n")
        }
        page.endTable()
        if hasMore, let last = entries.last {
            page.raw("<p class=\"pages\">")
            page.link(
                "/web/indicators?collection=\(PercentCoding.encode(wanted.collection.id))&type=\(type)"
                    + "&before=\(last.place.date).\(last.place.object)", "Earlier →")
            page.raw("</p>\n")
        }
        return page.response()
    }

    private func entries(_ collection: Int64, _ type: String, before: Cursor, count: Int) async throws -> [ObjectWords]
    {
        try await store.read { database in
            guard
                let kind = try database.statement("SELECT kind FROM kind WHERE name = ?1").bind(.text(type))
                    .first({ $0.integer(0) })
            else { return [] }
            let parser = JSONParser(limit: 1 << 20)
            var entries: [ObjectWords] = []
            let rows = try database.statement(
                """
                SELECT date_added, object, uuid, text FROM object INDEXED BY object_by_kind
                WHERE collection = ?1 AND kind = ?2 AND (date_added, object) < (?3, ?4)
                ORDER BY date_added DESC, object DESC LIMIT ?5
                """)
            rows.bind(
                .integer(collection), .integer(kind), .integer(before.date), .integer(before.object), .integer(count))
            try rows.each { row in
                let id = ObjectID(type: type, uuid: Array(row.bytes(2)))
                entries.append(
                    ObjectWords(
                        Cursor(date: row.integer(0), object: row.integer(1)), id.description, row.bytes(3), parser))
            }
            return entries
        }
    }

    /// One object, as it was sent, the latest version first.
    private func object(_ visit: Visit, _ readable: [TAXIICollection]) async throws -> HubResponse {
        guard let collection = readable.first(where: { $0.id == visit.path[1] }),
            let id = withBytes(of: visit.path[2], { ObjectID($0) })
        else { throw Refusal.missing }
        var filter = ObjectFilter()
        filter.ids = [id]
        filter.versions = .all
        let query = ObjectQuery(collection: collection.key, filter: filter)
        // A NUL stands between texts, which JSON has nowhere.
        let found = try await store.page(query, behind: .start, count: 50) { text, _, object in
            text.raw(object)
            text.raw([0])
        }
        guard found.count > 0 else { throw Refusal.missing }
        var page = WebPage(id.description, in: .indicators, for: visit.reader)
        page.paragraph("\(collection.title): \(found.count) \(found.count == 1 ? "version" : "versions"), as sent.")
        for text in found.content.split(separator: 0).reversed() {
            page.record(Array(text.first == UInt8(ascii: ",") ? text.dropFirst() : text))
        }
        return page.response()
    }
}
