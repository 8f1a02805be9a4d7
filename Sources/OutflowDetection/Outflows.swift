// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowRecords

/// What local hosts sent to outside, by host, destination, channel and day, with hosts and destinations as numbers.
struct Outflows {
    /// Kinds of outflow that are judged apart, because their ordinary life differs.
    enum Channel: UInt8 {
        /// TCP, and all that goes to a destination with a name.
        case stream
        /// UDP to an address that no log names: video calls, games, time servers.
        case datagram
        /// Protocols that carry no files in ordinary life: ICMP, DNS to servers outside, other IP protocols, tunnels.
        case tunnel
        /// Answers of a local server to who asked it.
        case served
        /// Names below a domain, asked of the DNS: bytes before the registered domain.
        case names
        /// Number of names below a domain that were asked for by a type that carries text.
        case textNames
        /// Number of names that do not exist.
        case missingNames

        /// Whether it is of questions to the DNS, which are counted in ``Measures``.
        var isOfNames: Bool { self == .names || self == .textNames || self == .missingNames }

        init?(_ measure: Measures.Measure) {
            switch measure {
            case .names: self = .names
            case .textNames: self = .textNames
            case .missingNames: self = .missingNames
            default: return nil
            }
        }
    }

    /// One host's outflow of one channel to one destination on one day, over one port.
    struct Piece {
        var host: UInt32
        var destination: UInt32
        var day: Int32
        var channel: Channel
        var isNamed: Bool
        /// Figures of different kinds of sensors are never added up.
        var sensor: Flow.Sensor
        var bytes: UInt64
        var handle: OutboundDay.Handle
        /// ``hours`` below ``largest``.
        private var hoursAndLargest: UInt32
        /// Of names the row of ``Measures`` behind it; of others ``received``.
        private(set) var detail: UInt32
        /// ``Magnitude`` of the seconds that the longest record lasted.
        let longest: UInt8
        /// Number of records, if all sent as much: see ``OutboundDay/alike``; else 0.
        let alike: UInt32

        init(
            host: UInt32, destination: UInt32, day: Int32, channel: Channel, isNamed: Bool, sensor: Flow.Sensor,
            bytes: UInt64, handle: OutboundDay.Handle, hours: UInt32 = 0, longest: UInt64 = 0, largest: UInt64 = 0,
            alike: UInt32 = 0, detail: UInt32
        ) {
            self.host = host
            self.destination = destination
            self.day = day
            self.channel = channel
            self.isNamed = isNamed
            self.sensor = sensor
            self.bytes = bytes
            self.handle = handle
            self.hoursAndLargest = hours & 0xFF_FFFF | UInt32(Magnitude.of(largest)) << 24
            self.longest = Magnitude.of(longest)
            self.alike = alike
            self.detail = detail
        }

        /// Hours of the day in which connections began: bit 0 for the first.
        var hours: UInt32 { hoursAndLargest & 0xFF_FFFF }
        /// ``Magnitude`` of the most bytes that one record sent.
        var largest: UInt8 { UInt8(truncatingIfNeeded: hoursAndLargest >> 24) }

        /// Row of ``Measures`` behind a piece of names.
        var group: UInt32 { detail }
        /// What came back, at most 4 GB of it: only what was sent beyond it counts.
        var received: UInt64 { channel.isOfNames ? 0 : UInt64(detail) }

        /// Orders by what does not depend on the order of input but for hosts and destinations, whose numbers are given
        /// in order of their addresses and names first.
        static func isBefore(_ a: Piece, _ b: Piece) -> Bool {
            if a.destination != b.destination { return a.destination < b.destination }
            if a.host != b.host { return a.host < b.host }
            if a.channel != b.channel { return a.channel.rawValue < b.channel.rawValue }
            if a.day != b.day { return a.day < b.day }
            return a.sensor.rawValue < b.sensor.rawValue
        }
    }

    /// Who got it: a registered domain, or an address without a name.
    struct Destination: Hashable, Comparable {
        /// Registered domain; empty for an address.
        var domain: String
        /// The address, or the lowest that the domain was met at.
        var address: IPAddress

        static func < (a: Destination, b: Destination) -> Bool {
            a.domain != b.domain ? a.domain < b.domain : a.address < b.address
        }
    }

    private(set) var pieces: [Piece] = []
    /// What each host got from others inside, by day and sensor.
    private var inside: [Arrival: UInt64] = [:]
    private(set) var hosts: [IPAddress] = []
    private(set) var destinations: [Destination] = []
    /// First piece of each destination, and the end; after ``settle()``.
    private var starts: [UInt32] = []
    private var hostNumbers: [IPAddress: UInt32] = [:]
    private var addressNumbers: [IPAddress: UInt32] = [:]
    private var domainNumbers: [String: UInt32] = [:]
    private var domains: [String: String] = [:]

    private struct Arrival: Hashable {
        var host: IPAddress
        var day: Int32
        var sensor: Flow.Sensor
    }

    init() {}

    mutating func add(inside day: InsideDay) {
        inside[Arrival(host: day.host, day: day.day, sensor: day.sensor), default: 0] &+= day.bytes
    }

    /// What a host got from others inside on a day and the one before, by the sensor that saw most.
    func arrived(_ host: UInt32, _ day: Int32) -> UInt64 {
        if inside.isEmpty { return 0 }
        let address = hosts[Int(host)]
        var most: UInt64 = 0
        for sensor in Flow.Sensor.allCases {
            let today = inside[Arrival(host: address, day: day, sensor: sensor)] ?? 0
            let before = inside[Arrival(host: address, day: day &- 1, sensor: sensor)] ?? 0
            most = max(most, today &+ before)
        }
        return most
    }

    /// Makes room for so many days.
    mutating func reserve(_ days: Int) { pieces.reserveCapacity(days) }

    mutating func add(_ day: OutboundDay) {
        guard day.bytes > 0 else { return }
        let domain = commonDomain(day.names)
        let channel: Channel
        if day.answered {
            channel = .served
        } else if day.services.contains(.vpn) || (day.services.contains(.dns) && day.port == 53)
            || (day.proto != 6 && day.proto != 17)
        {
            channel = .tunnel
        } else {
            channel = domain == nil && day.proto == 17 ? .datagram : .stream
        }
        pieces.append(
            Piece(
                host: number(host: day.source), destination: number(destination: day.destination, domain), day: day.day,
                channel: channel, isNamed: domain != nil, sensor: day.sensor, bytes: day.bytes, handle: day.handle,
                hours: day.hours, longest: day.longest, largest: day.largest, alike: day.alike,
                detail: UInt32(clamping: day.received)))
    }

    /// Adds what local hosts asked the DNS for.
    mutating func addNames(
        _ figures: [AccountFeatures.Figure], _ measures: Measures, isLocal: (IPAddress) -> Bool
    ) {
        var clients: [UInt32: IPAddress] = [:]
        var strings: [UInt32: String] = [:]
        for figure in figures {
            guard let channel = Channel(figure.row.measure) else { continue }
            if clients[figure.row.entity] == nil {
                clients[figure.row.entity] = measures.texts.with(figure.row.entity, Measures.address(ofKey:))
            }
            guard let client = clients[figure.row.entity], isLocal(client) else { continue }
            let domain = strings[figure.row.subject] ?? measures.texts.string(figure.row.subject)
            strings[figure.row.subject] = domain
            // A domain is one destination, whether hosts connect to it or only ask for names below it.
            pieces.append(
                Piece(
                    host: number(host: client), destination: number(destination: .none, domain), day: figure.row.day,
                    channel: channel, isNamed: true, sensor: .zeek,
                    bytes: channel == .names ? figure.value : figure.count, handle: .none,
                    detail: figure.group))
        }
    }

    /// The registered domain that all names share; nil if there is no name or they differ.
    private mutating func commonDomain(_ names: [String]) -> String? {
        var common: String?
        for name in names {
            let domain: String
            if let known = domains[name] {
                domain = known
            } else {
                domain = DomainName.registeredDomain(of: name)
                domains[name] = domain
            }
            if common == nil { common = domain }
            if common != domain { return nil }
        }
        return common
    }

    private mutating func number(host: IPAddress) -> UInt32 {
        if let known = hostNumbers[host] { return known }
        hosts.append(host)
        hostNumbers[host] = UInt32(hosts.count - 1)
        return UInt32(hosts.count - 1)
    }

    private mutating func number(destination address: IPAddress, _ domain: String?) -> UInt32 {
        if let known = domain.map({ domainNumbers[$0] }) ?? addressNumbers[address] {
            let other = destinations[Int(known)].address
            if other == .none || (address != .none && address < other) { destinations[Int(known)].address = address }
            return known
        }
        destinations.append(Destination(domain: domain ?? "", address: address))
        let number = UInt32(destinations.count - 1)
        if let domain { domainNumbers[domain] = number } else { addressNumbers[address] = number }
        return number
    }

    /// All pieces to one destination; after ``settle()``.
    func pieces(to destination: UInt32) -> ArraySlice<Piece> {
        guard Int(destination) + 1 < starts.count else { return [] }
        return pieces[Int(starts[Int(destination)])..<Int(starts[Int(destination) + 1])]
    }

    /// Numbers hosts and destinations in order, so that nothing hangs on the order of input, and sorts the pieces.
    mutating func settle() {
        hostNumbers = [:]
        addressNumbers = [:]
        domainNumbers = [:]
        domains = [:]
        func ranks<Item: Comparable>(_ items: inout [Item]) -> [UInt32] {
            let order = items.indices.sorted { items[$0] < items[$1] }
            var rank = [UInt32](repeating: 0, count: items.count)
            for (new, old) in order.enumerated() { rank[old] = UInt32(new) }
            items = order.map { items[$0] }
            return rank
        }
        let hostRanks = ranks(&hosts)
        let destinationRanks = ranks(&destinations)
        // By destination in one pass, since numbers leave no gaps; then each destination's few pieces among themselves.
        starts = [UInt32](repeating: 0, count: destinations.count + 1)
        for index in pieces.indices {
            pieces[index].host = hostRanks[Int(pieces[index].host)]
            pieces[index].destination = destinationRanks[Int(pieces[index].destination)]
            starts[Int(pieces[index].destination) + 1] += 1
        }
        for index in destinations.indices { starts[index + 1] += starts[index] }
        // In place: each piece is swapped to where the next of its destination belongs.
        var next = starts
        for destination in destinations.indices {
            while next[destination] < starts[destination + 1] {
                let place = Int(next[destination])
                let own = Int(pieces[place].destination)
                if own != destination { pieces.swapAt(place, Int(next[own])) }
                next[own] += 1
            }
        }
        for destination in destinations.indices {
            let range = Int(starts[destination])..<Int(starts[destination + 1])
            if range.count > 1 { pieces[range].sort(by: Piece.isBefore) }
        }
    }
}

extension OutboundDay {
    /// Number of records, if the largest hardly sent more than all did on average: as much, to a quarter. Else 0.
    var alike: UInt32 { largest > 0 && records > 1 && bytes / UInt64(records) >= largest ? records : 0 }
}

extension IPAddress {
    /// Stands for no address (RFC 4291 section 2.5.2).
    static let none = IPAddress(high: 0, low: 0)
}
