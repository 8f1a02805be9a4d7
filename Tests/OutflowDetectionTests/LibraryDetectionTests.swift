// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowDetection

/// Detection among readers of a library: journals, documents without pages, pirate libraries, many accounts at once.
@Suite struct LibraryDetectionTests {
    /// A reader opens a page, then a document of it; now and then straight away.
    static func reads(_ reader: String, _ count: Int, from address: String, day: Int, pages: Bool = true) -> [Deed] {
        (0..<count).flatMap { number -> [Deed] in
            let document = Deed.document(reader, "10.1038/nature\(day)\(number)#pdf", from: address, day: day, number)
            return pages ? [Deed.page(reader, "/a/\(number)", day: day, number), document] : [document]
        }
    }

    static let life: [Deed] = (0..<40).flatMap { day in
        (0..<100).flatMap { reader in
            reads("r\(reader)", 1 + (reader * 7 + day * 13) % 5, from: "10.2.\(reader).4", day: day)
        }
    }

    private static func named(_ name: String, _ deeds: [Deed]) -> Report.Finding? {
        Detection.findings(life + deeds).first { $0.name == name && $0.suspicion >= .likely }
    }

    @Test func ordinaryReadersRaiseNothing() { #expect(Detection.findings(Self.life).isEmpty) }

    @Test func aReaderOfEveryJournal() throws {
        // As many documents every day, once of as many journals.
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        func reads(_ isTheft: Bool) -> [Deed] {
            (0..<40).flatMap { day in
                (0..<240).flatMap { number -> [Deed] in
                    let journal = isTheft && day == 37 ? "j.\(letters[number % 26])\(letters[number / 26])." : "j.cell."
                    return [
                        Deed.document(
                            "r7", "10.1016/\(journal)\(day)\(number)#pdf", from: "10.2.7.4", day: day, number),
                        Deed.page("r7", "/p/\(number)", day: day, number),
                    ]
                }
            }
        }
        let found = Detection.findings(Self.life + reads(true))
        #expect(found.contains { $0.name == "journals" && $0.title.contains(" journals on") })
        #expect(!Detection.findings(Self.life + reads(false)).contains { $0.name == "journals" })
    }

    /// A log without any pages says nothing about who opened them.
    @Test func logsWithoutPages() {
        let documents = (0..<40).flatMap { day in
            (0..<100).flatMap { reader in
                Self.reads(
                    "r\(reader)", 4 + (reader * 7 + day * 13) % 5, from: "10.2.\(reader).4", day: day, pages: false)
            }
        }
        #expect(Detection.findings(documents).isEmpty)
    }

    @Test func documentsWithoutPages() throws {
        // As many as others read, so that only their number beside pages is strange.
        let bare = (30..<40).flatMap { Self.reads("r7", 40, from: "10.2.7.4", day: $0, pages: false) }
        let found = Detection.findings(Self.life + bare).filter { $0.suspicion >= .likely }
        #expect(found.contains { $0.name == "bare-documents" || $0.name == "documents" })
        let once = try #require(
            Self.named("bare-documents", Self.reads("new", 40, from: "10.9.9.4", day: 35, pages: false)))
        #expect(once.entities.contains(.init(kind: "account", id: "new")))
        #expect(Self.named("bare-documents", Self.reads("new", 40, from: "10.9.9.4", day: 35)) == nil)
    }

    @Test func aPirateLibraryThatLeadsReaders() throws {
        func led(by page: String) -> [Deed] {
            (0..<60).flatMap { number in
                [
                    Deed.page("r7", "/p/\(number)", day: 35, number),
                    Deed.document("r7", "10.1038/nature\(number)#pdf", from: "10.2.7.4", day: 35, number, from: page),
                ]
            }
        }
        #expect(Self.named("pirate-referrers", led(by: "https://www.sci-hub.example/10.1038/1")) != nil)
        #expect(Self.named("pirate-referrers", led(by: "https://scholar.example/sci-hub.se")) == nil)
    }

    /// Twenty accounts, each within what readers do and from a network of its own.
    @Test(arguments: [false, true]) func manyAccountsAtOnce(_ opensPages: Bool) throws {
        let theft = (30..<36).flatMap { day in
            (20..<40).flatMap {
                Self.reads("r\($0)", 12, from: "203.\($0).0.9", day: day, pages: opensPages)
            }
        }
        let name = opensPages ? "displaced-readers" : "bare-readers"
        let found = try #require(Self.named(name, theft))
        let accounts = Set(found.entities.filter { $0.kind == "account" }.map(\.id))
        #expect(accounts == Set((20..<40).map { "r\($0)" }))
        #expect(!found.evidence.isEmpty)
    }

    @Test(arguments: [
        ("10.1038/nature10000", "10.1038/nature10999", true), ("10.1038/nature10000", "10.1038/ncomms10000", false),
        ("10.1038/s41586-020-2649-2", "10.1038/s41586-021-1-2", true),
        ("10.1038/s41586-020-2649-2", "10.1038/s41467-020-2649-2", false),
        ("10.1111/j.1365-2966.2012.1", "10.1111/j.1365-2966.2013.7", true),
        ("10.1111/j.1365-2966.2012.1", "10.1111/j.1745-3933.2012.1", false),
        ("10.1186/1471-2105-13-1", "10.1186/1471-2105-14-8", true),
        ("10.1186/1471-2105-1", "10.1186/1471-2164-1", false),
        ("S0092867412012345", "S0092867413000001", true), ("S0092867412012345", "S0140673612012345", false),
        ("10.1038/nature1", "10.9999/nature1", false),
    ])
    func journalsAreToldByIdentifiers(_ a: String, _ b: String, _ isOne: Bool) {
        func hash(_ text: String) -> UInt64 {
            Array(text.utf8).withUnsafeBytes { Journal.hash(document: Bytes($0), publisher: .empty) }
        }
        #expect((hash(a) == hash(b)) == isOne)
    }

    @Test(arguments: [
        ("https://sci-hub.se/10.1/2", true), ("http://www.libgen.rs:8080/", true), ("https://library.lol/main/1", true),
        ("https://annas-archive.org", true), ("https://example.org/sci-hub.se/", false), ("sci-hub.se", false),
        ("https://sci-hub/", false), ("https://mysci-hub.se/", false), ("", false), ("://", false),
        ("https://.", false),
    ])
    func pirateLibrariesAreToldByTheirNames(_ referrer: String, _ isOne: Bool) {
        let found = Array(referrer.utf8).withUnsafeBytes { PirateLibrary.isReferrer(Bytes($0)) }
        #expect(found == isOne)
    }
}
