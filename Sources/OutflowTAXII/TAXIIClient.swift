// SPDX-License-Identifier: Apache-2.0

import OutflowJSON

/// A client of TAXII 2.1 servers.
///
/// Source: TAXII Version 2.1, OASIS Standard, 10 June 2021. Whatever a server sends is checked and bounded; who we are is
/// proven only to the server that the user named.
public struct TAXIIClient: Sendable {
    /// How we prove who we are.
    public enum Credentials: Sendable {
        /// By nothing, or by a client certificate.
        case none
        /// HTTP Basic authentication.
        case basic(name: String, password: String)
        /// A token (RFC 6750).
        case token(String)
    }

    /// What is taken of a server.
    public struct Limits: Sendable {
        /// The longest answer, in bytes.
        public var answerBytes = 128 << 20
        /// How often a request is sent that the server asks to repeat later (429, 503).
        public var tries = 5
        /// The longest that one such wait may be, in seconds.
        public var longestWait = 60.0
        /// Seconds to wait for a submission to be processed.
        public var statusSeconds = 300.0

        /// What holds unless told otherwise.
        public init() {}
    }

    /// The media type of everything that is asked for and sent.
    static let media = "application/taxii+json;version=2.1"

    let transport: any TAXIITransport
    let limits: Limits
    private let authorization: String?
    private let origin: TAXIIAddress
    let sleep: @Sendable (_ seconds: Double) async throws -> Void

    /// A client of the server at `origin`.
    ///
    /// - Parameters:
    ///   - origin: the server.
    ///   - transport: carries requests.
    ///   - credentials: by which we sign in.
    ///   - limits: what is taken of a server at most.
    ///   - sleep: waits; tests need not.
    public init(
        _ origin: TAXIIAddress, transport: any TAXIITransport, credentials: Credentials = .none,
        limits: Limits = Limits(),
        sleep: @escaping @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    ) {
        self.origin = origin
        self.transport = transport
        self.limits = limits
        self.sleep = sleep
        authorization =
            switch credentials {
            case .none: nil
            case .basic(let name, let password): "Basic " + Base64Text.encode(Array("\(name):\(password)".utf8))
            case .token(let token): "Bearer \(token)"
            }
    }

    /// Reads a resource.
    func get(_ address: TAXIIAddress, _ query: TAXIIQuery = TAXIIQuery()) async throws -> (JSONTree, TAXIIReply) {
        let reply = try await exchange("GET", address, query, nil)
        guard reply.status == 200 else { throw Self.refusal(reply, "\(address)") }
        return (try Self.object(reply, "\(address)"), reply)
    }

    /// Sends a body.
    func post(_ address: TAXIIAddress, _ body: [UInt8]) async throws -> TAXIIReply {
        try await exchange("POST", address, TAXIIQuery(), body)
    }

    /// Deletes a resource, or the parts of it that a query names.
    func delete(_ address: TAXIIAddress, _ query: TAXIIQuery) async throws -> TAXIIReply {
        try await exchange("DELETE", address, query, nil)
    }

    private func exchange(_ method: String, _ address: TAXIIAddress, _ query: TAXIIQuery, _ body: [UInt8]?)
        async throws -> TAXIIReply
    {
        guard address.hasSameOrigin(as: origin) else {
            throw TAXIIFailure(
                "\(address) is another server than \(origin): who we are is not told to it; name it itself")
        }
        var headers = [(name: "Accept", value: Self.media), (name: "User-Agent", value: "outflow")]
        if let authorization { headers.append(("Authorization", authorization)) }
        if body != nil { headers.append(("Content-Type", Self.media)) }
        let request = TAXIIRequest(method: method, url: address.description + query.text, headers: headers, body: body)
        var tried = 1
        while true {
            let reply = try await transport.send(request, limit: limits.answerBytes)
            guard [429, 503].contains(reply.status), tried < limits.tries else { return reply }
            // RFC 9110, section 10.2.3; dates are not understood, and wait the usual time.
            let asked = reply.header("retry-after").flatMap { Double($0) } ?? Double(1 << tried)
            try await sleep(min(max(asked, 0.1), limits.longestWait))
            tried += 1
        }
    }

    /// The JSON object that an answer is.
    static func object(_ reply: TAXIIReply, _ place: String) throws -> JSONTree {
        let root: JSONTree
        do { root = try JSONTree(parsing: reply.body, limit: max(reply.body.count, 1 << 16)) } catch {
            throw TAXIIFailure("\(place): the answer is no JSON: \(error)")
        }
        guard case .object = root else { throw TAXIIFailure("\(place): the answer is no JSON object") }
        return root
    }

    /// An answer that is no success, in words; the server's own (section 3.6.1) are quoted.
    static func refusal(_ reply: TAXIIReply, _ place: String) -> TAXIIFailure {
        if (300..<400).contains(reply.status) {
            let target = reply.header("location").map { " to \(quoted($0))" } ?? ""
            return TAXIIFailure(
                "\(place) sends elsewhere (\(reply.status)\(target)); that is not followed: name the right address",
                status: reply.status)
        }
        let message = (try? object(reply, place)).map { error in
            [error["title"]?.string, error["description"]?.string].compactMap { $0 }.map { ", \(quoted($0))" }.joined()
        }
        let advice =
            switch reply.status {
            case 401: "; sign in with --user, --token-file or a client certificate"
            case 403: "; the account may not do this"
            case 404: "; there is no such thing, or the account may not see it"
            case 406, 415: "; the server does not speak TAXII 2.1"
            default: ""
            }
        return TAXIIFailure("\(place): refused with \(reply.status)\(message ?? "")\(advice)", status: reply.status)
    }

    /// Text of a server's, cut and without control characters.
    static func quoted(_ text: String) -> String {
        let plain = text.prefix(300).unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                ? " " : String(scalar)
        }
        return "\"\(plain.joined())\""
    }
}

/// Base64 with padding (RFC 4648, section 4), as HTTP Basic wants it.
enum Base64Text {
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let bits = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - part.count))
            for index in 0..<4 {
                text.append(index <= part.count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)] : 0x3D)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
