// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// How a publisher's platform names its documents: one row of what is known. A request matches when its host ends in
/// `host` (a whole label), its path holds `path` and its query holds `query` and `also`; empty texts match always.
struct PlatformRule: Sendable {
    /// Where the document's identifier stands.
    enum Identifier: Sendable {
        case none
        /// In the path, behind the rule's `path`: a DOI, or one segment.
        case segment
        /// The last segment of the path, without its extension.
        case stem
        /// A parameter of the query.
        case parameter(StaticString)
        /// The file name, without its extension, of a path that is a parameter of the query.
        case stemOf(StaticString)
        /// The same, where file and folder bear the same name; pages beside it (figures) are no documents.
        case stemOfOwnFolder(StaticString)
    }

    var host: StaticString = ""
    var path: StaticString = ""
    var query: StaticString = ""
    var also: StaticString = ""
    var identifier: Identifier
    var kind: LibraryRequest.Kind
    /// The form if the request does not say another; `.none` leaves it to the request alone, which then must say one.
    var form: LibraryRequest.Form = .html
}

/// What is known of platforms, first match first. General identifiers (DOI, PII, PMC) and plain `.pdf` paths are
/// understood on every platform without a row here.
///
/// Sources: the example addresses in the parsers of ezPAARSE
/// (https://github.com/ezpaarse-project/ezpaarse-platforms), which libraries share, and the platforms' own pages.
enum LibraryPlatforms {
    static let rules: [PlatformRule] = [
        // Elsevier ScienceDirect.
        .init(host: "sciencedirect.com", path: "/article/abs/pii/", identifier: .segment, kind: .abstract),
        .init(host: "sciencedirect.com", path: "/article/pii/", identifier: .segment, kind: .fullText),
        .init(
            host: "sciencedirect.com", path: "/science", query: "_ob=MiamiImageURL", identifier: .parameter("_pii"),
            kind: .fullText, form: .none),
        .init(
            host: "sciencedirect.com", path: "/science", query: "_ob=ArticleURL", identifier: .parameter("_udi"),
            kind: .fullText),
        .init(
            host: "sciencedirect.com", path: "/preview/abstract", identifier: .parameter("_pii"), kind: .abstract),
        .init(host: "sciencedirect.com", path: "/science/journal/", identifier: .none, kind: .contents),
        // Cairn.
        .init(
            host: "cairn.info", path: "/load_pdf.php", identifier: .parameter("ID_ARTICLE"), kind: .fullText, form: .pdf
        ),
        .init(host: "cairn.info", path: "/article.php", identifier: .parameter("ID_ARTICLE"), kind: .fullText),
        .init(host: "cairn.info", path: "/resume.php", identifier: .parameter("ID_ARTICLE"), kind: .abstract),
        .init(host: "cairn.info", path: "-page-", identifier: .stem, kind: .fullText),
        .init(host: "cairn.info", path: "-p-", identifier: .stem, kind: .abstract),
        .init(host: "cairn.info", path: "/revue-", identifier: .none, kind: .contents),
        // Nature.
        .init(host: "nature.com", path: "/full/", identifier: .stem, kind: .fullText),
        .init(host: "nature.com", path: "/pdf/", identifier: .stem, kind: .fullText, form: .pdf),
        .init(host: "nature.com", path: "/abs/", identifier: .stem, kind: .abstract),
        .init(host: "nature.com", path: "/fig_tab/", identifier: .none, kind: .other),
        .init(host: "nature.com", path: "/articles/", identifier: .segment, kind: .fullText),
        // EDP Sciences: one article script for all its journals, each on a host of its own.
        .init(
            path: "/index.php", query: "option=com_article", also: "/full_html/", identifier: .stemOfOwnFolder("url"),
            kind: .fullText),
        .init(
            path: "/index.php", query: "option=com_article", also: "/pdf/", identifier: .stemOf("url"),
            kind: .fullText, form: .pdf),
        .init(
            path: "/index.php", query: "option=com_article", also: "/abs/", identifier: .stemOf("url"), kind: .abstract),
        // IEEE Xplore; stamp.jsp is only a frame around the PDF.
        .init(
            host: "ieeexplore.ieee.org", path: "/stampPDF/getPDF.jsp", identifier: .parameter("arnumber"),
            kind: .fullText, form: .pdf),
        .init(host: "ieeexplore.ieee.org", path: "/stamp/stamp.jsp", identifier: .parameter("arnumber"), kind: .other),
        .init(
            host: "ieeexplore.ieee.org", path: "/ielx", query: "arnumber=", identifier: .parameter("arnumber"),
            kind: .fullText, form: .pdf),
        .init(host: "ieeexplore.ieee.org", path: "/icp.jsp", identifier: .parameter("arnumber"), kind: .fullText),
        .init(host: "ieeexplore.ieee.org", path: "/abs_all.jsp", identifier: .parameter("arnumber"), kind: .abstract),
        .init(host: "ieeexplore.ieee.org", path: "/document/", identifier: .segment, kind: .fullText),
        // JSTOR, arXiv.
        .init(host: "jstor.org", path: "/stable/pdfplus/", identifier: .segment, kind: .fullText, form: .pdf),
        .init(host: "jstor.org", path: "/stable/pdf/", identifier: .segment, kind: .fullText, form: .pdf),
        .init(host: "jstor.org", path: "/stable/", identifier: .segment, kind: .abstract),
        .init(host: "arxiv.org", path: "/pdf/", identifier: .segment, kind: .fullText, form: .pdf),
        .init(host: "arxiv.org", path: "/html/", identifier: .segment, kind: .fullText),
        .init(host: "arxiv.org", path: "/abs/", identifier: .segment, kind: .abstract),
        // Dalloz: a product's page, not an article of it.
        .init(host: "dalloz.fr", path: "/Document", identifier: .parameter("produit-id"), kind: .other),
    ]
}
