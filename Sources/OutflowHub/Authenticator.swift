// SPDX-License-Identifier: Apache-2.0

import CSodium
import Dispatch
import OutflowRecords
import Synchronization

/// Says who sends a request.
///
/// Hashing a password takes tens of milliseconds and 64 MiB by design, so who was found to know theirs is remembered for
/// some minutes, by a keyed hash of name, password and stored hash: a changed password ends it at once.
final class Authenticator: Sendable {
    private let key = Random.bytes(32)
    private let remembered = Mutex<[[UInt8]: UInt64]>([:])
    /// Hashing is work for one thread at a time: a flood of wrong passwords takes no more than one core and 64 MiB.
    private let hashing = DispatchQueue(label: "outflow.hub.passwords")
    private let pending = Atomic<Int>(0)

    /// How long a proven password is believed, in nanoseconds.
    private static let memory: UInt64 = 300_000_000_000
    /// Passwords that may wait to be hashed.
    private static let longestQueue = 64

    /// The account whose name and password stand in an Authorization header (RFC 7617).
    ///
    /// - Parameter mayHash: whether a password that was not proven lately may be checked at all.
    /// - Returns: nil if there is none, or they are wrong.
    /// - Throws: ``TAXIIError`` 429 if too many wait to be checked.
    func account(_ authorization: String?, _ catalogue: Catalogue, mayHash: Bool = true) async throws
        -> Account?
    {
        guard let authorization, let (name, password) = Self.basic(authorization) else { return nil }
        return try await account(name: name, password: password, catalogue, mayHash: mayHash)
    }

    /// The account with this name and password; nil if there is none.
    func account(name: String, password: String, _ catalogue: Catalogue, mayHash: Bool = true) async throws
        -> Account?
    {
        // None is kept for an empty password; a hash from elsewhere may be of one.
        guard !password.isEmpty else { return nil }
        let account = catalogue.accounts[name]
        // A name that nobody has costs what a wrong password does.
        let stored = account?.passwordHash ?? Self.nobody
        let proof = proof(name, password, stored)
        let now = DispatchTime.now().uptimeNanoseconds
        if let account, remembered.withLock({ $0[proof].map { now < $0 } ?? false }) { return account }
        guard mayHash else { return nil }
        guard pending.add(1, ordering: .relaxed).newValue <= Self.longestQueue else {
            pending.subtract(1, ordering: .relaxed)
            throw TAXIIError.busy("too many passwords wait to be checked")
        }
        let isRight = await withCheckedContinuation { continuation in
            hashing.async {
                // It may have been proven while this waited.
                let isKnown = self.remembered.withLock { $0[proof].map { now < $0 } ?? false }
                continuation.resume(returning: isKnown || PasswordHash.matches(stored, password))
            }
        }
        pending.subtract(1, ordering: .relaxed)
        guard isRight, let account else { return nil }
        remembered.withLock { remembered in
            if remembered.count > 10_000 { remembered = remembered.filter { $0.value > now } }
            if remembered.count > 10_000 { remembered.removeAll() }
            remembered[proof] = now + Self.memory
        }
        return account
    }

    /// The account of a client certificate that TLS verified, or of a token (RFC 6750).
    func account(certificate: String?, authorization: String?, _ catalogue: Catalogue) -> Account? {
        if let certificate, let name = catalogue.certificates[certificate] { return catalogue.accounts[name] }
        guard let text = authorization, text.lowercased().hasPrefix("bearer "), text.utf8.count < 200,
            let token = catalogue.tokens[AccessToken.hash(String(text.dropFirst(7).drop { $0 == " " }))],
            token.expires > Clock.now().microseconds, var account = catalogue.accounts[token.account]
        else { return nil }
        account.scope = token.grants
        account.isAdmin = false
        return account
    }

    /// Name and password of HTTP Basic authentication: UTF-8, split at the first colon.
    static func basic(_ authorization: String) -> (name: String, password: String)? {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic", parts[1].utf8.count < 4_000,
            let bytes = Base64.decode(parts[1].drop { $0 == " " }), let text = String(validating: bytes, as: UTF8.self),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    /// The hash of a password that nobody knows, of the usual cost.
    private static let nobody = (try? PasswordHash.make(UUIDText.format(Random.bytes(16)))) ?? ""

    private func proof(_ name: String, _ password: String, _ hash: String) -> [UInt8] {
        // The lengths keep one triple from reading like another.
        let input = Array("\(name.utf8.count):\(password.utf8.count):\(name)\(password)\(hash)".utf8)
        var output = [UInt8](repeating: 0, count: 32)
        crypto_generichash(&output, 32, input, UInt64(input.count), key, key.count)
        return output
    }
}

/// Tokens: 32 random bytes, of which only a hash is kept.
enum AccessToken {
    static func make() -> String { "ofh_" + Base64.encode(Random.bytes(32)) }

    /// A fast hash is enough: nobody guesses 256 random bits.
    static func hash(_ token: String) -> [UInt8] {
        let input = Array(token.utf8)
        var output = [UInt8](repeating: 0, count: 32)
        crypto_generichash(&output, 32, input, UInt64(input.count), nil, 0)
        return output
    }
}
