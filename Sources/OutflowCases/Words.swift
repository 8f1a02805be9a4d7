// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Sentences of a case. What stands in them comes from logs in part; whoever shows it escapes it.
enum Words {
    /// Longest name that a sentence holds; the whole stands in the finding or transfer.
    static let nameLimit = 120

    /// A name cut to what a sentence bears.
    static func name(_ text: String) -> String {
        guard text.utf8.count > nameLimit else { return text }
        let count = text.unicodeScalars.count
        return count > nameLimit ? String(text.unicodeScalars.prefix(nameLimit)) + "…" : text
    }

    /// A host, account or destination: `DESK-7 (192.0.2.6)`.
    static func name(_ entity: Report.Entity) -> String {
        if entity.kind == .anyone { return "anyone" }
        guard let name = entity.name, !name.isEmpty, name != entity.id else { return Self.name(entity.id) }
        return "\(Self.name(name)) (\(Self.name(entity.id)))"
    }

    /// The same for a title: without an id that is longer than its name bears.
    static func short(_ entity: Report.Entity) -> String {
        guard let name = entity.name, !name.isEmpty, entity.id.utf8.count > 40 else { return Self.name(entity) }
        return Self.name(name)
    }

    /// Bounds to the byte: `exactly 89 B`, `at least 1,000 B`, `10 B to 20 B`, `at most 70,000 B`, `an unknown amount`.
    static func amount(_ bounds: ByteBounds) -> String {
        switch (bounds.atLeast, bounds.atMost) {
        case (0, nil): return "an unknown amount"
        case (let low, nil): return "at least \(Wording.grouped(low)) B"
        case (let low, let high?) where low == high: return "exactly \(Wording.grouped(low)) B"
        case (0, let high?): return "at most \(Wording.grouped(high)) B"
        case (let low, let high?): return "\(Wording.grouped(low)) B to \(Wording.grouped(high)) B"
        }
    }

    /// `a`, `a and b`, `a, b and 3 more`.
    static func list(_ names: [String], limit: Int = 3) -> String {
        if names.count > limit {
            return names.prefix(limit).joined(separator: ", ")
                + " and \(Wording.grouped(UInt64(names.count - limit))) more"
        }
        guard let last = names.last else { return "" }
        return names.count == 1 ? last : names.dropLast().joined(separator: ", ") + " and " + last
    }

    /// With a capital at its beginning, if that is a letter of ours.
    static func sentence(_ text: String) -> String {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return text }
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    /// Findings' titles are sentences: they may be longer than a name.
    static func title(_ text: String) -> String {
        var title = text
        let limit = 3 * nameLimit
        if text.unicodeScalars.count > limit { title = String(text.unicodeScalars.prefix(limit)) + "…" }
        while title.last == "." { title.removeLast() }
        return title
    }

    /// The day of a moment in UTC.
    static func day(_ time: Timestamp) -> String { String(time.description.prefix(10)) }
}

extension Report.Transfer {
    /// What its ``distinctObjects`` are, in the words of its route: messages of a mailbox, documents of a library.
    public var thing: String {
        switch route {
        case .mail: "message"
        case .library: "document"
        case .saasFile: "file"
        case .dns: "name"
        default: "object"
        }
    }

    /// What each of its ``reads`` is: a name is asked, an upload sent.
    public var use: String {
        switch route {
        case .dns: "question"
        case .web, .network, .email, .vpn: "time"
        default: "read"
        }
    }

    /// What the log shows, in a sentence.
    var observed: String {
        let what: String
        var amount = Words.amount(bytes)
        if let distinctObjects, distinctObjects > 0 {
            amount += " in \(Wording.count(Int(clamping: distinctObjects), thing))"
        }
        let from = Words.name(source)
        let to = Words.name(destination)
        let place = store.map { " from \(Words.name($0))" } ?? ""
        switch state {
        case .taken: what = "\(amount) left \(from)\(place) for \(to)"
        case .accessed: what = "\(amount) of \(from)\(place) was read by \(to)"
        case .exposed: what = "\(from)\(place) was made reachable for \(to), \(amount) at stake"
        case .attempted: what = "\(to) tried to read from \(from)\(place) and was refused"
        }
        var how = " over the \(route.rawValue) route"
        if !service.isEmpty { how += ", \(Words.name(service))" }
        if let session, !session.isEmpty { how += ", session \(Words.name(session))" }
        return Words.sentence("\(what)\(how) (\(id)).")
    }
}
