// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The library's ordinary readers: a search, some articles, every second as PDF.
struct ReadingLife {
    /// Number of articles on each platform that are read here.
    static let articles = 9_000

    let world: World

    /// Adds the requests of day `day`.
    func add(day: Int, to proxy: inout LibraryProxy) {
        for person in world.people.prefix(World.libraryUsers) where person.index != AvidReader.person {
            var random = world.random("reading", person.index, day)
            guard random.chance(perMille: world.calendar.isWeekend(day) ? 300 : 620) else { continue }
            add(person, day: day, to: &proxy, &random)
        }
    }

    /// Adds the day of somebody who reads on it.
    ///
    /// - Returns: how many papers were fetched.
    @discardableResult
    func add(_ person: Person, day: Int, to proxy: inout LibraryProxy, _ random: inout Random) -> Int {
        var papers = 0
        for _ in 0..<random.number(in: 1...3) {
            let start = world.calendar.time(on: day, rhythm: .reading, &random)
            let isOnCampus = !person.isAway && random.chance(perMille: 550)
            let address = isOnCampus ? world.campusExit : person.home
            let session = LibraryProxy.Session(person.account, at: address, &random)
            var reader = Reader(session, from: start, random: random)
            let publisher = random.pick(Publisher.allCases)
            reader.enter(publisher, &proxy)
            reader.search(publisher, &proxy)
            for _ in 0..<random.number(in: 1...7) {
                // Think times are Pareto with shape 1.5 (see ``Pareto``), cut at twenty minutes.
                let thought = Pareto(scale: 12, shape: 1.5, limit: 1200).sample(&random)
                reader.pause(thought...thought)
                let article = Article(publisher, random.below(Self.articles), seed: world.seed)
                reader.open(article, assets: 8...26, &proxy)
                guard random.chance(perMille: 500) else { continue }
                reader.pause(5...90)
                reader.fetch(article, parts: random.chance(perMille: 150) ? random.number(in: 3...12) : 1, &proxy)
            }
            papers += reader.reads
        }
        return papers
    }
}
