// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension STIXCase {
    /// A cyber-observable of STIX 2.1.
    struct Observable {
        var type: String
        var id: String
        /// What it has beside type and id.
        var properties: KeyValuePairs<String, JSONTree>
        /// The pattern that finds it.
        var pattern: String
    }

    /// The observable for an entity of a kind; nil for what has no sensible one. Its id is the same whoever makes it (STIX 2.1
    /// section 2.9): the id contributing properties are those of sections 6.4, 6.5, 6.7, 6.8, 6.9 and 6.16.
    static func observable(_ kind: String, _ value: String) -> Observable? {
        func plain(_ type: String) -> Observable {
            Observable(
                type: type, id: STIXIdentifier.observable(type, ["value": .string(value)]),
                properties: ["value": .string(value)], pattern: "[\(type):value = '\(quoted(value))']")
        }
        func account(_ type: String?, _ key: String) -> Observable {
            var contributing: JSONTree = [:]
            if let type { contributing["account_type"] = .string(type) }
            contributing[key] = .string(value)
            let id = STIXIdentifier.observable("user-account", contributing)
            let pattern = "[user-account:\(key) = '\(quoted(value))']"
            if let type {
                return Observable(
                    type: "user-account", id: id, properties: ["account_type": .string(type), key: .string(value)],
                    pattern: pattern)
            }
            return Observable(type: "user-account", id: id, properties: [key: .string(value)], pattern: pattern)
        }
        if let address = IPAddress(value) { return plain(address.v4 != nil ? "ipv4-addr" : "ipv6-addr") }
        switch kind {
        case "domain": return plain("domain-name")
        case "host": return plain("domain-name")
        case "mailbox": return value.contains("@") ? plain("email-addr") : account(nil, "account_login")
        case "cloud-account": return account(nil, "user_id")
        case "account", "principal", "session", "key": return account(nil, "account_login")
        case "file":
            return Observable(
                type: "file", id: STIXIdentifier.observable("file", ["name": .string(value)]),
                properties: ["name": .string(value)], pattern: "[file:name = '\(quoted(value))']")
        case "store", "repository":
            return Observable(
                type: "directory", id: STIXIdentifier.observable("directory", ["path": .string(value)]),
                properties: ["path": .string(value)], pattern: "[directory:path = '\(quoted(value))']")
        default: return nil
        }
    }

    private static func quoted(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
    }
}

extension STIXIdentifier {
    /// Whether a text is an id of a type: the type, `--` and a UUID.
    static func isWellFormed(_ id: String, type: String) -> Bool {
        let bytes = Array(id.utf8)
        let prefix = Array("\(type)--".utf8)
        guard bytes.count == prefix.count + 36, bytes.starts(with: prefix) else { return false }
        return bytes.dropFirst(prefix.count).enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index)
                ? byte == UInt8(ascii: "-") : byte &- 0x30 < 10 || (0x61...0x66).contains(byte)
        }
    }
}
