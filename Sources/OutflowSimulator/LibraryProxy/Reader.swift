// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Someone reading through the proxy: makes the requests that a browser would make, and remembers what the log can prove
/// of the documents that were fetched.
struct Reader {
    private struct Fetched {
        var whole: Int?
        var largestPart = 0
        var parts = 0
    }

    let session: LibraryProxy.Session
    var random: Random
    private(set) var time: Timestamp
    /// Articles whose PDF was fetched, in the order of the first fetch.
    private(set) var articles: [Article] = []
    private var fetched: [Article: Fetched] = [:]
    /// Fetches of PDFs, a PDF in parts being one; requests that made them; bytes of these.
    private(set) var reads = 0
    private(set) var requests = 0
    private(set) var wire = 0
    /// Article pages opened. They hold the text too on some platforms, and are no part of ``bytes``.
    private(set) var pages = (count: 0, bytes: 0)

    /// A reader whose session begins at `time`.
    init(_ session: LibraryProxy.Session, from time: Timestamp, random: Random) {
        self.session = session
        self.time = time
        self.random = random
    }

    /// Lets `seconds` pass.
    mutating func pause(_ seconds: ClosedRange<Int>) {
        time = time + Int64(random.number(in: seconds)) * Calendar.second
    }

    /// The way in: the proxy sends the reader to the publisher.
    mutating func enter(_ publisher: Publisher, _ proxy: inout LibraryProxy) {
        proxy.request(
            "https://login.library.\(World.domain):443/login?url=https://\(publisher.host)/", in: session, at: time,
            status: 302, bytes: 0)
        pause(1...3)
        proxy.request(
            "https://\(publisher.host):443/", in: session, at: time, bytes: random.number(in: 40_000...90_000))
    }

    /// A search and its list of hits.
    mutating func search(_ publisher: Publisher, _ proxy: inout LibraryProxy) {
        pause(8...60)
        proxy.request(
            publisher.search(random.below(5000)), in: session, at: time, bytes: random.number(in: 90_000...240_000))
    }

    /// An article's page (or, for those who want only PDFs, what leads there) and what it embeds; scripts and style
    /// sheets often come from the browser's cache.
    mutating func open(
        _ article: Article, overview: Bool = false, assets: ClosedRange<Int>, _ proxy: inout LibraryProxy
    ) {
        let bytes = LogNormal(median: 120_000, doublings: 0.7).sample(&random)
        pages.count += 1
        pages.bytes += bytes
        proxy.request(overview ? article.overview : article.page, in: session, at: time, bytes: bytes)
        for number in 0..<random.number(in: assets) {
            if number % 5 == 4 { pause(1...1) }
            let isCached = number % 3 != 0 && random.chance(perMille: 450)
            proxy.request(
                article.asset(number), in: session, at: time, status: isCached ? 304 : 200,
                bytes: isCached ? 0 : LogNormal(median: 28_000, doublings: 1.6).sample(&random))
        }
    }

    /// An article's PDF, whole or in `parts` range requests. The log shows no ranges, only how much each answer held.
    mutating func fetch(_ article: Article, parts: Int = 1, _ proxy: inout LibraryProxy) {
        reads += 1
        if fetched[article] == nil { articles.append(article) }
        var known = fetched[article] ?? Fetched()
        if parts == 1 {
            proxy.request(article.pdf, in: session, at: time, bytes: article.bytes)
            known.whole = article.bytes
        } else {
            let usual = article.bytes / parts
            for index in 0..<parts {
                if index > 0 { pause(0...2) }
                let bytes = index == parts - 1 ? article.bytes - usual * (parts - 1) : usual
                proxy.request(article.pdf, in: session, at: time, status: 206, bytes: bytes)
                known.largestPart = max(known.largestPart, bytes)
                known.parts += bytes
            }
        }
        requests += parts
        wire += article.bytes
        fetched[article] = known
    }

    /// What the log proves of the documents: a whole answer is exact; of parts, the largest is a floor (they may
    /// overlap), and there is no ceiling: equal requests of one second are equal lines, which nothing tells apart.
    var bytes: ByteBounds {
        var sum = ByteBounds.zero
        for article in articles {
            guard let known = fetched[article] else { continue }
            if let whole = known.whole {
                sum += .exactly(UInt64(whole))
            } else {
                sum += ByteBounds(atLeast: UInt64(known.largestPart), atMost: nil)
            }
        }
        return sum
    }
}
