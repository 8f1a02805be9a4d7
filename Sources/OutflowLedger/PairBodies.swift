// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The bodies that went from one host to another on one port, for the flows that carried them: they are counted with their
/// content, and must not be counted again.
struct PairBodies {
    /// Those whose connections are among the flows, in the order in which they are taken out.
    private var certain: [UploadConclusion.Body]
    /// Those whose connections are not, or not known: when each began, and what those before it come to.
    private var times: [Int64] = []
    private var sums: [UInt64] = [0]

    /// Of bodies in order of time.
    init(_ bodies: [UploadConclusion.Body]) {
        certain = bodies.filter(\.isInFlow)
        for body in bodies where !body.isInFlow {
            times.append(body.span.first)
            sums.append(Self.sum(sums[sums.count - 1], body.content))
        }
    }

    /// Takes out the bodies that were surely in flows of `room` bytes.
    ///
    /// - Returns: the bytes that were on the wire for certain, and what their contents count beyond those: it may have been.
    mutating func take(room: UInt64) -> (wire: UInt64, possible: UInt64) {
        var taken: (wire: UInt64, possible: UInt64) = (0, 0)
        for body in certain {
            // Decompressed, a body may be larger than what was sent.
            let fits = body.wire <= room - taken.wire
            if fits { taken.wire += body.wire }
            taken.possible = Self.sum(taken.possible, fits ? body.content - body.wire : body.content)
        }
        certain = []
        return taken
    }

    /// Contents of bodies that may have been in flows from `first` to `last`.
    func possible(from first: Int64, to last: Int64) -> UInt64 {
        let start = times.partitioningIndex { $0 >= first }
        let end = times.partitioningIndex { $0 > last }
        guard start < end else { return 0 }
        return sums[end] == .max ? .max : sums[end] - sums[start]
    }

    private static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
        a + min(b, .max - a)
    }
}
