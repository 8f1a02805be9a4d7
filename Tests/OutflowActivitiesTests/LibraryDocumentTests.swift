// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

/// What is a document, by its address.
struct LibraryDocumentTests {
    static func classify(_ url: String, mime: String = "") -> (
        kind: LibraryRequest.Kind, form: LibraryRequest.Form, unit: String
    ) {
        let parts = url.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let arena = Arena()
        return withBytes(of: String(parts[0])) { host in
            withBytes(of: "/" + parts[1]) { target in
                withBytes(of: mime) { mime in
                    let found = LibraryDocument.classify(host: host, target: target, mime: mime, arena: arena)
                    return (found.kind, found.form, found.unit.string)
                }
            }
        }
    }

    @Test(
        "documents, the same unit for each of their forms",
        arguments: [
            ("onlinelibrary.wiley.com/doi/pdf/10.1002/ANIE.201", "10.1002/anie.201", LibraryRequest.Form.pdf),
            ("onlinelibrary.wiley.com/doi/full/10.1002/anie.201", "10.1002/anie.201", .html),
            ("onlinelibrary.wiley.com/doi/pdfdirect/10.1002/anie.201?download=true", "10.1002/anie.201", .pdf),
            ("www.tandfonline.com/doi/epub/10.1080/123.4", "10.1080/123.4", .epub),
            ("link.springer.com/content/pdf/10.1007%2fs00262-008-0620-4.pdf", "10.1007/s00262-008-0620-4", .pdf),
            (
                "www.sciencedirect.com/science/article/pii/S0092867412012345/pdfft?md5=1&pid=1-s2.0-x-main.pdf",
                "S0092867412012345", .pdf
            ),
            ("www.cell.com/cell/fulltext/S0092-8674(12)01234-5", "S0092867412012345", .html),
            ("www.cell.com/cell/pdf/S0092-8674(12)01234-5.pdf", "S0092867412012345", .pdf),
            ("www.ncbi.nlm.nih.gov/pmc/articles/PMC123456/", "PMC123456", .html),
            ("www.ncbi.nlm.nih.gov/pmc/articles/PMC123456/pdf/nihms1.pdf", "PMC123456", .pdf),
            ("www.nature.com/nature/journal/v490/n7421/full/nature11558.html", "nature11558", .html),
            ("www.nature.com/nature/journal/v490/n7421/pdf/nature11558.pdf", "nature11558", .pdf),
            ("www.nature.com/articles/nature11558.pdf", "nature11558", .pdf),
            ("arxiv.org/pdf/2101.00001v2", "2101.00001v2", .pdf),
            ("arxiv.org/pdf/2101.00001v2.pdf", "2101.00001v2", .pdf),
            ("www.jstor.org/stable/pdf/10.2307/12345.pdf", "10.2307/12345", .pdf),
            ("ieeexplore.ieee.org/ielx5/1/2/06123456.pdf?arnumber=6123456", "6123456", .pdf),
            ("www.cairn.info/load_pdf.php?ID_ARTICLE=SOPR_017_0095", "SOPR_017_0095", .pdf),
            ("www.cairn.info/article.php?x=1&ID_ARTICLE=SOPR_017_0095", "SOPR_017_0095", .html),
            ("any.example.org/files/thesis%20one.pdf?token=1", "any.example.org/files/thesis%20one.pdf", .pdf),
            ("any.example.org/get?filename=a.pdf&x=1", "any.example.org/get?filename=a.pdf&x=1", .pdf),
        ])
    func documents(url: String, unit: String, form: LibraryRequest.Form) {
        let found = Self.classify(url)
        #expect(found.kind == .fullText && found.form == form && found.unit == unit, "\(found)")
    }

    @Test(
        "near misses",
        arguments: [
            "www.sciencedirect.com/science/gadgets/render/S1046202310000411",
            "www.sciencedirect.com/science/article/abs/pii/S1046202310000411",
            "www.sciencedirect.com/science/suggestedArt/citeList/pii/S1369527412001038/eid/1-s2.0-S1369527412001038/serial",
            "www.sciencedirect.com/cache/MiamiImageURL/1-s2.0-S1534580712004303-mmc2.sml/0",
            "www.nature.com/nature/journal/v1/n1/abs/380548a0.html",
            "www.sciencedirect.com/science?_ob=MiamiImageURL&_pii=S1046202310000411",
            "www.nature.com/nature/journal/v406/n6796/fig_tab/406593a0_F4.html",
            "www.nature.com/articles/nature11558/figures/1", "link.springer.com/article/10.1007/s00262-008-0620-4",
            "www.jstor.org/stable/12345",
            "onlinelibrary.wiley.com/doi/abs/10.1002/anie.201", "onlinelibrary.wiley.com/doi/epdf/10.1002/anie.201",
            "arxiv.org/abs/2101.00001",
            "www.cairn.info/resume.php?ID_ARTICLE=SOPR_017_0095", "www.cairn.info/revue-cites-2005-1.htm",
            "www.cairn.info/load_pdf.php",
            "x.example.org/login?returnURL=/doi/pdf/10.1002/anie.201", "x.example.org/search?q=a.pdf", "x.example.org/",
            "x.example.org/main.css",
            "x.example.org/pdf/cover.JPEG", "x.example.org/10.12/abc.html", "x.example.org/v10.1234/full",
            "ieeexplore.ieee.org/stamp/stamp.jsp?arnumber=1",
            "www.ncbi.nlm.nih.gov/pmc/articles/PMC123456/figure/F1/", "x.example.org/?", "x.example.org/%",
            "x.example.org/10.1234/", "x.example.org/10.1234%2",
        ])
    func others(url: String) { #expect(Self.classify(url).kind != .fullText) }

    /// A megabyte of near misses costs no more than a look: no copy of the rest for each of them.
    @Test func hostileAddressesAreCheap() {
        let address = "x.example.org/" + String(repeating: "10.1234/\"", count: 100_000) + "%41"
        #expect(Self.classify(address).kind != .fullText)
        let query = "x.example.org/science?" + String(repeating: "_pii=%3F&doi=10.1/&", count: 50_000)
        #expect(Self.classify(query).kind != .fullText)
    }

    /// A program that hands out documents has one name for all of them.
    @Test func whichDocumentTheQuerySays() {
        let units = [
            "download.pdf?id=1", "download.pdf?id=2", "smith2020.pdf?token=1", "smith2020.pdf?token=2", "b.PDF",
        ]
        .map { Self.classify("x.example.org/" + $0).unit }
        #expect(
            units == [
                "x.example.org/download.pdf?id=1", "x.example.org/download.pdf?id=2", "x.example.org/smith2020.pdf",
                "x.example.org/smith2020.pdf", "x.example.org/b.PDF",
            ])
    }

    @Test func theTypeOfTheReplyOutweighsTheAddress() {
        // A page that asks for a login where a PDF was wanted.
        #expect(Self.classify("x.example.org/doi/pdf/10.1234/a", mime: "text/html").kind != .fullText)
        #expect(Self.classify("x.example.org/a.pdf", mime: "text/html;charset=utf-8").kind != .fullText)
        #expect(Self.classify("arxiv.org/pdf/2101.00001", mime: "text/html").kind != .fullText)
        #expect(Self.classify("x.example.org/get?id=7", mime: "application/pdf").form == .pdf)
        #expect(
            Self.classify("www.sciencedirect.com/science/article/pii/S1046202310000411", mime: "image/png").kind
                == .asset)
    }
}
