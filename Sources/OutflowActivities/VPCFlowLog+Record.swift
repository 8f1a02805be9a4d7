// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension VPCFlowLog {
    /// What a column holds, as far as it matters here.
    enum Column: UInt8 {
        case other, source, target, packetSource, sourcePort, targetPort, proto, packets, bytes, start, end, action,
            status
        case flags
    }

    /// Which field stands where.
    struct Layout: Equatable {
        let columns: [Column]

        /// Whether records name all that tells connections apart.
        let hasPorts: Bool

        private init(_ columns: [Column]) {
            self.columns = columns
            hasPorts = [.sourcePort, .targetPort, .proto].allSatisfy(columns.contains)
        }

        /// The layout that a line of field names tells; nil if it is no such line, or names too little to count traffic.
        /// Flow logs of transit gateways look alike, but show traffic that the networks' own logs show as well.
        init?(header: Bytes) {
            var columns: [Column] = []
            var from = 0
            while from <= header.count, columns.count < 256 {
                let end = header.firstIndex(of: UInt8(ascii: " "), from: from) ?? header.count
                let name = header[from..<end]
                if name == "resource-type" || name == "tgw-id" { return nil }
                columns.append(Layout.names.first { name == $0.name }?.column ?? .other)
                from = end + 1
            }
            guard columns.contains(.source), columns.contains(.target), columns.contains(.bytes),
                columns.contains(.start) || columns.contains(.end)
            else { return nil }
            self.init(columns)
        }

        /// The default format, if `record` is of it: 14 fields, the version first. CloudWatch Logs puts the time of the
        /// delivery before them when it exports.
        init?(defaultRecord record: Bytes) {
            var fields: [Bytes] = []
            var from = 0
            while from <= record.count, fields.count < 16 {
                let end = record.firstIndex(of: UInt8(ascii: " "), from: from) ?? record.count
                fields.append(record[from..<end])
                from = end + 1
            }
            let lead = fields.count - Layout.standard.count
            guard lead == 0 || lead == 1 && Timestamp(iso8601: fields[0]) != nil, fields[lead] == "2",
                fields[lead + 2].hasPrefix("eni-"),
                ["OK", "NODATA", "SKIPDATA"].contains(where: { (status: StaticString) in fields[lead + 13] == status })
            else { return nil }
            self.init((lead == 1 ? [.other] : []) + Layout.standard)
        }

        private static let standard: [Column] = [
            .other, .other, .other, .source, .target, .sourcePort, .targetPort, .proto, .packets, .bytes, .start, .end,
            .action, .status,
        ]

        private static let names: [(name: StaticString, column: Column)] = [
            ("srcaddr", .source), ("dstaddr", .target), ("pkt-srcaddr", .packetSource), ("srcport", .sourcePort),
            ("dstport", .targetPort), ("protocol", .proto), ("packets", .packets), ("bytes", .bytes), ("start", .start),
            ("end", .end), ("action", .action), ("log-status", .status), ("tcp-flags", .flags),
        ]
    }

    /// What is wrong with a line.
    enum Problem: String {
        case wrongCount = "not as many fields as the format has"
        case badNumber = "a port or the protocol is no number in its range"
        case badAddress = "srcaddr or dstaddr is no address"
        case badBytes = "bytes is no number of bytes"
        case noTime = "neither start nor end is a time"
    }

    /// The fields of one line, as views.
    struct Record {
        var source = Bytes.empty
        var target = Bytes.empty
        var packetSource = Bytes.empty
        var packets = Bytes.empty
        var bytes = Bytes.empty
        var action = Bytes.empty
        var status = Bytes.empty
        var start: Timestamp?
        var end: Timestamp?
        var sourcePort: UInt16 = 0
        var targetPort: UInt16 = 0
        var proto: UInt8 = 0
        var flags: UInt64 = 0

        /// Takes the fields of `line`; what is wrong with it, or nil.
        mutating func fill(_ line: Bytes, _ columns: UnsafeBufferPointer<Column>) -> Problem? {
            var column = 0
            var from = 0
            let count = line.count
            var isBad = false
            while from <= count {
                var end = from
                while end < count, line.start[end] != UInt8(ascii: " ") { end &+= 1 }
                guard column < columns.count else { return .wrongCount }
                let field = line[from..<end]
                switch columns[column] {
                case .other: break
                case .source: source = field
                case .target: target = field
                case .packetSource: packetSource = field
                case .packets: packets = field
                case .bytes: bytes = field
                case .action: action = field
                case .status: status = field
                case .start: start = Timestamp(epochSeconds: field)
                case .end: self.end = Timestamp(epochSeconds: field)
                case .sourcePort: sourcePort = Record.number(field, &isBad)
                case .targetPort: targetPort = Record.number(field, &isBad)
                case .proto: proto = Record.number(field, &isBad)
                case .flags: flags = field.unsigned ?? 0
                }
                column &+= 1
                from = end &+ 1
            }
            if column != columns.count { return .wrongCount }
            return isBad ? .badNumber : nil
        }

        /// A number that fits; 0 for `-`, which stands for absent.
        private static func number<Number: FixedWidthInteger>(_ field: Bytes, _ isBad: inout Bool) -> Number {
            if let value = field.unsigned, let number = Number(exactly: value) { return number }
            if field != "-" { isBad = true }
            return 0
        }

        /// Whether the sender opened the connection, as well as one direction tells. TCP flags are surest: SYN alone comes
        /// from who opens, SYN with ACK from who answers. Else the lower port is taken for the service's, and between equal
        /// ports the lower address for the opener's, so that both directions agree.
        func isFromOriginator(_ sender: IPAddress, _ receiver: IPAddress) -> Bool {
            if proto == 6, flags & 2 != 0 { return flags & 16 == 0 }
            if sourcePort != targetPort { return sourcePort > targetPort }
            return sender < receiver
        }
    }
}
