// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Suricata's EVE log: one JSON object a line, told apart by `event_type`.
///
/// `flow`, `dns`, `tls`, `quic`, `http` and `fileinfo` mean something to the ledger. `netflow` tells a flow a second
/// time, once per direction, and is passed over; so are alerts, statistics, anomalies and the rest.
/// Source: docs.suricata.io, "Eve JSON Format".
public struct SuricataEVE: JSONRecordSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "suricata-eve", title: "Suricata EVE", routes: [.network, .web, .dns, .email, .vpn],
        recognisedBy: "JSON with event_type and timestamp",
        activities:
            "flows, uploads (http), files (fileinfo), names of servers (tls, quic, http, dns), DNS questions; other "
            + "events, smtp among them, are counted and add nothing",
        bytes: "yes: flows count whole packets, so payload is known within the room that headers leave; the size of an "
            + "upload only by its fileinfo event",
        switchOn: "eve-log types flow, dns, tls, quic, http and files with force-hash: [sha256]. Files are seen up to "
            + "app-layer http request-body-limit and stream.reassembly.depth: raise both, or large uploads are cut",
        reference: "https://docs.suricata.io/en/latest/output/eve/eve-json-format.html")

    /// How sure the head is of this format.
    public static func recognise(_ head: StreamHead) -> Int {
        let parser = JSONParser()
        var best = 0
        for record in head.records {
            guard let root = try? parser.parse(copying: json(in: record)), !root.string("event_type").isEmpty else {
                continue
            }
            // Content stands in an object called like the type; flow_id alone may come from others too.
            let type = root.string("event_type")
            let hasBody = root.members.contains { $0.key == type && $0.value.kind == .object }
            let hasTime = Timestamp(iso8601: root.string("timestamp")) != nil
            let hasFlow = root["flow_id"] != nil || type == "stats"
            best = max(best, hasTime && hasBody ? (hasFlow ? 95 : 70) : hasTime && hasFlow ? 60 : 20)
        }
        return best
    }

    /// Every event says its type.
    public static func owns(_ object: JSONValue) -> Bool { !object.string("event_type").isEmpty }

    /// A reader for the stream with this head.
    public init?(_ head: StreamHead) {}

    /// Adds what the block's records mean; see ``LogSource/read(_:into:)``.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { record, offset in
            do {
                let text = Self.json(in: record)
                let root = try batch.json.parse(text)
                if root.kind == .object, !Self.owns(root) { return batch.passOn(text, offset: offset) }
                if let reason = Self.observe(root, record, offset, batch) { batch.reject(offset: offset, reason) }
            } catch {
                batch.reject(offset: offset, "not JSON: \(error)")
            }
        }
    }

    /// The JSON of a record, without the prefix (`@cee: `, a syslog header) that `filetype: syslog` may put before it.
    private static func json(in record: Bytes) -> Bytes {
        guard !record.hasPrefix("{"), let brace = record.firstIndex(of: UInt8(ascii: "{")) else { return record }
        return record.suffix(from: brace)
    }

    /// Adds what one event means.
    /// - Returns: why it cannot be read; nil when it was.
    private static func observe(_ root: JSONValue, _ record: Bytes, _ offset: UInt64, _ batch: ActivityBatch) -> String?
    {
        let type = root.string("event_type")
        guard !type.isEmpty else { return "no event_type" }
        guard let time = Timestamp(iso8601: root.string("timestamp")) else { return "no readable timestamp" }
        if type == "flow" || type == "dns" || type == "tls" || type == "quic" || type == "http" || type == "fileinfo" {
            guard let event = EVEEvent(root, type: type, time: time, record: record, offset: offset, batch: batch)
            else {
                return "\(type.string) event without readable addresses"
            }
            if batch.wantsObservables { observe(event) }
            if type == "flow" {
                if let reason = readFlow(event) { return reason }
            } else if type == "fileinfo" {
                if let reason = readFile(event) { return reason }
            } else if type == "dns" {
                readDNS(event)
            } else if type == "http" {
                readHTTP(event)
            } else {
                readServerName(event)
            }
        } else {
            if type == "smtp", batch.wantsObservables,
                let event = EVEEvent(root, type: type, time: time, record: record, offset: offset, batch: batch)
            {
                observe(event)
            }
            if type == "stats", let loss = loss(root, at: time) { batch.losses.append(loss) }
            batch.irrelevant += 1
        }
        batch.records += 1
        batch.saw(time)
        return nil
    }

    /// What the statistics say was dropped before Suricata could look at it.
    ///
    /// Counters run from the start of the program; where the log has the differences to the last record too (`deltas: yes`),
    /// those tell when it was. Source: docs.suricata.io, "Statistics" and "EVE JSON Output", stats.
    private static func loss(_ root: JSONValue, at time: Timestamp) -> LossSeen? {
        guard let stats = root["stats"], let capture = stats["capture"] else { return nil }
        let drops = capture["kernel_drops_delta"] ?? capture["kernel_drops"]
        let packets = capture["kernel_packets_delta"] ?? capture["kernel_packets"]
        guard let dropped = drops?.count, dropped > 0 else { return nil }
        let isDifference = capture["kernel_drops_delta"] != nil
        // A year is more than anybody's program runs; statistics are written every 8 s unless told otherwise.
        let seconds = isDifference ? 8 : min(stats["uptime"]?.count ?? 0, 366 * 86_400)
        let share = packets?.count.map { Double(dropped) / Double(max($0, dropped)) }
        return LossSeen(
            from: Timestamp(microseconds: time.microseconds &- Int64(seconds) &* 1_000_000), to: time, route: .network,
            lostPerMillion: share.map { UInt32($0 * 1_000_000) },
            what: Bytes("the sensor dropped packets (Suricata stats: kernel_drops)"))
    }
}

/// What all events that the ledger wants have in common.
struct EVEEvent {
    let json: JSONValue
    let batch: ActivityBatch
    let mark: RecordMark
    /// The two ends as logged.
    let source: IPAddress
    let destination: IPAddress
    let sourcePort: UInt16
    let destinationPort: UInt16
    /// IP protocol number; 0 if unknown.
    let proto: UInt8
    let flowID: UInt64

    /// Nil when an address cannot be read.
    init?(_ json: JSONValue, type: Bytes, time: Timestamp, record: Bytes, offset: UInt64, batch: ActivityBatch) {
        guard let source = IPAddress(json.string("src_ip")), let destination = IPAddress(json.string("dest_ip")) else {
            return nil
        }
        self.json = json
        self.batch = batch
        self.source = source
        self.destination = destination
        sourcePort = UInt16(exactly: json["src_port"]?.count ?? 0) ?? 0
        destinationPort = UInt16(exactly: json["dest_port"]?.count ?? 0) ?? 0
        proto = EVEEvent.protocolNumber(json.string("proto"))
        flowID = json["flow_id"]?.count ?? 0

        var hash = ContentHash(seed: 0x0065_7665)
        hash.combine(flowID)
        hash.combine(type)
        hash.combine(json["tx_id"]?.count ?? .max)
        hash.combine(UInt64(bitPattern: time.microseconds))
        hash.combine(source)
        hash.combine(destination)
        hash.combine(UInt64(sourcePort) << 16 | UInt64(destinationPort))
        // One packet can bring several DNS answers or files of one transaction.
        if type != "flow", let detail = json["dns"] ?? json["fileinfo"] {
            hash.combine(detail["tx_id"]?.count ?? .max)
            for key: StaticString in ["type", "rrname", "rrtype", "rdata", "filename", "sha256"] {
                hash.combine(detail.string(key))
            }
            hash.combine(detail["size"]?.count ?? .max)
        }
        mark = RecordMark(time: time, identity: hash.value, offset: offset, length: UInt32(clamping: record.count))
    }

    /// The connection, if the source opened it.
    var connection: Connection {
        Connection(
            originator: source, responder: destination, originatorPort: sourcePort, responderPort: destinationPort,
            proto: proto)
    }

    /// A name in lower case and without the last dot, alive as long as the batch; nil if there is none, or if it is
    /// longer than names can be (RFC 1035 section 2.3.4).
    func name(_ text: Bytes) -> Bytes? {
        let name = text.hasSuffix(".") ? text.prefix(upTo: text.count - 1) : text
        guard !name.isEmpty, name.count <= 255 else { return nil }
        return batch.arena.lowercased(batch.arena.copy(name))
    }

    /// Identity of what a transaction carried towards the server or towards the client.
    func fileID(transaction: UInt64, toServer: Bool) -> UInt64 {
        var hash = ContentHash(seed: 0x0066_6964)
        hash.combine(flowID)
        hash.combine(transaction)
        hash.combine(toServer ? 1 : 0)
        return hash.value
    }

    /// IANA's number for the names that Suricata writes, or for three digits (`047`).
    static func protocolNumber(_ name: Bytes) -> UInt8 {
        if name == "TCP" { return 6 }
        if name == "UDP" { return 17 }
        if name == "ICMP" { return 1 }
        if name == "IPv6-ICMP" || name == "ICMPv6" { return 58 }
        if name == "SCTP" { return 132 }
        if name == "GRE" { return 47 }
        if name == "ESP" { return 50 }
        return name.unsigned.flatMap { UInt8(exactly: $0) } ?? 0
    }
}
