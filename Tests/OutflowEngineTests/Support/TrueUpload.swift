// SPDX-License-Identifier: Apache-2.0

/// One body that went out over HTTP.
struct TrueUpload {
    var source: String
    var target: String
    /// Which content it was: the same number is the same bytes.
    var content: Int
    var size: Int
}

extension SmallWorld {
    /// A connection with one or more requests that carry content, some retried after a 401, seen by one Zeek or by two.
    mutating func addUpload() {
        let source = dice.pick(["10.1.0.5", "10.1.0.6"])
        let target = dice.pick(["203.0.113.9", "198.51.100.20"])
        let host = target == "203.0.113.9" ? "drop.example.net" : "share.example.org"
        let start = moment()
        let isHashed = dice.chance(70)
        var bodies: [(content: Int, size: Int, status: String, uri: String)] = []
        for _ in 0..<dice.number(1...3) {
            // Without a hash nothing proves two bodies the same but a retry: then each content is new.
            let content = isHashed ? dice.number(1...5) : 1_000 + uploads.count + bodies.count
            let size = 1_000 * (content + 1) + 17
            let uri = "/up/\(uploads.count + bodies.count)"
            if dice.chance(30) { bodies.append((content, size, "401", uri)) }
            bodies.append((content, size, "201", uri))
        }
        var flow = TrueFlow(
            source: source, target: target, port: 80, proto: 6, sent: bodies.reduce(0) { $0 + $1.size + 300 },
            received: 200 * bodies.count)
        let sourcePort = newPort()
        let sensors = addViews(of: &flow, start: start, sourcePort: sourcePort, service: "http", alwaysClean: true)
        for body in bodies {
            uploads.append(TrueUpload(source: source, target: target, content: body.content, size: body.size))
        }
        for (offset, uid) in sensors {
            for (index, body) in bodies.enumerated() {
                let fuid = "F" + dice.hex(17)
                let time = zeekTime(start + offset + Int64(index + 1) * 1_000)
                lines.append(
                    LogLine(
                        .http,
                        [
                            time, uid, source, String(sourcePort), target, "80", String(index + 1), "PUT", host,
                            body.uri,
                            String(body.size), "0", body.status, isHashed ? fuid : nil,
                        ]))
                guard isHashed else { continue }
                let digest = String(body.content + 0xABC, radix: 16)
                lines.append(
                    LogLine(
                        .files,
                        [
                            time, fuid, source, target, uid, "HTTP", "T", String(body.size), String(body.size), "0",
                            String(repeating: "0", count: 40 - digest.count) + digest,
                        ]))
            }
        }
        flows.append(flow)
    }

    /// A question to the DNS with its answer, or a TLS server name.
    mutating func addNames() {
        let time = moment()
        let client = dice.pick(["10.1.0.5", "10.1.7.8"])
        let target = dice.pick(["203.0.113.9", "203.0.113.10", "192.168.50.4"])
        if dice.chance(25) {
            lines.append(
                LogLine(
                    .ssl,
                    [
                        zeekTime(time), uid(), client, String(newPort()), target, "443", "TLSv12",
                        dice.pick(["a.example.com", "b.example.com"]), "T",
                    ]))
            return
        }
        let isTunnel = dice.chance(60)
        let name = isTunnel ? dice.hex(40) + ".t.example.net" : dice.pick(["www", "mail"]) + ".example.com"
        questions.append((client, name))
        lines.append(
            LogLine(
                .dns,
                [
                    zeekTime(time), uid(), client, String(newPort()), "10.1.0.53", "53", "udp",
                    String(dice.number(1...65_535)), name, "1", isTunnel ? nil : target,
                ]))
    }
}
