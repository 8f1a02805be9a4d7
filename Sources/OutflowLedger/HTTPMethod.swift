// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What an HTTP request's body is, judged by its method.
enum HTTPMethod {
    /// Whether the body is content that is sent, rather than part of the protocol: a lock request, a list of properties,
    /// a query. Of PUT, POST and PATCH, and of methods nobody has heard of, it is.
    ///
    /// Not content: what RFC 9110 section 9 gives no meaning to a body in (GET, HEAD, DELETE, CONNECT) or uses for
    /// options and tracing, and the control methods of WebDAV (RFC 4918 section 9), of its versioning (RFC 3253), access
    /// control (RFC 3744) and search (RFC 5323). Flow figures still include such bodies.
    static func carriesContent(_ method: Bytes) -> Bool {
        for name in control where matches(method, name) { return false }
        return true
    }

    private static let control: [StaticString] = [
        "GET", "HEAD", "DELETE", "CONNECT", "OPTIONS", "TRACE",
        "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK",
        "REPORT", "VERSION-CONTROL", "CHECKOUT", "CHECKIN", "UNCHECKOUT", "MKWORKSPACE", "UPDATE", "LABEL", "MERGE",
        "BASELINE-CONTROL", "MKACTIVITY", "ACL", "SEARCH", "BIND", "UNBIND", "REBIND", "ORDERPATCH", "MKCALENDAR",
        "SUBSCRIBE", "UNSUBSCRIBE", "POLL", "NOTIFY", "M-SEARCH",
    ]

    private static func matches(_ method: Bytes, _ name: StaticString) -> Bool {
        guard method.count == name.utf8CodeUnitCount else { return false }
        for index in 0..<method.count {
            let byte = method[index]
            let upper = (0x61...0x7A).contains(byte) ? byte & 0xDF : byte
            if upper != name.utf8Start[index] { return false }
        }
        return true
    }

    /// Whether a status asks for the same request again: 401 and 407 with credentials, 408 and 5xx perhaps at once
    /// (RFC 9110 section 15), 425 and 429 later (RFC 8470, RFC 6585).
    static func invitesRetry(_ status: UInt16) -> Bool {
        [401, 407, 408, 425, 429].contains(status) || (500...599).contains(status)
    }

    /// The name in a `Host` header, without its port; empty when there is none or it is an address.
    static func hostName(_ host: Bytes) -> Bytes {
        var name = host
        if let colon = host.firstIndex(of: UInt8(ascii: ":")) { name = host.prefix(upTo: colon) }
        if name.isEmpty || name[0] == UInt8(ascii: "[") || IPAddress(name) != nil { return .empty }
        return name
    }
}
