// SPDX-License-Identifier: Apache-2.0

import OutflowEstate
import OutflowRecords

/// A small random world: what truly happened, and the records that imperfect sensors keep of it.
///
/// Truth comes first; each record is derived from it by a rule of the sensor's own documentation, so that figures can be
/// added up again here without any code of the program.
struct SmallWorld {
    /// What may happen in a world.
    struct Kinds: OptionSet {
        let rawValue: Int
        static let zeek = Kinds(rawValue: 1)
        static let uploads = Kinds(rawValue: 2)
        static let names = Kinds(rawValue: 4)
        static let cloud = Kinds(rawValue: 8)
        static let audit = Kinds(rawValue: 16)
        static let library = Kinds(rawValue: 32)
        static let packets = Kinds(rawValue: 64)
        static let all: Kinds = [.zeek, .uploads, .names, .cloud, .audit, .library, .packets]
    }

    static let locals = ["10.1.0.5", "10.1.0.6", "10.1.7.8", "2001:db8:1::5"]
    static let outsiders = ["203.0.113.9", "203.0.113.10", "192.168.50.4", "2001:db8:ffff::9"]
    /// Hosts that VPC Flow Logs and Suricata watch, and no Zeek.
    static let vpcHost = "10.1.200.1"
    static let suricataHost = "10.1.201.1"

    static let estate = Estate(
        localNetworks: ["10.1.0.0/16", "2001:db8:1::/48"].compactMap { Network($0) })

    let seed: UInt64
    var dice: Dice
    var lines: [LogLine] = []
    var flows: [TrueFlow] = []
    var uploads: [TrueUpload] = []
    var requests: [TrueRequest] = []
    var documents: [TrueDocument] = []
    /// Distinct questions to the DNS: client, name.
    var questions: [(client: String, name: String)] = []
    /// Downloads and mail reads in the audit log by record id.
    var auditRecords = 0
    private var clock: Int64 = 1_750_000_000_000_000
    private var port = 20_000

    init(seed: UInt64, kinds: Kinds = .all, size: Int = 40) {
        self.seed = seed
        dice = Dice(seed: seed)
        for _ in 0..<size {
            if kinds.contains(.zeek) { addFlow() }
            if kinds.contains(.uploads), dice.chance(40) { addUpload() }
            if kinds.contains(.names) { addNames() }
            if kinds.contains(.cloud) { addCloudRead() }
            if kinds.contains(.audit), dice.chance(60) { addAudit() }
            if kinds.contains(.library) { addDocument() }
            if kinds.contains(.packets), dice.chance(60) { addPackets() }
        }
    }

    /// A moment later than all before, by 3 to 900 s: the same 5-tuple in it is another flow.
    mutating func moment() -> Int64 {
        clock += Int64(dice.number(3_000_000...900_000_000))
        return clock
    }

    /// A port that no flow had before.
    mutating func newPort() -> Int {
        port += 1
        return port
    }

    mutating func uid() -> String { "C" + dice.hex(17) }
}

/// Microseconds as Zeek writes a time.
func zeekTime(_ microseconds: Int64) -> String {
    let digits = String(microseconds % 1_000_000)
    return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - digits.count) + digits
}

/// Microseconds as `2025-06-15T15:06:40Z`.
func isoTime(_ microseconds: Int64) -> String {
    String(Timestamp(microseconds: microseconds).description.prefix(19)) + "Z"
}

/// Microseconds as web servers write a time: `15/Jun/2025:15:06:40 +0000`.
func serverTime(_ microseconds: Int64) -> String {
    let text = isoTime(microseconds)
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let parts = text.prefix(10).split(separator: "-")
    return "\(parts[2])/\(months[Int(parts[1])! - 1])/\(parts[0]):\(text.dropFirst(11).prefix(8)) +0000"
}
