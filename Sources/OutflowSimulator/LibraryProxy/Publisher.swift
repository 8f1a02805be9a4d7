// SPDX-License-Identifier: Apache-2.0

/// A publisher's platform: how its addresses name articles. The shapes are those of real platforms, so that documents
/// can be told from pages and assets; the articles are invented.
enum Publisher: Int, CaseIterable, Sendable {
    case scienceDirect, springer, nature

    /// The platform's host.
    var host: String {
        switch self {
        case .scienceDirect: "www.sciencedirect.com"
        case .springer: "link.springer.com"
        case .nature: "www.nature.com"
        }
    }

    /// A search on the platform.
    func search(_ number: Int) -> String {
        switch self {
        case .scienceDirect: "https://\(host):443/search?qs=term%20\(number)"
        case .springer: "https://\(host):443/search?query=term+\(number)"
        case .nature: "https://\(host):443/search?q=term%20\(number)&order=relevance"
        }
    }
}

/// An article on a publisher's platform.
struct Article: Hashable, Sendable {
    let publisher: Publisher
    /// Item identifier, or the DOI's last part.
    let id: String
    /// Size of its PDF.
    let bytes: Int

    /// Article `number` of `publisher`, below 500,000; the same number is the same article.
    init(_ publisher: Publisher, _ number: Int, seed: UInt64) {
        var random = Random(seed: seed, "article", publisher.rawValue, number)
        self.publisher = publisher
        var text = ByteText()
        // After a hundred thousand numbers come years of five years before.
        let year = 22 + number % 5 - number / 100_000 * 5
        switch publisher {
        case .scienceDirect:
            // S, ISSN, year, number, check digit: 17 characters.
            text.add("S")
            text.add([0012_1606, 0890_6238, 1046_2023, 1369_5274][number % 4], width: 8)
            text.add(year, width: 2)
            text.add(number % 100_000, width: 5)
            text.add(number % 10)
        case .springer:
            text.add(text: ["s00125", "s10853", "s11214", "s00339"][number % 4])
            text.add("-0")
            text.add(year, width: 2)
            text.add("-")
            text.add(number % 100_000, width: 5)
            text.add("-")
            text.add(number % 10)
        case .nature:
            text.add(text: ["s41586", "s41467", "s41598", "s41563"][number % 4])
            text.add("-0")
            text.add(year, width: 2)
            text.add("-")
            text.add(number % 100_000, width: 5)
            text.add("-")
            text.add(number % 10)
        }
        id = text.string
        // PDFs of articles: a megabyte or two, some with many figures.
        bytes = 90_000 + min(60_000_000, LogNormal(median: 1_500_000, doublings: 1.1).sample(&random))
    }

    /// What tells the article from all others: its item identifier or DOI.
    var name: String {
        switch publisher {
        case .scienceDirect: id
        case .springer: "10.1007/\(id)"
        case .nature: "10.1038/\(id)"
        }
    }

    /// The article's page.
    var page: String {
        switch publisher {
        case .scienceDirect: "https://\(publisher.host):443/science/article/pii/\(id)"
        case .springer: "https://\(publisher.host):443/article/10.1007/\(id)"
        case .nature: "https://\(publisher.host):443/articles/\(id)"
        }
    }

    /// Where someone who wants only PDFs finds this one: the abstract, or the contents. Not the full text.
    var overview: String {
        switch publisher {
        case .scienceDirect: "https://\(publisher.host):443/science/article/abs/pii/\(id)"
        case .springer: page
        case .nature: "https://\(publisher.host):443/nature/volumes/\(600 + bytes % 50)/issues/\(8000 + bytes % 97)"
        }
    }

    /// The article's PDF.
    var pdf: String {
        switch publisher {
        case .scienceDirect: "\(page)/pdfft?md5=\(bytes &* 2_654_435_761 & 0xFFFF_FFFF)&pid=1-s2.0-\(id)-main.pdf"
        case .springer: "https://\(publisher.host):443/content/pdf/10.1007/\(id).pdf"
        case .nature: "\(page).pdf"
        }
    }

    /// Something that the page embeds.
    func asset(_ number: Int) -> String {
        switch (publisher, number % 3) {
        case (.scienceDirect, 0): "https://ars.els-cdn.com:443/content/image/1-s2.0-\(id)-gr\(number).jpg"
        case (.scienceDirect, _): "https://\(publisher.host):443/science/ssrp/static/js/\(number % 7)/arp.js"
        case (.springer, 0):
            "https://media.springernature.com:443/lw685/springer-static/image/\(id)_Fig\(number)_HTML.png"
        case (.springer, _): "https://\(publisher.host):443/oscar-static/app-springerlink/css/core-\(number % 5).css"
        case (.nature, 0): "https://media.springernature.com:443/lw685/nature-static/image/\(id)_Fig\(number)_HTML.png"
        case (.nature, _): "https://\(publisher.host):443/static/js/shared-\(number % 6).js"
        }
    }
}
