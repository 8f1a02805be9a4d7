// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowJSON
import OutflowSharing

/// Files that sharing reads and writes.
enum SharingFiles {
    /// Reads the list of partners; nobody without a file.
    static func partners(_ path: String?) throws -> Partners {
        guard let path else { return Partners() }
        guard let text = FileManager.default.contents(atPath: path) else { throw Problem("\(path): cannot be read") }
        do { return try Partners(Array(text)) } catch { throw Problem("\(path): \(error)") }
    }

    /// Reads JSON.
    static func json(_ path: String) throws -> JSONTree {
        guard let text = FileManager.default.contents(atPath: path) else { throw Problem("\(path): cannot be read") }
        do { return try JSONTree(parsing: Array(text)) } catch { throw Problem("\(path): \(error)") }
    }

    /// Reads the signature beside a file.
    static func signature(of path: String) throws -> String {
        guard let text = FileManager.default.contents(atPath: path + ".jws"), text.count <= 1 << 16 else {
            throw Problem("\(path).jws: cannot be read")
        }
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Reads a signing key (its seed in base64url); makes one, readable by its owner only, when there is none and it may.
    static func key(_ path: String, create: Bool) throws -> SigningKey? {
        if let text = FileManager.default.contents(atPath: path) {
            let word = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard let key = Base64URL.decode(word).flatMap(SigningKey.init(seed:)) else {
                throw Problem("\(path): not a signing key; move it away and a new one is made")
            }
            return key
        }
        guard !FileManager.default.fileExists(atPath: path) else { throw Problem("\(path): cannot be read") }
        guard create else { return nil }
        guard let key = SigningKey.generate() else { throw Problem("no key could be made") }
        let text = Data((Base64URL.encode(key.seed) + "\n").utf8)
        guard FileManager.default.createFile(atPath: path, contents: text, attributes: [.posixPermissions: 0o600])
        else {
            throw Problem("\(path): cannot be written")
        }
        return key
    }

    /// Writes a file, whole or not at all.
    static func write(_ text: String, _ path: String) throws {
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw Problem("\(path): cannot be written: \(error.localizedDescription)")
        }
    }
}
