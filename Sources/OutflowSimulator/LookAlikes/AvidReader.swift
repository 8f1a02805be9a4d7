// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A researcher who reads for a review article: many PDFs a day, but by day, from campus, week in, week out. No theft.
struct AvidReader {
    /// Index of the person.
    static let person = 7

    let world: World

    init(_ world: World) { self.world = world }

    /// Writes the requests, and the truth.
    func add(to proxy: inout LibraryProxy, _ truth: inout Truth) {
        let calendar = world.calendar
        var entry = Self.entry(world)
        for day in 0..<calendar.days where !calendar.isWeekend(day) {
            // A number of one's own for each day, so that no document comes twice.
            let reader = read(day: day, articles: 60_000 + day * 140, to: &proxy, seeing: &entry)
            entry.count(reader)
        }
        truth.lookAlikes.append(entry)
    }

    /// The truth's entry, without figures.
    static func entry(_ world: World) -> Truth.Entry {
        Truth.Entry(
            id: "avid-reader", route: "library", what: "A researcher who reads many papers, by day and from campus",
            source: ("principal", world.people[person].account), destination: ("address", world.campusExit.string),
            addresses: [world.campusExit.string])
    }

    /// Writes what is read on day `day`: articles from number `first` on.
    func read(
        day: Int, articles first: Int, to proxy: inout LibraryProxy, seeing entry: inout Truth.Entry
    ) -> Reader {
        let person = world.people[Self.person]
        var random = world.random("avid reader", day)
        let session = LibraryProxy.Session(person.account, at: world.campusExit, &random)
        var reader = Reader(session, from: world.calendar.at(day: day, 9, random.below(40)), random: random)
        let publisher = Publisher.allCases[day % Publisher.allCases.count]
        reader.enter(publisher, &proxy)
        for index in 0..<random.number(in: 30...45) {
            if index % 8 == 0 { reader.search(publisher, &proxy) }
            let article = Article(publisher, first + index * 3, seed: world.seed)
            reader.pause(60...600)
            reader.open(article, assets: 8...20, &proxy)
            reader.pause(5...60)
            entry.see(reader.time)
            reader.fetch(article, parts: index % 9 == 8 ? random.number(in: 2...6) : 1, &proxy)
            entry.see(reader.time)
        }
        return reader
    }
}
