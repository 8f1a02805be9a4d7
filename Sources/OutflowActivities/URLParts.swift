// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Path and query of a request's target; views, as logged.
struct URLParts {
    var path: Bytes
    var query: Bytes
    /// Extension of the path's last segment, as written, without the dot; empty if none.
    var fileExtension: Bytes

    /// The parts of `target`, without its fragment.
    init(_ target: Bytes) {
        var text = target
        if let hash = text.firstIndex(of: UInt8(ascii: "#")) { text = text.prefix(upTo: hash) }
        if let mark = text.firstIndex(of: UInt8(ascii: "?")) {
            path = text.prefix(upTo: mark)
            query = text.suffix(from: mark + 1)
        } else {
            path = text
            query = .empty
        }
        fileExtension = Self.fileExtension(of: path)
    }

    /// The last segment's extension.
    static func fileExtension(of path: Bytes) -> Bytes {
        var at = path.count
        while at > 0, path.count - at <= 8 {
            at -= 1
            if path[at] == UInt8(ascii: ".") { return path.suffix(from: at + 1) }
            if path[at] == UInt8(ascii: "/") { break }
        }
        return .empty
    }

    /// The value of the first parameter of this name; empty if there is none.
    func parameter(_ name: StaticString) -> Bytes {
        let length = name.utf8CodeUnitCount
        var from = 0
        while let at = query.firstIndex(of: name, from: from) {
            from = at + 1
            guard at == 0 || query[at - 1] == UInt8(ascii: "&") || query[at - 1] == UInt8(ascii: ";"),
                at + length < query.count, query[at + length] == UInt8(ascii: "=")
            else { continue }
            let value = query.suffix(from: at + length + 1)
            return value.prefix(upTo: value.firstIndex(of: UInt8(ascii: "&")) ?? value.count)
        }
        return .empty
    }
}

/// Scheme-less parts of an absolute address.
struct AbsoluteURL {
    /// Host without user, port and trailing dot, as written.
    var host: Bytes
    /// Path and query; `/` at least in meaning, empty if none is written.
    var target: Bytes

    /// Parses `http://host:80/path`, `https://…` or `ftp://…`; nil for anything else.
    init?(_ text: Bytes) {
        guard let mark = text.firstIndex(of: "://"), mark >= 3, mark <= 5 else { return nil }
        let scheme = text.prefix(upTo: mark)
        guard scheme == "http" || scheme == "https" || scheme == "ftp" || scheme == "HTTP" || scheme == "HTTPS" else {
            return nil
        }
        self.init(authority: text.suffix(from: mark + 3))
    }

    /// Parses what follows `://`; nil without a host.
    init?(authority text: Bytes) {
        var end = 0
        while end < text.count, text[end] != 0x2F, text[end] != 0x3F, text[end] != 0x23 { end += 1 }
        var name = text.prefix(upTo: end)
        if let at = name.firstIndex(of: UInt8(ascii: "@")) { name = name.suffix(from: at + 1) }
        if name.count > 0, name[0] == UInt8(ascii: "["), let close = name.firstIndex(of: UInt8(ascii: "]")) {
            name = name[1..<close]
        } else if let colon = name.firstIndex(of: UInt8(ascii: ":")) {
            name = name.prefix(upTo: colon)
        }
        if name.hasSuffix(".") { name = name.prefix(upTo: name.count - 1) }
        guard !name.isEmpty else { return nil }
        host = name
        target = text.suffix(from: end)
    }

    /// The address that a reverse proxy's path holds: `/http/host/path`, `/https/host/path`, `/https://host/path`; nil
    /// unless what stands for the host looks like one.
    init?(embeddedIn path: Bytes) {
        guard path.hasPrefix("/http") else { return nil }
        var at = 5
        if path.count > at, path[at] == UInt8(ascii: "s") { at += 1 }
        if path.count > at, path[at] == UInt8(ascii: ":") { at += 1 }
        guard path.count > at, path[at] == UInt8(ascii: "/") else { return nil }
        at += 1
        if path.count > at, path[at] == UInt8(ascii: "/") { at += 1 }
        self.init(authority: path.suffix(from: at))
        guard host.firstIndex(of: UInt8(ascii: ".")) != nil else { return nil }
        for index in 0..<host.count {
            switch host[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: continue
            default: return nil
            }
        }
    }
}

extension Arena {
    /// The bytes with `%XX` decoded; the same view when there are none. What is no hexadecimal stays as it is.
    func percentDecoded(_ text: Bytes) -> Bytes {
        guard let first = text.firstIndex(of: UInt8(ascii: "%")) else { return text }
        let out = allocate(text.count)
        out.update(from: text.start, count: first)
        var (from, to) = (first, first)
        while from < text.count {
            if text[from] == UInt8(ascii: "%"), text.count - from >= 3, let high = Self.hex(text[from + 1]),
                let low = Self.hex(text[from + 2])
            {
                out[to] = high << 4 | low
                from += 3
            } else {
                out[to] = text[from]
                from += 1
            }
            to += 1
        }
        return Bytes(start: out, count: to)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
