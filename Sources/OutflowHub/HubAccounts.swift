// SPDX-License-Identifier: Apache-2.0

/// Writes accounts and their tokens; part of a transaction.
struct HubAccounts {
    let database: SQLiteConnection

    /// Makes the account, or replaces its password, certificate and grants; its tokens stay.
    ///
    /// - Returns: its key.
    func put(name: String, passwordHash: String, isAdmin: Bool, grants: [String: Rights], certificate: String?) throws
        -> Int64
    {
        try database.statement(
            """
            INSERT INTO account (name, password, is_admin, certificate) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (name) DO UPDATE SET password = excluded.password, is_admin = excluded.is_admin,
                certificate = excluded.certificate
            """
        ).bind(.text(name), .text(passwordHash), .flag(isAdmin), .text(certificate)).run()
        let key =
            try database.statement("SELECT account FROM account WHERE name = ?1").bind(.text(name))
            .first { $0.integer(0) } ?? 0
        try database.statement("DELETE FROM grant_ WHERE account = ?1").bind(.integer(key)).run()
        let insert = try database.statement("INSERT INTO grant_ VALUES (?1, ?2, ?3, ?4)")
        for (subject, rights) in grants {
            try insert.bind(.integer(key), .text(subject), .flag(rights.canRead), .flag(rights.canWrite)).run()
        }
        return key
    }

    /// Makes the token, or replaces what it may do.
    ///
    /// - Returns: whether it is another account's, and was left alone.
    func put(token hash: [UInt8], of account: Int64, label: String, expires: Int64, grants: [String: Rights]) throws
        -> Bool
    {
        let owner = try database.statement("SELECT account FROM token WHERE token = ?1").bind(.bytes(hash))
            .first { $0.integer(0) }
        guard owner == nil || owner == account else { return true }
        try database.statement("DELETE FROM token WHERE token = ?1").bind(.bytes(hash)).run()
        try database.statement("INSERT INTO token VALUES (?1, ?2, ?3, ?4)")
            .bind(.bytes(hash), .integer(account), .text(label), .integer(expires)).run()
        let insert = try database.statement("INSERT INTO token_grant VALUES (?1, ?2, ?3, ?4)")
        for (subject, rights) in grants {
            try insert.bind(.bytes(hash), .text(subject), .flag(rights.canRead), .flag(rights.canWrite)).run()
        }
        return false
    }

    /// The collection id that a grant names, whatever the case of its letters, or `*`; nil if there is none.
    func subject(_ name: String) throws -> String? {
        if name == "*" { return name }
        return try database.statement("SELECT id FROM collection WHERE lower(id) = lower(?1) ORDER BY id <> ?1, id")
            .bind(.text(name)).first { $0.text(0) }
    }

    /// Whose certificate this is.
    func owner(ofCertificate certificate: String) throws -> String? {
        try database.statement("SELECT name FROM account WHERE certificate = ?1").bind(.text(certificate))
            .first { $0.text(0) }
    }

    func forgetCertificate(of name: String) throws {
        try database.statement("UPDATE account SET certificate = NULL WHERE name = ?1").bind(.text(name)).run()
    }
}

/// SHA-256 fingerprints of certificates.
enum Fingerprint {
    /// 64 hexadecimal digits in lower case, from these, or from what `openssl x509 -fingerprint -sha256` prints (capitals,
    /// colons, and perhaps words up to `=` before them); nil for anything else.
    static func normalise(_ text: String) -> String? {
        var text = Substring(text)
        if let equals = text.firstIndex(of: "="), text[..<equals].lowercased() == "sha256 fingerprint" {
            text = text[text.index(after: equals)...]
        }
        var digits = Array(text.utf8)
        if digits.count == 95 {
            guard stride(from: 2, to: 95, by: 3).allSatisfy({ digits[$0] == 0x3A }) else { return nil }
            digits = digits.enumerated().filter { $0.offset % 3 != 2 }.map(\.element)
        }
        guard digits.count == 64,
            digits.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0)
            })
        else { return nil }
        return String(decoding: digits, as: UTF8.self).lowercased()
    }
}
