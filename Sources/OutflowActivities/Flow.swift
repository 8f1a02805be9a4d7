// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// One connection (or exchange of datagrams) between two hosts, as one sensor saw it.
///
/// Byte figures are payload above the transport header, in both directions, each as [lower, upper]. Which side is inside
/// is not known here: the ledger decides, because local networks may be inferred from all records.
public struct Flow: Sendable {
    /// What kind of sensor reported it. Figures of different kinds for the same pair of hosts are never added up.
    public enum Sensor: UInt8, Sendable, CaseIterable { case zeek, suricata, netflow }

    /// What was recognised inside, or implied by the port.
    public struct Services: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt16
        /// Services of their bits.
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
        /// TLS, whatever runs inside it.
        public static let tls = Services(rawValue: 1)
        /// HTTP in the clear.
        public static let http = Services(rawValue: 2)
        /// DNS; flows of it are on route `.dns`.
        public static let dns = Services(rawValue: 4)
        /// SMTP; flows of it are on route `.email`.
        public static let smtp = Services(rawValue: 8)
        /// The control connection of FTP.
        public static let ftp = Services(rawValue: 16)
        /// SSH, with SFTP and SCP.
        public static let ssh = Services(rawValue: 32)
        /// SMB, Windows file sharing.
        public static let smb = Services(rawValue: 64)
        /// QUIC (HTTP/3 and others).
        public static let quic = Services(rawValue: 128)
        /// RDP, Windows remote desktop.
        public static let rdp = Services(rawValue: 256)
        /// A tunnel: IPsec, OpenVPN or WireGuard; flows of it are on route `.vpn`.
        public static let vpn = Services(rawValue: 512)
        /// A data connection of FTP.
        public static let ftpData = Services(rawValue: 1024)
        /// A tunnel of which the sensor logs what runs inside as connections of their own.
        public static let carrier = Services(rawValue: 1 << 11)
        /// The sensor has swapped the ends by guess: who opened the connection is not certain.
        public static let flipped = Services(rawValue: 1 << 13)
        /// The connection was still open when its record was written, or its start was not seen.
        public static let unfinished = Services(rawValue: 1 << 14)
        /// Bytes of unknown number: upper bounds of this flow mean nothing.
        public static let unbounded = Services(rawValue: 1 << 15)
    }

    /// What the sensor itself says about where a side lies (Zeek's `local_orig`, `local_resp`).
    public enum Locality: UInt8, Sendable { case unsaid, local, remote }

    /// Who opened the connection.
    public var originator: IPAddress
    /// Who answered.
    public var responder: IPAddress
    /// First packet.
    public var start: Timestamp
    /// Length in microseconds; 0 when not logged.
    public var duration: Int64
    /// Payload from originator to responder: at least.
    public var originatorLower: UInt64
    /// Payload from originator to responder: at most (meaningless with `.unbounded`).
    public var originatorUpper: UInt64
    /// Payload from responder to originator: at least.
    public var responderLower: UInt64
    /// Payload from responder to originator: at most (meaningless with `.unbounded`).
    public var responderUpper: UInt64
    /// Offset of the record in its decompressed stream.
    public var offset: UInt64
    /// Length of the record in bytes.
    public var length: UInt32
    /// Port of the originator; for ICMP the type. 0 if not logged.
    public var originatorPort: UInt16
    /// Port of the responder; for ICMP the code.
    public var responderPort: UInt16
    /// IP protocol number: 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6.
    public var proto: UInt8
    /// The kind of sensor that reported it.
    public var sensor: Sensor
    /// What was recognised inside, and what weakens the figures.
    public var services: Services
    /// What the sensor says about where ``originator`` lies.
    public var originatorLocality: Locality
    /// What the sensor says about where ``responder`` lies.
    public var responderLocality: Locality
    /// Whether the record is whole and undisturbed as its sensor sees it: for sensors that count payload, lower and upper
    /// agree and the whole connection was seen; for those that count packets with headers (NetFlow, VPC Flow Logs) the
    /// bounds may differ. Irregular flows are kept one by one by the ledger, because two sensors may disagree about them.
    public var isRegular: Bool

    /// A regular flow of exactly known sizes.
    @inlinable public init(
        originator: IPAddress, responder: IPAddress, start: Timestamp, duration: Int64, originatorBytes: UInt64,
        responderBytes: UInt64, originatorPort: UInt16, responderPort: UInt16, proto: UInt8, sensor: Sensor,
        services: Services = [], offset: UInt64 = 0, length: UInt32 = 0
    ) {
        self.originator = originator
        self.responder = responder
        self.start = start
        self.duration = duration
        self.originatorLower = originatorBytes
        self.originatorUpper = originatorBytes
        self.responderLower = responderBytes
        self.responderUpper = responderBytes
        self.offset = offset
        self.length = length
        self.originatorPort = originatorPort
        self.responderPort = responderPort
        self.proto = proto
        self.sensor = sensor
        self.services = services
        self.originatorLocality = .unsaid
        self.responderLocality = .unsaid
        self.isRegular = true
    }

    /// The same flow as a sensor tells it that takes the other end for the originator.
    public var fromOtherEnd: Flow {
        var flow = self
        swap(&flow.originator, &flow.responder)
        swap(&flow.originatorPort, &flow.responderPort)
        swap(&flow.originatorLower, &flow.responderLower)
        swap(&flow.originatorUpper, &flow.responderUpper)
        swap(&flow.originatorLocality, &flow.responderLocality)
        return flow
    }
}
