// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

#if canImport(Glibc)
    import Glibc
#endif

/// A name or an address by which clients reach a server: what they compare a certificate with (RFC 6125).
public struct HostName: Hashable, Sendable {
    /// A host name in lower case, or an address in its usual form.
    public let text: String
    /// Whether it is an address.
    public let isAddress: Bool

    /// A name; nil for what can be neither a host name (letters, digits, hyphens, dots) nor an address.
    public init?(_ text: String) {
        if let address = IPAddress(text) {
            self.text = address.description
            isAddress = true
            return
        }
        let labels = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard text.utf8.count <= 253,
            labels.allSatisfy({ label in
                (1...63).contains(label.count) && label.first != 0x2D && label.last != 0x2D
                    && label.allSatisfy { byte in
                        byte == 0x2D || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                            || (0x61...0x7A).contains(byte)
                    }
            })
        else { return nil }
        self.text = text.lowercased()
        isAddress = false
    }

    /// By which this machine speaks to itself.
    public static let local = ["localhost", "127.0.0.1", "::1"].compactMap { HostName($0) }

    /// The machine's host name and the addresses of its interfaces, without those that only it or one link knows; in a
    /// fixed order. No name is looked up in the network.
    public static var ofMachine: [HostName] {
        var names: Set<HostName> = []
        var buffer = [CChar](repeating: 0, count: 256)
        if gethostname(&buffer, buffer.count - 1) == 0 {
            let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            if let name = HostName(String(decoding: bytes, as: UTF8.self)) { names.insert(name) }
        }
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return Array(names) }
        defer { freeifaddrs(first) }
        var next = first
        // More than anybody has; a certificate of that size would be refused.
        while let one = next, names.count < 64 {
            next = one.pointee.ifa_next
            guard let address = one.pointee.ifa_addr else { continue }
            let family = Int32(address.pointee.sa_family)
            guard family == AF_INET || family == AF_INET6 else { continue }
            let length = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            guard getnameinfo(address, socklen_t(length), &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0
            else { continue }
            let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard let ip = IPAddress(text), !isLocal(ip), let name = HostName(text) else { continue }
            names.insert(name)
        }
        return names.subtracting(local).sorted { ($0.isAddress ? 1 : 0, $0.text) < ($1.isAddress ? 1 : 0, $1.text) }
    }

    /// Loopback (127.0.0.0/8, ::1) and addresses of one link (fe80::/10).
    private static func isLocal(_ address: IPAddress) -> Bool {
        if let v4 = address.v4 { return v4 >> 24 == 127 }
        return address.high >> 54 == 0xFE80 >> 6 || address.high == 0 && address.low == 1
    }
}
