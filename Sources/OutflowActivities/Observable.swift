// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A value in a record that says nothing about bytes, but that indicators name: a server's name, a hash, a fingerprint.
///
/// The views die when the batch is cleared, like those of all activities.
public struct Observable {
    /// What the value is.
    public enum Kind: UInt8, Sendable {
        /// A name of a host, in lower case.
        case domain
        /// A URL as `host[:port]/path?query`; the host in lower case.
        case url
        /// Hex digits of a file's MD5, SHA-1 or SHA-256.
        case hash
        /// A mail address.
        case mail
        /// Hex digits of a certificate's MD5, SHA-1 or SHA-256.
        case certificate
        /// Hex digits of a JA3 fingerprint of a TLS client.
        case ja3
        /// A JA4 fingerprint of a TLS client.
        case ja4
        /// The User-Agent header.
        case userAgent
        /// An address, as text.
        case address
    }

    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// What ``value`` is.
    public var kind: Kind
    /// The value.
    public var value: Bytes
    /// The host that it was seen at: the client of the connection, or who sent the file.
    public var host: IPAddress
    /// The other end of the connection.
    public var peer: IPAddress

    /// Whoever it was seen at, where that is no host of a network; nil for ``host``. An empty id where the record does not say.
    public var who: EntityView?
    /// Whether the record tells when it happened; if not, ``mark`` has a time that means nothing.
    public var hasTime = true

    /// A value that belongs to somebody who is no host: an account, a user of a proxy.
    public init(mark: RecordMark, kind: Kind, value: Bytes, who: EntityView) {
        let none = IPAddress(high: 0, low: 0)
        self.init(mark: mark, kind: kind, value: value, host: none, peer: none)
        self.who = who
    }

    /// A value of its parts.
    public init(mark: RecordMark, kind: Kind, value: Bytes, host: IPAddress, peer: IPAddress) {
        self.mark = mark
        self.kind = kind
        self.value = value
        self.host = host
        self.peer = peer
    }
}
