// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Libraries of copied papers and books, which ask for documents with borrowed accounts, or send their readers to those who do.
///
/// Names from the articles on Sci-Hub, Library Genesis, Z-Library and Anna's Archive in Wikipedia: their domains change often,
/// the first label of them seldom.
enum PirateLibrary {
    private static let names: [StaticString] = [
        "sci-hub", "scihub", "libgen", "library-genesis", "libgenesis", "z-lib", "zlib", "zlibrary", "z-library",
        "1lib",
        "b-ok", "bookzz", "booksc", "bookfi", "singlelogin", "annas-archive", "nexus-search",
    ]
    /// Hosts whose first labels say nothing.
    private static let hosts: [StaticString] = ["gen.lib.rus.ec", "library.lol", "booksdl.org"]

    /// Whether a referrer in lower case (`https://sci-hub.example/10.1000/1`) is a page of one of them.
    static func isReferrer(_ referrer: Bytes) -> Bool {
        guard let mark = referrer.firstIndex(of: "://") else { return false }
        let rest = referrer.suffix(from: mark + 3)
        var end = 0
        while end < rest.count, end < 256, rest[end] != UInt8(ascii: "/"), rest[end] != UInt8(ascii: ":") { end += 1 }
        let host = rest.prefix(upTo: end)
        if hosts.contains(where: { host == $0 }) { return true }
        // Any label but the last, which is the top-level domain.
        var start = 0
        while let dot = host.firstIndex(of: UInt8(ascii: "."), from: start) {
            let label = host[start..<dot]
            if names.contains(where: { label == $0 }) { return true }
            start = dot + 1
        }
        return false
    }
}
