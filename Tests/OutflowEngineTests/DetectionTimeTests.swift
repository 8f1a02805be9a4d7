// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowEstate
import OutflowLedger
import OutflowRecords
import Testing

/// Detection does not depend on the zone in which a log is written, on daylight saving, nor on small errors of clocks.
@Suite struct DetectionTimeTests {
    /// Forty readers with three papers and one with four hundred, on a day, as EZproxy logs them.
    ///
    /// - Parameters:
    ///   - start: of the day's reading, seconds since the epoch.
    ///   - zone: east of UTC, in minutes.
    ///   - skew: error of the clock, in seconds.
    static func log(start: Int, zone: (Int) -> Int, skew: Int = 0) -> String {
        var lines = ""
        func add(_ reader: String, _ address: String, _ paper: Int, _ at: Int) {
            let minutes = zone(at)
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .gmt
            let local = Date(timeIntervalSince1970: Double(at + skew + minutes * 60))
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: local)
            let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            func two(_ number: Int?) -> String { String(format: "%02d", number ?? 0) }
            let time =
                "\(two(parts.day))/\(month[(parts.month ?? 1) - 1])/\(parts.year ?? 0):\(two(parts.hour)):"
                + "\(two(parts.minute)):\(two(parts.second)) \(minutes < 0 ? "-" : "+")"
                + "\(two(abs(minutes) / 60))\(two(abs(minutes) % 60))"
            lines +=
                "\(address) - \(reader) [\(time)] \"GET http://www.nature.com:80/nature/journal/v491/n7000/pdf/"
                + "nature\(10_000 + paper).pdf HTTP/1.1\" 200 \(700_000 + paper)\n"
        }
        for reader in 0..<40 {
            for paper in 0..<3 {
                add("READER_\(reader)", "192.0.\(reader).9", reader * 3 + paper, start + reader * 60 + paper * 600)
            }
        }
        for paper in 0..<400 { add("THIEF", "198.51.100.7", 1000 + paper, start + paper * 30) }
        return lines
    }

    private func alarms(_ log: String) throws -> [String] {
        let folder = try Folder()
        try folder.write("ezproxy.log", log)
        return try scanned([folder.path], estate: Estate()).findings.map { "\($0.id) \($0.name) \($0.title)" }
    }

    /// 2024-03-31 00:00 UTC: at 01:00 UTC clocks in Europe go from 02:00 to 03:00.
    private static let change = 1_711_843_200

    @Test(arguments: [-8 * 60, -210, 0, 60, 330, 13 * 60])
    func anyZoneGivesTheSameAlarms(_ zone: Int) throws {
        let expected = try alarms(Self.log(start: Self.change, zone: { _ in 0 }))
        #expect(expected.contains { $0.contains("THIEF") })
        #expect(try alarms(Self.log(start: Self.change, zone: { _ in zone })) == expected)
    }

    @Test func theHourThatDaylightSavingTakesChangesNothing() throws {
        let expected = try alarms(Self.log(start: Self.change, zone: { _ in 0 }))
        let change = Self.change + 3600
        #expect(try alarms(Self.log(start: Self.change, zone: { $0 < change ? 60 : 120 })) == expected)
    }

    @Test(arguments: [-300, 300])
    func aClockThatIsMinutesWrongHidesNoTheft(_ skew: Int) throws {
        let found = try alarms(Self.log(start: Self.change + 3600, zone: { _ in 0 }, skew: skew))
        #expect(found.contains { $0.contains("THIEF") })
    }

    /// A fortnight of connections as one sensor logs them, and the names behind them as another does, whose clock is
    /// wrong; on the last day somebody sends 5 GB to where nobody ever sent.
    private static func twoSensors(skew: Int) -> (connections: String, names: String) {
        var (connections, names) = ("", "")
        var number = 0
        func add(_ host: Int, _ name: String, _ address: String, _ bytes: Int, _ at: Int) {
            number += 1
            connections +=
                #"{"ts":\#(at).5,"uid":"C\#(number)","id.orig_h":"10.0.0.\#(host)","id.orig_p":\#(1024 + number % 60_000),"#
                + #""id.resp_h":"\#(address)","id.resp_p":443,"proto":"tcp","duration":20.0,"orig_bytes":\#(bytes),"#
                + #""resp_bytes":9000,"conn_state":"SF"}"# + "\n"
            names +=
                #"{"ts":\#(at - 1 + skew).0,"uid":"D\#(number)","id.orig_h":"10.0.0.\#(host)","id.orig_p":\#(number % 60_000),"#
                + #""id.resp_h":"10.0.0.53","id.resp_p":53,"proto":"udp","trans_id":\#(number % 60_000),"query":"\#(name)","#
                + #""qtype":1,"answers":["\#(address)"]}"# + "\n"
        }
        for day in 0..<14 {
            for host in 1...40 {
                for site in 0..<4 {
                    let which = (host * 3 + site * 5) % 30
                    add(
                        host, "www.site\(which).example", "198.18.0.\(which)", 2_000 + (host * day * 37) % 9_000,
                        change + day * 86_400 + 30_000 + host * 90 + site * 900)
                }
            }
        }
        add(7, "up.drop.example", "203.0.113.9", 5_000_000_000, change + 13 * 86_400 + 50_000)
        return (connections, names)
    }

    /// Connections and names from two machines whose clocks differ: the theft is found, of that host and that address, and the
    /// domain is told.
    @Test(arguments: [0, -300, 300, -3600, 3600])
    func twoSourcesWhoseClocksDifferTellTheSame(_ skew: Int) throws {
        let folder = try Folder()
        let logs = Self.twoSensors(skew: skew)
        try folder.write("conn.log", logs.connections)
        try folder.write("dns.log", logs.names)
        let findings = try scanned([folder.path], estate: Estate()).findings.filter { $0.suspicion >= .likely }
        let theft = try #require(findings.first { $0.entities.contains(.init(kind: "host", id: "10.0.0.7")) })
        #expect(theft.entities.contains(.init(kind: "address", id: "203.0.113.9")))
        #expect(Set(findings.flatMap(\.entities).filter { $0.kind == "host" }.map(\.id)) == ["10.0.0.7"])
    }
}
