// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What a request through a library proxy asked for: a document, or one of the hundred other things a page needs.
public struct LibraryRequest {
    /// What it is. Only `.fullText` is a document.
    public enum Kind: UInt8, Sendable { case fullText, abstract, contents, asset, other }
    /// In which form.
    public enum Form: UInt8, Sendable { case none, html, pdf, epub }

    /// What it is.
    public var kind: Kind
    /// In which form; `.none` for what is no document.
    public var form: Form
    /// The document's identifier, the same for its PDF and its HTML: a DOI in lower case, a PII without punctuation,
    /// a platform's number, else host and path. Empty when there is none.
    public var unit: Bytes
    /// Whether `unit` is an identifier of publishing, not just an address that ends in `.pdf`.
    public var isIdentified: Bool

    /// A request of its parts.
    public init(_ kind: Kind, form: Form = .none, unit: Bytes = .empty, isIdentified: Bool = false) {
        self.kind = kind
        self.form = form
        self.unit = unit
        self.isIdentified = isIdentified
    }
}

/// Tells documents from the rest by address and, where logged, media type. Only what names itself a full text counts:
/// a bare DOI page is taken for an abstract, because many platforms show no more there.
public enum LibraryDocument {
    /// What `target` (path and query, as logged) on `host` (lower case, without port) is. Views in the answer point
    /// into the arguments or into `arena`.
    public static func classify(host: Bytes, target: Bytes, mime: Bytes = .empty, arena: Arena) -> LibraryRequest {
        let url = URLParts(target)
        let path = url.path
        if isAsset(url.fileExtension) || isAssetType(mime) { return LibraryRequest(.asset) }
        // The proxy's and publishers' own doors carry the wanted address in their query.
        if path.hasPrefix("/login") || path.hasPrefix("/connect"), !url.query.isEmpty { return LibraryRequest(.other) }

        let form = form(of: url, mime: mime)
        for rule in LibraryPlatforms.rules where isMatch(rule, host: host, url: url) {
            return apply(rule, url: url, form: form, mime: mime, arena: arena)
        }
        if path.firstIndex(of: "/epdf/") != nil { return LibraryRequest(.other) }  // A viewer's frame around the PDF.

        if let (unit, tail) = identifier(of: url, arena: arena) {
            if form == .pdf || form == .epub {
                return LibraryRequest(.fullText, form: form, unit: unit, isIdentified: true)
            }
            let isFull = isFullTextPath(path) || (unit.hasPrefix("PMC") && (tail.isEmpty || tail == "/"))
            return LibraryRequest(
                isFull ? .fullText : .abstract, form: isFull ? .html : .none, unit: unit, isIdentified: true)
        }
        guard form == .pdf || form == .epub else {
            let isContents = path.firstIndex(of: "/toc/") != nil || path.firstIndex(of: "/loi/") != nil
            return LibraryRequest(isContents ? .contents : .other)
        }
        let ownName =
            (isNamed(url.fileExtension, "pdf") || isNamed(url.fileExtension, "epub"))
            && (url.query.isEmpty || !isGeneric(url.path))
        return LibraryRequest(.fullText, form: form, unit: arena.join(host, ownName ? path : target))
    }

    /// Whether an extension is `name`, in either case.
    private static func isNamed(_ text: Bytes, _ name: StaticString) -> Bool {
        guard text.count == name.utf8CodeUnitCount else { return false }
        return (0..<text.count).allSatisfy { text[$0] | 0x20 == name.utf8Start[$0] }
    }

    /// Names of programs that hand out documents: which one, their query says (`download.pdf?id=7`).
    private static let generic: [StaticString] = [
        "download", "file", "view", "viewer", "get", "getfile", "document", "article", "paper", "fulltext", "pdf",
        "content", "render", "main", "open", "print", "index", "attachment", "stream", "fetch",
    ]

    /// Whether the file's name in a path says nothing of which document it is.
    private static func isGeneric(_ path: Bytes) -> Bool {
        var from = path.count
        while from > 0, path[from - 1] != UInt8(ascii: "/") { from -= 1 }
        let name = path.suffix(from: from)
        let stem = name.prefix(upTo: name.firstIndex(of: UInt8(ascii: ".")) ?? name.count)
        return generic.contains { isNamed(stem, $0) }
    }

    /// Whether the row speaks of this request.
    private static func isMatch(_ rule: PlatformRule, host: Bytes, url: URLParts) -> Bool {
        let length = rule.host.utf8CodeUnitCount
        if length > 0 {
            guard host.hasSuffix(rule.host), host.count == length || host[host.count - length - 1] == 0x2E else {
                return false
            }
        }
        return holds(url.path, rule.path) && holds(url.query, rule.query) && holds(url.query, rule.also)
    }

    private static func holds(_ text: Bytes, _ part: StaticString) -> Bool {
        part.utf8CodeUnitCount == 0 || text.firstIndex(of: part) != nil
    }

    private static func apply(
        _ rule: PlatformRule, url: URLParts, form: LibraryRequest.Form, mime: Bytes, arena: Arena
    ) -> LibraryRequest {
        var unit = Bytes.empty
        var isWhole = true
        switch rule.identifier {
        case .none: break
        case .stem: unit = arena.lowercased(stem(lastSegment(url.path)))
        case .parameter(let name): unit = arena.percentDecoded(url.parameter(name))
        case .stemOf(let name): unit = arena.lowercased(stem(lastSegment(arena.percentDecoded(url.parameter(name)))))
        case .stemOfOwnFolder(let name):
            let file = arena.percentDecoded(url.parameter(name))
            let last = lastSegment(file)
            unit = arena.lowercased(stem(last))
            isWhole =
                last.count < file.count
                && arena.lowercased(lastSegment(file.prefix(upTo: file.count - last.count - 1))) == unit
        case .segment:
            guard let at = url.path.firstIndex(of: rule.path) else { break }
            let rest = url.path.suffix(from: at + rule.path.utf8CodeUnitCount)
            if let doi = DocumentIdentifier.doi(in: rest, arena: arena) {
                unit = doi
            } else {
                let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.count
                let segment = arena.percentDecoded(rest.prefix(upTo: end))
                unit =
                    DocumentIdentifier.pii(segment, arena: arena) ?? stem(segment, of: ["pdf", "epub", "html", "htm"])
                isWhole = isLeaf(rest.suffix(from: end))
            }
        }
        guard rule.kind == .fullText else { return LibraryRequest(rule.kind, unit: unit, isIdentified: !unit.isEmpty) }
        let said = form == .pdf || form == .epub || !mime.isEmpty ? form : rule.form
        // Pages beside the document (its figures, its references), and files that name no form.
        guard isWhole, !unit.isEmpty, said != .none, !(rule.form == .pdf && said == .html) else {
            return LibraryRequest(.other, unit: unit, isIdentified: !unit.isEmpty)
        }
        return LibraryRequest(.fullText, form: said, unit: unit, isIdentified: true)
    }

    /// The form that the reply's type or the address tells. A reply that is a page is no PDF whatever the address says.
    private static func form(of url: URLParts, mime: Bytes) -> LibraryRequest.Form {
        if mime.hasPrefix("application/pdf") { return .pdf }
        if mime.hasPrefix("application/epub") { return .epub }
        if mime.hasPrefix("text/html") || mime.hasPrefix("application/xhtml") { return .html }
        if isNamed(url.fileExtension, "pdf") { return .pdf }
        if isNamed(url.fileExtension, "epub") { return .epub }
        let path = url.path
        if path.hasSuffix("/pdf") || path.hasSuffix("/pdfft") || path.hasSuffix("/pdf/")
            || path.firstIndex(of: "/doi/pdf") != nil || path.firstIndex(of: "/content/pdf/") != nil
        {
            return .pdf
        }
        if path.hasSuffix("/epub") || path.firstIndex(of: "/doi/epub") != nil { return .epub }
        for name: StaticString in ["pid", "filename", "file", "md5"] {
            let value = url.parameter(name)
            if value.isEmpty { continue }
            let ending = URLParts.fileExtension(of: value)
            if ending == "pdf" { return .pdf }
            if ending == "epub" { return .epub }
        }
        return .none
    }

    /// A general identifier, and what follows it in the path.
    private static func identifier(of url: URLParts, arena: Arena) -> (unit: Bytes, tail: Bytes)? {
        if let doi = DocumentIdentifier.doi(in: url.path, arena: arena) { return (doi, .empty) }
        if let at = url.path.firstIndex(of: "/PMC") {
            var end = at + 4
            while end < url.path.count, url.path[end] &- 0x30 <= 9 { end += 1 }
            if end > at + 4 { return (url.path[at + 1..<end], url.path.suffix(from: end)) }
        }
        for mark: StaticString in ["/pii/", "/PII", "/fulltext/", "/abstract/", "/pdf/"] {
            guard let at = url.path.firstIndex(of: mark) else { continue }
            let rest = url.path.suffix(from: at + mark.utf8CodeUnitCount)
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.count
            if let pii = DocumentIdentifier.pii(arena.percentDecoded(rest.prefix(upTo: end)), arena: arena) {
                return (pii, rest.suffix(from: end))
            }
        }
        if let pii = DocumentIdentifier.pii(url.parameter("_pii"), arena: arena) { return (pii, .empty) }
        if let doi = DocumentIdentifier.doi(in: url.parameter("doi"), arena: arena) { return (doi, .empty) }
        let number = url.parameter("arnumber")
        return number.unsigned == nil ? nil : (number, .empty)
    }

    /// Whether the path itself says that the page is the full text.
    private static func isFullTextPath(_ path: Bytes) -> Bool {
        path.firstIndex(of: "/doi/full/") != nil || path.firstIndex(of: "/fulltext") != nil
            || path.firstIndex(of: "/full_html") != nil || path.hasSuffix("/full") || path.hasSuffix(".full")
            || path.hasSuffix(".full.html") || path.hasSuffix(".long") || path.hasSuffix("/full/")
    }

    /// Whether what follows an identifier is still the document.
    private static func isLeaf(_ tail: Bytes) -> Bool {
        tail.count <= 1 || tail.hasPrefix("/pdf") || tail.hasPrefix("/full") || tail.hasPrefix("/epub")
    }

    private static func lastSegment(_ path: Bytes) -> Bytes {
        var at = path.count
        while at > 0, path[at - 1] != UInt8(ascii: "/") { at -= 1 }
        return path.suffix(from: at)
    }

    /// A file name without its extension (only one of `endings`, if given).
    private static func stem(_ name: Bytes, of endings: [StaticString] = []) -> Bytes {
        let ending = URLParts.fileExtension(of: name)
        guard ending.count > 0 || name.hasSuffix(".") else { return name }
        if !endings.isEmpty, !endings.contains(where: { ending == $0 }) { return name }
        return name.prefix(upTo: name.count - ending.count - 1)
    }

    private static func isAssetType(_ mime: Bytes) -> Bool {
        mime.hasPrefix("image/") || mime.hasPrefix("text/css") || mime.hasPrefix("font/") || mime.hasPrefix("audio/")
            || mime.hasPrefix("video/") || mime.firstIndex(of: "javascript") != nil
            || mime.hasPrefix("application/json")
    }

    /// Whether files of this extension are parts of pages.
    private static func isAsset(_ name: Bytes) -> Bool {
        guard name.count >= 2, name.count <= 7 else { return false }
        var key: UInt64 = 0
        for index in 0..<name.count { key = key << 8 | UInt64(name[index]) | 0x20 }
        return assetKeys.contains(key)
    }

    /// The extensions' letters, packed.
    private static let assetKeys: Set<UInt64> = Set(
        [
            "css", "js", "gif", "png", "jpg", "jpeg", "svg", "ico", "woff", "woff2", "ttf", "otf", "eot", "swf", "map",
            "json", "webp", "bmp", "xml", "rss", "nocache", "mp3", "mp4", "webm", "txt",
        ].map { (name: String) in name.utf8.reduce(0) { $0 << 8 | UInt64($1) } })
}
