// SPDX-License-Identifier: Apache-2.0

import CSodium

/// An Ed25519 key pair (RFC 8032) that alerts are signed with.
public struct SigningKey: Sendable {
    /// The 32 bytes that the pair is made of: secret.
    public let seed: [UInt8]
    /// The 32 bytes that partners pin.
    public let publicKey: [UInt8]
    private let secret: [UInt8]

    /// The pair of a seed; nil unless it has 32 bytes.
    public init?(seed: [UInt8]) {
        guard seed.count == 32, sodium_init() >= 0 else { return nil }
        var publicKey = [UInt8](repeating: 0, count: 32)
        var secret = [UInt8](repeating: 0, count: 64)
        guard crypto_sign_ed25519_seed_keypair(&publicKey, &secret, seed) == 0 else { return nil }
        self.seed = seed
        self.publicKey = publicKey
        self.secret = secret
    }

    /// A new pair.
    public static func generate() -> SigningKey? { SigningKey(seed: SystemRandom.bytes(32)) }

    /// The 64 bytes of a signature.
    func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        _ = crypto_sign_ed25519_detached(&signature, nil, message, UInt64(message.count), secret)
        return signature
    }

    /// Whether a signature of a message is good.
    static func verifies(_ signature: [UInt8], _ message: [UInt8], by publicKey: [UInt8]) -> Bool {
        guard signature.count == 64, publicKey.count == 32, sodium_init() >= 0 else {
            return false
        }
        return crypto_sign_ed25519_verify_detached(signature, message, UInt64(message.count), publicKey) == 0
    }

    /// A namespace for ids that nobody can know without the key.
    public var identifiers: STIXIdentifier {
        var hash = [UInt8](repeating: 0, count: 16)
        let context = Array("outflow: ids of shared objects".utf8)
        _ = crypto_generichash(&hash, hash.count, context, UInt64(context.count), seed, seed.count)
        return STIXIdentifier(namespace: hash)
    }
}

/// Random bytes of the operating system.
public enum SystemRandom {
    /// So many of them.
    public static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
    }

    /// A UUID of version 4 (RFC 4122 section 4.4).
    public static func uuid() -> String {
        var bytes = bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return STIXIdentifier.text(of: bytes)
    }
}
