// SPDX-License-Identifier: Apache-2.0

/// An answer that is no success, as an error message resource (TAXII 2.1, section 3.6.1).
struct TAXIIError: Error, Equatable {
    let status: Int
    let title: String
    /// More words; never secrets, and of the request no more than its own short pieces.
    let description: String
    /// Headers that go with it.
    var headers: [HubHeader] = []

    static func badRequest(_ description: String) -> TAXIIError {
        TAXIIError(status: 400, title: "Bad request", description: description)
    }
    static let unauthorized = TAXIIError(
        status: 401, title: "Unauthorized", description: "sign in with HTTP Basic authentication",
        headers: [HubHeader("WWW-Authenticate", "Basic realm=\"Outflow hub\", charset=\"UTF-8\"")])
    static func forbidden(_ description: String) -> TAXIIError {
        TAXIIError(status: 403, title: "Forbidden", description: description)
    }
    static func notFound(_ description: String) -> TAXIIError {
        TAXIIError(status: 404, title: "Not found", description: description)
    }
    static func methodNotAllowed(_ allowed: String) -> TAXIIError {
        TAXIIError(
            status: 405, title: "Method not allowed", description: "this resource knows \(allowed)",
            headers: [HubHeader("Allow", allowed)])
    }
    static let notAcceptable = TAXIIError(
        status: 406, title: "Not acceptable",
        description: "the Accept header must allow application/taxii+json;version=2.1")
    static func tooLarge(_ limit: Int) -> TAXIIError {
        TAXIIError(
            status: 413, title: "Content too large", description: "this API root takes at most \(limit) bytes")
    }
    static let unsupportedMediaType = TAXIIError(
        status: 415, title: "Unsupported media type",
        description: "the Content-Type header must be application/taxii+json;version=2.1")
    /// Where the next request begins cannot be known, so that the connection ends.
    static let broken = TAXIIError(
        status: 400, title: "Bad request", description: "the body is no proper HTTP, or ended before it was whole",
        headers: [HubHeader("Connection", "close")])
    static func unprocessable(_ description: String) -> TAXIIError {
        TAXIIError(status: 422, title: "Unprocessable content", description: description)
    }
    static func busy(_ description: String) -> TAXIIError {
        TAXIIError(
            status: 429, title: "Too many requests", description: description, headers: [HubHeader("Retry-After", "5")])
    }

    /// The error message resource.
    var response: HubResponse {
        var text = JSONText()
        text.raw("{")
        text.member("title", title)
        text.member("description", description)
        text.member("http_status", String(status))
        text.raw("}")
        return HubResponse(
            status: status, headers: [HubHeader("Content-Type", TAXIIMedia.taxii)] + headers, body: text.bytes)
    }
}
