// SPDX-License-Identifier: Apache-2.0

/// A header field.
public struct HubHeader: Equatable, Sendable {
    /// Name; compared without regard to case.
    public let name: String
    /// Value.
    public let value: String

    /// A header field.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request as the hub sees it, whatever server received it.
public struct HubRequest: Sendable {
    /// `GET`, `POST` and so on.
    public var method: String
    /// The path, still percent-encoded.
    public var path: String
    /// What follows the question mark; empty if there is none.
    public var query: String
    /// Header fields.
    public var headers: [HubHeader]
    /// `http` or `https`.
    public var scheme: String
    /// Host and port that the client asked for.
    public var authority: String
    /// Address of the client, for the audit log and rate limits.
    public var peer: String
    /// SHA-256, in hexadecimal digits, of the client certificate that TLS verified; nil if there was none.
    public var certificate: String?
    /// Reads the body once, up to a number of bytes; nil if there are more. 64 spare bytes may follow in the array's
    /// storage, but do not count.
    public var readBody: @Sendable (_ limit: Int) async throws -> [UInt8]?

    /// A request.
    public init(
        method: String, path: String, query: String = "", headers: [HubHeader] = [], scheme: String = "http",
        authority: String = "localhost", peer: String = "", certificate: String? = nil,
        readBody: @escaping @Sendable (Int) async throws -> [UInt8]?
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.scheme = scheme
        self.authority = authority
        self.peer = peer
        self.certificate = certificate
        self.readBody = readBody
    }

    /// The values of all fields of this name (lower case), joined by commas (RFC 9110, section 5.3); nil if none.
    public func header(_ name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// The parts of the path, decoded; nil if it is not proper percent-encoded UTF-8, or has an empty part inside.
    var segments: [String]? {
        var path = Substring(path)
        guard path.first == "/" else { return nil }
        path = path.dropFirst()
        if path.last == "/" { path = path.dropLast() }
        if path.isEmpty { return [] }
        var segments: [String] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            guard !part.isEmpty, let text = PercentCoding.decode(part, plusIsSpace: false) else { return nil }
            segments.append(text)
        }
        return segments
    }

    /// The parameters of the query, decoded, in order; nil if they are not proper percent-encoded UTF-8.
    var parameters: [(name: String, value: String)]? {
        var parameters: [(name: String, value: String)] = []
        for part in query.split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(sides[0], plusIsSpace: true),
                let value = PercentCoding.decode(sides.count > 1 ? sides[1] : "", plusIsSpace: true)
            else { return nil }
            parameters.append((name, value))
        }
        return parameters
    }
}

/// An answer.
public struct HubResponse: Sendable {
    /// HTTP status code.
    public var status: Int
    /// Header fields.
    public var headers: [HubHeader]
    /// The body.
    public var body: [UInt8]
    /// How many objects it is about, for the audit log and the metrics.
    var objects = 0

    /// An answer.
    public init(status: Int, headers: [HubHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value of the first field of this name (lower case).
    public func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
}

/// Percent-encoding (RFC 3986, section 2.1).
enum PercentCoding {
    /// The text meant; nil if an escape is damaged, or what comes out is not UTF-8 or holds a NUL.
    static func decode(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        func digit(_ byte: UInt8?) -> UInt8? {
            switch byte {
            case .some(let byte) where byte >= 0x30 && byte <= 0x39: byte - 0x30
            case .some(let byte) where byte >= 0x41 && byte <= 0x46: byte - 0x37
            case .some(let byte) where byte >= 0x61 && byte <= 0x66: byte - 0x57
            default: nil
            }
        }
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = digit(iterator.next()), let low = digit(iterator.next()) else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes.append(contentsOf: "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
