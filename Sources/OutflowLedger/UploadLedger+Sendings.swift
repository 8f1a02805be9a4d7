// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Two sensors see the same thing within so many microseconds: their clocks and their places in the network differ.
private let tolerance: Int64 = 1_000_000
/// A file that is part of a request passes at most so many microseconds after the request began.
private let requestDuration: Int64 = 3_600_000_000

extension UploadLedger {
    /// All that was sent by senders that `isWanted` accepts to receivers, each sending once, in an order that depends on
    /// the records only.
    func sendings(_ isWanted: (_ sender: IPAddress, _ receiver: IPAddress) -> Bool) -> [Sending] {
        var filesOfUploads: [UInt64: [Int]] = [:]
        for key in uploads.keys where key.file != 0 { filesOfUploads[key.file] = [] }
        var loose: [Int] = []
        for (row, file) in files.values.enumerated() {
            if filesOfUploads[file.id]?.append(row) == nil { loose.append(row) }
        }
        var requests = requests(filesOfUploads, isWanted)
        chainRetries(&requests)
        loose = loose.filter {
            let file = files.values[$0]
            return (file.bounds.atMost ?? 1) > 0
                && isWanted(addresses.keys[Int(file.sender)], addresses.keys[Int(file.receiver)])
        }
        return requests + looseFiles(loose, beside: requests)
    }

    // MARK: Requests

    /// Requests with content, those that two sensors saw joined: the same connection, position, method, host and URI
    /// within the tolerance. Where the position is not logged, two requests may be one or two: they only share a chain.
    private func requests(
        _ filesOfUploads: [UInt64: [Int]], _ isWanted: (IPAddress, IPAddress) -> Bool
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
            result.append(request(Array(sorted[start..<end]), filesOfUploads))
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

    private func request(_ rows: [Int], _ filesOfUploads: [UInt64: [Int]]) -> Sending {
        let first = uploads.values[rows[0]]
        var sending = Sending(
            span: Span(first.time), identity: .max, source: addresses.keys[Int(first.originator)],
            destination: addresses.keys[Int(first.responder)], port: first.responderPort, fromOriginator: true,
            carrier: .http, host: first.host, target: first.target, depthUnknown: first.depth == 0, bounds: .unknown,
            wireBounds: .unknown, evidence: [])
        for row in rows {
            let (upload, identity) = (uploads.values[row], uploads.keys[row].identity)
            sending.span.add(upload.time)
            sending.identity = min(sending.identity, identity)
            sending.status = max(sending.status, upload.status)
            sending.body = upload.body.map { max($0, sending.body ?? 0) } ?? sending.body
            sending.evidence.append(Evidence(weight: upload.body ?? 0, identity: identity, origin: upload.origin))
            guard let file = nearest(filesOfUploads[uploads.keys[row].file] ?? [], to: upload.time) else {
                sending.bounds = sending.bounds.and(upload.body.map { .exactly($0) } ?? .unknown)
                continue
            }
            let seen = files.values[file]
            var content = seen.content
            if let body = upload.body, let most = seen.bounds.atMost, most < body {
                // The body holds more than the file: several files, or fields of a form.
                sending.bounds = sending.bounds.and(.exactly(body))
                content = content.map {
                    var hash = ContentHash()
                    hash.combine($0)
                    hash.combine(body)
                    return hash.value
                }
            } else {
                sending.bounds = sending.bounds.and(seen.bounds)
                sending.missedBytes = sending.missedBytes || seen.bounds.exact == nil
            }
            sending.content = content.map { min($0, sending.content ?? .max) } ?? sending.content
            sending.evidence.append(Evidence(weight: seen.seen, identity: files.keys[file], origin: seen.origin))
            if seen.name != 0 { sending.names.append(seen.name) }
        }
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
            if isNear, before.id != file.id { sets.join(index - 1, index) }
        }
        let pairs = RequestIndex(requests)
        var seen: Set<Int> = []
        return sorted.indices.map { index in
            let isRepeat = !seen.insert(sets.root(index)).inserted
            var sending = looseFile(sorted[index], chain: requests.count + sets.root(index), isRepeat: isRepeat)
            guard sending.carrier == .http else { return sending }
            if let content = sending.content, let request = pairs.request(with: content, like: sending) {
                sending.host = request.host
                guard request.isNear(sending) else { return sending }
                // The request itself, as a sensor saw it whose HTTP log is missing.
                sending.reads = 0
                sending.wire = 0
                sending.wireBounds = .zero
            } else if sending.fromOriginator, pairs.hasRequest(around: sending) {
                sending.mayBeCounted = true
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
        return Sending(
            span: Span(file.time), identity: piece.identity, source: addresses.keys[Int(file.sender)],
            destination: addresses.keys[Int(file.receiver)], port: file.port, fromOriginator: file.fromOriginator,
            carrier: FileSeen.Carrier(rawValue: file.carrier) ?? .other, content: file.content, bounds: file.bounds,
            // It may be what another sensor saw of the file before.
            wire: isRepeat ? nil : file.bounds.exact,
            wireBounds: isRepeat ? ByteBounds(atLeast: 0, atMost: file.bounds.atMost) : file.bounds,
            chain: chain, missedBytes: file.bounds.exact == nil, evidence: [piece],
            names: file.name == 0 ? [] : [file.name])
    }

    /// Finds requests by hosts and port.
    private struct RequestIndex {
        private struct Pair: Hashable {
            var source: IPAddress
            var destination: IPAddress
            var port: UInt16

            init(_ sending: Sending) {
                source = sending.source
                destination = sending.destination
                port = sending.port
            }
        }

        private struct Content: Hashable {
            var pair: Pair
            var content: UInt64
        }

        /// Requests that carried one content between the same hosts.
        struct Carried {
            /// The name of the first of them.
            var host: UInt32
            var first: (Int64, UInt64)
            var times: [Int64]

            /// Whether one of them was at the same time as `sending`.
            func isNear(_ sending: Sending) -> Bool {
                latest(in: times, upTo: sending.span.first + tolerance).map { $0 >= sending.span.first - tolerance }
                    ?? false
            }
        }

        private var times: [Pair: [Int64]] = [:]
        private var contents: [Content: Carried] = [:]

        init(_ requests: [Sending]) {
            for request in requests {
                times[Pair(request), default: []].append(request.span.first)
                guard let content = request.content else { continue }
                let key = Content(pair: Pair(request), content: content)
                let order = (request.span.first, request.identity)
                var carried = contents[key] ?? Carried(host: request.host, first: order, times: [])
                if order < carried.first {
                    carried.host = request.host
                    carried.first = order
                }
                carried.times.append(request.span.first)
                contents[key] = carried
            }
            for pair in times.keys { times[pair]?.sort() }
            for key in contents.keys { contents[key]?.times.sort() }
        }

        /// The requests that carried `content` between the same hosts.
        func request(with content: UInt64, like sending: Sending) -> Carried? {
            contents[Content(pair: Pair(sending), content: content)]
        }

        /// Whether a request between the same hosts began soon enough before that the file may be a part of its body.
        func hasRequest(around sending: Sending) -> Bool {
            guard let times = times[Pair(sending)] else { return false }
            return latest(in: times, upTo: sending.span.first + tolerance)
                .map { $0 >= sending.span.first - requestDuration } ?? false
        }
    }
}

/// The last of ascending times that is not after `limit`.
private func latest(in times: [Int64], upTo limit: Int64) -> Int64? {
    var low = 0
    var high = times.count
    while low < high {
        let middle = (low + high) / 2
        if times[middle] <= limit { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? times[low - 1] : nil
}
