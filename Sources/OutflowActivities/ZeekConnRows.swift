// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The columns of one conn.log row, as views: what TSV and JSON hand to the one place that parses them quickly.
///
/// An absent or unset column is the empty view or `-`.
struct ZeekConnFields {
    var ts, originator, originatorPort, responder, responderPort, proto, service, duration: Bytes
    var sent, received, state, missed, history, localOriginator, localResponder: Bytes
    var originatorPackets, responderPackets: Bytes

    /// The flow of the row; nil when anything about it is unusual (IPv6, another way to write times, an impossible
    /// number): the plain reader then reads it, or words the rejection. The views must be ``PaddedText``.
    @inline(__always)
    func flow(offset: UInt64, length: UInt32) -> Flow? {
        guard let time = PaddedText.epochSeconds(ts), let from = PaddedText.v4(originator),
            let to = PaddedText.v4(responder), let fromPort = PaddedText.unsigned(originatorPort), fromPort <= 65_535,
            let toPort = PaddedText.unsigned(responderPort), toPort <= 65_535, let sent = ZeekConn.bytes(sent),
            let received = ZeekConn.bytes(received), let missed = ZeekConn.bytes(missed)
        else { return nil }
        // Whether a word for no protocol is one that is unset, or one unheard of, is for the plain reader to tell.
        let proto = proto.isEmpty ? 6 : ZeekConn.proto(proto)
        guard proto != 255 else { return nil }
        // "-" and "(empty)" are no history; what else begins like them is for the plain reader to tell.
        let begin = history.count > 0 ? history.start[0] : UInt8(ascii: "-")
        if history.count > 1, begin == UInt8(ascii: "-") || begin == UInt8(ascii: "(") { return nil }
        var parsed = ZeekConn(
            flow: Flow(
                originator: IPAddress(v4: from), responder: IPAddress(v4: to), start: time,
                duration: PaddedText.interval(duration), originatorBytes: 0, responderBytes: 0,
                originatorPort: UInt16(truncatingIfNeeded: fromPort), responderPort: UInt16(truncatingIfNeeded: toPort),
                proto: proto, sensor: .zeek, services: ZeekConn.services(service),
                offset: offset, length: length))
        parsed.originatorBytes = sent
        parsed.responderBytes = received
        parsed.missedBytes = missed
        if begin != UInt8(ascii: "-") { parsed.history = ZeekConn.History(history) }
        parsed.state = ZeekConn.State(state)
        parsed.flow.originatorLocality = ZeekActivities.locality(localOriginator)
        parsed.flow.responderLocality = ZeekActivities.locality(localResponder)
        if sent == ZeekConn.unset { parsed.originatorPackets = originatorPackets.unsigned ?? ZeekConn.unset }
        if received == ZeekConn.unset { parsed.responderPackets = responderPackets.unsigned ?? ZeekConn.unset }
        return parsed.bounded()
    }
}

/// What a hot loop over conn rows adds up. A batch is an object: what every row touches is held here meanwhile.
struct ZeekConnRows {
    private var flows: [Flow] = []
    private var count: UInt64 = 0
    private var first = Int64.max
    private var last = Int64.min
    private var hours = ActiveHours()

    /// Takes the flows of a batch over.
    init(_ batch: ActivityBatch) { swap(&flows, &batch.flows) }

    /// Adds a row's flow.
    @inline(__always)
    mutating func add(_ flow: Flow) {
        count &+= 1
        first = min(first, flow.start.microseconds)
        last = max(last, flow.start.microseconds)
        hours.insert(flow.start.microseconds)
        flows.append(flow)
    }

    /// Runs `body` while the batch has its flows, for rows that are read the plain way.
    @inline(never)
    mutating func without(_ batch: ActivityBatch, _ body: () -> Void) {
        swap(&flows, &batch.flows)
        body()
        swap(&flows, &batch.flows)
    }

    /// Gives everything to the batch.
    mutating func finish(_ batch: ActivityBatch) {
        swap(&flows, &batch.flows)
        batch.records += count
        if first <= last {
            batch.widen(Timestamp(microseconds: first))
            batch.widen(Timestamp(microseconds: last))
            batch.hours.formUnion(hours)
        }
        count = 0
    }
}
