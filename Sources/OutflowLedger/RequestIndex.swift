// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Finds requests by hosts and port, for files that may be theirs. A file whose port is not logged (0) may belong to a
/// request on any port: Zeek before 5.1 logs only the hosts of a file.
struct RequestIndex {
    /// Two sensors see the same thing within so many microseconds: their clocks and their places in the network differ.
    static let tolerance: Int64 = 1_000_000
    /// A file that is part of a request passes at most so many microseconds after the request began.
    static let requestDuration: Int64 = 3_600_000_000

    private struct Pair: Hashable {
        var source: IPAddress
        var destination: IPAddress
        /// 0 stands for any.
        var port: UInt16

        init(_ sending: Sending, port: UInt16) {
            source = sending.source
            destination = sending.destination
            self.port = port
        }
    }

    private struct Content: Hashable {
        var pair: Pair
        var content: UInt64
    }

    /// One request.
    struct Request {
        var time: Int64
        var identity: UInt64
        var host: UInt32
        var port: UInt16
        /// 0 when it is not logged.
        var clientPort: UInt16
        /// The record that tells of it.
        var evidence: Evidence?

        static func isEarlier(_ left: Request, _ right: Request) -> Bool {
            (left.time, left.identity) < (right.time, right.identity)
        }
    }

    /// Requests that carried one content between the same hosts.
    struct Carried {
        /// In order of time.
        private var requests: [Request] = []
        /// Their places, by client port and then by time.
        private var byClientPort: [UInt32] = []

        fileprivate mutating func append(_ request: Request) { requests.append(request) }

        fileprivate mutating func sort() {
            requests.sort(by: Request.isEarlier)
            let sorted = requests.indices.sorted {
                (requests[$0].clientPort, $0) < (requests[$1].clientPort, $1)
            }
            byClientPort = sorted.map { UInt32($0) }
        }

        /// The name of the first of them.
        var host: UInt32 { requests[0].host }
        /// The port of the first of them.
        var port: UInt16 { requests[0].port }

        /// Whether `sending` may be one of them, as another sensor saw it: at the same time, and on no other connection as far
        /// as client ports are logged.
        func mayInclude(_ sending: Sending) -> Bool {
            let from = sending.span.first - RequestIndex.tolerance
            let to = sending.span.first + RequestIndex.tolerance
            if sending.clientPort == 0 {
                return RequestIndex.latest(in: requests, upTo: to).map { $0.time >= from } ?? false
            }
            return [sending.clientPort, 0].contains { clientPort in
                let next = byClientPort.partitioningIndex {
                    let request = requests[Int($0)]
                    return (request.clientPort, request.time) > (clientPort, to)
                }
                guard next > 0 else { return false }
                let last = requests[Int(byClientPort[next - 1])]
                return last.clientPort == clientPort && last.time >= from
            }
        }
    }

    private var requests: [Pair: [Request]] = [:]
    private var contents: [Content: Carried] = [:]

    /// The index of `sendings`, which are requests.
    init(_ sendings: [Sending]) {
        for sending in sendings {
            let request = Request(
                time: sending.span.first, identity: sending.identity, host: sending.host, port: sending.port,
                clientPort: sending.clientPort, evidence: sending.evidence.first)
            for port in Set([sending.port, 0]) {
                let pair = Pair(sending, port: port)
                requests[pair, default: []].append(request)
                guard let content = sending.content else { continue }
                contents[Content(pair: pair, content: content), default: Carried()].append(request)
            }
        }
        for pair in requests.keys { requests[pair]?.sort(by: Request.isEarlier) }
        for key in contents.keys { contents[key]?.sort() }
    }

    /// The requests that carried `content` between the same hosts.
    func request(with content: UInt64, like sending: Sending) -> Carried? {
        contents[Content(pair: Pair(sending, port: sending.port), content: content)]
    }

    /// The last request between the same hosts that began soon enough before that the file may be a part of its body.
    func request(around sending: Sending) -> Request? {
        guard let requests = requests[Pair(sending, port: sending.port)],
            let request = Self.latest(in: requests, upTo: sending.span.first + Self.tolerance)
        else { return nil }
        return request.time >= sending.span.first - Self.requestDuration ? request : nil
    }

    /// The last of ascending requests that is not after `limit`.
    fileprivate static func latest(in requests: [Request], upTo limit: Int64) -> Request? {
        let next = requests.partitioningIndex { $0.time > limit }
        return next > 0 ? requests[next - 1] : nil
    }
}
