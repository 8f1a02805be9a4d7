// SPDX-License-Identifier: Apache-2.0

/// A flow as it truly was, and what one or two sensors say about it.
struct TrueFlow {
    /// What one record proves about one direction.
    struct Side {
        var lower: Int
        /// nil where the record gives no ceiling.
        var upper: Int?
    }

    /// One record of the flow.
    struct View {
        var sent: Side
        var received: Side
        /// Whether the sensor saw the whole flow undisturbed.
        var isWhole: Bool
    }

    var source: String
    var target: String
    var port: Int
    var proto: Int
    /// Payload from source to target, and back.
    var sent: Int
    var received: Int
    var views: [View] = []
    /// A flow to the DNS, which is told by name where questions are logged.
    var isDNS = false
}

extension SmallWorld {
    /// A flow between two hosts, seen by one Zeek or by two.
    mutating func addFlow() {
        let inside = dice.pick(Self.locals)
        let isV6 = inside.contains(":")
        let others = (dice.chance(90) ? Self.outsiders : Self.locals).filter {
            $0.contains(":") == isV6 && $0 != inside
        }
        guard !others.isEmpty else { return }
        let outside = dice.pick(others)
        let (source, target) = dice.chance(85) ? (inside, outside) : (outside, inside)
        let proto = dice.pick([6, 6, 6, 6, 17, 1])
        var flow = TrueFlow(
            source: source, target: target, port: dice.pick([443, 22, 8443, 1194]), proto: proto,
            sent: dice.chance(85) ? dice.number(1...3_000_000) : 0, received: dice.number(0...50_000))
        if proto == 1 { flow.port = 0 }
        if proto == 17, dice.chance(30) {
            flow.port = 53
            flow.isDNS = true
        }
        let start = moment()
        let sourcePort = proto == 1 ? 8 : newPort()
        addViews(of: &flow, start: start, sourcePort: sourcePort, service: flow.isDNS ? "dns" : nil)
        flows.append(flow)
    }

    /// Adds the records of a flow; another sensor's clock differs by less than a sixteenth of a second. Returns offset and uid of each.
    @discardableResult mutating func addViews(
        of flow: inout TrueFlow, start: Int64, sourcePort: Int, service: String? = nil, alwaysClean: Bool = false
    ) -> [(offset: Int64, uid: String)] {
        var sensors: [(offset: Int64, uid: String)] = []
        let duration = Int64(dice.number(1...90_000_000))
        for sensor in 0..<(dice.chance(30) ? 2 : 1) {
            let offset = sensor == 0 ? 0 : Int64(dice.number(-60_000...60_000))
            let uid = uid()
            sensors.append((offset, uid))
            var record = ZeekRecord(flow)
            if !alwaysClean { record.disturb(&dice) }
            flow.views.append(record.view)
            lines.append(
                LogLine(
                    .conn,
                    [
                        zeekTime(start + offset), uid, flow.source, String(sourcePort), flow.target, String(flow.port),
                        flow.proto == 6 ? "tcp" : flow.proto == 17 ? "udp" : "icmp", service,
                        zeekTime(duration), record.sent.map(String.init),
                        record.received.map(String.init), record.state, String(record.missed), record.history,
                        record.packets.map(String.init), "40", record.packets.map(String.init), "40",
                    ]))
        }
        return sensors
    }

    /// What Zeek writes about a flow, and what that proves.
    struct ZeekRecord {
        private let flow: TrueFlow
        var sent: Int?
        var received: Int?
        var state = "SF"
        var history: String?
        var missed = 0
        var packets: Int? = 10
        var view: TrueFlow.View

        init(_ flow: TrueFlow) {
            self.flow = flow
            sent = flow.sent
            received = flow.received
            history = flow.proto == 6 ? "ShA" : ""
            if flow.sent > 0 { history! += "D" }
            if flow.received > 0 { history! += "d" }
            if flow.proto == 6 { history! += "Ff" }
            view = TrueFlow.View(
                sent: .init(lower: flow.sent, upper: flow.sent),
                received: .init(lower: flow.received, upper: flow.received),
                isWhole: true)
        }

        /// Lets the sensor fail in one of the ways in which sensors do.
        mutating func disturb(_ dice: inout Dice) {
            switch dice.number(1...12) {
            case 1...2: miss(dice.number(1...max(1, flow.sent + flow.received)))
            case 3 where flow.proto == 6: state = "S1"  // Still open; what it carried so far is exact.
            case 4 where flow.proto == 6:
                // Seen from the middle on; the rest is exact.
                state = "OTH"
                history = "DdA"
                view.isWhole = false
            case 5 where flow.proto == 6 && flow.sent == 0:
                // A reset with a sequence number far off claims bytes that never were.
                sent = 40_000
                state = "RSTOS0"
                history = "R"
                view.sent = .init(lower: 0, upper: 40_000)
                if flow.received > 0 { view.received = .init(lower: 0, upper: flow.received) }
                view.isWhole = false
            case 6 where flow.proto == 17 && flow.sent <= 10 * 65_507: unset(ceiling: 10 * 65_507, packets: 10, "Dd")
            case 7 where flow.proto != 1: unset(ceiling: nil, packets: nil, "Dd")
            default: break
            }
        }

        /// Bytes were missed, in which direction is not said.
        private mutating func miss(_ count: Int) {
            missed = count
            view.sent.lower -= min(view.sent.lower, count)
            view.received.lower -= min(view.received.lower, count)
            view.isWhole = false
        }

        /// No sizes were logged although data was seen.
        private mutating func unset(ceiling: Int?, packets: Int?, _ data: String) {
            sent = nil
            received = nil
            self.packets = packets
            history = (flow.proto == 6 ? "ShA" : "") + data
            view = TrueFlow.View(
                sent: .init(lower: 0, upper: ceiling), received: .init(lower: 0, upper: ceiling), isWhole: false)
        }
    }

    /// A flow that Suricata or VPC Flow Logs recorded, in bytes of packets.
    mutating func addPackets() {
        let start = moment() / 1_000_000 * 1_000_000
        let target = dice.pick(["203.0.113.9", "198.51.100.3"])
        let packets = dice.number(1...400)
        let payload = packets * dice.number(0...1400)
        if dice.chance(50) {
            let bytes = payload + packets * 40
            var flow = TrueFlow(source: Self.vpcHost, target: target, port: 443, proto: 6, sent: payload, received: 0)
            flow.views = [
                .init(
                    sent: .init(lower: max(0, bytes - 120 * packets), upper: bytes),
                    received: .init(lower: 0, upper: 0),
                    isWhole: true)
            ]
            let seconds = start / 1_000_000
            lines.append(
                LogLine(
                    .vpc,
                    text: "2 123456789010 eni-1235b8ca123456789 \(flow.source) \(target) \(newPort()) 443 6 \(packets) "
                        + "\(bytes) \(seconds) \(seconds + 60) ACCEPT OK"))
            flows.append(flow)
        } else {
            let bytes = payload + packets * 66
            var flow = TrueFlow(
                source: Self.suricataHost, target: target, port: 443, proto: 6, sent: payload, received: 0)
            flow.views = [
                .init(
                    sent: .init(lower: max(0, bytes - 142 * packets), upper: bytes - 40 * packets),
                    received: .init(lower: 0, upper: 0), isWhole: true)
            ]
            let time = String(isoTime(start).dropLast()) + ".000000+0000"
            lines.append(
                LogLine(
                    .suricata,
                    text: """
                        {"timestamp":"\(time)","flow_id":\(dice.number(1...1 << 50)),"event_type":"flow","src_ip":"\(flow.source)",\
                        "src_port":\(newPort()),"dest_ip":"\(target)","dest_port":443,"proto":"TCP","flow":{"pkts_toserver":\(packets),\
                        "pkts_toclient":1,"bytes_toserver":\(bytes),"bytes_toclient":40,"start":"\(time)","end":"\(time)","state":"closed",\
                        "reason":"timeout"},"tcp":{"tcp_flags":"1b"}}
                        """))
            flows.append(flow)
        }
    }
}
