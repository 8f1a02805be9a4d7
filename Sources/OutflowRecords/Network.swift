// SPDX-License-Identifier: Apache-2.0

/// A network in CIDR notation (RFC 4632): all addresses that share a prefix.
public struct Network: Hashable, Comparable, Sendable {
    /// The first address of the network: all bits behind the prefix are zero.
    public let base: IPAddress
    /// Length of the prefix in the 128-bit form, 0 to 128. An IPv4 /16 is 112 here.
    public let prefixLength: Int

    /// The network of `address` with a prefix of `prefixLength` bits (of 128).
    public init(_ address: IPAddress, prefixLength: Int) {
        precondition((0...128).contains(prefixLength))
        let (high, low) = Network.mask(prefixLength)
        self.base = IPAddress(high: address.high & high, low: address.low & low)
        self.prefixLength = prefixLength
    }

    /// Parses `10.0.0.0/16`, `2001:db8::/32` or a lone address. Nil for anything else, also for host bits set beyond
    /// the prefix (`10.0.0.1/16`), which is most often a mistake.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.v4 != nil && !parts[0].contains(":") ? 32 : 128
        var bits = width
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let value = Int(parts[1]), value <= width
            else { return nil }
            bits = value
        }
        self.init(address, prefixLength: 128 - width + bits)
        guard base == address else { return nil }
    }

    static func mask(_ length: Int) -> (UInt64, UInt64) {
        func half(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : bits >= 64 ? .max : ~(.max >> UInt64(bits)) }
        return (half(length), half(length - 64))
    }

    /// The bits of an address that a prefix of `length` bits (of 128) leaves, as two halves; for 0 to 128.
    @inlinable public static func mask(of length: Int) -> (high: UInt64, low: UInt64) {
        (
            length <= 0 ? 0 : length >= 64 ? .max : ~(UInt64.max >> UInt64(length)),
            length <= 64 ? 0 : length >= 128 ? .max : ~(UInt64.max >> UInt64(length - 64))
        )
    }

    /// Whether `address` lies in the network.
    public func contains(_ address: IPAddress) -> Bool {
        let (high, low) = Network.mask(prefixLength)
        return address.high & high == base.high && address.low & low == base.low
    }

    /// Order by base address, wider networks first.
    public static func < (left: Network, right: Network) -> Bool {
        left.base != right.base ? left.base < right.base : left.prefixLength < right.prefixLength
    }
}

extension Network: CustomStringConvertible {
    /// CIDR notation with the prefix length of the address family.
    public var description: String {
        "\(base)/\(base.v4 != nil && prefixLength >= 96 ? prefixLength - 96 : prefixLength)"
    }
}
