// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension Sensor {
    /// A DNS question of `client` to `resolver` and its answer (none: the name does not exist): a row of dns.log and one
    /// of conn.log. Returns when the answer was there.
    @discardableResult
    mutating func lookup(
        at time: Timestamp, client: IPv4, resolver: IPv4, name: String, answer: IPv4?, lifetime: Int,
        isIPv6: Bool = false, _ random: inout Random
    ) -> Timestamp {
        let isNear = World.isLocal(resolver)
        let wait = Int64(LogNormal(median: isNear ? 900 : 14_000, doublings: 1).sample(&random))
        let flow = Flow(
            time: time, uid: ZeekID(&random), originator: client, originatorPort: random.number(in: 1025...65_000),
            responder: resolver, responderPort: 53, service: "dns", duration: wait, sent: 18 + name.utf8.count,
            received: (answer == nil ? 93 : 34) + name.utf8.count, outcome: .datagrams)
        connection(flow)
        asked += name.utf8.count
        let transaction = random.below(65_536)
        record(.dns, at: time) { text in
            text.add(connection: flow)
            text.add("\tudp\t")
            text.add(transaction)
            text.add("\t")
            text.add(seconds: wait)
            text.add("\t")
            text.add(text: name)
            text.add(isIPv6 ? "\t1\tC_INTERNET\t28\tAAAA\t" : "\t1\tC_INTERNET\t1\tA\t")
            if let answer {
                text.add("0\tNOERROR\tF\tF\tT\tT\t0\t")
                text.add(answer, asIPv6: isIPv6)
                text.add("\t")
                text.add(lifetime)
                text.add(".000000\tF")
            } else {
                text.add("3\tNXDOMAIN\tF\tF\tT\tT\t0\t-\t-\tF")
            }
        }
        return flow.end
    }

    /// A lease that `client` takes or renews: a row of dhcp.log.
    mutating func lease(at time: Timestamp, _ client: Client, isRenewal: Bool, _ random: inout Random) {
        let uid = ZeekID(&random)
        let duration = Int64(random.number(in: 900...40_000))
        record(.dhcp, at: time) { text in
            text.add("\t")
            uid.add(to: &text, prefix: UInt8(ascii: "C"))
            text.add("\t")
            text.add(client.address)
            text.add("\t")
            text.add(Server.directory1.address)
            for shift: UInt64 in [40, 32, 24, 16, 8, 0] {
                text.add(shift == 40 ? "\t" : ":")
                text.add(hex: client.hardware >> shift, digits: 2)
            }
            text.add("\t")
            text.add(text: client.name)
            text.add("\t")
            text.add(text: "\(client.name).\(World.domain)\t\(World.domain)\t")
            if isRenewal { text.add("-") } else { text.add(client.address) }
            text.add("\t")
            text.add(client.address)
            text.add("\t28800.000000\t-\t-\t")
            text.add(isRenewal ? "REQUEST,ACK" : "DISCOVER,OFFER,REQUEST,ACK")
            text.add("\t")
            text.add(seconds: duration)
        }
    }

    /// What the sensor says of its own losses, every fifteen minutes: a row of capture_loss.log.
    mutating func captureLoss(at time: Timestamp, gaps: Int, acknowledgements: Int) {
        record(.captureLoss, at: time) { text in
            text.add("\t900.000000\tzeek\t")
            text.add(gaps)
            text.add("\t")
            text.add(acknowledgements)
            text.add("\t")
            // Percent with six decimals.
            let millionths = gaps * 100_000_000 / max(1, acknowledgements)
            text.add(millionths / 1_000_000)
            text.add(".")
            text.add(millionths % 1_000_000, width: 6)
        }
    }
}
