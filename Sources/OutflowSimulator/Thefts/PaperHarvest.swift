// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The fourth theft: 300 papers in one night through the library's proxy, with one person's account, from an address
/// where that person never was. A tool walks abstracts and issues and fetches each PDF, some in range requests (ATT&CK T1078,
/// T1213).
struct PaperHarvest {
    /// Papers taken.
    static let papers = 300

    let world: World
    private let address = IPv4(198, 51, 100, 140)

    init(_ world: World) { self.world = world }

    /// Writes the requests, and the truth.
    func add(to proxy: inout LibraryProxy, _ truth: inout Truth) {
        var random = world.random("paper harvest")
        let person = world.people[18]
        let session = LibraryProxy.Session(person.account, at: address, &random)
        var reader = Reader(
            session, from: world.calendar.at(day: world.calendar.planned(5), 0, 41),
            random: world.random("paper harvest requests"))
        var entry = Truth.Entry(
            id: "paper-harvest", route: "library", what: "300 papers through the library's proxy in one night",
            source: ("principal", person.account), destination: ("address", address.string),
            addresses: [address.string])
        for publisher in Publisher.allCases {
            reader.enter(publisher, &proxy)
            for index in 0..<Self.papers / Publisher.allCases.count {
                // Numbers beyond those that ordinary readers draw: nobody else reads these.
                let article = Article(publisher, ReadingLife.articles + index * 31, seed: world.seed)
                reader.pause(9...38)
                reader.open(article, overview: true, assets: 6...14, &proxy)
                reader.pause(1...4)
                entry.see(reader.time)
                reader.fetch(article, parts: index % 6 == 4 ? random.number(in: 2...8) : 1, &proxy)
                // A few are fetched again, whole.
                if index % 40 == 7 {
                    reader.pause(2...5)
                    reader.fetch(article, &proxy)
                }
                entry.see(reader.time)
            }
        }
        entry.count(reader)
        truth.thefts.append(entry)
    }
}

extension Truth.Entry {
    /// Takes over what the log proves of a reader's documents.
    mutating func count(_ reader: Reader) {
        records += reader.requests
        bytes += reader.bytes
        // How often a part was fetched is not known either.
        onWire = reader.bytes.atMost == nil ? nil : onWire.map { $0 + UInt64(reader.wire) }
        distinct = (distinct ?? 0) + reader.articles.count
        reads += reader.reads
        names += reader.articles.map(\.name)
        identities.append(reader.session.id)
        add("pages", reader.pages.count)
        add("page_bytes", reader.pages.bytes)
    }
}
