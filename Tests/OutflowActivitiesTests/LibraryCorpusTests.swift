// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowRecords
import Testing

/// Real logs of library proxies, with what ezPAARSE makes of them.
@Suite(.enabled(if: libraryCorpus != nil, "OUTFLOW_CORPORA is not set"))
struct LibraryCorpusTests {
    /// One expected consultation.
    struct Expected: Decodable {
        var url: String
        var status: String?
        var size: String?
        var domain: String
        var unitid: String?
        var rtype: String?
        var mime: String?
        var login: String?
        var session: String?
        var datetime: String
    }

    static let layouts = [
        "inria.squid", "test.apache", "ul.ezproxy", "univ_limoges.ezproxy", "univ_lyon.ezproxy",
        "univ_parisdescartes.apache", "univ_rennes1.ezproxy", "univ_strasbourg.ezproxy", "univ_toulouse.apache",
        "upmc.ezproxy", "upmc.squid",
    ]

    static func member(_ name: String) throws -> Data {
        let archive = try #require(libraryCorpus).appendingPathComponent("multiformat.tar.gz").path
        return try output(of: "tar", ["-xzOf", archive, "test/dataset/multiformat/\(name)"])
    }

    @Test("each layout parses as its expected result says", arguments: layouts)
    func layout(name: String) throws {
        let expected = try JSONDecoder().decode([Expected].self, from: Self.member("\(name).result.json"))
        let log = try Self.member("\(name).log")
        let run = AccessLogRun([UInt8](log))
        #expect(run.format != nil)
        #expect(run.rejections.count == 0, "\(run.rejections.examples)")
        let taken = run.reads.filter { $0.state != .attempted && $0.route == .library }
        let documents = expected.filter { $0.rtype == "ARTICLE" }
        #expect(taken.count == documents.count)
        for (read, document) in zip(taken, documents) {
            #expect(read.object == document.unitid! + (document.mime == "PDF" ? "#pdf" : "#html"))
            #expect(read.store == document.domain)
            #expect(read.bytes == document.size.flatMap { UInt64($0) })
            if document.status != nil { #expect(read.state == .taken) }
            if let login = document.login { #expect(read.source == login) }
            if let session = document.session { #expect(read.session == session) }
            // ezPAARSE reads upmc's zone anew (+01:00 becomes +02:00, an hour later by its own clock, the same moment).
            let time = document.datetime
            withBytes(of: time) {
                #expect(read.time.microseconds / 1_000_000 == Timestamp(iso8601: $0)!.microseconds / 1_000_000)
            }
        }
    }

    /// What the expected results say about every line, document or not: its identifier, and whether it is an article.
    @Test("identifiers agree with the expected ones", arguments: layouts)
    func identifiers(name: String) throws {
        for expected in try JSONDecoder().decode([Expected].self, from: Self.member("\(name).result.json")) {
            let arena = Arena()
            let target = expected.url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)[3]
            let (kind, form, unit) = withBytes(of: "/" + target) { target in
                withBytes(of: expected.domain) { host in
                    let found = LibraryDocument.classify(host: host, target: target, arena: arena)
                    return (found.kind, found.form, found.unit.string)
                }
            }
            #expect(unit == expected.unitid)
            #expect((kind == .fullText) == (expected.rtype == "ARTICLE"))
            if kind == .fullText { #expect(form == (expected.mime == "PDF" ? .pdf : .html)) }
        }
    }

    @Test(
        "real days: documents, not requests",
        arguments: [
            ("cairn.2013-03-12.log.gz", 5394, 407, 367), ("edp.2013-01-23.log", 388, 29, 27),
            ("npg.2012-11-30.log.gz", 26847, 2034, 1524),
            ("sd.2012-11-30.log.gz", 32530, 2203, 1808),
        ])
    func day(name: String, records: Int, reads: Int, documents: Int) throws {
        let path = try #require(libraryCorpus).appendingPathComponent(name).path
        let log =
            try name.hasSuffix(".gz")
            ? output(of: "gzip", ["-dc", path]) : Data(contentsOf: URL(fileURLWithPath: path))
        let run = AccessLogRun([UInt8](log))
        print("\(name): \(run.records) records, \(run.reads.count) reads of \(run.documents.count) documents")
        #expect(run.format == "ezproxy")
        #expect(run.rejections.count == 0)
        // The figures were found a second time by a script of another language with rules of its own for each platform.
        #expect(run.records == UInt64(records))
        #expect(run.reads.filter { $0.state == .taken }.count == reads)
        #expect(run.documents.count == documents)
        #expect(run.records == UInt64(run.reads.count) + run.irrelevant)
    }
}
