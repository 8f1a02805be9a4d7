// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// URLs of logs in the form that indicators have: `host[:port]/path?query`, the host in lower case and without a last dot, an
/// IPv6 address without brackets and in its usual spelling, no port 80 or 443, no scheme.
enum URLForm {
    /// The host of what stands in a `Host` header, an SNI or the authority of a URL: without port, brackets and last dot.
    static func host(_ authority: Bytes) -> Bytes {
        var host = split(authority).host
        if host.hasSuffix(".") { host = host.prefix(upTo: host.count - 1) }
        return host
    }

    private static func split(_ authority: Bytes) -> (host: Bytes, port: Bytes) {
        let text = authority.trimmed
        if text.hasPrefix("["), let close = text.firstIndex(of: UInt8(ascii: "]")) {
            let rest = text.suffix(from: close + 1)
            return (text[1..<close], rest.hasPrefix(":") ? rest.suffix(from: 1) : .empty)
        }
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")),
            text.firstIndex(of: UInt8(ascii: ":"), from: colon + 1) == nil
        else { return (text, .empty) }
        return (text.prefix(upTo: colon), text.suffix(from: colon + 1))
    }

    /// The URL that a request asks for; nil when the log does not say.
    ///
    /// - Parameters:
    ///   - host: the `Host` header, with or without port.
    ///   - target: a path, or a whole URL as proxies are asked for (RFC 9112 section 3.2.2): then that names the host.
    ///   - port: that of the connection, which counts where the header names none.
    static func url(host: Bytes, target: Bytes, port: UInt16, _ arena: Arena) -> Bytes? {
        var (host, target, port) = (host, target, port)
        if let mark = target.firstIndex(of: "://"), mark <= 5 {
            let rest = target.suffix(from: mark + 3)
            var end = 0
            while end < rest.count, rest[end] != 0x2F, rest[end] != 0x3F, rest[end] != 0x23 { end += 1 }
            (host, target, port) = (rest.prefix(upTo: end), rest.suffix(from: end), 80)
            if let at = host.firstIndex(of: UInt8(ascii: "@")) { host = host.suffix(from: at + 1) }
            if !target.hasPrefix("/") { target = arena.join(Bytes("/"), target) }
        }
        guard target.hasPrefix("/") else { return nil }
        if let fragment = target.firstIndex(of: UInt8(ascii: "#")) { target = target.prefix(upTo: fragment) }
        let explicit = split(host).port
        var name = arena.lowercased(Self.host(host))
        guard !name.isEmpty else { return nil }
        if name.firstIndex(of: UInt8(ascii: ":")) != nil, let address = IPAddress(name) {
            name = arena.copy(address.description)
        }
        if !explicit.isEmpty {
            if explicit == "80" || explicit == "443" { return arena.join(name, target) }
            return arena.join(name, Bytes(":"), explicit, target)
        }
        if port == 80 || port == 443 || port == 0 { return arena.join(name, target) }
        return arena.join(name, arena.copy(":\(port)"), target)
    }
}
