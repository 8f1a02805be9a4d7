// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// One content on its way, once: an HTTP request with a body, or a file that no request accounts for. What several
/// sensors saw of it is joined.
struct Sending: Sendable {
    var span: Span
    /// Lowest identity of its records: settles ties.
    var identity: UInt64
    var source: IPAddress
    var destination: IPAddress
    /// The connection's responder port.
    var port: UInt16
    /// The connection's originator port; 0 if not logged.
    var clientPort: UInt16
    var fromOriginator: Bool
    var carrier: FileSeen.Carrier
    /// Number of the name in the `Host` header; 0 if there is none.
    var host: UInt32 = 0
    /// Hash of method, host and URI; 0 for a file.
    var target: UInt64 = 0
    var status: UInt16 = 0
    /// Whether the position of the request in its connection is not logged.
    var depthUnknown = false
    var body: UInt64?
    /// What proves it to be the same content as another; nil when nothing does.
    var content: UInt64?
    /// Size of the content.
    var bounds: ByteBounds
    /// Bytes on the wire; nil if not known.
    var wire: UInt64?
    /// Bounds of bytes on the wire.
    var wireBounds: ByteBounds
    /// Sendings of one chain may carry the same content: retries, or what two sensors may have seen of one sending.
    var chain = 0
    /// It may be a part of something that is counted already.
    var mayBeCounted = false
    /// It may be another sending of content that is counted already.
    var mayRepeat = false
    /// 0 when it is known to be counted already.
    var reads: UInt64 = 1
    var missedBytes = false
    var evidence: [Evidence]
    var names: [UInt32] = []

    /// Whether it may have been smaller on the wire: servers compress what they send (RFC 9110 section 8.4), and sensors log
    /// what comes out.
    var isUnpacked: Bool { carrier == .http && !fromOriginator }
}

/// Sets of numbers that are joined pair by pair.
struct DisjointSets {
    private var parent: [Int]

    /// Each of 0 to `count` - 1 by itself.
    init(count: Int) { parent = Array(0..<count) }

    /// The lowest-numbered known member of the set that `member` is in.
    mutating func root(_ member: Int) -> Int {
        var at = member
        while parent[at] != at {
            parent[at] = parent[parent[at]]
            at = parent[at]
        }
        return at
    }

    /// Joins the sets of two members.
    mutating func join(_ left: Int, _ right: Int) {
        let (a, b) = (root(left), root(right))
        if a != b { parent[max(a, b)] = min(a, b) }
    }
}

extension ByteBounds {
    /// What two observations of the same content allow together: the higher lower bound and the lower upper bound, or,
    /// should they contradict each other, the higher of both.
    func and(_ other: ByteBounds) -> ByteBounds {
        let low = max(atLeast, other.atLeast)
        guard let a = atMost, let b = other.atMost else {
            let known = atMost ?? other.atMost
            return ByteBounds(atLeast: low, atMost: known.map { max($0, low) })
        }
        let high = min(a, b)
        return ByteBounds(atLeast: low, atMost: high >= low ? high : max(a, b))
    }

    /// The one number between the bounds, if there is only one.
    var exact: UInt64? { atMost == atLeast ? atLeast : nil }
}

extension UploadLedger.File {
    /// Size of the file: at least what the sensor saw; at most its whole size where known, else what was seen and missed.
    var bounds: ByteBounds {
        if let total { return ByteBounds(atLeast: seen, atMost: max(total, seen)) }
        let (sum, overflow) = seen.addingReportingOverflow(missing)
        return ByteBounds(atLeast: seen, atMost: overflow || sum == FileSeen.unknownMissing ? nil : sum)
    }
}
