// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords
import OutflowSharing

/// How far a collection was read: what the next poll begins with.
public struct PollState: Sendable {
    /// A listing that has not come to its end.
    struct Listing {
        /// The server's cursor.
        var next: String?
        /// When the last object that arrived was added.
        var last: String?
        /// The first bundle that holds some of it.
        var from: Int
        /// Whether the cursor is known to name a place: it was another one after each page. One that keeps its name moves
        /// on whenever it is used (medallion's does), and what it gave to a run that was interrupted is not given again.
        var isPlace = false
    }

    /// The collection, and which of its objects were asked for: another question needs another state.
    var question: String
    /// When the last object of the last whole listing was added, in the server's words.
    var addedAfter: String?
    var listing: Listing?
    /// Bundles that were written.
    var bundles = 0
    /// Of ``PartnerInbox``.
    var inbox: JSONTree = [:]

    /// Nothing was read.
    init(question: String, addedAfter: String?) {
        self.question = question
        self.addedAfter = addedAfter
    }

    /// Reads what ``text`` wrote.
    ///
    /// - Throws: ``TAXIIFailure`` when it is damaged: a state that is half understood would lose or repeat objects.
    init(_ text: [UInt8], place: String) throws {
        func damaged(_ what: String) -> TAXIIFailure {
            TAXIIFailure(
                "\(place): no state of a poll (\(what)); move it away to read the collection from the beginning")
        }
        guard let root = try? JSONTree(parsing: text, limit: max(text.count, 1 << 16)), root["version"]?.integer == 1
        else { throw damaged("it is not of version 1") }
        guard let question = root["question"]?.string, let bundles = root["bundles"]?.integer,
            (0...999_999_999).contains(bundles)
        else { throw damaged("question or bundles is missing") }
        self.question = question
        self.bundles = Int(bundles)
        addedAfter = root["added_after"]?.string
        if let entry = root["listing"] {
            guard let from = entry["from"]?.integer, (1...bundles + 1).contains(from) else {
                throw damaged("listing")
            }
            listing = Listing(
                next: entry["next"]?.string, last: entry["last"]?.string, from: Int(from),
                isPlace: entry["is_place"] == true)
        }
        inbox = root["inbox"] ?? [:]
    }

    var text: String {
        var root: JSONTree = ["version": 1, "question": .string(question), "bundles": .integer(Int64(bundles))]
        if let addedAfter { root["added_after"] = .string(addedAfter) }
        if let listing {
            var entry: JSONTree = ["from": .integer(Int64(listing.from))]
            if let next = listing.next { entry["next"] = .string(next) }
            if let last = listing.last { entry["last"] = .string(last) }
            if listing.isPlace { entry["is_place"] = true }
            root["listing"] = entry
        }
        root["inbox"] = inbox
        return root.text + "\n"
    }

    /// The later of two times of a server's; what is no time is refused.
    static func later(_ one: String?, _ other: String?) throws -> String? {
        guard let other else { return one }
        func time(_ text: String) -> Timestamp? {
            let bytes = Array(text.utf8)
            return bytes.count > 40 ? nil : bytes.withUnsafeBytes { Timestamp(iso8601: Bytes($0)) }
        }
        guard let second = time(other) else {
            throw TAXIIFailure(
                "the server says that objects were added at \(TAXIIClient.quoted(other)), which is no time")
        }
        guard let one, let first = time(one) else { return other }
        return first > second ? one : other
    }
}
