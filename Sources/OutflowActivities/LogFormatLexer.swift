// SPDX-License-Identifier: Apache-2.0

/// Cuts a `LogFormat` directive into texts and fields.
enum LogFormatLexer {
    /// What else a field's code says.
    struct Code {
        var includesHeaders = false
        var isPadded = false
    }

    enum Part {
        case literal([UInt8])
        case field(LogFormat.Field, Code)
        /// A time, in strftime(3) notation; `%s`, `%~` and `%^` are seconds, milli- and microseconds since 1970.
        case time([UInt8])
    }

    /// Codes of all three dialects. Squid's two-letter codes come before the one-letter ones that begin alike.
    private static let codes: [(name: String, field: LogFormat.Field, includesHeaders: Bool)] = [
        (">st", .requestBytes, false), ("<st", .bytes, true), ("<Hs", .ignored, false), (">Hs", .status, false),
        ("Hs", .status, false), (">a", .client, false), (">A", .client, false), ("<a", .ignored, false),
        ("<A", .ignored, false), (">p", .ignored, false), (">h", .ignored, false), ("<h", .ignored, false),
        ("un", .user, false), ("ul", .user, false), ("ui", .ident, false), ("us", .ignored, false),
        ("ue", .ignored, false), ("rm", .method, false), ("ru", .url, false), ("rp", .ignored, false),
        ("rv", .ignored, false), ("mt", .mime, false), ("Ss", .cacheResult, false), ("Sh", .ignored, false),
        ("tr", .ignored, false), ("st", .bytes, true),
        ("a", .client, false), ("h", .client, false), ("u", .user, false), ("l", .ident, false), ("r", .request, false),
        ("U", .url, false), ("m", .method, false), (">s", .status, false), ("<s", .status, false),
        ("s", .status, false), ("b", .bytes, false), ("B", .bytes, false), ("O", .bytes, true),
        ("I", .requestBytes, false), ("v", .host, false), ("V", .host, false), ("p", .port, false),
    ]

    /// Headers and EZproxy's pseudo-headers whose value is used.
    private static let headers: [String: LogFormat.Field] = [
        "user-agent": .userAgent, "referer": .referer, "range": .range, "host": .host,
        "ezproxy-session": .session, "content-type": .mime,
    ]

    static func parts(of directive: String) throws(LogFormatError) -> [Part] {
        let text = format(in: directive)
        var parts: [Part] = []
        var literal: [UInt8] = []
        var at = 0
        func flush() {
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal.removeAll()
        }
        while at < text.count {
            guard text[at] == UInt8(ascii: "%") else {
                literal.append(text[at])
                at += 1
                continue
            }
            let start = at
            at += 1
            if at < text.count, text[at] == UInt8(ascii: "%") {
                literal.append(UInt8(ascii: "%"))
                at += 1
                continue
            }
            // Modifiers: Apache's status list (`!200,304`), Squid's encoding, alignment and width.
            var code = Code()
            while at < text.count, "!,\"[#'/-.0123456789".utf8.contains(text[at]) {
                if (0x31...0x39).contains(text[at]) || text[at] == UInt8(ascii: "-") { code.isPadded = true }
                at += 1
            }
            var argument: [UInt8] = []
            func readArgument() throws(LogFormatError) {
                guard at < text.count, text[at] == UInt8(ascii: "{") else { return }
                guard let close = text[at...].firstIndex(of: UInt8(ascii: "}")) else {
                    throw .unfinished(String(decoding: text[start...], as: UTF8.self))
                }
                argument = Array(text[(at + 1)..<close])
                at = close + 1
            }
            try readArgument()
            let rest = text[at...]
            if rest.isEmpty { throw .unfinished(String(decoding: text[start...], as: UTF8.self)) }
            flush()
            if !argument.isEmpty, rest.starts(with: "t".utf8) {
                // Apache `%{sec}t`, `%{begin:%Y}t`; EZproxy and Apache `%{strftime}t`.
                at += rest.starts(with: "tl".utf8) || rest.starts(with: "tg".utf8) ? 2 : 1
                parts.append(.time(timeArgument(argument)))
            } else if rest.starts(with: "ts".utf8) {
                at += 2
                parts.append(.time(Array("%s".utf8)))
            } else if rest.starts(with: "tu".utf8) {
                // The fraction of a second, which follows `%ts.`; `join` makes one field of both.
                at += 2
                parts.append(.time(Array("%f".utf8)))
            } else if rest.starts(with: "tl".utf8) || rest.starts(with: "tg".utf8) {
                at += 2
                parts.append(.time(Array("%d/%b/%Y:%H:%M:%S %z".utf8)))
            } else if rest.first == UInt8(ascii: "t"), !rest.starts(with: "tr".utf8), !rest.starts(with: "tS".utf8) {
                at += 1
                parts += [.literal([0x5B]), .time(Array("%d/%b/%Y:%H:%M:%S %z".utf8)), .literal([0x5D])]
            } else if let known = codes.first(where: { rest.starts(with: $0.name.utf8) }), argument.isEmpty {
                at += known.name.utf8.count
                // Squid also takes the argument behind the code: `%>h{Referer}`.
                try readArgument()
                code.includesHeaders = known.includesHeaders
                parts.append(.field(argument.isEmpty ? known.field : header(argument, isRequest: true), code))
            } else {
                let squidHeader = rest.starts(with: ">h".utf8) || rest.starts(with: "<h".utf8)
                let isRequest = rest.starts(with: ">h".utf8) || rest.first == UInt8(ascii: "i")
                let isReply = rest.starts(with: "<h".utf8) || rest.first == UInt8(ascii: "o")
                at += squidHeader || rest.starts(with: "tr".utf8) || rest.starts(with: "tS".utf8) ? 2 : 1
                let used = !argument.isEmpty && (isRequest || isReply)
                parts.append(.field(used ? header(argument, isRequest: isRequest) : .ignored, code))
            }
        }
        flush()
        return parts
    }

    /// Joins texts, and fields that only together say something: `%U%q`, `%ts.%03tu`, date and time apart.
    static func join(_ parts: inout [Part]) throws(LogFormatError) {
        var joined: [Part] = []
        for part in parts {
            switch (joined.last, part) {
            case (.literal(let before)?, .literal(let text)):
                joined[joined.count - 1] = .literal(before + text)
            case (.field(.url, _)?, .field(.ignored, _)):
                continue  // %U%q: the query follows the path without a gap.
            case (.time(let before)?, .time(let format)):
                joined[joined.count - 1] = .time(before + format)
            case (.literal(let between)?, .time(let format)):
                if joined.count >= 2, case .time(let before) = joined[joined.count - 2] {
                    joined.removeLast()
                    joined[joined.count - 1] = .time(before + between + format)
                } else {
                    joined.append(part)
                }
            default:
                joined.append(part)
            }
        }
        parts = joined
    }

    /// What a header field says.
    private static func header(_ name: [UInt8], isRequest: Bool) -> LogFormat.Field {
        let name = String(decoding: name, as: UTF8.self).lowercased()
        // A request's content type is that of an upload.
        if name == "content-type" { return isRequest ? .ignored : .mime }
        return isRequest ? headers[name] ?? .ignored : .ignored
    }

    /// Apache's named time formats in this lexer's notation.
    private static func timeArgument(_ argument: [UInt8]) -> [UInt8] {
        var text = String(decoding: argument, as: UTF8.self)
        for prefix in ["begin:", "end:"] where text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
        switch text {
        case "sec": return Array("%s".utf8)
        case "msec": return Array("%~".utf8)
        case "usec": return Array("%^".utf8)
        case "begin", "end": return Array("[%d/%b/%Y:%H:%M:%S %z]".utf8)
        default: return Array(text.utf8)
        }
    }

    /// The format within a configuration line: without the directive's name, its quotes and the format's nickname.
    private static func format(in directive: String) -> [UInt8] {
        var text = directive[...]
        func dropWord() {
            text = text.drop { $0 != " " && $0 != "\t" }
            text = text.drop { $0 == " " || $0 == "\t" }
        }
        text = text.drop { $0 == " " || $0 == "\t" }
        if text.hasPrefix("logformat ") {  // Squid: logformat NAME FORMAT
            dropWord()
            if !text.hasPrefix("%") { dropWord() }
        } else if text.lowercased().hasPrefix("logformat ") {
            dropWord()
        }
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "\""), bytes.contains(UInt8(ascii: "\\")) || isQuoted(bytes) else {
            return bytes
        }
        // Apache: quoted, with \" \\ \t \n, and perhaps a nickname behind.
        var out: [UInt8] = []
        var at = 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count {
                at += 1
                switch bytes[at] {
                case UInt8(ascii: "t"): out.append(0x09)
                case UInt8(ascii: "n"): break
                default: out.append(bytes[at])
                }
            } else {
                out.append(bytes[at])
            }
            at += 1
        }
        return out
    }

    /// Whether the text is one quoted string with at most a nickname behind it (and not a format that begins with a
    /// quoted field).
    private static func isQuoted(_ bytes: [UInt8]) -> Bool {
        guard let close = bytes.dropFirst().firstIndex(of: UInt8(ascii: "\"")) else { return false }
        let inner = bytes[1..<close]
        return !bytes[(close + 1)...].contains(UInt8(ascii: "%")) && inner.contains(UInt8(ascii: " "))
    }
}
