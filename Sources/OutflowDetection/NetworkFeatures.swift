// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Features of local hosts, from what they sent to outside.
///
/// A destination is a registered domain, or an address where no log gives a name. It is rare when at most
/// ``rareHosts`` hosts have sent to it so far. A pair of host and destination is young for ``youth`` days; what was
/// there in the first ``Judge/historyNeeded`` days of the logs is as old as the hills from then on, and young until then.
enum NetworkFeatures {
    /// A destination of at most so many hosts is rare.
    static let rareHosts = 3
    /// Days for which a pair is young.
    static let youth: Int32 = 30
    /// Days of a pair's past on which it sent, needed to say what it usually sends.
    static let pairDaysNeeded = 3

    enum Number: Int, CaseIterable {
        case unnamed, newDestination, newService, datagram, tunnel, excess, total, served, names
        case beacon, staged, produced, ratio, longConnection, burst, textNames, missingNames
        case alike
    }

    static let features: [Feature] = [
        Feature(
            "new-address", title: "sent to a rare new address that no log names", kind: .host, route: .network,
            techniques: ["T1041", "T1048"], floor: 10_000, prior: .init(frequency: 0.1, scale: 500, index: 1.1)),
        Feature(
            "new-destination", title: "sent to a rare new destination", kind: .host, route: .network,
            techniques: ["T1041", "T1048"], floor: 100_000, prior: .init(frequency: 0.5, scale: 20_000, index: 1.1)),
        Feature(
            "new-service", title: "sent to a service that others use and this host did not", kind: .host,
            route: .network, techniques: ["T1567"], floor: 1_000_000,
            prior: .init(frequency: 0.5, scale: 100_000, index: 1)),
        Feature(
            "new-datagram-address", title: "sent datagrams to a rare new address that no log names", kind: .host,
            route: .network, techniques: ["T1048"], floor: 1_000_000,
            prior: .init(frequency: 0.1, scale: 1_000_000, index: 1)),
        Feature(
            "tunnel", title: "sent over ICMP, outside DNS servers, a VPN or another protocol that carries no files",
            kind: .host, route: .network, techniques: ["T1048", "T1572"], floor: 10_000,
            prior: .init(frequency: 0.1, scale: 50_000, index: 1)),
        Feature(
            "more-than-usual", title: "sent more than usual to a destination that it knows", kind: .host,
            route: .network, techniques: ["T1048", "T1567"], floor: 1_000_000,
            prior: .init(frequency: 0.5, scale: 1_000_000, index: 1), comparesPeers: false),
        Feature(
            "total", title: "sent in all", kind: .host, route: .network, techniques: ["T1048"], floor: 1_000_000,
            prior: .init(frequency: 0.5, scale: 10_000_000, index: 1), comparesPeers: false),
        Feature(
            "served", title: "sent to one client that connected from outside", kind: .host, route: .network,
            techniques: ["T1048"], floor: 1_000_000, prior: .init(frequency: 0.5, scale: 10_000_000, index: 1),
            comparesPeers: false),
        Feature(
            "dns-names", title: "asked for many names below a domain that few others use", kind: .host, route: .dns,
            techniques: ["T1048.003", "T1071.004"], floor: 500,
            prior: .init(frequency: 0.1, scale: 500, index: 1.3)),
        Feature(
            "beacon", title: "called a rare new destination hour after hour", unit: "hours", kind: .host,
            route: .network, techniques: ["T1071", "T1029"], floor: 2,
            prior: .init(frequency: 0.05, scale: 6, index: 4)),
        Feature(
            "staged", title: "got data from inside and sent it to a rare new destination", kind: .host,
            route: .network, techniques: ["T1074", "T1041"], floor: 100_000,
            prior: .init(frequency: 0.02, scale: 100_000, index: 1)),
        Feature(
            "produced", title: "sent more than it got back", kind: .host, route: .network, techniques: ["T1048"],
            floor: 1_000_000, prior: .init(frequency: 0.5, scale: 5_000_000, index: 1), comparesPeers: false),
        Feature(
            "producer-ratio", title: "produced rather than consumed", unit: "thousandths", kind: .host,
            route: .network, techniques: ["T1048"], floor: 50, prior: .init(frequency: 0.3, scale: 100, index: 3),
            comparesPeers: false),
        Feature(
            "long-connection", title: "kept a connection to a rare new destination", unit: "minutes", kind: .host,
            route: .network, techniques: ["T1071", "T1041"], floor: 10,
            prior: .init(frequency: 0.02, scale: 60, index: 2)),
        Feature(
            "burst",
            title: "sent more than ever in one connection, of hours or of many, to a destination that it knows",
            kind: .host, route: .network, techniques: ["T1048", "T1567"], floor: 1_000_000,
            prior: .init(frequency: 0.2, scale: 1_000_000, index: 1), comparesPeers: false),
        Feature(
            "dns-texts", title: "asked for records that carry text below a domain that few others use",
            unit: "names", kind: .host, route: .dns, techniques: ["T1071.004", "T1048.003"], floor: 5,
            prior: .init(frequency: 0.02, scale: 10, index: 1.3)),
        Feature(
            "dns-failures", title: "asked for names that do not exist", unit: "names", kind: .host, route: .dns,
            techniques: ["T1568.002"], floor: 10, prior: .init(frequency: 0.5, scale: 20, index: 1.5),
            comparesPeers: false),
        Feature(
            "calls-alike", title: "sent as much again and again to a rare new destination", unit: "connections",
            kind: .host, route: .network, techniques: ["T1071", "T1029"], floor: 10,
            prior: .init(frequency: 0.05, scale: 50, index: 1.5)),
    ]

    /// Who sends less on a day has no ``producerRatio(sent:received:)``.
    static let ratioFrom: UInt64 = 10_000_000
    /// From so many hours on with one destination, or a connection of so many seconds, there is a long session.
    static let sessionHours = 3
    static let sessionSeconds: UInt64 = 3600

    /// The producer/consumer ratio (sent - received) / (sent + received) in thousandths, 0 for a consumer: Bullard, Gerth:
    /// PCR, a new flow metric, FloCon 2014.
    static func producerRatio(sent: UInt64, received: UInt64) -> UInt64 {
        guard sent >= ratioFrom, sent > received else { return 0 }
        return UInt64(1000 * Double(sent - received) / (Double(sent) + Double(received)))
    }

    /// What thefts of unknown kind would raise, for the detection limit: an upload to a rare new destination with a name, and
    /// names below such a domain. The second of each are sums that it adds to; the third the hours of the day in which it calls:
    /// of a day those in which people work. Nothing is made of how long its connections last, which is the thief's choice.
    static let probes: [(feature: Int, sums: [Int], durations: [(over: String, raises: [(Int, UInt64)])])] = [
        (
            Number.newDestination.rawValue, [Number.total.rawValue, Number.produced.rawValue],
            [
                ("1 minute", [(Number.beacon.rawValue, 1)]), ("1 hour", [(Number.beacon.rawValue, 2)]),
                ("1 day", [(Number.beacon.rawValue, 8)]),
            ]
        ),
        (Number.names.rawValue, [], []),
    ]

    /// The figures of all hosts. Subjects are numbers of destinations.
    static func days(
        _ outflows: Outflows, hasNames: Bool, isSanctioned: (Outflows.Destination) -> Bool
    ) -> EntityDays {
        var days = EntityDays(
            features: features, entityCount: outflows.hosts.count,
            activity: outflows.pieces.map { EntityDays.key($0.host, $0.day) })
        forEachFigure(outflows, hasNames: hasNames, isSanctioned: isSanctioned) { piece, feature, bytes in
            if isSum(feature) {
                days.add(feature.rawValue, of: piece.host, on: piece.day, bytes)
            } else {
                days.raise(feature.rawValue, of: piece.host, on: piece.day, to: bytes, subject: piece.destination)
            }
        }
        days.replace(Number.ratio.rawValue, Number.total.rawValue) { producerRatio(sent: $1, received: $0) }
        return days
    }

    /// Whether a feature is a sum over destinations, and about none of them.
    static func isSum(_ feature: Number) -> Bool { feature == .total || feature == .produced || feature == .ratio }

    /// Calls `emit` with every figure: of sums (``isSum(_:)``) they are added up, of others the largest of a day counts. Of
    /// ``Number/ratio``, what came back is told.
    static func forEachFigure(
        _ outflows: Outflows, hasNames: Bool, isSanctioned: (Outflows.Destination) -> Bool,
        _ emit: (Outflows.Piece, Number, UInt64) -> Void
    ) {
        let pieces = outflows.pieces
        guard let firstDay = pieces.lazy.map(\.day).min() else { return }
        var from = 0
        while from < pieces.count {
            // One destination.
            var to = from
            while to < pieces.count, pieces[to].destination == pieces[from].destination { to += 1 }
            defer { from = to }
            if isSanctioned(outflows.destinations[Int(pieces[from].destination)]) { continue }
            let beginnings = firstDays(pieces[from..<to])
            var at = from
            var pair = PairPast()
            while at < to {
                // One host, channel and day.
                let piece = pieces[at]
                var bytes: UInt64 = 0
                var ofSensor: UInt64 = 0
                var received: UInt64 = 0
                var hours: UInt32 = 0
                var isNamed = false
                var longest: UInt8 = 0
                var largest: UInt8 = 0
                var alike: UInt32 = 0
                while at < to, pieces[at].host == piece.host, pieces[at].channel == piece.channel,
                    pieces[at].day == piece.day
                {
                    if at > from, pieces[at - 1].sensor != pieces[at].sensor { ofSensor = 0 }
                    ofSensor &+= pieces[at].bytes
                    bytes = max(bytes, ofSensor)
                    received &+= pieces[at].received
                    hours |= pieces[at].hours
                    isNamed = isNamed || pieces[at].isNamed
                    longest = max(longest, pieces[at].longest)
                    largest = max(largest, pieces[at].largest)
                    alike = max(alike, pieces[at].alike)
                    at += 1
                }
                pair.begin(piece)
                switch piece.channel {
                case .served: emit(piece, .served, bytes)
                case .tunnel: emit(piece, .tunnel, bytes)
                case .missingNames: emit(piece, .missingNames, bytes)
                case .names, .textNames:
                    if beginnings.prefix(while: { $0 <= piece.day }).count <= rareHosts {
                        emit(piece, piece.channel == .names ? .names : .textNames, bytes)
                    }
                case .stream, .datagram:
                    emit(piece, .total, bytes)
                    emit(piece, .produced, bytes - min(bytes, received))
                    emit(piece, .ratio, received)
                    let began = pair.firstDay
                    let isYoung =
                        piece.day - firstDay < Int32(Judge.historyNeeded)
                        || (piece.day - began < youth && began - firstDay >= Int32(Judge.historyNeeded))
                    let hosts = beginnings.prefix { $0 <= piece.day }.count
                    if !isYoung {
                        if let usual = pair.usual { emit(piece, .excess, bytes - min(bytes, usual)) }
                        let isSession =
                            Magnitude.floor(longest) >= sessionSeconds || hours.nonzeroBitCount >= sessionHours
                        if isSession, let known = pair.largest, largest > known {
                            let burst = min(bytes, Magnitude.floor(largest))
                            emit(piece, .burst, burst - min(burst, Magnitude.floor(known)))
                        }
                    } else if hosts > rareHosts {
                        emit(piece, .newService, bytes)
                    } else {
                        emit(piece, .beacon, UInt64(hours.nonzeroBitCount))
                        emit(piece, .alike, UInt64(alike))
                        emit(piece, .staged, min(bytes, outflows.arrived(piece.host, piece.day)))
                        if piece.channel == .datagram {
                            emit(piece, .datagram, bytes)
                        } else {
                            emit(piece, .longConnection, Magnitude.floor(longest) / 60)
                            emit(piece, isNamed || !hasNames ? .newDestination : .unnamed, bytes)
                        }
                    }
                }
                pair.add(piece.day, bytes, largest)
            }
        }
    }

    /// The days on which each of a destination's hosts began to send to it, in order: no more than tell rare from common.
    private static func firstDays(_ pieces: ArraySlice<Outflows.Piece>) -> [Int32] {
        var found: [Int32] = []
        var host: UInt32?
        var first = Int32.max
        for piece in pieces where piece.channel != .tunnel && piece.channel != .served {
            if piece.host != host {
                if host != nil { found.append(first) }
                host = piece.host
                first = piece.day
            }
            first = min(first, piece.day)
        }
        if host != nil { found.append(first) }
        found.sort()
        return Array(found.prefix(rareHosts + 1))
    }

    /// What one host sent to one destination on the days before.
    private struct PairPast {
        private(set) var firstDay: Int32 = 0
        private var host: UInt32?
        private var channel: Outflows.Channel?
        private var days: [(day: Int32, bytes: UInt64, largest: UInt8)] = []

        /// Goes on to the day of a piece: pieces come by host, channel and day.
        mutating func begin(_ piece: Outflows.Piece) {
            if piece.host != host || piece.channel != channel {
                host = piece.host
                channel = piece.channel
                firstDay = piece.day
                days = []
            }
            days.removeAll { piece.day - $0.day > Judge.window }
        }

        /// The mean of the days on which it sent; nil as long as there are too few.
        var usual: UInt64? {
            days.count < pairDaysNeeded
                ? nil : days.reduce(0) { $0 &+ $1.bytes / UInt64(days.count) }
        }

        /// ``Magnitude`` of the most that one record sent on these days; nil as long as there are too few.
        var largest: UInt8? { days.count < pairDaysNeeded ? nil : days.lazy.map(\.largest).max() }

        mutating func add(_ day: Int32, _ bytes: UInt64, _ largest: UInt8) { days.append((day, bytes, largest)) }
    }
}
