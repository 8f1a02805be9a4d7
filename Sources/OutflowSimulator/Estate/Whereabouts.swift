// SPDX-License-Identifier: Apache-2.0

/// Where somebody is on a day when not on campus: at home, whose address the provider changes every few weeks and
/// which is another network after a move, or on a journey, in a network where the person never was.
///
/// The lengths are chosen, not measured: a journey in one week of 25, of two to five days; a new address every 45 days;
/// a move about every two years.
struct Whereabouts: Sendable {
    /// Where the person's traffic comes from when not on campus.
    let address: IPv4
    /// Whether the person is on a journey.
    let isAway: Bool

    /// Where person number `person` is on day `day`.
    init(_ person: Int, day: Int, seed: UInt64) {
        var trait = Random(seed: seed, "whereabouts", person)
        let (leaseOffset, moveOffset) = (trait.below(45), trait.below(730))
        let week = day / 7
        var random = Random(seed: seed, "journey", person, week)
        let first = week * 7 + random.below(3)
        if random.chance(perMille: 40), day >= first, day < first + random.number(in: 2...5) {
            isAway = true
            // Hotels, guests' networks, relatives: neighbours of nobody's home.
            address = IPv4(198, 18, 176 + random.below(48), random.number(in: 1...254))
        } else {
            isAway = false
            let home = (day + moveOffset) / 730
            random = Random(seed: seed, "home", person, home)
            let network = 128 + random.below(48)
            random = Random(seed: seed, "lease", person, (day + leaseOffset) / 45)
            address = IPv4(198, 18, network, random.number(in: 1...254))
        }
    }
}

extension EstateModel {
    /// Who sits before a host that is for people, and where that person is on day `day` when not on campus.
    func person(of host: Host, on day: Int) -> Person {
        var person = world.people[personOfHost[host.index]]
        let whereabouts = Whereabouts(person.index, day: day, seed: world.seed)
        person.home = whereabouts.address
        person.isAway = whereabouts.isAway
        return person
    }
}
