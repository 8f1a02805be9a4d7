// SPDX-License-Identifier: Apache-2.0

import CSodium
import OutflowIntelligence
import OutflowJSON
import OutflowRecords

/// A signature that travels with objects through a collection, where no file can lie beside a bundle: a STIX note whose
/// content is a JWS (RFC 7515, compact) of the digests of the objects.
///
/// Each object is covered on its own, so a server may hand them out one by one, in any order, and leave some out. Its header
/// is that of ``DetachedSignature``; the payload is the canonical JSON of `{"sha256": [digests]}`, each the SHA-256 of an
/// object's canonical JSON (RFC 8785) in base64url. To tools that know nothing of this it is a note.
public enum SignedManifest {
    /// The note's abstract, by which it is known.
    static let title = "Signature of these objects (JWS)"

    /// Whether an object is such a note.
    public static func isNote(_ object: JSONTree) -> Bool {
        object["type"]?.string == "note" && object["abstract"]?.string == title
    }

    /// The digest of an object.
    public static func digest(_ object: JSONTree) -> String {
        let text = object.canonical
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&digest, text, UInt64(text.count))
        return Base64URL.encode(digest)
    }

    /// Signs objects.
    ///
    /// - Parameters:
    ///   - objects: what is signed.
    ///   - key: the sender's.
    ///   - now: the time that the note bears.
    ///   - audience: the partner that they are for.
    ///   - number: a number of use, never used before.
    ///   - uuid: for the note's id.
    public static func note(
        for objects: [JSONTree], with key: SigningKey, for audience: String, number: String, uuid: String,
        at now: Timestamp
    ) -> JSONTree {
        let payload: JSONTree = ["sha256": .list(objects.map(digest).sorted().map { .string($0) })]
        let parts = DetachedSignature.sign(payload, with: key, for: audience, number: number, at: now)
            .split(separator: ".")
        var seen: Set<String> = []
        let references = objects.compactMap { $0["id"]?.string }.filter { seen.insert($0).inserted }
        let time = JSONTree.string(Rounding.stix(now))
        var note: JSONTree = [
            "type": "note", "spec_version": "2.1", "id": .string("note--\(uuid)"), "created": time, "modified": time,
            "abstract": .string(title),
            "content": .string("\(parts[0]).\(Base64URL.encode(payload.canonical)).\(parts[1])"),
            "object_refs": .list(references.map { .string($0) }),
        ]
        let senders = Set(objects.compactMap { $0["created_by_ref"]?.string })
        if senders.count == 1, let sender = senders.first { note["created_by_ref"] = .string(sender) }
        // It tells what there is: as restricted as the most restricted of it.
        let markings = objects.flatMap { $0["object_marking_refs"]?.strings ?? [] }
        if let tlp = markings.compactMap({ TLP(stixID: $0) }).max() {
            note["object_marking_refs"] = [.string(tlp.stixID)]
        }
        return note
    }

    /// Checks a note's signature.
    ///
    /// - Parameters:
    ///   - note: the object that carries the signature.
    ///   - keys: the sender's pinned keys.
    ///   - audience: for whom it must be.
    ///   - now: the time of the check.
    ///   - days: how old it may be.
    /// - Returns: what it says, and the digests of the objects that it covers.
    /// - Throws: ``DetachedSignature/Refusal``.
    public static func verify(
        _ note: JSONTree, keys: [[UInt8]], for audience: String, now: Timestamp, days: Int64 = 30
    ) throws(DetachedSignature.Refusal) -> (statement: DetachedSignature.Statement, digests: [String]) {
        let parts = (note["content"]?.string ?? "").split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(String(parts[1])),
            let payload = try? JSONTree(parsing: bytes, limit: max(bytes.count, 1 << 16)), payload.canonical == bytes
        else { throw .malformed("not of the form header.payload.signature") }
        let statement = try DetachedSignature.verify(
            "\(parts[0])..\(parts[2])", of: payload, keys: keys, for: audience, now: now, days: days)
        return (statement, payload["sha256"]?.strings ?? [])
    }
}
