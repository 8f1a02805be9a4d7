// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Why a `LogFormat` directive cannot be used.
public enum LogFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Two fields follow each other without any text between them: nobody can tell where one ends.
    case adjacentFields(String)
    /// No field says when the request was made (`%t`).
    case noTime
    /// No field says what was asked for (`%r`, `%U`, `%ru`).
    case noRequest
    /// A `%{` without `}`, or a `%` at the end.
    case unfinished(String)
    /// A time format that cannot be read back, such as a month without a day.
    case time(String)
    /// More fields than any log has (64).
    case tooLong

    /// The error in words, with what to do.
    public var description: String {
        switch self {
        case .adjacentFields(let text): "LogFormat: '\(text)' has two fields without a separator between them"
        case .noTime: "LogFormat: no time field; add %t"
        case .noRequest: "LogFormat: no request field; add \"%r\" or %U"
        case .unfinished(let text): "LogFormat: unfinished field at '\(text)'"
        case .time(let text): "LogFormat: the time format '\(text)' does not give date and time"
        case .tooLong: "LogFormat: more than 64 fields"
        }
    }
}

/// A `LogFormat` directive as a plan: which field follows which text. Understands the fields of EZproxy
/// (https://help.oclc.org/Library_Management/EZproxy/Configure_resources/LogFormat), of Apache's mod_log_config and
/// mod_logio (https://httpd.apache.org/docs/2.4/mod/mod_log_config.html) and of Squid's `logformat`
/// (https://www.squid-cache.org/Doc/config/logformat/); where two of them use one letter, the longest code wins.
/// Fields that say nothing about who got what are read over.
public struct LogFormat: Sendable, Hashable {
    /// What a field says.
    public enum Field: UInt8, Sendable, CaseIterable {
        case ignored, client, user, ident, session, time, request, url, method, status, bytes, requestBytes, mime
        case userAgent, referer, range, host, port, cacheResult
    }

    /// A field and the text that follows it.
    struct Step: Hashable, Sendable {
        var field: Field
        /// Where in ``LogFormat/literals`` the text stands that ends the field; nothing for the last one.
        var literal: Range<Int>
        /// Blanks stand before the field to fill its width.
        var isPadded = false
        /// No field behind this one is text that a reader can choose: the last place that fits is the end, so that
        /// quotes within an unescaped request do no harm.
        var endsLast = false
        /// How often the text stands within the field itself (a time of date and clock apart).
        var inner = 0
        /// What must follow the text, to tell the field's end from the same text within it.
        var next: Field = .ignored
    }

    /// The directive as written.
    public let directive: String
    let steps: [Step]
    let literals: [UInt8]
    /// The text before the first field.
    let prefix: Range<Int>
    let time: LogTimeFormat
    /// Whether the logged size of the reply holds its headers too (`%O`, Squid's `%<st`).
    public let bytesIncludeHeaders: Bool
    /// How many bytes the headers of a reply come to at most, by default (Squid, `reply_header_max_size`,
    /// <https://www.squid-cache.org/Doc/config/reply_header_max_size/>); other servers allow less.
    static let longestHeaders: UInt64 = 65_536
    /// The fields that the format holds.
    public let fields: Set<Field>

    /// Compiles a directive: the format alone, or the whole configuration line (`LogFormat "..." name`,
    /// `logformat name ...`).
    public init(_ directive: String) throws(LogFormatError) {
        var parts = try LogFormatLexer.parts(of: directive)
        try LogFormatLexer.join(&parts)
        guard parts.count <= 128 else { throw .tooLong }

        var literals: [UInt8] = []
        var steps: [Step] = []
        var prefix = 0..<0
        var time: LogTimeFormat?
        var withHeaders = false
        let hasContentSize = parts.contains {
            if case .field(.bytes, let code) = $0 { !code.includesHeaders } else { false }
        }
        for part in parts {
            switch part {
            case .literal(let text):
                let range = literals.count..<literals.count + text.count
                literals += text
                if steps.isEmpty { prefix = range } else { steps[steps.count - 1].literal = range }
            case .field(let field, let code):
                if let last = steps.last, last.literal.isEmpty { throw .adjacentFields(directive) }
                var field = field
                // Of two sizes of the reply, the one without headers is what its content came to.
                if field == .bytes {
                    if code.includesHeaders && hasContentSize {
                        field = .ignored
                    } else {
                        withHeaders = code.includesHeaders
                    }
                }
                steps.append(Step(field: field, literal: 0..<0, isPadded: code.isPadded))
            case .time(let format):
                if let last = steps.last, last.literal.isEmpty { throw .adjacentFields(directive) }
                guard time == nil else {
                    steps.append(Step(field: .ignored, literal: 0..<0))
                    continue
                }
                time = try LogTimeFormat(format)
                steps.append(Step(field: .time, literal: 0..<0))
            }
        }
        guard let time else { throw .noTime }
        let fields = Set(steps.map(\.field))
        guard fields.contains(.request) || fields.contains(.url) else { throw .noRequest }
        var isChosenByReader = false
        for index in steps.indices.reversed() {
            steps[index].endsLast = steps[index].field == .request && !isChosenByReader
            let next = index + 1 < steps.count ? steps[index + 1].field : .ignored
            steps[index].next = next == .time && !time.beginsWithDigit ? .ignored : next
            if steps[index].field == .time { steps[index].inner = time.count(of: literals[steps[index].literal]) }
            switch steps[index].field {
            case .userAgent, .referer, .range, .ignored, .request, .url, .user: isChosenByReader = true
            default: break
            }
        }
        self.directive = directive
        self.steps = steps
        self.literals = literals
        self.prefix = prefix
        self.time = time
        self.bytesIncludeHeaders = withHeaders
        self.fields = fields
    }

    /// A directive of the program's own, known to compile.
    init(known directive: String) {
        do { self = try LogFormat(directive) } catch { preconditionFailure("\(error)") }
    }
}
