// SPDX-License-Identifier: Apache-2.0

/// A request to a TAXII server.
public struct TAXIIRequest: Sendable {
    /// `GET`, `POST` or `DELETE`.
    public var method: String
    /// The whole URL.
    public var url: String
    /// Header fields.
    public var headers: [(name: String, value: String)]
    /// The body; nil for none.
    public var body: [UInt8]?

    /// A request of its parts.
    public init(method: String, url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// What a server answered.
public struct TAXIIReply: Sendable {
    /// HTTP status code.
    public var status: Int
    /// Header fields.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]

    /// An answer of its parts.
    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first field of this name (lower case).
    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
}

/// Carries requests to a server and answers back. ``HTTPTransport`` does it over the network.
public protocol TAXIITransport: Sendable {
    /// Sends one request; follows no redirect.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - limit: the longest body that is taken, in bytes.
    /// - Throws: ``TAXIIFailure`` when no whole answer came.
    func send(_ request: TAXIIRequest, limit: Int) async throws -> TAXIIReply
}

/// Why the client gave up: in words, with what to do.
public struct TAXIIFailure: Error, CustomStringConvertible, Equatable {
    /// What was wrong, and where.
    public let description: String
    /// Status that the server answered with; nil if it was something else.
    public var status: Int?

    /// A failure in words.
    public init(_ description: String, status: Int? = nil) {
        self.description = description
        self.status = status
    }
}
