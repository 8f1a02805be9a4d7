// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Two sensors see the same thing within so many microseconds.
private let tolerance = RequestIndex.tolerance

extension UploadLedger {
    /// All that was sent by senders that `isWanted` accepts to receivers, each sending once, in an order that depends on
    /// the records only.
    func sendings(_ isWanted: (_ sender: IPAddress, _ receiver: IPAddress) -> Bool) -> [Sending] {
        var known = FilesOfRequests()
        for (key, upload) in zip(uploads.keys, uploads.values) where key.file != 0 {
            known.rows[key.file] = []
            if upload.body == 0 { known.further[key.identity, default: []].append(key.file) }
        }
        var loose: [Int] = []
        for (row, file) in files.values.enumerated() {
            if known.rows[file.id]?.append(row) == nil { loose.append(row) }
        }
        var requests = requests(known, isWanted)
        chainRetries(&requests)
        loose = loose.filter {
            let file = files.values[$0]
            return (file.bounds.atMost ?? 1) > 0
                && isWanted(addresses.keys[Int(file.sender)], addresses.keys[Int(file.receiver)])
        }
        var all = requests + looseFiles(loose, beside: requests)
        settleViews(&all)
        return all
    }

    // MARK: Requests

    /// Requests with content, those that two sensors saw joined: the same connection, position, method, host and URI
    /// within the tolerance. Where the position is not logged, two requests may be one or two: they only share a chain.
    private func requests(
        _ known: FilesOfRequests, _ isWanted: (IPAddress, IPAddress) -> Bool
    ) -> [Sending] {
        let rows = uploads.values.indices.filter { row in
            let upload = uploads.values[row]
            return upload.carriesContent && upload.body != 0
                && isWanted(addresses.keys[Int(upload.originator)], addresses.keys[Int(upload.responder)])
        }
        // Rows of the same request come together, in order of time.
        let sorted = rows.map { (requestHash($0), uploads.values[$0].time, uploads.keys[$0].identity, $0) }
            .sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }.map(\.3)
        var result: [Sending] = []
        var start = 0
        while start < sorted.count {
            var end = start + 1
            while end < sorted.count, isSameRequest(sorted[end - 1], sorted[end]) { end += 1 }
            result.append(request(Array(sorted[start..<end]), known))
            start = end
        }
        return result
    }

    private func requestHash(_ row: Int) -> UInt64 {
        let upload = uploads.values[row]
        var hash = ContentHash()
        hash.combine(addresses.keys[Int(upload.originator)])
        hash.combine(addresses.keys[Int(upload.responder)])
        hash.combine(UInt64(upload.originatorPort) << 32 | UInt64(upload.responderPort) << 16 | UInt64(upload.proto))
        hash.combine(UInt64(upload.depth))
        hash.combine(upload.target)
        return hash.value
    }

    private func isSameRequest(_ left: Int, _ right: Int) -> Bool {
        let (a, b) = (uploads.values[left], uploads.values[right])
        if uploads.keys[left].identity == uploads.keys[right].identity { return true }
        return a.depth > 0 && requestHash(left) == requestHash(right)
            && b.time.microseconds - a.time.microseconds <= tolerance
    }

    private func request(_ rows: [Int], _ known: FilesOfRequests) -> Sending {
        let first = uploads.values[rows[0]]
        var sending = Sending(
            span: Span(first.time), identity: .max, source: addresses.keys[Int(first.originator)],
            destination: addresses.keys[Int(first.responder)], port: first.responderPort,
            clientPort: first.originatorPort, fromOriginator: true,
            carrier: .http, host: first.host, target: first.target, depthUnknown: first.depth == 0, bounds: .unknown,
            wireBounds: .unknown, evidence: [])
        // That a part may repeat another is not undone by a sensor that did not see the parts.
        var proven = UInt64.max
        for row in rows {
            let (upload, key) = (uploads.values[row], uploads.keys[row])
            sending.span.add(upload.time)
            sending.identity = min(sending.identity, key.identity)
            sending.status = max(sending.status, upload.status)
            sending.body = upload.body.map { max($0, sending.body ?? 0) } ?? sending.body
            sending.evidence.append(Evidence(weight: upload.body ?? 0, identity: key.identity, origin: upload.origin))
            let ids = Set([key.file] + (known.further[key.identity] ?? [])).subtracting([0])
            let parts = ids.compactMap { nearest(known.rows[$0] ?? [], to: upload.time) }
                .sorted { files.keys[$0] < files.keys[$1] }
            let seen = BodyContent(parts.map { files.values[$0] }, of: ids.count, in: upload.body)
            sending.bounds = sending.bounds.and(seen.bounds)
            if seen.mayRepeat { proven = min(proven, seen.bounds.atLeast) }
            sending.missedBytes = sending.missedBytes || seen.missedBytes
            sending.content = seen.content.map { min($0, sending.content ?? .max) } ?? sending.content
            for part in parts {
                let file = files.values[part]
                sending.evidence.append(Evidence(weight: file.seen, identity: files.keys[part], origin: file.origin))
                if file.name != 0 { sending.names.append(file.name) }
            }
        }
        sending.bounds.atLeast = min(sending.bounds.atLeast, proven)
        if sending.bounds.exact != nil { sending.missedBytes = false }
        sending.wire = sending.body ?? sending.bounds.exact
        sending.wireBounds = sending.body.map { .exactly($0) } ?? sending.bounds
        return sending
    }

    /// The file row with an id that was seen nearest to `time`; a sensor may use an id again for the same file.
    private func nearest(_ rows: [Int], to time: Timestamp) -> Int? {
        func distance(_ row: Int) -> UInt64 { (files.values[row].time.microseconds - time.microseconds).magnitude }
        return rows.min {
            (distance($0), files.keys[$0]) < (distance($1), files.keys[$1])
        }
    }

    /// Chains requests that may repeat the one before: the same target and length, after a status that invites a retry;
    /// or within the tolerance, where positions are not logged and two sensors may have seen one request.
    private func chainRetries(_ requests: inout [Sending]) {
        func hash(_ sending: Sending) -> UInt64 {
            var hash = ContentHash()
            hash.combine(sending.source)
            hash.combine(sending.destination)
            hash.combine(UInt64(sending.port))
            hash.combine(sending.target)
            hash.combine(sending.body ?? 0)
            hash.combine(sending.body == nil ? 0 : 1)
            return hash.value
        }
        let hashes = requests.map(hash)
        let sorted = requests.indices.sorted {
            (hashes[$0], requests[$0].span.first, requests[$0].identity)
                < (hashes[$1], requests[$1].span.first, requests[$1].identity)
        }
        for (position, index) in sorted.enumerated() {
            requests[index].chain = position
            guard position > 0, hashes[sorted[position - 1]] == hashes[index] else { continue }
            let before = requests[sorted[position - 1]]
            let isTwin =
                requests[index].depthUnknown && before.depthUnknown
                && requests[index].span.first - before.span.first <= tolerance
            guard isTwin || HTTPMethod.invitesRetry(before.status) else { continue }
            requests[index].chain = before.chain
            if isTwin, requests[index].content == nil {
                requests[index].wire = nil
                requests[index].wireBounds = ByteBounds(atLeast: 0, atMost: requests[index].wireBounds.atMost)
            }
        }
    }

    // MARK: Files without a request

    /// Files that no request refers to: FTP, mail attachments, or a sensor whose HTTP log is missing.
    private func looseFiles(_ rows: [Int], beside requests: [Sending]) -> [Sending] {
        let sorted = rows.map { (looseHash($0), files.values[$0].time, files.keys[$0], $0) }
            .sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }.map(\.3)
        var sets = DisjointSets(count: sorted.count)
        var lastOfID: [UInt64: Int] = [:]
        for (index, row) in sorted.enumerated() {
            let file = files.values[row]
            if let same = lastOfID.updateValue(index, forKey: file.id) { sets.join(same, index) }
            guard index > 0, looseHash(sorted[index - 1]) == looseHash(row) else { continue }
            let before = files.values[sorted[index - 1]]
            let isNear = file.time.microseconds - before.time.microseconds <= tolerance
            // In one connection, nobody can tell a file that was sent again from one that was seen again.
            let isSameConnection = file.clientPort > 0 && before.clientPort == file.clientPort
            if isNear || isSameConnection, before.id != file.id { sets.join(index - 1, index) }
        }
        let pairs = RequestIndex(requests)
        var seen: Set<Int> = []
        return sorted.indices.map { index in
            let isRepeat = !seen.insert(sets.root(index)).inserted
            var sending = looseFile(sorted[index], chain: requests.count + sets.root(index), isRepeat: isRepeat)
            guard sending.carrier == .http else { return sending }
            if let content = sending.content, let request = pairs.request(with: content, like: sending) {
                sending.host = request.host
                if sending.port == 0 { sending.port = request.port }
                guard request.mayInclude(sending) else { return sending }
                // The request itself, as a sensor saw it whose HTTP log is missing.
                sending.reads = 0
                sending.wire = 0
                sending.wireBounds = .zero
            } else if sending.fromOriginator, let request = pairs.request(around: sending) {
                sending.mayBeCounted = true
                if sending.port == 0 { sending.port = request.port }
                // Without the request's record nobody could tell why the file does not count.
                if let record = request.evidence { sending.evidence.append(record) }
                sending.wire = nil
                sending.wireBounds = ByteBounds(atLeast: 0, atMost: sending.wireBounds.atMost)
            }
            return sending
        }
    }

    /// Files that two sensors may have seen once have the same; without a content hash, sizes must do.
    private func looseHash(_ row: Int) -> UInt64 {
        let file = files.values[row]
        var hash = ContentHash()
        hash.combine(addresses.keys[Int(file.sender)])
        hash.combine(addresses.keys[Int(file.receiver)])
        hash.combine(UInt64(file.carrier) << 1 | (file.fromOriginator ? 1 : 0))
        hash.combine(file.content ?? file.seen)
        hash.combine(file.content == nil ? file.total ?? 0 : 0)
        hash.combine(file.content == nil ? 1 : 2)
        return hash.value
    }

    private func looseFile(_ row: Int, chain: Int, isRepeat: Bool) -> Sending {
        let file = files.values[row]
        let piece = Evidence(weight: file.seen, identity: files.keys[row], origin: file.origin)
        var sending = Sending(
            span: Span(file.time), identity: piece.identity, source: addresses.keys[Int(file.sender)],
            destination: addresses.keys[Int(file.receiver)], port: file.port, clientPort: file.clientPort,
            fromOriginator: file.fromOriginator,
            carrier: FileSeen.Carrier(rawValue: file.carrier) ?? .other, content: file.content, bounds: file.bounds,
            // It may be what another sensor saw of the file before.
            wire: isRepeat ? nil : file.bounds.exact,
            wireBounds: isRepeat ? ByteBounds(atLeast: 0, atMost: file.bounds.atMost) : file.bounds,
            chain: chain, missedBytes: file.bounds.exact == nil, evidence: [piece],
            names: file.name == 0 ? [] : [file.name])
        if sending.isUnpacked { sending.wire = nil }
        return sending
    }
}

/// Which files the requests of a ledger refer to.
private struct FilesOfRequests {
    /// Rows of files by id, for all ids that a request refers to.
    var rows: [UInt64: [Int]] = [:]
    /// Ids of files beside the first, by the identity of the request's record.
    var further: [UInt64: [UInt64]] = [:]
}
