// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Turns the text of an indicator into the form that logs are compared with.
///
/// Defanged text (`hxxps://`, `[.]`, `(dot)`, `[at]`) is mended; names are in lower case, without a last dot, in the ASCII form
/// of IDNA; addresses and networks in 128 bits, so that IPv4 and IPv4-mapped IPv6 are one; URLs without scheme, user and
/// fragment, and without the port that the scheme implies; hashes in lower case.
public enum IndicatorText {
    /// The longest text that is taken for an indicator, in bytes.
    public static let lengthLimit = 4096

    /// Kind and value of a text whose kind is not told; nil when it is none.
    public static func classify(_ text: String) -> (Indicator.Kind, [UInt8])? {
        guard text.utf8.count <= lengthLimit else { return nil }
        let text = refanged(text)
        guard !text.isEmpty else { return nil }
        if let address = IPAddress(unbracketed(text)) { return (.address, address.bytes) }
        if let slash = text.firstIndex(of: "/"), IPAddress(String(text[..<slash])) != nil,
            text[slash...].dropFirst().utf8.allSatisfy({ $0 &- 0x30 < 10 })
        {
            // An address and a length: a network, or a broken one, never a URL.
            return Network(loosely: text).map(network)
        }
        if let hash = hash(text) { return (.hash, hash) }
        if isJA4(text) { return (.ja4, Array(text.lowercased().utf8)) }
        if text.contains("://") || text.contains("/") { return url(text).map { (.url, $0) } }
        if text.contains("@") { return mail(text).map { (.mail, $0) } }
        // A host with a port is an indicator of the host.
        if text.hasPrefix("["), let end = text.lastIndex(of: "]"), text[end...].hasPrefix("]:"),
            UInt16(text[end...].dropFirst(2)) != nil
        {
            return classify(String(text[...end]))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, UInt16(parts[1]) != nil { return classify(String(parts[0])) }
        return domain(text).map { (.domain, $0) }
    }

    /// The value of a text of a known kind; nil when it is none of that kind. A network of one address is an address.
    public static func value(_ kind: Indicator.Kind, _ text: String) -> (Indicator.Kind, [UInt8])? {
        guard text.utf8.count <= lengthLimit else { return nil }
        switch kind {
        case .address, .network:
            return Network(loosely: unbracketed(refanged(text))).map(network)
        case .domain: return domain(refanged(text)).map { (.domain, $0) }
        case .url: return url(refanged(text)).map { (.url, $0) }
        case .hash: return hash(refanged(text)).map { (.hash, $0) }
        case .mail: return mail(refanged(text)).map { (.mail, $0) }
        case .certificate:
            // Fingerprints are also written in pairs with colons.
            return hash(refanged(text).filter { $0 != ":" }).map { (.certificate, $0) }
        case .ja3:
            guard let digits = hash(refanged(text)), digits.count == 32 else { return nil }
            return (.ja3, digits)
        case .ja4: return isJA4(text) ? (.ja4, Array(text.lowercased().utf8)) : nil
        case .userAgent: return text.isEmpty ? nil : (.userAgent, Array(text.utf8))
        }
    }

    static func network(_ network: Network) -> (Indicator.Kind, [UInt8]) {
        network.prefixLength == 128
            ? (.address, network.base.bytes) : (.network, network.base.bytes + [UInt8(network.prefixLength)])
    }

    /// A name in lower case and ASCII; nil when it is no name with a dot in it.
    static func domain(_ text: String) -> [UInt8]? {
        var name = Substring(text)
        if name.hasPrefix("*.") { name = name.dropFirst(2) }
        if name.hasPrefix(".") { name = name.dropFirst() }
        if name.hasSuffix(".") { name = name.dropLast() }
        guard let ascii = InternationalName.ascii(name), ascii.count <= 253, ascii.contains(UInt8(ascii: ".")) else {
            return nil
        }
        var length = 0
        for byte in ascii {
            if byte == UInt8(ascii: ".") {
                if length == 0 { return nil }
                length = 0
                continue
            }
            length += 1
            let isGood =
                (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: "_")
            guard isGood, length <= 63 else { return nil }
        }
        // A name does not end in a number: that would be a broken address.
        let last = ascii[ascii.index(after: ascii.lastIndex(of: UInt8(ascii: ".")) ?? 0)...]
        return last.isEmpty || last.allSatisfy { $0 &- 0x30 < 10 } ? nil : ascii
    }

    /// A URL as `host[:port]/path?query`; nil when it has no host.
    static func url(_ text: String) -> [UInt8]? {
        var rest = Substring(text)
        var port = ""
        if let scheme = rest.range(of: "://") {
            switch rest[..<scheme.lowerBound].lowercased() {
            case "http", "ws": port = "80"
            case "https", "wss": port = "443"
            case "ftp": port = "21"
            default: break
            }
            rest = rest[scheme.upperBound...]
        }
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        var authority = rest[..<end]
        var path = String(rest[end...])
        if !path.hasPrefix("/") { path = "/" + path }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        var host = authority
        var explicit = ""
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            host = authority[..<colon]
            explicit = String(authority[authority.index(after: colon)...])
            guard explicit.isEmpty || UInt16(explicit) != nil else { return nil }
        }
        let name: [UInt8]
        if let address = IPAddress(unbracketed(String(host))) {
            name = Array(address.description.utf8)
        } else if let ascii = domain(String(host)) {
            name = ascii
        } else {
            return nil
        }
        let suffix = explicit.isEmpty || explicit == port || (port.isEmpty && explicit == "80") ? "" : ":\(explicit)"
        return name + Array(suffix.utf8) + Array(path.utf8)
    }

    /// The digits of an MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512, in lower case; nil for anything else.
    static func hash(_ text: String) -> [UInt8]? {
        guard [32, 40, 56, 64, 96, 128].contains(text.utf8.count),
            text.utf8.allSatisfy({ HexText.value($0) != nil })
        else { return nil }
        return Array(text.lowercased().utf8)
    }

    static func mail(_ text: String) -> [UInt8]? {
        var text = text
        if text.lowercased().hasPrefix("mailto:") { text.removeFirst(7) }
        guard let at = text.lastIndex(of: "@"), at > text.startIndex, !text.contains(" "),
            let host = domain(String(text[text.index(after: at)...]))
        else { return nil }
        return Array(text[..<at].lowercased().utf8) + [UInt8(ascii: "@")] + host
    }

    /// Whether a text is a JA4 fingerprint (FoxIO, "JA4+ technical details"): `t13d1516h2_8daaf6152771_e5627efa2ab1`.
    static func isJA4(_ text: String) -> Bool {
        let bytes = Array(text.lowercased().utf8)
        guard bytes.count == 36, bytes[10] == UInt8(ascii: "_"), bytes[23] == UInt8(ascii: "_"),
            [UInt8(ascii: "t"), UInt8(ascii: "q"), UInt8(ascii: "d")].contains(bytes[0])
        else { return false }
        return bytes[1..<10].allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x61 < 26 }
            && bytes[11..<23].allSatisfy { HexText.value($0) != nil }
            && bytes[24...].allSatisfy { HexText.value($0) != nil }
    }

    private static func unbracketed(_ text: String) -> String {
        text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    }

    /// Takes the marks out that people put into indicators so that nobody follows them by accident.
    static func refanged(_ text: String) -> String {
        var result = text.unicodeScalars.filter { !isInvisible($0) }.reduce(into: "") { $0.unicodeScalars.append($1) }
        result = result.trimmingBlanks()
        if result.hasPrefix("<"), result.hasSuffix(">") { result = String(result.dropFirst().dropLast()) }
        // Most text has none of the marks.
        guard result.utf8.contains(where: { "[]({}\\*xX".utf8.contains($0) }) || !result.utf8.allSatisfy({ $0 < 0x80 })
        else { return result }
        let lower = result.lowercased()
        for (mark, scheme) in [
            ("hxxps", "https"), ("hxxp", "http"), ("h**ps", "https"), ("h**p", "http"), ("htxp", "http"),
            ("fxp", "ftp"),
        ] where lower.hasPrefix(mark) {
            let after = lower.dropFirst(mark.utf8.count)
            guard let first = after.first, first == ":" || first == "[" || first == "(" else { continue }
            result = scheme + result.dropFirst(mark.count)
            break
        }
        for (marks, plain) in [
            (["[.]", "(.)", "{.}", "[dot]", "(dot)", "{dot}", "\\.", "。", "．", "｡"], "."),
            (["[:]", "(:)"], ":"), (["[://]"], "://"), (["[/]"], "/"), (["[@]", "[at]", "(at)", "{at}"], "@"),
        ] {
            for mark in marks { result = result.replacingAll(mark, plain) }
        }
        return result
    }

    /// Characters that are not seen: zero-width blanks and joiners, marks of direction, the byte order mark.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00AD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x206F, 0xFEFF: true
        default: false
        }
    }
}

extension String {
    func trimmingBlanks() -> String {
        var view = Substring(self)
        while let first = view.unicodeScalars.first, first.properties.isWhitespace { view.unicodeScalars.removeFirst() }
        while let last = view.unicodeScalars.last, last.properties.isWhitespace { view.unicodeScalars.removeLast() }
        return String(view)
    }

    /// All occurrences of a mark, in either case, put as `plain`.
    func replacingAll(_ mark: String, _ plain: String) -> String {
        let wanted = Array(mark.utf8)
        let bytes = Array(utf8)
        guard bytes.count >= wanted.count else { return self }
        var result: [UInt8] = []
        var at = 0
        func fold(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
        while at < bytes.count {
            if at + wanted.count <= bytes.count, zip(bytes[at...], wanted).allSatisfy({ fold($0) == $1 }) {
                result += plain.utf8
                at += wanted.count
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension Substring {
    func range(of text: String) -> Range<Index>? {
        let bytes = Array(utf8)
        let wanted = Array(text.utf8)
        guard !wanted.isEmpty, bytes.count >= wanted.count else { return nil }
        for at in 0...bytes.count - wanted.count where bytes[at..<at + wanted.count].elementsEqual(wanted) {
            let start = utf8.index(startIndex, offsetBy: at)
            return start..<utf8.index(start, offsetBy: wanted.count)
        }
        return nil
    }
}
