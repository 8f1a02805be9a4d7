// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What can be told of a document's journal from its identifier and its publisher's host.
enum Journal {
    /// A hash that documents of one journal have in common: of the publisher's registrant (DOI) or host, and of what stands
    /// in front of the article's own number. An identifier that is a number only tells no journal: the publisher's host
    /// stands for it.
    ///
    /// - `10.1038/nature10000`, `10.1038/s41586-020-2649-2`, `10.1111/j.1365-2966.2012.1`, `10.1186/1471-2105-13-1`: registrant
    ///   and `nature`, `s41586`, `j.1365-2966`, `1471-2105` (publishers' own habits; an ISSN is four digits, a dash, four
    ///   digits the last of which may be X: ISO 3297)
    /// - `S0092867412012345` (PII): the ISSN in its first nine characters
    /// - `RFS_533_0001`, `nature10000`: `RFS`, `nature`
    static func hash(document: Bytes, publisher: Bytes) -> UInt64 {
        var hash = ContentHash(seed: 0x4A)
        var name = document
        if document.hasPrefix("10."), let slash = document.firstIndex(of: UInt8(ascii: "/")) {
            hash.combine(document.prefix(upTo: slash))
            name = document.suffix(from: slash + 1)
        } else if isPII(document) {
            hash.combine(document.prefix(upTo: 9))
            return hash.value
        } else {
            hash.combine(publisher)
        }
        hash.combine(name.prefix(upTo: length(ofJournalIn: name)))
        return hash.value
    }

    /// `S` or `B`, and 16 digits, the last of which may be an X.
    private static func isPII(_ text: Bytes) -> Bool {
        guard text.count == 17, text[0] | 0x20 == UInt8(ascii: "s") || text[0] | 0x20 == UInt8(ascii: "b") else {
            return false
        }
        return (1..<16).allSatisfy { isDigit(text[$0]) }
    }

    private static func length(ofJournalIn name: Bytes) -> Int {
        var end = 0
        while end < name.count, !isDigit(name[end]) { end += 1 }
        if let issn = lengthOfISSN(name.suffix(from: end)) { return end + issn }
        if end == 1 {
            // One letter and the journal's number: `s41586-`.
            var digits = 1
            while digits < name.count, isDigit(name[digits]) { digits += 1 }
            if digits < name.count, name[digits] == UInt8(ascii: "-") { return digits }
        }
        return end
    }

    private static func lengthOfISSN(_ text: Bytes) -> Int? {
        guard text.count >= 9, text[4] == UInt8(ascii: "-") else { return nil }
        for index in [0, 1, 2, 3, 5, 6, 7] where !isDigit(text[index]) { return nil }
        return isDigit(text[8]) || text[8] | 0x20 == UInt8(ascii: "x") ? 9 : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }
}
