// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// A flow that is kept by itself, because it is only judged when all are known: sensors may disagree about it, or it is so
/// large that a fingerprint is not enough.
struct IrregularFlow {
    var flow: Flow
    var input: UInt32

    /// Last packet, in microseconds since the epoch.
    var end: Int64 { flow.start.microseconds &+ flow.duration }

    /// Until when no other flow of the same 5-tuple can begin: views that begin before are views of this flow. Records of
    /// kind netflow tell of intervals in whole seconds: the last second of one may be the first of the next.
    fileprivate var reserved: Int64 {
        let together = flow.start.microseconds &+ 2 * FlowFingerprints.unit
        return max(flow.sensor == .netflow ? end &- 1_000_000 : end, together)
    }

    /// The same seen from the other end.
    fileprivate var fromOtherEnd: IrregularFlow { IrregularFlow(flow: flow.fromOtherEnd, input: input) }
}

/// What views that may be of one flow come to.
struct SettledFlows {
    /// The flows that count, each with its bounds: at most all of them crossed the wire, at least what their lower bounds say.
    var counted: [IrregularFlow]
    /// Further views of them, or of flows that are counted already.
    var repeated: [IrregularFlow]
}

extension FlowTables {
    /// Settles the flows that were kept by themselves.
    ///
    /// Views of one 5-tuple belong together when one begins before another has ended, or within half a second of it. What
    /// belongs together counts at least as the largest lower bound among them (all may be one flow), and at most as the
    /// largest sum of views that cannot be one flow, because none begins while another lasts. A view of a flow that was
    /// counted at once is dropped; if it only may be one, it counts in the upper bound. Views that were counted at once and
    /// began while it lasted may be parts of it: its lower bound gives way to what they may have carried.
    ///
    /// - Parameter onSettled: is told of every set of views that belong together.
    mutating func settleIrregular(_ onSettled: ((SettledFlows) -> Void)? = nil) {
        var budget = stretchesToLookAt
        let views = takeKept()
        // Sorted by 5-tuple, from whichever end, then by time: nothing depends on the order in which they came.
        var order = views.indices.map { index in
            let flow = views[index].unpacked(addresses).flow
            return (
                tuple: min(FlowLedger.prepare(flow, 0).tuple, FlowLedger.prepare(flow.fromOtherEnd, 0).tuple),
                index: UInt32(truncatingIfNeeded: index)
            )
        }
        order.sort {
            $0.tuple != $1.tuple
                ? $0.tuple < $1.tuple
                : Self.isBefore(
                    views[Int($0.index)].unpacked(addresses), views[Int($1.index)].unpacked(addresses))
        }
        var from = 0
        while from < order.count {
            let first = views[Int(order[from].index)].unpacked(addresses)
            var to = from + 1
            var reserved = first.reserved
            var last = first.flow.start.microseconds
            while to < order.count, order[to].tuple == order[from].tuple {
                let next = views[Int(order[to].index)].unpacked(addresses)
                let start = next.flow.start.microseconds
                guard
                    start < reserved
                        || start &- last <= Int64(FlowFingerprints.possible) * FlowFingerprints.unit
                else { break }
                reserved = max(reserved, next.reserved)
                last = start
                to += 1
            }
            if to == from + 1, onSettled == nil {
                settle(first, &budget)
            } else {
                settle(order[from..<to].map { views[Int($0.index)].unpacked(addresses) }, &budget, onSettled)
            }
            from = to
        }
    }

    /// Order of time; of views that begin together, an order that does not depend on where they were read.
    private static func isBefore(_ a: IrregularFlow, _ b: IrregularFlow) -> Bool {
        func key(_ item: IrregularFlow) -> (Int64, Int64, UInt64, UInt64, UInt64, UInt64) {
            let flow = item.flow
            return (
                flow.start.microseconds, flow.duration, flow.originatorUpper, flow.responderUpper, flow.originatorLower,
                flow.responderLower
            )
        }
        let (x, y) = (key(a), key(b))
        if x != y { return x < y }
        if a.flow.originator != b.flow.originator { return a.flow.originator < b.flow.originator }
        return (a.flow.originatorPort, a.flow.services.rawValue, a.input, a.flow.offset)
            < (b.flow.originatorPort, b.flow.services.rawValue, b.input, b.flow.offset)
    }

    /// Settles views that belong together, in order of time.
    private mutating func settle(
        _ views: [IrregularFlow], _ budget: inout Int, _ onSettled: ((SettledFlows) -> Void)?
    ) {
        if views.first?.flow.sensor == .netflow { return settleIntervals(views, onSettled) }
        var result = SettledFlows(counted: [], repeated: [])
        var left: [IrregularFlow] = []
        var mayBeCounted = false
        var countedUntil = Int64.min
        for view in views {
            let known = view.flow.isRegular ? .none : acquaintance(view.flow)
            if known == .same || (view.flow.start.microseconds < countedUntil && !view.flow.isRegular) {
                countedUntil = max(countedUntil, view.reserved)
                result.repeated.append(view)
            } else {
                mayBeCounted = mayBeCounted || known == .mayBeSame
                left.append(view)
            }
        }
        defer { onSettled?(result) }
        guard let leader = left.max(by: Self.isLessTelling) else { return }
        for index in left.indices where left[index].flow.originator != leader.flow.originator {
            left[index] = left[index].fromOtherEnd
        }
        result.counted = Self.apart(left)
        let chosen = Set(result.counted.map(Self.identity))
        result.repeated += left.filter { !chosen.contains(Self.identity($0)) }
        bound(&result.counted, by: left, mayBeCounted: mayBeCounted, &budget)
        for item in result.counted { count(item) }
        // What is certain may rest on a view that does not count by itself.
        for view in [
            left.max { $0.flow.originatorLower < $1.flow.originatorLower },
            left.max { $0.flow.responderLower < $1.flow.responderLower },
        ] {
            if let view, !chosen.contains(Self.identity(view)) { cite(view) }
        }
    }

    /// Settles records of kind netflow: what passed in intervals of time, in one direction each.
    ///
    /// An exporter's intervals of one 5-tuple do not overlap. Those that do are of several exporters (a network interface and
    /// the gateway behind it) or of several logs (intervals of one minute and of ten), which tell the same packets: the
    /// intervals that come to most of all that do not overlap count, the others repeat them.
    private mutating func settleIntervals(_ views: [IrregularFlow], _ onSettled: ((SettledFlows) -> Void)?) {
        guard
            let first = views.min(by: {
                ($0.flow.originator, $0.flow.originatorPort)
                    < ($1.flow.originator, $1.flow.originatorPort)
            })
        else { return }
        let views = views.map { $0.flow.originator == first.flow.originator ? $0 : $0.fromOtherEnd }
        var result = SettledFlows(counted: [], repeated: [])
        for size in [\Flow.originatorUpper, \Flow.responderUpper] {
            let sent = views.filter { $0.flow[keyPath: size] > 0 }
            guard !sent.isEmpty else { continue }
            let chosen = Set(Self.heaviest(sent) { $0.flow[keyPath: size] }.chosen)
            for index in sent.indices {
                if chosen.contains(index) {
                    result.counted.append(sent[index])
                } else {
                    result.repeated.append(sent[index])
                }
            }
        }
        for view in result.counted { count(view) }
        onSettled?(result)
    }

    /// Settles a view that no other belongs to: nearly all are.
    private mutating func settle(_ view: IrregularFlow, _ budget: inout Int) {
        if view.flow.sensor == .netflow { return count(view) }
        let known = view.flow.isRegular ? .none : acquaintance(view.flow)
        if known == .same { return }
        var counted = [view]
        bound(&counted, by: counted, mayBeCounted: known == .mayBeSame, &budget)
        count(counted[0])
    }

    private mutating func count(_ item: IrregularFlow) {
        makeRoom(for: 1)
        _ = withUnsafePointer(to: item.flow) {
            add($0, FlowLedger.prepare(item.flow, 0), FlowFingerprints.Change(), input: item.input)
        }
    }

    private static func identity(_ item: IrregularFlow) -> [UInt64] {
        [
            UInt64(item.input), item.flow.offset, UInt64(bitPattern: item.flow.start.microseconds),
            item.flow.originatorUpper,
        ]
    }

    /// Whether another view tells more surely who opened the connection, or tells of more.
    private static func isLessTelling(_ a: IrregularFlow, _ b: IrregularFlow) -> Bool {
        func certainty(_ flow: Flow) -> Int {
            flow.isRegular ? 3 : flow.services.contains(.flipped) ? 0 : flow.services.contains(.unfinished) ? 1 : 2
        }
        let (x, y) = (certainty(a.flow), certainty(b.flow))
        if x != y { return x < y }
        return a.flow.total < b.flow.total
    }

    /// The views that come to most of all those that may be different flows: none begins while another lasts.
    private static func apart(_ views: [IrregularFlow]) -> [IrregularFlow] {
        let best = heaviest(views) { $0.flow.total }
        return best.chosen.map { views[$0] }
    }

    /// The heaviest set of views of which none begins while another lasts, in order of time (weighted interval scheduling,
    /// Kleinberg and Tardos, Algorithm Design, section 6.1).
    private static func heaviest(
        _ views: [IrregularFlow], _ weight: (IrregularFlow) -> UInt64
    ) -> (weight: UInt64, chosen: [Int]) {
        if views.count == 1 { return (weight(views[0]), [0]) }
        let order = views.indices.sorted { (views[$0].reserved, $0) < (views[$1].reserved, $1) }
        var best: [UInt64] = [0]
        var previous: [Int] = []
        for (position, index) in order.enumerated() {
            // Of those that end first, how many are over when this one begins.
            var (low, high) = (0, position)
            while low < high {
                let middle = (low + high) / 2
                if views[order[middle]].reserved <= views[index].flow.start.microseconds {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            previous.append(low)
            best.append(max(best[position], best[low] &+ weight(views[index])))
        }
        var chosen: [Int] = []
        var at = order.count
        while at > 0 {
            if best[at] == best[at - 1] {
                at -= 1
            } else {
                chosen.append(order[at - 1])
                at = previous[at - 1]
            }
        }
        return (best[order.count], chosen.isEmpty ? [order[0]] : chosen.reversed())
    }

    /// Gives the flows that count the bounds that all views together prove: the first of them carries what is certain.
    private func bound(
        _ counted: inout [IrregularFlow], by views: [IrregularFlow], mayBeCounted: Bool, _ budget: inout Int
    ) {
        guard let first = counted.indices.max(by: { counted[$0].flow.total < counted[$1].flow.total }) else { return }
        let unknown = views.contains {
            $0.flow.originatorUpper == ZeekUnset.value || $0.flow.responderUpper == ZeekUnset.value
        }
        for index in counted.indices {
            counted[index].flow.originatorUpper = counted[index].flow.knownSent
            counted[index].flow.responderUpper = counted[index].flow.knownReceived
            guard index != first else { continue }
            counted[index].flow.originatorLower = 0
            counted[index].flow.responderLower = 0
        }
        var flow = counted[first].flow
        flow.originatorLower = views.map(\.flow.originatorLower).max() ?? 0
        flow.responderLower = views.map(\.flow.responderLower).max() ?? 0
        // What came to most in both directions together need not do so in each.
        let sent = counted.reduce(0) { $0 &+ $1.flow.originatorUpper }
        let received = counted.reduce(0) { $0 &+ $1.flow.responderUpper }
        flow.originatorUpper &+= max(sent, Self.heaviest(views) { $0.flow.knownSent }.weight) &- sent
        flow.responderUpper &+= max(received, Self.heaviest(views) { $0.flow.knownReceived }.weight) &- received
        flow.originatorUpper = max(flow.originatorUpper, flow.originatorLower)
        flow.responderUpper = max(flow.responderUpper, flow.responderLower)
        if unknown { flow.services.insert(.unbounded) }
        var end = flow.start.microseconds &+ flow.duration
        for view in views where counted.count == 1 {
            flow.services.formUnion(view.flow.services)
            flow.start = min(flow.start, view.flow.start)
            end = max(end, view.end)
        }
        flow.duration = end &- flow.start.microseconds
        // What was not seen from its beginning may be the end of a flow that is counted already; of datagrams nobody knows.
        let hasBeginning = flow.proto == 6 && !flow.services.contains(.unfinished)
        let isEnd = !hasBeginning && !flow.isRegular && mayContinue(flow)
        if mayBeCounted || isEnd {
            flow.originatorLower = 0
            flow.responderLower = 0
        } else {
            let meanwhile = countedMeanwhile(flow, budget: &budget)
            flow.originatorLower -= min(flow.originatorLower, meanwhile.sent)
            flow.responderLower -= min(flow.responderLower, meanwhile.received)
        }
        counted[first].flow = flow
    }
}

extension Flow {
    /// Upper bound where the log gives one, else what is certain.
    fileprivate var knownSent: UInt64 { originatorUpper == ZeekUnset.value ? originatorLower : originatorUpper }
    fileprivate var knownReceived: UInt64 { responderUpper == ZeekUnset.value ? responderLower : responderUpper }
    fileprivate var total: UInt64 { knownSent &+ knownReceived }
}
