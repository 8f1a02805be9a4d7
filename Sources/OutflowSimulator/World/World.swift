// SPDX-License-Identifier: Apache-2.0

/// The estate: a small university with its people, machines and accounts. Everything that logs and thefts refer to.
///
/// Addresses outside are from ranges that belong to nobody: 198.18.0.0/15 (RFC 2544) for services and visitors,
/// 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24 (RFC 5737) for the university's own exit, homes and thieves.
struct World: Sendable {
    /// Seed of all random streams.
    let seed: UInt64
    let calendar: Calendar
    let people: [Person]
    /// Desktops and laptops, one a person.
    let clients: [Client]
    let services: Services
    /// Where a name outside is looked up by the university's own resolver.
    let upstreamResolver = IPv4(198, 18, 0, 53)
    /// The address that the university's machines have outside.
    let campusExit = IPv4(192, 0, 2, 10)

    /// The university's name in DNS; `.example` is reserved (RFC 2606).
    static let domain = "uni-lindenberg.example"
    /// Networks that are inside, for the configuration and the truth: campus, the cloud account's private network, and
    /// what the university shows outside; in estates, also what those hosts have that speak IPv6.
    let localNetworks: [String]
    private static let localIPv4 = ["10.20.0.0/16", "10.40.0.0/16", "192.0.2.0/24"]
    /// The first 16 bits of the cloud account's private network.
    static let cloudNetwork: UInt32 = 10 << 8 | 40
    /// Number of people who use the library's proxy.
    static let libraryUsers = 60

    /// A world of `hosts` desktops and laptops (at least 70, so that there are library users enough), recorded for
    /// `days` days (1 to 280: for more there are not article numbers enough, and the clocks would change).
    init(seed: UInt64, hosts: Int, days: Int) {
        self.seed = seed
        calendar = Calendar(days: max(1, min(days, 280)))
        var random = Random(seed: seed, "people")
        var people: [Person] = []
        var clients: [Client] = []
        for index in 0..<max(World.libraryUsers + 10, min(hosts, 2000)) {
            people.append(Person(index, &random))
            clients.append(Client(index, &random))
        }
        self.people = people
        self.clients = clients
        services = Services(seed: seed)
        localNetworks = Self.localIPv4
    }

    /// A world for an estate of any kind: as many people as `people` says, and no clients of the demonstration.
    init(seed: UInt64, people: Int, calendar: Calendar, services: Services) {
        self.seed = seed
        self.calendar = calendar
        var random = Random(seed: seed, "people")
        self.people = (0..<people).map { Person($0, &random) }
        clients = []
        self.services = services
        localNetworks = Self.localIPv4 + ["2001:db8:20::/48"]
    }

    /// The stream of random numbers called `label`, `first`, `second`.
    func random(_ label: StaticString, _ first: Int = 0, _ second: Int = 0) -> Random {
        Random(seed: seed, label, first, second)
    }

    /// Whether `address` is inside.
    static func isLocal(_ address: IPv4) -> Bool {
        address.bits >> 16 == 10 << 8 | 20 || address.bits >> 16 == cloudNetwork || address.bits >> 8 == 192 << 16 | 2
    }
}

/// Someone who works or studies at the university.
struct Person: Sendable {
    let index: Int
    /// Name of the account, as in `m.weber`.
    let account: String
    /// Where their traffic comes from when they are at home.
    var home: IPv4
    /// Whether they are on a journey, and never on campus.
    var isAway = false
    /// Identifiers that Microsoft 365 gives the account and its mailbox.
    let userKey: UInt64
    let mailbox: GUID
    let sid: Int

    fileprivate static let surnames = [
        "weber", "haas", "lindqvist", "moreau", "novak", "okafor", "petrov", "quint", "rossi", "sato", "thoma", "ueda",
        "vogel", "winter", "xu", "yilmaz", "ziegler", "adler", "brandt", "cortes", "dubois", "eriksen", "fuchs",
        "garnier", "horvat", "ivanov", "jansen", "kaya", "lopez", "meyer",
    ]

    fileprivate init(_ index: Int, _ random: inout Random) {
        self.index = index
        let initial = UInt8(ascii: "a") + UInt8((index / Self.surnames.count * 7 + index * 5) % 26)
        let round = index / Self.surnames.count
        account =
            "\(Character(UnicodeScalar(initial))).\(Self.surnames[index % Self.surnames.count])"
            + (round >= 4 ? "\(round)" : "")
        home = IPv4(203, 0, 113, 1 + (index * 2) % 253)
        userKey = random.bits() >> 4
        mailbox = GUID(&random)
        sid = 2_700_000 + index * 13
    }

    /// The account with the university's domain: mail address and name at sign-in.
    var mail: String { "\(account)@\(World.domain)" }
}

/// A desktop or a laptop.
struct Client: Sendable {
    let index: Int
    let address: IPv4
    let name: String
    /// Hardware address, with the locally administered bit set, so that it is no vendor's.
    let hardware: UInt64
    /// Whether it stays on overnight.
    let isAlwaysOn: Bool
    /// Pages opened on a usual working day.
    let pagesADay: Int

    fileprivate init(_ index: Int, _ random: inout Random) {
        self.index = index
        // Four subnets of offices and laboratories, from 10.20.16.0 on.
        address = IPv4(10, 20, 16 + index / 120, 20 + index % 120)
        var text = ByteText()
        text.add("ws-")
        text.add(index + 1, width: 3)
        name = text.string
        hardware = 0x02_1A_4D_00_00_00 | random.bits() & 0xFF_FFFF
        isAlwaysOn = random.chance(perMille: 250)
        pagesADay = min(120, LogNormal(median: 26, doublings: 0.8).sample(&random))
    }
}

/// The university's servers, by what they do.
enum Server: Int, CaseIterable, Sendable {
    case directory1, directory2, files1, files2, print, database, git, learning, compute, monitoring, backup, updates
    case web, mailGateway, jumpHost

    /// Address: inside servers in 10.20.1.0/24, those that the world may reach in 10.20.8.0/24.
    var address: IPv4 {
        rawValue >= Server.web.rawValue ? IPv4(10, 20, 8, 10 + rawValue) : IPv4(10, 20, 1, 10 + rawValue)
    }

    /// Name in DNS, without the domain.
    var name: String { "\(self)" }
}
