// SPDX-License-Identifier: Apache-2.0

import CSodium

/// Keyed hashes with a secret of the database's own (SipHash-2-4 and BLAKE2b, both libsodium's).
struct KeyedHash: Sendable {
    /// Length of the secret in bytes.
    static let secretLength = 32

    private let secret: [UInt8]

    /// A hash with this secret, of ``secretLength`` bytes.
    init(secret: [UInt8]) {
        precondition(secret.count == KeyedHash.secretLength)
        self.secret = secret
    }

    /// 64 bits for an index: the same for the same object in the same collection.
    func name(collection: Int64, _ id: ObjectID) -> Int64 {
        var input: [UInt8] = []
        input.reserveCapacity(24 + id.type.utf8.count)
        withUnsafeBytes(of: collection.littleEndian) { input.append(contentsOf: $0) }
        input.append(contentsOf: id.uuid)
        input.append(contentsOf: id.type.utf8)
        var output = [UInt8](repeating: 0, count: 8)
        crypto_shorthash(&output, input, UInt64(input.count), secret)
        return output.reversed().reduce(0) { $0 << 8 | Int64($1) }
    }

    /// 16 bytes that nobody without the secret can make.
    func seal(_ input: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 16)
        crypto_generichash(&output, output.count, input, UInt64(input.count), secret, secret.count)
        return output
    }
}

/// Random bytes from the system, through libsodium.
enum Random {
    /// Must run once before libsodium is used.
    static let isReady: Bool = sodium_init() >= 0

    static func bytes(_ count: Int) -> [UInt8] {
        _ = isReady
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }

    /// A random UUID (RFC 9562, version 4), as text.
    static func uuid() -> String {
        var bytes = bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUIDText.format(bytes)
    }
}
