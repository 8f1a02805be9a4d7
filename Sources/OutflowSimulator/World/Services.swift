// SPDX-License-Identifier: Apache-2.0

/// A service outside, as a browser or a machine meets it.
struct Service: Sendable {
    /// Name in DNS and in TLS.
    let name: String
    /// Addresses that its name leads to.
    let addresses: [IPv4]
    /// Fingerprint of its certificate's chain.
    let certificate: [UInt64]
    /// Seconds for which an answer may be kept.
    let lifetime: Int
}

/// The services that the university's machines use. Well-known ones carry their real names, so that a table of known
/// destinations can class them; the rest are `.example` names (RFC 2606). All addresses are of nobody's ranges.
struct Services: Sendable {
    /// Sites that people read, most popular first.
    let sites: [Service]
    /// What sites embed: content delivery, fonts, statistics.
    let embedded: [Service]
    let mail: Service
    let files: Service
    let calls: Service
    let updates: Service
    let packages: Service
    let telemetry: Service
    let certificates: Service
    let time: Service
    let video: Service
    let backup: Service

    private static let readNames = [
        "www.google.com", "www.wikipedia.org", "www.youtube.com", "github.com", "www.bing.com", "stackoverflow.com",
        "www.linkedin.com", "arxiv.org", "www.overleaf.com", "chatgpt.com", "www.deepl.com", "orcid.org",
        "scholar.google.com", "www.researchgate.net", "www.reddit.com", "zenodo.org",
    ]
    private static let embeddedNames = [
        "fonts.gstatic.com", "ajax.googleapis.com", "cdn.jsdelivr.net", "cdnjs.cloudflare.com",
        "www.googletagmanager.com", "www.gstatic.com", "static.cloudflareinsights.com", "i.ytimg.com",
        "upload.wikimedia.org", "unpkg.com", "use.typekit.net", "secure.gravatar.com",
    ]
    private static let words = [
        "alder", "beacon", "cedar", "delta", "ember", "fjord", "grove", "harbor", "iris", "jasper", "kestrel", "lumen",
        "maple", "north", "orchard", "prairie", "quartz", "river", "summit", "tundra", "umber", "valley", "willow",
    ]
    private static let trades = ["news", "shop", "travel", "forum", "weather", "sports", "recipes", "jobs", "museum"]

    /// The services of the world that `seed` makes.
    init(seed: UInt64) {
        var random = Random(seed: seed, "services")
        var next = 256
        func service(_ name: String, addresses: Int = 2, lifetime: Int = 300) -> Service {
            var own: [IPv4] = []
            for _ in 0..<addresses {
                own.append(IPv4(198, 18, next >> 8, next & 255))
                // Neighbours in an address block are rarely one service.
                next += random.number(in: 3...40)
                if next & 255 == 0 || next & 255 == 255 { next += 2 }
            }
            let chain = (0..<8).map { _ in random.bits() }
            return Service(name: name, addresses: own, certificate: chain, lifetime: lifetime)
        }
        var sites = Self.readNames.map { service($0, addresses: 4) }
        for trade in Self.trades {
            for word in Self.words { sites.append(service("www.\(word)-\(trade).example", lifetime: 3600)) }
        }
        self.sites = sites
        embedded = Self.embeddedNames.map { service($0, addresses: 4, lifetime: 120) }
        mail = service("outlook.office365.com", addresses: 6)
        files = service("unilindenberg-my.sharepoint.com", addresses: 3)
        calls = service("us04web.zoom.us", addresses: 12)
        updates = service("download.windowsupdate.com", addresses: 4, lifetime: 3600)
        packages = service("deb.debian.org", addresses: 2, lifetime: 3600)
        telemetry = service("v10.events.data.microsoft.com", addresses: 3)
        certificates = service("ocsp.digicert.com", addresses: 2, lifetime: 3600)
        time = service("2.pool.ntp.org", addresses: 4, lifetime: 150)
        video = service("upload.youtube.com", addresses: 2)
        backup = service("vault3.nordlicht-backup.example", addresses: 1, lifetime: 3600)
    }

    /// A site, popular ones more often: Zipf with exponent 1 over ranks (Breslau, Cao, Fan, Phillips, Shenker, "Web
    /// caching and Zipf-like distributions", INFOCOM 1999). A log-uniform rank has just that density.
    func site(_ random: inout Random) -> Service {
        var bits = 0
        while sites.count >> (bits + 1) > 0 { bits += 1 }
        let rank = Fixed.scale(1, byPowerOfTwo: random.below((bits + 1) << 16))
        return sites[min(rank, sites.count) - 1]
    }
}
