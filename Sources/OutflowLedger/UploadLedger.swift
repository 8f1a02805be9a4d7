// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// HTTP requests with a body and files that passed a sensor, one row each: which of them left, and which are the same
/// one seen by two sensors, is only known once all are there and the local networks with them.
///
/// A request whose body holds several files may be given as several ``WebUpload`` with one mark: the first with the body's size, the
/// others with a body of 0 bytes, which only says that those files are part of a request.
struct UploadLedger: Sendable {
    struct UploadKey: TableKey {
        var identity: UInt64
        /// 0 when there is none.
        var file: UInt64

        func feed(_ hash: inout ContentHash) {
            hash.combine(identity)
            hash.combine(file)
        }
    }

    struct Upload: Sendable {
        var time: Timestamp
        var originator: UInt32
        var responder: UInt32
        var originatorPort: UInt16
        var responderPort: UInt16
        var proto: UInt8
        var carriesContent: Bool
        var status: UInt16
        var depth: UInt32
        /// Name in the `Host` header; 0 when it is an address or missing.
        var host: UInt32
        /// Hash of method, host and URI.
        var target: UInt64
        var body: UInt64?
        var origin: Origin
    }

    struct File: Sendable {
        var time: Timestamp
        var id: UInt64
        var content: UInt64?
        var seen: UInt64
        var total: UInt64?
        /// ``FileSeen/unknownMissing`` when it is not known how much.
        var missing: UInt64
        var sender: UInt32
        var receiver: UInt32
        var name: UInt32
        var port: UInt16
        var clientPort: UInt16
        var carrier: UInt8
        var fromOriginator: Bool
        var origin: Origin
    }

    private(set) var strings = StringTable()
    private(set) var addresses = FlatTable<IPAddress, Void>()
    private(set) var uploads = FlatTable<UploadKey, Upload>()
    /// By identity of record.
    private(set) var files = FlatTable<UInt64, File>()

    /// An empty ledger.
    init() {}

    /// Adds the batch's uploads and files, which come from input number `input`; returns how many records were known.
    mutating func observe(_ batch: ActivityBatch, input: UInt32) -> UInt64 {
        var duplicates: UInt64 = 0
        for upload in batch.uploads where !observe(upload, batch.arena, input) { duplicates += 1 }
        for file in batch.files where !observe(file, input) { duplicates += 1 }
        return duplicates
    }

    private mutating func number(_ address: IPAddress) -> UInt32 {
        UInt32(addresses.row(for: address, or: ()).row)
    }

    private mutating func observe(_ upload: WebUpload, _ arena: Arena, _ input: UInt32) -> Bool {
        let carriesContent = HTTPMethod.carriesContent(upload.method)
        // Nothing was sent, or only protocol that no file describes: such a row would say nothing.
        if upload.fileID == nil, upload.body == 0 || !carriesContent { return true }
        let host = arena.lowercased(upload.host)
        var target = ContentHash()
        target.combine(upload.method)
        target.combine(host)
        target.combine(upload.uri)
        let row = Upload(
            time: upload.mark.time, originator: number(upload.connection.originator),
            responder: number(upload.connection.responder), originatorPort: upload.connection.originatorPort,
            responderPort: upload.connection.responderPort, proto: upload.connection.proto,
            carriesContent: carriesContent, status: upload.status, depth: upload.depth,
            host: strings.intern(HTTPMethod.hostName(host)), target: target.value, body: upload.body,
            origin: Origin(input: input, offset: upload.mark.offset, length: upload.mark.length))
        let isNew = add(UploadKey(identity: upload.mark.identity, file: upload.fileID ?? 0), row)
        return isNew || (upload.body == 0 && carriesContent)
    }

    private mutating func observe(_ file: FileSeen, _ input: UInt32) -> Bool {
        let row = File(
            time: file.mark.time, id: file.fileID, content: file.content, seen: file.seen, total: file.total,
            missing: file.missing, sender: number(file.sender), receiver: number(file.receiver),
            name: strings.intern(file.name), port: file.port, clientPort: file.clientPort,
            carrier: file.carrier.rawValue,
            fromOriginator: file.fromOriginator,
            origin: Origin(input: input, offset: file.mark.offset, length: file.mark.length))
        return add(file.mark.identity, row)
    }

    /// Adds a row; false if its record was known. Should two copies of a record differ, the one with the higher hash
    /// stays, whatever their order; but one that only says that a file is part of a request never replaces the request.
    private mutating func add(_ key: UploadKey, _ new: Upload) -> Bool {
        let (row, isNew) = uploads.row(for: key, or: new)
        if isNew { return true }
        let (left, right) = (hash(uploads.values[row]), hash(new))
        let isRequest = (uploads.values[row].body != 0, new.body != 0)
        if left == right {
            uploads.values[row].origin = min(uploads.values[row].origin, new.origin)
        } else if isRequest.0 == isRequest.1 ? left < right : isRequest.1 {
            uploads.values[row] = new
        }
        return false
    }

    private mutating func add(_ identity: UInt64, _ new: File) -> Bool {
        let (row, isNew) = files.row(for: identity, or: new)
        if isNew { return true }
        let (left, right) = (hash(files.values[row]), hash(new))
        if left == right {
            files.values[row].origin = min(files.values[row].origin, new.origin)
        } else if left < right {
            files.values[row] = new
        }
        return false
    }

    /// A hash of all that a row says, free of numbers that depend on order.
    private func hash(_ row: Upload) -> UInt64 {
        var hash = ContentHash()
        hash.combine(UInt64(bitPattern: row.time.microseconds))
        hash.combine(addresses.keys[Int(row.originator)])
        hash.combine(addresses.keys[Int(row.responder)])
        hash.combine(UInt64(row.originatorPort) << 32 | UInt64(row.responderPort) << 16 | UInt64(row.proto))
        hash.combine(UInt64(row.status) << 33 | UInt64(row.depth) << 1 | (row.carriesContent ? 1 : 0))
        strings.with(row.host) { hash.combine($0) }
        hash.combine(row.target)
        hash.combine(row.body ?? 0)
        hash.combine(row.body == nil ? 0 : 1)
        return hash.value
    }

    private func hash(_ row: File) -> UInt64 {
        var hash = ContentHash()
        hash.combine(UInt64(bitPattern: row.time.microseconds))
        hash.combine(row.id)
        for size in [row.content, row.seen, row.total, row.missing] {
            hash.combine(size ?? 0)
            hash.combine(size == nil ? 0 : 1)
        }
        hash.combine(addresses.keys[Int(row.sender)])
        hash.combine(addresses.keys[Int(row.receiver)])
        strings.with(row.name) { hash.combine($0) }
        hash.combine(
            UInt64(row.clientPort) << 32 | UInt64(row.port) << 16 | UInt64(row.carrier) << 1
                | (row.fromOriginator ? 1 : 0))
        return hash.value
    }

    /// Adds all of another ledger, whose input `i` is `inputMap[i]` here.
    mutating func merge(_ other: consuming UploadLedger, inputMap: [UInt32]) {
        let text = strings.merge(other.strings)
        let place = other.addresses.keys.map { number($0) }
        for (key, value) in zip(other.uploads.keys, other.uploads.values) {
            var value = value
            value.originator = place[Int(value.originator)]
            value.responder = place[Int(value.responder)]
            value.host = text[Int(value.host)]
            value.origin = value.origin.renumbered(inputMap)
            _ = add(key, value)
        }
        for (key, value) in zip(other.files.keys, other.files.values) {
            var value = value
            value.sender = place[Int(value.sender)]
            value.receiver = place[Int(value.receiver)]
            value.name = text[Int(value.name)]
            value.origin = value.origin.renumbered(inputMap)
            _ = add(key, value)
        }
    }

    /// Writes the ledger as a section.
    func encode(into encoder: inout StateEncoder) {
        encoder.begin(.uploads)
        strings.encode(into: &encoder)
        encoder.write(UInt64(addresses.count))
        encoder.addressColumn(addresses.keys) { $0 }
        encoder.write(UInt64(uploads.count))
        encoder.fixedColumn(uploads.keys) { $0.identity }
        encoder.fixedColumn(uploads.keys) { $0.file }
        let rows = uploads.values
        encoder.timeColumn(rows) { $0.time.microseconds }
        encoder.column(rows) { UInt64($0.originator) }
        encoder.column(rows) { UInt64($0.responder) }
        encoder.column(rows) { UInt64($0.originatorPort) }
        encoder.column(rows) { UInt64($0.responderPort) }
        encoder.column(rows) { UInt64($0.proto) << 1 | ($0.carriesContent ? 1 : 0) }
        encoder.column(rows) { UInt64($0.status) }
        encoder.column(rows) { UInt64($0.depth) }
        encoder.column(rows) { UInt64($0.host) }
        encoder.fixedColumn(rows) { $0.target }
        encoder.sizeColumn(rows) { $0.body }
        encoder.originColumn(rows) { $0.origin }
        encoder.write(UInt64(files.count))
        encoder.fixedColumn(files.keys) { $0 }
        let seen = files.values
        encoder.timeColumn(seen) { $0.time.microseconds }
        encoder.fixedColumn(seen) { $0.id }
        encoder.sizeColumn(seen) { $0.content }
        encoder.column(seen) { $0.seen }
        encoder.sizeColumn(seen) { $0.total }
        encoder.column(seen) { $0.missing }
        encoder.column(seen) { UInt64($0.sender) }
        encoder.column(seen) { UInt64($0.receiver) }
        encoder.column(seen) { UInt64($0.name) }
        encoder.column(seen) { UInt64($0.port) }
        encoder.column(seen) { UInt64($0.clientPort) }
        encoder.column(seen) { UInt64($0.carrier) << 1 | ($0.fromOriginator ? 1 : 0) }
        encoder.originColumn(seen) { $0.origin }
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote.
    init(from decoder: inout StateDecoder) throws(StateError) {
        try decoder.begin(.uploads)
        strings = try StringTable(from: &decoder)
        let places = try decoder.readCount(bytesEach: 2)
        for address in try decoder.addressColumn(places) {
            guard addresses.row(for: address, or: ()).isNew else { throw decoder.error("an address comes twice") }
        }
        try decodeUploads(&decoder)
        try decodeFiles(&decoder)
        try decoder.end()
    }

    private mutating func decodeUploads(_ decoder: inout StateDecoder) throws(StateError) {
        let count = try decoder.readCount(bytesEach: 36)
        let identities = try decoder.fixedColumn(count)
        let fileIDs = try decoder.fixedColumn(count)
        let times = try decoder.momentColumn(count)
        let originators = try decoder.references(count, below: addresses.count)
        let responders = try decoder.references(count, below: addresses.count)
        let originatorPorts = try decoder.column(count, atMost: 0xFFFF)
        let responderPorts = try decoder.column(count, atMost: 0xFFFF)
        let protocols = try decoder.column(count, atMost: 0x1FF)
        let statuses = try decoder.column(count, atMost: 0xFFFF)
        let depths = try decoder.column(count, atMost: UInt64(UInt32.max))
        let hosts = try decoder.references(count, below: strings.count)
        let targets = try decoder.fixedColumn(count)
        let bodies = try decoder.sizeColumn(count)
        let origins = try decoder.originColumn(count)
        for row in 0..<count {
            let upload = Upload(
                time: times[row], originator: originators[row], responder: responders[row],
                originatorPort: UInt16(originatorPorts[row]), responderPort: UInt16(responderPorts[row]),
                proto: UInt8(protocols[row] >> 1), carriesContent: protocols[row] & 1 == 1,
                status: UInt16(statuses[row]),
                depth: UInt32(depths[row]), host: hosts[row], target: targets[row], body: bodies[row],
                origin: origins[row])
            guard add(UploadKey(identity: identities[row], file: fileIDs[row]), upload) else {
                throw decoder.error("an upload comes twice")
            }
        }
    }

    private mutating func decodeFiles(_ decoder: inout StateDecoder) throws(StateError) {
        let count = try decoder.readCount(bytesEach: 29)
        let identities = try decoder.fixedColumn(count)
        let times = try decoder.momentColumn(count)
        let ids = try decoder.fixedColumn(count)
        let contents = try decoder.sizeColumn(count)
        let seen = try decoder.column(count)
        let totals = try decoder.sizeColumn(count)
        let missing = try decoder.column(count)
        let senders = try decoder.references(count, below: addresses.count)
        let receivers = try decoder.references(count, below: addresses.count)
        let names = try decoder.references(count, below: strings.count)
        let ports = try decoder.column(count, atMost: 0xFFFF)
        let clientPorts = try decoder.column(count, atMost: 0xFFFF)
        let carriers = try decoder.column(count, atMost: 0x1FF)
        let origins = try decoder.originColumn(count)
        for row in 0..<count {
            guard FileSeen.Carrier(rawValue: UInt8(carriers[row] >> 1)) != nil else {
                throw decoder.error("carrier \(carriers[row] >> 1) is unknown")
            }
            let file = File(
                time: times[row], id: ids[row], content: contents[row], seen: seen[row], total: totals[row],
                missing: missing[row], sender: senders[row], receiver: receivers[row], name: names[row],
                port: UInt16(ports[row]), clientPort: UInt16(clientPorts[row]), carrier: UInt8(carriers[row] >> 1),
                fromOriginator: carriers[row] & 1 == 1,
                origin: origins[row])
            guard add(identities[row], file) else { throw decoder.error("a file comes twice") }
        }
    }
}

extension UploadLedger {
    /// All hosts that made requests with bodies.
    var clients: Set<IPAddress> { Set(uploads.values.map { addresses.keys[Int($0.originator)] }) }
}
