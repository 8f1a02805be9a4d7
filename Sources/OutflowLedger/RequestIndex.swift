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
        /// 0 where it is not logged; nil stands for any.
        var clientPort: UInt16?
    }

    /// One request.
    struct Request {
        var time: Int64
        var identity: UInt64
        var host: UInt32
        var port: UInt16
        /// The record that tells of it.
        var evidence: Evidence?

        static func isEarlier(_ left: Request, _ right: Request) -> Bool {
            (left.time, left.identity) < (right.time, right.identity)
        }
    }

    /// Requests that carried one content between the same hosts.
    struct Carried {
        fileprivate var requests: [Request]

        /// The name of the first of them.
        var host: UInt32 { requests[0].host }
        /// The port of the first of them.
        var port: UInt16 { requests[0].port }

        fileprivate func isNear(_ sending: Sending) -> Bool {
            let (limit, isAfterAll) = sending.span.first.addingReportingOverflow(RequestIndex.tolerance)
            let last = RequestIndex.latest(in: requests, upTo: isAfterAll ? .max : limit)
            guard let last else { return false }
            let (age, isOld) = sending.span.first.subtractingReportingOverflow(last.time)
            return !isOld && age <= RequestIndex.tolerance
        }
    }

    private var requests: [Pair: [Request]] = [:]
    private var contents: [Content: Carried] = [:]

    /// The index of `sendings`, which are requests.
    init(_ sendings: [Sending]) {
        for sending in sendings {
            let request = Request(
                time: sending.span.first, identity: sending.identity, host: sending.host, port: sending.port,
                evidence: sending.evidence.first)
            for port in Set([sending.port, 0]) {
                let pair = Pair(sending, port: port)
                requests[pair, default: []].append(request)
                guard let content = sending.content else { continue }
                for clientPort in [nil, sending.clientPort] {
                    let key = Content(pair: pair, content: content, clientPort: clientPort)
                    contents[key, default: Carried(requests: [])].requests.append(request)
                }
            }
        }
        for pair in requests.keys { requests[pair]?.sort(by: Request.isEarlier) }
        for key in contents.keys { contents[key]?.requests.sort(by: Request.isEarlier) }
    }

    /// The requests that carried `content` between the same hosts.
    func request(with content: UInt64, like sending: Sending) -> Carried? {
        contents[Content(pair: Pair(sending, port: sending.port), content: content, clientPort: nil)]
    }

    /// Whether `sending` may be a request that carried `content`, as another sensor saw it: at the same time, and on no other
    /// connection.
    func mayInclude(_ sending: Sending, of content: UInt64) -> Bool {
        let pair = Pair(sending, port: sending.port)
        let clientPorts: [UInt16?] = sending.clientPort == 0 ? [nil] : [sending.clientPort, 0]
        return clientPorts.contains {
            contents[Content(pair: pair, content: content, clientPort: $0)]?.isNear(sending) ?? false
        }
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
