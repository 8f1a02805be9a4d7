// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

// The typed meanings of records. All `Bytes` in them are views into the block or into the batch's arena: they die when
// the batch is cleared.

/// What every activity knows of its record.
public struct RecordMark {
    /// When it happened, as the record says.
    public var time: Timestamp
    /// Identity of the record: the same for the same record read twice, in whichever file or format. From the source's
    /// own id where it has one (CloudTrail `eventID`, Microsoft 365 `Id`), else the hash of the fields or of the line.
    public var identity: UInt64
    /// Offset of the record in its decompressed stream.
    public var offset: UInt64
    /// Length of the record in bytes.
    public var length: UInt32

    /// A mark of its parts.
    public init(time: Timestamp, identity: UInt64, offset: UInt64, length: UInt32) {
        self.time = time
        self.identity = identity
        self.offset = offset
        self.length = length
    }
}

/// A source or a destination, named by views.
public struct EntityView {
    /// What it is, which also says how ``id`` is to be read.
    public var kind: EntityKind
    /// What identifies it: address, ARN, domain in lower case, mail address.
    public var id: Bytes
    /// What a person calls it; empty when the id says it all.
    public var name: Bytes
    /// The tenant (cloud account, Microsoft 365 organisation) it belongs to; empty when unknown.
    public var tenant: Bytes

    /// An entity of its parts.
    public init(_ kind: EntityKind, id: Bytes, name: Bytes = .empty, tenant: Bytes = .empty) {
        self.kind = kind
        self.id = id
        self.name = name
        self.tenant = tenant
    }
}

/// One read (or refused read) of one thing: a cloud object, a file in a service, a document through a library proxy, a
/// page of the organisation's own web server. The ledger groups them by (route, state, source, session, store, destination)
/// and counts each content once.
public struct ObjectAccess {
    /// Which part of the object the bytes are.
    public enum Part: Hashable, Sendable {
        /// All of it, from start to end.
        case whole
        /// Some of it; which is not logged.
        case unknownPart
        /// Bytes `from` to `to` (exclusive) of it.
        case range(from: UInt64, to: UInt64)
    }

    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// The way by which it left: `.cloudObject`, `.saasFile`, `.library` or `.web`.
    public var route: Route
    /// `.taken` when the record shows content leaving, `.accessed` when it shows a read without its size,
    /// `.attempted` when it was refused.
    public var state: TransferState
    /// Who lost the data or did the reading (the report's `source`).
    public var source: EntityView
    /// Where the data lay, when `source` does not say it: the bucket, the site, the publisher. Empty if none.
    public var store: Bytes
    /// Key or session by which it was read: two sessions of one principal are two transfers. Empty if not logged.
    public var session: Bytes
    /// Who got the data.
    public var destination: EntityView
    /// Identity of the content within the store: key, DOI, file id.
    public var object: Bytes
    /// The version of it that was asked for by name; empty for the one of the moment, which may be any of them.
    public var version = Bytes.empty
    /// Payload of this read; nil when the record does not say (unknown, not zero).
    public var bytes: UInt64?
    /// Of ``bytes``, at most so many may be headers of the reply rather than content.
    public var headers: UInt64 = 0
    /// Which part of the object ``bytes`` are: what two reads have in common counts once.
    public var part: Part
    /// Size of the whole object where the record tells it: a ceiling for all reads of parts together.
    public var objectSize: UInt64?
    /// User agent or client application; empty if not logged.
    public var client: Bytes
    /// Whether ``RecordMark/identity`` is the hash of the record's line, because the log gives requests no id: equal requests
    /// within one tick of its clock are then one record, and how many there were is not known.
    public var isIdentifiedByLine = false
    /// The page that led to it (`Referer`), in lower case; empty if not logged.
    public var referrer = Bytes.empty

    /// A read of its parts; the rest as the defaults say.
    public init(
        mark: RecordMark, route: Route, state: TransferState, source: EntityView, store: Bytes = .empty,
        session: Bytes = .empty, destination: EntityView, object: Bytes, bytes: UInt64?, part: Part = .whole,
        objectSize: UInt64? = nil, client: Bytes = .empty
    ) {
        self.mark = mark
        self.route = route
        self.state = state
        self.source = source
        self.store = store
        self.session = session
        self.destination = destination
        self.object = object
        self.bytes = bytes
        self.part = part
        self.objectSize = objectSize
        self.client = client
    }
}

/// A read of mail: Microsoft 365 `MailItemsAccessed` and its like. The same record may come from two exports with
/// different detail; the ledger keeps the more detailed.
public struct MailAccess {
    /// One message that the record lists.
    public struct Message {
        /// Internet message id or item id.
        public var id: Bytes
        /// Size in bytes where logged.
        public var size: UInt64?
        /// A message of its parts.
        public init(id: Bytes, size: UInt64?) {
            self.id = id
            self.size = size
        }
    }

    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// The mailbox that was read (`kind` mailbox).
    public var mailbox: EntityView
    /// Who read it: address, or the application's account when there is no address.
    public var destination: EntityView
    /// Session, or application id, by which it was read. Empty if not logged.
    public var session: Bytes
    /// Application or protocol of the reader, as the service words it; empty if not logged.
    public var client: Bytes
    /// Index in ``ActivityBatch/messages`` of the first message that the record lists; see ``messageCount``.
    public var firstMessage: Int
    /// How many messages the record lists one by one.
    public var messageCount: Int
    /// Number of messages that the record claims (`OperationCount`), which may exceed those listed.
    public var claimed: UInt64
    /// A Sync: the whole folder was copied, whatever it held.
    public var wholeFolder: Bytes?
    /// The service says that it stopped writing records: more was read than is logged.
    public var isThrottled: Bool
    /// Refused rather than read.
    public var isRefused: Bool

    /// A read of its parts; message list, sync and throttling are set afterwards.
    public init(
        mark: RecordMark, mailbox: EntityView, destination: EntityView, session: Bytes = .empty, client: Bytes = .empty,
        claimed: UInt64 = 0
    ) {
        self.mark = mark
        self.mailbox = mailbox
        self.destination = destination
        self.session = session
        self.client = client
        self.firstMessage = 0
        self.messageCount = 0
        self.claimed = claimed
        self.wholeFolder = nil
        self.isThrottled = false
        self.isRefused = false
    }
}

/// A change of who can reach a thing from outside: a snapshot, image, bucket, file, link or forwarding rule.
public struct ExposureChange {
    /// What was done to who can reach it.
    public enum Action: UInt8, Sendable {
        /// Made reachable by `grantee`.
        case share
        /// No longer reachable by `grantee`.
        case unshare
        /// Seen copied or read from outside by `grantee`: what was exposed is taken.
        case taken
        /// Sharing was tried and refused.
        case refused
        /// Nothing about who can reach it, but how large it is: ``size`` is a ceiling for whoever gets it. The grantee's
        /// id is empty.
        case sized
    }

    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// What was done.
    public var action: Action
    /// The way by which it could leave: `.snapshot`, `.cloudObject`, `.saasFile` or `.mail`.
    public var route: Route
    /// What is reachable (`kind` store, mailbox or repository).
    public var resource: EntityView
    /// To whom (`kind` account, organisation, domain, address or anyone). With `.unshare`, an empty id stands for
    /// everyone who has the resource by the same ``means``; with `kind` address for one of them that the record does not
    /// name.
    public var grantee: EntityView
    /// By what it was made reachable, where one resource has several independent ways (a bucket's policy, its ACL, its
    /// replication): an `.unshare` undoes only shares of the same resource and means. A means that is named is a whole,
    /// and its end does not prove that anybody had the resource by it. Empty if there is one way only.
    public var means: Bytes
    /// Who did it; empty if not logged.
    public var principal: Bytes
    /// Size of the thing in bytes where the record tells it: a ceiling.
    public var size: UInt64?

    /// A change of its parts.
    public init(
        mark: RecordMark, action: Action, route: Route, resource: EntityView, grantee: EntityView,
        means: Bytes = .empty, principal: Bytes = .empty, size: UInt64? = nil
    ) {
        self.mark = mark
        self.action = action
        self.route = route
        self.resource = resource
        self.grantee = grantee
        self.means = means
        self.principal = principal
        self.size = size
    }
}

/// The 5-tuple of the connection in which something was seen.
public struct Connection {
    /// Who opened the connection.
    public var originator: IPAddress
    /// Who answered.
    public var responder: IPAddress
    /// Port of ``originator``; 0 if not logged.
    public var originatorPort: UInt16
    /// Port of ``responder``, that of the service; 0 if not logged.
    public var responderPort: UInt16
    /// IP protocol number (IANA "Protocol Numbers"): 6 TCP, 17 UDP.
    public var proto: UInt8

    /// A connection of its parts.
    public init(
        originator: IPAddress, responder: IPAddress, originatorPort: UInt16, responderPort: UInt16, proto: UInt8 = 6
    ) {
        self.originator = originator
        self.responder = responder
        self.originatorPort = originatorPort
        self.responderPort = responderPort
        self.proto = proto
    }
}

/// One HTTP request with a body, seen on the wire.
///
/// A body that holds several files is several of these with one mark: the first with the size of the body, the others with
/// a body of 0 bytes and the further ids of files.
public struct WebUpload {
    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// The connection that carried the request; its originator sent the body.
    public var connection: Connection
    /// Position of the request within its connection, from 1; 0 if not logged.
    public var depth: UInt32
    /// Method of the request, as logged: `POST`, `PUT` (RFC 9110 section 9).
    public var method: Bytes
    /// The `Host` header, in lower case; empty if not logged.
    public var host: Bytes
    /// Target of the request as logged, with its query; empty if not logged.
    public var uri: Bytes
    /// Status code of the answer (RFC 9110 section 15): a 401 lets a repetition be known as one. 0 if not logged.
    public var status: UInt16
    /// Bytes of the request's body; nil if not logged.
    public var body: UInt64?
    /// Hash of the id by which a ``FileSeen`` describes the body (Zeek `orig_fuids`, Suricata flow and transaction).
    public var fileID: UInt64?

    /// An upload of its parts.
    public init(
        mark: RecordMark, connection: Connection, depth: UInt32, method: Bytes, host: Bytes, uri: Bytes, status: UInt16,
        body: UInt64?, fileID: UInt64?
    ) {
        self.mark = mark
        self.connection = connection
        self.depth = depth
        self.method = method
        self.host = host
        self.uri = uri
        self.status = status
        self.body = body
        self.fileID = fileID
    }
}

/// One file that a sensor saw pass.
public struct FileSeen {
    /// For ``missing``: bytes were missed, and how many is not known.
    public static let unknownMissing = UInt64.max

    /// The protocol that carried the file.
    public enum Carrier: UInt8, Sendable { case http, ftp, smtp, smb, other }
    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// Hash of the sensor's id of the file (Zeek `fuid`).
    public var fileID: UInt64
    /// Hash of the strongest content hash that is logged, see ``content(of:)``; nil when none is.
    public var content: UInt64?
    /// The protocol that carried it.
    public var carrier: Carrier
    /// Who sent it.
    public var sender: IPAddress
    /// Who got it.
    public var receiver: IPAddress
    /// The connection's responder port, 0 if not logged.
    public var port: UInt16
    /// The connection's originator port, 0 if not logged.
    public var clientPort: UInt16
    /// Whether the connection's originator sent it.
    public var fromOriginator: Bool
    /// Bytes that the sensor saw.
    public var seen: UInt64
    /// Size of the whole file where known.
    public var total: UInt64?
    /// Bytes that the sensor knows it missed.
    public var missing: UInt64
    /// Name of the file as the protocol gave it; empty if not logged.
    public var name: Bytes

    /// What stands for a content hash in hexadecimal digits. Its two lowest bits say of which kind the hash is: 3 SHA-256,
    /// 2 SHA-1, 1 MD5, 0 another. Of hashes of different kinds nobody can tell whether they are of one content.
    public static func content(of digits: Bytes) -> UInt64 {
        let kind: UInt64 =
            switch digits.count {
            case 64: 3
            case 40: 2
            case 32: 1
            default: 0
            }
        return ContentHash.of(digits) & ~3 | kind
    }

    /// A file of its parts.
    public init(
        mark: RecordMark, fileID: UInt64, content: UInt64?, carrier: Carrier, sender: IPAddress, receiver: IPAddress,
        port: UInt16 = 0, clientPort: UInt16 = 0, fromOriginator: Bool, seen: UInt64, total: UInt64?, missing: UInt64,
        name: Bytes = .empty
    ) {
        self.mark = mark
        self.fileID = fileID
        self.content = content
        self.carrier = carrier
        self.sender = sender
        self.receiver = receiver
        self.port = port
        self.clientPort = clientPort
        self.fromOriginator = fromOriginator
        self.seen = seen
        self.total = total
        self.missing = missing
        self.name = name
    }
}

/// A name that a record gives to an address.
public struct NameSeen {
    /// By what the name was learned.
    public enum Source: UInt8, Sendable, CaseIterable { case tlsServerName, httpHost, dnsAnswer, dhcpHostName }
    /// When the name was seen.
    public var time: Timestamp
    /// By what the name was learned: what a connection itself says outweighs a DNS answer.
    public var source: Source
    /// Who saw it: the client of the connection or of the query.
    public var client: IPAddress
    /// The address that the name stands for.
    public var address: IPAddress
    /// Port of the connection that the name was seen in; 0 for DNS and DHCP.
    public var port: UInt16
    /// The name, in lower case, without the last dot.
    public var name: Bytes

    /// A name of its parts.
    public init(time: Timestamp, source: Source, client: IPAddress, address: IPAddress, port: UInt16, name: Bytes) {
        self.time = time
        self.source = source
        self.client = client
        self.address = address
        self.port = port
        self.name = name
    }
}

/// One DNS question.
public struct DNSQuery {
    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// Who asked.
    public var client: IPAddress
    /// Who was asked.
    public var resolver: IPAddress
    /// The name asked for, in lower case, without the last dot.
    public var name: Bytes
    /// Type of the record that was asked for (IANA "DNS Resource Record Types"); 0 if not logged.
    public var type: UInt16

    /// A question of its parts.
    public init(mark: RecordMark, client: IPAddress, resolver: IPAddress, name: Bytes, type: UInt16 = 0) {
        self.mark = mark
        self.client = client
        self.resolver = resolver
        self.name = name
        self.type = type
    }

    /// Whether records of the type carry more than an address, so that programs that speak through the DNS like them:
    /// CNAME, NULL, MX, TXT, KEY, SRV and PRIVATE (iodine's and dnscat2's manuals).
    public var carriesText: Bool { Self.textTypes.contains(type) }

    private static let textTypes: [UInt16] = [5, 10, 15, 16, 25, 33, 65_399]

    /// The number of a type that ``carriesText``, by its name; 0 for others.
    static func type(named name: Bytes) -> UInt16 {
        for (known, number): (StaticString, UInt16) in [
            ("TXT", 16), ("NULL", 10), ("CNAME", 5), ("MX", 15), ("SRV", 33), ("KEY", 25),
        ] where name == known {
            return number
        }
        return 0
    }

    /// Identity of a question by what is in its packet, so that it is the same for all sensors that saw it pass, and for a
    /// repetition of the packet: port of the client and transaction id (RFC 1035 section 4.1.1) within about a minute.
    static func identity(
        client: IPAddress, port: UInt16, resolver: IPAddress, transaction: UInt64, name: Bytes, time: Timestamp
    ) -> UInt64 {
        var hash = ContentHash(seed: 0x646E_7351)
        hash.combine(client)
        hash.combine(resolver)
        hash.combine(UInt64(port) << 32 | transaction & 0xFFFF_FFFF)
        hash.combine(name)
        hash.combine(UInt64(bitPattern: time.microseconds >> 26))
        return hash.value
    }
}

/// An answer that a name does not exist (NXDOMAIN, RFC 1035 section 4.1.1). No ledger counts it: detectors look at it.
public struct DNSFailure {
    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// Who asked.
    public var client: IPAddress
    /// The name asked for, in lower case, without the last dot.
    public var name: Bytes

    /// A failure of its parts.
    public init(mark: RecordMark, client: IPAddress, name: Bytes) {
        self.mark = mark
        self.client = client
        self.name = name
    }
}

/// A stretch of time in which a source admits that it missed something: Zeek `capture_loss`, a throttled audit log,
/// VPC Flow Logs' `SKIPDATA`.
public struct LossSeen {
    /// Beginning of the stretch.
    public var from: Timestamp
    /// End of the stretch, included.
    public var to: Timestamp
    /// The way by which what was missed could have left.
    public var route: Route
    /// Parts per million that were lost; nil when the source does not say.
    public var lostPerMillion: UInt32?
    /// What was lost, in a sentence for the report's `gaps.what`.
    public var what: Bytes

    /// A loss of its parts.
    public init(from: Timestamp, to: Timestamp, route: Route, lostPerMillion: UInt32?, what: Bytes) {
        self.from = from
        self.to = to
        self.route = route
        self.lostPerMillion = lostPerMillion
        self.what = what
    }
}
