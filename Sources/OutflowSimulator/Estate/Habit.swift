// SPDX-License-Identifier: Apache-2.0

/// Something that hosts of some roles do again and again: how often, at which hours, with whom, and how much passes.
///
/// The estate's whole ordinary network life is a table of these (``all(_:)``).
struct Habit: Sendable {
    /// Whom it is done with.
    enum Target: Sendable {
        /// Sites that people read: mostly the host's own favourites, else any by popularity; and what these embed.
        case sites
        /// A service outside.
        case service(@Sendable (Services, Host) -> Service?)
        /// A server inside, chosen by the host's number.
        case inside([Server])
        /// Visitors from the world, who come to the host.
        case visitors
    }

    /// How it looks on the wire.
    enum Wire: Sendable {
        case tls
        case http(agent: StaticString, mime: StaticString, path: StaticString)
        case datagrams(port: Int, service: StaticString?)
        case plain(port: Int, service: StaticString?)
    }

    let roles: [Role]
    /// Times a usual working day, in thousandths, for a host of usual weight.
    let perDay: Int
    let hours: Hours
    let target: Target
    let wire: Wire
    let sent: HeavyTailed
    let received: HeavyTailed
    /// Seconds that it takes; nil when that follows from the bytes.
    var seconds: LogNormal?
    /// Whether updates of software make it more.
    var isUpdate = false
    /// Whether it follows people: their presence, their breaks, how busy they are.
    var isHuman = true
    /// Thousandths of sessions in which something large is sent besides.
    var uploads = 0

    /// Sizes without a tail.
    static func sizes(_ median: Int, _ doublings: Double) -> HeavyTailed {
        HeavyTailed(
            body: LogNormal(median: median, doublings: doublings), tail: Pareto(scale: 1, shape: 2, limit: 1),
            tailPerMille: 0)
    }

    /// Sizes of which `perMille` in a thousand are at least `tail`, with a Pareto tail.
    static func sizes(_ median: Int, _ doublings: Double, tail: Int, perMille: Int, limit: Int) -> HeavyTailed {
        HeavyTailed(
            body: LogNormal(median: median, doublings: doublings),
            tail: Pareto(scale: tail, shape: 1.2, limit: limit), tailPerMille: perMille)
    }
}

/// The hours of working days and of all others, ready for drawing.
struct Hours: Sendable {
    let workday: HourTable
    let other: HourTable

    init(_ rhythm: Rhythm) {
        workday = HourTable(rhythm.workday)
        other = HourTable(rhythm.weekend)
    }

    static let office = Hours(.office)
    static let reading = Hours(.reading)
    static let world = Hours(.world)
    static let even = Hours(.even)
}

extension Habit {
    /// What hosts do in an estate of `kind`.
    static func all(_ kind: EstateKind) -> [Habit] {
        people + machines + (kind == .provider ? hosting : serving)
    }

    /// Pages, mail, shared folders, calls, own files, streams.
    private static let people = [
        Habit(
            roles: [.desk], perDay: 26_000, hours: .office, target: .sites, wire: .tls, sent: sizes(3_200, 0.9),
            received: Browsing.page, uploads: 12),
        Habit(
            roles: [.student], perDay: 22_000, hours: .reading, target: .sites, wire: .tls, sent: sizes(3_200, 0.9),
            received: Browsing.page, uploads: 9),
        Habit(
            roles: [.desk, .student], perDay: 9_000, hours: .office, target: .service { services, _ in services.mail },
            wire: .tls, sent: sizes(9_000, 1.6, tail: 2_000_000, perMille: 12, limit: 35_000_000),
            received: sizes(30_000, 1.8), seconds: LogNormal(median: 90, doublings: 1.6)),
        Habit(
            roles: [.desk], perDay: 4_500, hours: .office, target: .service { services, _ in services.files },
            wire: .tls, sent: sizes(40_000, 2.4, tail: 4_000_000, perMille: 20, limit: 2_000_000_000),
            received: sizes(60_000, 2.2)),
        Habit(
            roles: [.desk, .student], perDay: 300, hours: .office, target: .service { services, _ in services.calls },
            wire: .datagrams(port: 8801, service: nil), sent: sizes(300_000_000, 1),
            received: sizes(430_000_000, 1), seconds: LogNormal(median: 2_100, doublings: 0.6)),
        Habit(
            roles: [.desk, .student], perDay: 1_200, hours: .reading,
            target: .service { services, host in host.share.map { services.shares[$0] } }, wire: .tls,
            sent: sizes(220_000, 2.4, tail: 12_000_000, perMille: 45, limit: 6_000_000_000),
            received: sizes(400_000, 2.4)),
        Habit(
            roles: [.student], perDay: 7_000, hours: .reading,
            target: .service { services, host in services.streams[Int(host.trait % 5)] }, wire: .tls,
            sent: sizes(45_000, 1.2),
            received: sizes(40_000_000, 2, tail: 700_000_000, perMille: 40, limit: 9_000_000_000),
            seconds: LogNormal(median: 420, doublings: 1.5)),
        Habit(
            roles: [.desk], perDay: 2_000, hours: .office,
            target: .service { services, host in services.rented[Int(host.trait % 3)] }, wire: .tls,
            sent: sizes(12_000, 1.4), received: sizes(140_000, 1.6)),
        Habit(
            roles: [.desk], perDay: 2_600, hours: .office, target: .inside([.files1, .files2]),
            wire: .plain(port: 445, service: "gssapi,smb,krb"),
            sent: sizes(350_000, 2, tail: 6_000_000, perMille: 80, limit: 400_000_000),
            received: sizes(1_600_000, 2, tail: 20_000_000, perMille: 80, limit: 3_000_000_000),
            seconds: LogNormal(median: 600, doublings: 1.8)),
    ]

    /// What computers do by themselves.
    private static let machines = [
        Habit(
            roles: [.desk, .student], perDay: 9_000, hours: .office,
            target: .service { services, _ in services.telemetry }, wire: .tls, sent: sizes(7_000, 1.4),
            received: sizes(5_400, 0.3)),
        Habit(
            roles: Role.allCases, perDay: 8_000, hours: .even, target: .service { services, _ in services.time },
            wire: .datagrams(port: 123, service: "ntp"), sent: sizes(48, 0), received: sizes(48, 0),
            seconds: LogNormal(median: 1, doublings: 0), isHuman: false),
        Habit(
            roles: [.desk, .student], perDay: 2_500, hours: .office,
            target: .service { services, _ in services.certificates },
            wire: .http(
                agent: "Microsoft-CryptoAPI/10.0", mime: "application/ocsp-response",
                path: "/MFEwTzBNMEswSTAJBgUrDgMCGgUABBQ"), sent: sizes(240, 0.2), received: sizes(860, 0.1)),
        Habit(
            roles: [.desk, .student], perDay: 1_500, hours: .office,
            target: .service { services, _ in services.updates },
            wire: .http(
                agent: "Microsoft-Delivery-Optimization/10.1", mime: "application/vnd.ms-cab-compressed",
                path: "/d/msdownload/update/software/secu/windows-kb"), sent: sizes(300, 0.2),
            received: sizes(900_000, 2.6, tail: 40_000_000, perMille: 80, limit: 1_500_000_000), isUpdate: true),
        Habit(
            roles: [.server], perDay: 1_000, hours: .even, target: .service { services, _ in services.packages },
            wire: .http(
                agent: "Debian APT-HTTP/1.3 (2.6.1)", mime: "application/x-debian-package",
                path: "/debian/pool/main/p/package-"), sent: sizes(900, 0.8), received: sizes(1_400_000, 2.4),
            isUpdate: true, isHuman: false),
        // Machines are asked, and answer, day and night; some report to those who made them.
        Habit(
            roles: [.machine], perDay: 96_000, hours: .even, target: .inside([.monitoring, .database]),
            wire: .plain(port: 2404, service: nil), sent: sizes(1_900, 0.4), received: sizes(700, 0.3),
            seconds: LogNormal(median: 4, doublings: 0.5), isHuman: false),
        Habit(
            roles: [.machine], perDay: 4_000, hours: .even,
            target: .service { services, host in host.trait % 3 == 0 ? services.vendors[Int(host.trait / 3 % 4)] : nil
            },
            wire: .tls, sent: sizes(26_000, 0.8, tail: 900_000, perMille: 6, limit: 60_000_000),
            received: sizes(4_000, 0.5), isHuman: false),
    ]

    /// Servers of an organisation whose business is another.
    private static let serving = [
        Habit(
            roles: [.server], perDay: 30_000, hours: .even,
            target: .service { services, host in services.partners[Int(host.trait % 6)] }, wire: .tls,
            sent: sizes(24_000, 1.5, tail: 3_000_000, perMille: 10, limit: 5_000_000_000),
            received: sizes(40_000, 1.5), isHuman: false),
        Habit(
            roles: [.server], perDay: 220_000, hours: .world, target: .visitors, wire: .tls, sent: sizes(2_600, 0.9),
            received: Border.answer),
    ]

    /// Servers that the world reads from, and that are copied to other places at night.
    private static let hosting = [
        Habit(
            roles: [.server], perDay: 140_000, hours: .world, target: .visitors, wire: .tls, sent: sizes(3_600, 1.4),
            received: Border.answer),
        Habit(
            roles: [.server], perDay: 12_000, hours: .even,
            target: .service { services, host in services.sites[Int(host.favourites[Int(host.trait % 24)])] },
            wire: .tls, sent: sizes(16_000, 1.6, tail: 2_000_000, perMille: 8, limit: 2_000_000_000),
            received: sizes(60_000, 1.8), isHuman: false),
        Habit(
            roles: [.server], perDay: 700, hours: .even,
            target: .service { services, host in
                host.trait % 10 < 4 ? services.partners[Int(host.trait / 10 % 6)] : nil
            }, wire: .tls, sent: sizes(400_000_000, 1.6), received: sizes(90_000, 0.6), isHuman: false),
    ]
}
