// SPDX-License-Identifier: Apache-2.0

import CSodium

/// Passwords as they are kept: Argon2id (RFC 9106) in its own text form, which names its cost.
public enum PasswordHash {
    /// The hash of a password, with a random salt.
    public static func make(_ password: String, cost: Cost = .interactive) throws -> String {
        guard Random.isReady else { throw HubFailure("libsodium does not start") }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let utf8 = Array(password.utf8CString)
        guard
            crypto_pwhash_str_alg(
                &text, utf8, UInt64(utf8.count - 1), cost.operations, cost.memory, crypto_pwhash_ALG_ARGON2ID13) == 0
        else { throw HubFailure("there is not enough memory to hash a password") }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the password is the one whose hash this is. Takes the same time whatever differs.
    public static func matches(_ hash: String, _ password: String) -> Bool {
        guard Random.isReady else { return false }
        let utf8 = Array(password.utf8CString)
        return crypto_pwhash_str_verify(hash, utf8, UInt64(utf8.count - 1)) == 0
    }

    /// Whether the text is such a hash.
    public static func isHash(_ text: String) -> Bool {
        text.hasPrefix("$argon2id$") && text.utf8.count < Int(crypto_pwhash_STRBYTES)
    }

    /// What a guess costs.
    public struct Cost: Sendable {
        let operations: UInt64
        let memory: Int

        /// 64 MiB and two passes: OWASP's Password Storage Cheat Sheet asks for at least 19 MiB and two.
        public static let interactive = Cost(operations: 2, memory: 64 << 20)
        /// For tests only: 8 MiB and one pass.
        public static let least = Cost(operations: 1, memory: 8 << 20)
    }
}
