// SPDX-License-Identifier: Apache-2.0

/// What kind of organisation is simulated.
public enum EstateKind: String, CaseIterable, Sendable {
    /// Staff, students, laboratories, a library: terms and breaks.
    case university
    /// A hosting provider: servers that the world reads from, few people.
    case provider
    /// An operator of a network or a plant: as many machines as people, and machines never rest.
    case `operator`
    /// An office.
    case company

    /// How many hosts in a thousand are of each role.
    var shares: [(role: Role, perMille: Int)] {
        switch self {
        case .university: [(.desk, 420), (.student, 430), (.server, 50), (.machine, 100)]
        case .provider: [(.desk, 150), (.server, 830), (.machine, 20)]
        case .operator: [(.desk, 430), (.server, 110), (.machine, 460)]
        case .company: [(.desk, 840), (.server, 80), (.machine, 80)]
        }
    }

    /// How many machines it rents in the cloud, for a thousand hosts of its own.
    var rented: Int { self == .provider ? 300 : 40 }
    /// Whether the organisation has a library whose proxy is logged.
    var hasLibrary: Bool { self == .university }
    /// How many servers in a thousand the world may reach.
    var publicServers: Int { self == .provider ? 850 : 220 }
}

/// What a host is for.
enum Role: Int, CaseIterable, Sendable {
    case desk, student, server, machine

    /// Whether a person sits before it, whose hours and holidays it follows.
    var isHuman: Bool { self == .desk || self == .student }
}

/// A host of the estate: where it is, since when, and how much is done with it.
struct Host: Sendable {
    let index: Int
    let role: Role
    let address: IPv4
    /// First day on which it is there, and the first on which it is not any more.
    let joined: Int
    let left: Int
    /// How much is done with it, in thousandths of what is usual: lognormal among hosts.
    let weight: Int
    /// The few sites that it visits again and again, as places in ``Services/sites``.
    let favourites: [Int32]
    /// Which cloud storage its user keeps own files in; nil for those who keep none.
    let share: Int?
    /// Whether the world may reach it.
    let isPublic: Bool
    /// A number of its own for all that is fixed about it.
    let trait: UInt64

    /// Host `index` of an estate of `kind` recorded for `days` days.
    ///
    /// - Parameter isRented: whether it is a server in the cloud, numbered by itself.
    init(
        _ index: Int, of kind: EstateKind, days: Int, services: Services, seed: UInt64, isRented: Bool = false
    ) {
        var random = Random(seed: seed, isRented ? "rented" : "host", index)
        self.index = isRented ? 100_000 + index : index
        var draw = random.below(1000)
        var role = Role.desk
        for share in kind.shares {
            role = share.role
            draw -= share.perMille
            if draw < 0 { break }
        }
        if isRented { role = .server }
        self.role = role
        address =
            isRented
            ? IPv4(10, 40, 64 + index / 200, 20 + index % 200) : IPv4(10, 20, 16 + index / 120, 20 + index % 120)
        // One host in eight is added in the course of a year, one in twenty is taken away: chosen, not measured.
        let span = 365_000
        let arrival = random.below(span + days * 125)
        joined = arrival < span ? 0 : (arrival - span) / 125
        let departure = random.below(span + days * 50)
        left = departure < span ? Int.max : max(joined + 30, (departure - span) / 50)
        weight = max(30, min(12_000, LogNormal(median: 1000, doublings: 0.9).sample(&random)))
        favourites = (0..<24).map { _ in Int32(services.siteIndex(&random)) }
        let hasShare = random.chance(perMille: role == .student ? 800 : role == .desk ? 550 : 0)
        let share = random.below(services.shares.count)
        self.share = hasShare ? share : nil
        isPublic = role == .server && random.chance(perMille: kind.publicServers)
        trait = random.bits()
    }

    /// Whether it speaks IPv6, and prefers it, with services that do: three in five of the machines of people.
    var hasIPv6: Bool { role.isHuman && trait / 7 % 5 < 3 }

    /// Whether the host is there on day `day`.
    func isThere(on day: Int) -> Bool { day >= joined && day < left }
}
