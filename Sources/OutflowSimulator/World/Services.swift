// SPDX-License-Identifier: Apache-2.0

/// A service outside, as a browser or a machine meets it.
struct Service: Sendable {
    /// Number among all services.
    let number: Int
    /// Name in DNS and in TLS.
    let name: String
    /// Addresses that its name leads to.
    let addresses: [IPv4]
    /// Fingerprint of its certificate's chain.
    let certificate: [UInt64]
    /// Seconds for which an answer may be kept.
    let lifetime: Int
    /// Whether it is reached by IPv6 too.
    var hasIPv6 = false
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
    /// Where people keep files of their own: cloud storage of the well-known kind.
    let shares: [Service]
    /// What students watch and play.
    let streams: [Service]
    /// Providers' tunnels, by which a machine inside can be reached from outside.
    let tunnels: [Service]
    /// Makers of machines, to which these report.
    let vendors: [Service]
    /// What an organisation rents: accounts, tickets, pay slips.
    let rented: [Service]
    /// Organisations that exchange data with this one by agreement.
    let partners: [Service]
    /// Where everything goes when servers move.
    let hosting: Service
    /// Logarithm to base 2 of the number of sites, rounded down.
    private let rankBits: Int

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

    private static let shareNames = [
        "drive.google.com", "www.dropbox.com", "api.onedrive.com", "upload.box.com", "wetransfer.com",
    ]
    private static let streamNames = [
        "rr3---sn-4g5e6nsz.googlevideo.com", "ipv4-c012-fra001-ix.1.oca.nflxvideo.net", "audio-fa.scdn.co",
        "video-weaver.fra05.hls.ttvnw.net", "v16-webapp.tiktokcdn.example", "cache3-fra1.steamcontent.example",
    ]

    /// The services of the world that `seed` makes, with `more` sites that few people read.
    init(seed: UInt64, more: Int = 0) {
        var random = Random(seed: seed, "services")
        var next = 256
        var number = -1
        func service(_ name: String, addresses: Int = 2, lifetime: Int = 300, spacing: Int = 0) -> Service {
            var own: [IPv4] = []
            for _ in 0..<addresses {
                own.append(IPv4(198, 18, next >> 8, next & 255))
                // Neighbours in an address block are rarely one service.
                next += spacing == 0 ? random.number(in: 3...40) : spacing
                if next & 255 == 0 || next & 255 == 255 { next += 2 }
            }
            let chain = (0..<8).map { _ in random.bits() }
            number += 1
            // In estates, the well-known ones and every third of the others.
            let hasIPv6 = more > 0 && (!name.hasSuffix(".example") || chain[2] % 3 == 0)
            return Service(
                number: number, name: name, addresses: own, certificate: chain, lifetime: lifetime, hasIPv6: hasIPv6)
        }
        var sites = Self.readNames.map { service($0, addresses: 4) }
        for trade in Self.trades {
            for word in Self.words { sites.append(service("www.\(word)-\(trade).example", lifetime: 3600)) }
        }
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
        shares = Self.shareNames.map { service($0, addresses: 3) }
        streams = Self.streamNames.map { service($0, addresses: 6) }
        tunnels = ["tunnel.eu.ngrok.com", "region1.argotunnel.trycloudflare.com"].map { service($0, addresses: 4) }
        vendors = ["relay-works", "north-meters", "lumen-lab", "printwell"].map {
            service("telemetry.\($0).example", lifetime: 3600)
        }
        rented = ["accounts.ledgerly.example", "tickets.deskhelp.example", "pay.slipstream.example"].map {
            service($0)
        }
        partners = ["alder-institute", "fjord-labs", "summit-data", "quartz-print", "iris-care", "delta-supply"].map {
            service("files.\($0).example", addresses: 1, lifetime: 3600)
        }
        hosting = service("ingest.nordkap-cloud.example", addresses: 4)
        for index in 0..<more {
            let first = Self.words[index % Self.words.count]
            let second = Self.words[index / Self.words.count % Self.words.count]
            let round = index / (Self.words.count * Self.words.count)
            sites.append(
                service("www.\(first)\(second)\(round == 0 ? "" : "\(round)").example", lifetime: 3600, spacing: 2))
        }
        self.sites = sites
        var bits = 0
        while sites.count >> (bits + 1) > 0 { bits += 1 }
        rankBits = bits
    }

    /// A site, popular ones more often: Zipf with exponent 1 over ranks (Breslau, Cao, Fan, Phillips, Shenker, "Web
    /// caching and Zipf-like distributions", INFOCOM 1999). A log-uniform rank has just that density.
    func site(_ random: inout Random) -> Service { sites[siteIndex(&random)] }

    /// The place in ``sites`` of a site drawn as ``site(_:)`` does.
    func siteIndex(_ random: inout Random) -> Int {
        let rank = Fixed.scale(1, byPowerOfTwo: random.below((rankBits + 1) << 16))
        return min(rank, sites.count) - 1
    }
}
