// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// A detached JWS (RFC 7515 appendix F) with EdDSA (RFC 8037) over the canonical JSON of a document (RFC 8785): the document can
/// be stored and written anew by any tool, as long as it says the same.
///
/// Its header says for whom (`aud`), when (`iat`, seconds since 1970) and by which number of use (`jti`) it was signed, so that
/// a signed bundle can be sent neither to others nor twice.
public enum DetachedSignature {
    /// Why a signature is not accepted.
    public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// It is no detached JWS with the header that is expected.
        case malformed(String)
        /// No pinned key made it over this document.
        case forged
        /// It is for somebody else.
        case notForUs(String)
        /// It is from the future, or too old.
        case untimely(Timestamp)
        /// It was accepted before.
        case replayed(String)

        /// What is wrong, and what to do.
        public var description: String {
            switch self {
            case .malformed(let what): "not a signature that can be checked: \(what)"
            case .forged:
                "no pinned key of the sender signed this document: it was changed, or the sender has a new key that must be pinned"
            case .notForUs(let name): "it was signed for '\(name)', not for us"
            case .untimely(let time):
                "signed at \(time), which is too old or in the future; ask for it to be sent again"
            case .replayed(let number): "it was received before (jti \(number))"
            }
        }
    }

    /// The longest header that is read, in bytes.
    private static let headerLimit = 4096

    /// Signs a document: `header..signature`.
    public static func sign(
        _ document: JSONTree, with key: SigningKey, for audience: String, number: String, at time: Timestamp
    ) -> String {
        let header: JSONTree = [
            "alg": "EdDSA", "aud": .string(audience), "iat": .integer(time.microseconds / 1_000_000),
            "jti": .string(number), "kid": .string(Base64URL.encode(key.publicKey)),
        ]
        let protected = Base64URL.encode(header.canonical)
        return "\(protected)..\(Base64URL.encode(key.sign(input(protected, document))))"
    }

    private static func input(_ protected: String, _ document: JSONTree) -> [UInt8] {
        Array("\(protected).\(Base64URL.encode(document.canonical))".utf8)
    }

    /// What a good signature says.
    public struct Statement: Sendable, Hashable {
        /// Number of use.
        public var number: String
        /// When it was made.
        public var time: Timestamp
    }

    /// Checks a signature, but for replays; for those there is ``ReplayGuard``.
    ///
    /// - Parameters:
    ///   - text: the signature, as a compact JWS without payload.
    ///   - document: what was signed.
    ///   - audience: for whom it must be.
    ///   - now: the time of the check.
    ///   - keys: the sender's pinned keys. Nothing in the signature itself is believed to say who made it.
    ///   - days: how old it may be.
    public static func verify(
        _ text: String, of document: JSONTree, keys: [[UInt8]], for audience: String, now: Timestamp, days: Int64 = 30
    ) throws(Refusal) -> Statement {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[1].isEmpty, parts[0].utf8.count <= headerLimit else {
            throw .malformed("not of the form header..signature")
        }
        guard let bytes = Base64URL.decode(parts[0]), let signature = Base64URL.decode(parts[2]),
            let header = try? JSONTree(parsing: bytes, limit: headerLimit)
        else { throw .malformed("header and signature are not in base64url") }
        guard header["alg"]?.string == "EdDSA" else { throw .malformed("alg must be EdDSA") }
        guard !document.hasRepeatedNames else {
            throw .malformed("two members of an object have one name, so that it is not clear what was signed")
        }
        guard header["crit"] == nil else { throw .malformed("crit names what this program does not know") }
        let message = input(parts[0], document)
        guard keys.contains(where: { SigningKey.verifies(signature, message, by: $0) }) else { throw .forged }
        guard let audienceInside = header["aud"]?.string, let seconds = header["iat"]?.integer,
            let number = header["jti"]?.string, !number.isEmpty, number.utf8.count <= 128
        else { throw .malformed("aud, iat and jti must be there") }
        guard audienceInside.isSameText(as: audience) else { throw .notForUs(audienceInside) }
        guard (0...253_402_300_799).contains(seconds) else { throw .malformed("iat is no time") }
        let time = Timestamp(microseconds: seconds * 1_000_000)
        // Clocks may differ by ten minutes.
        let age = now.microseconds - time.microseconds
        guard age >= -600_000_000, age / 86_400_000_000 < days else { throw .untimely(time) }
        return Statement(number: number, time: time)
    }
}

/// Numbers of signatures that were accepted: each is accepted once.
public struct ReplayGuard: Sendable {
    /// Seconds since 1970 at which each was signed, by key and number.
    private var seen: [String: Int64] = [:]

    /// Nothing was accepted.
    public init() {}

    /// Reads what ``text`` wrote; lines that are none are left out.
    public init(_ text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2, let time = Int64(parts[0]) { seen[String(parts[1])] = time }
        }
    }

    /// The accepted ones, one a line.
    public var text: String { seen.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }.joined() }

    /// Accepts a statement of a sender's.
    ///
    /// - Throws: ``DetachedSignature/Refusal/replayed(_:)`` when it was accepted before.
    public mutating func accept(
        _ statement: DetachedSignature.Statement, from sender: String
    ) throws(DetachedSignature.Refusal) {
        let key = Base64URL.encode(Array("\(sender)\n\(statement.number)".utf8))
        guard seen[key] == nil else { throw .replayed(statement.number) }
        seen[key] = statement.time.microseconds / 1_000_000
    }

    /// Forgets what is too old to be accepted anyhow.
    public mutating func forget(before time: Timestamp) {
        seen = seen.filter { $0.value >= time.microseconds / 1_000_000 }
    }
}
