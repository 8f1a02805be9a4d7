// SPDX-License-Identifier: Apache-2.0

import OutflowJSON

/// Identifiers of STIX objects: UUIDs of version 5 (RFC 4122 section 4.3), the same whenever the same thing is named.
public struct STIXIdentifier: Sendable {
    /// The namespace that names are hashed with.
    let namespace: [UInt8]

    /// The namespace of cyber-observables, for all producers the same (STIX 2.1 section 2.9).
    static let observables = STIXIdentifier(
        namespace: [
            0x00, 0xAB, 0xED, 0xB4, 0xAA, 0x42, 0x46, 0x6C, 0x9C, 0x01, 0xFE, 0xD2, 0x33, 0x15, 0xA9, 0xB7,
        ])

    /// A namespace of one's own, of 16 bytes that nobody else knows. An id then tells nothing of what it names: ids of cases
    /// are hashes of the victim's hosts and accounts, which could be found by trying all addresses.
    public init(namespace: [UInt8]) { self.namespace = namespace }

    /// The id of an object of a type: `report--…`.
    public func id(_ type: String, _ name: String) -> String {
        var bytes = Array(SHA1.hash(namespace + Array(name.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        return "\(type)--\(Self.text(of: bytes))"
    }

    /// The id of a cyber-observable by the values of its ID contributing properties: the hash of their canonical JSON.
    public static func observable(_ type: String, _ contributing: JSONTree) -> String {
        observables.id(type, contributing.text)
    }

    /// 16 bytes as UUIDs are written.
    static func text(of bytes: [UInt8]) -> String {
        let digits = bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        var parts: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }
}
