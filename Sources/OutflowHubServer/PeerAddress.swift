// SPDX-License-Identifier: Apache-2.0

import OutflowHub
import OutflowRecords

/// Who is at the other end of a connection.
enum PeerAddress {
    /// An address in its usual form: IPv4 that came in by IPv6 is IPv4. Text that is no address stays as it is.
    static func normal(_ text: String) -> String { IPAddress(text)?.description ?? text }

    /// What a connection is counted by: a trusted proxy's own address, else that of its group.
    static func key(_ text: String, trusted: Set<String>) -> String {
        let address = normal(text)
        return trusted.contains(address) ? address : ClientAddress.group(text)
    }

    /// The client behind proxies that are trusted: the last address in X-Forwarded-For that is none of them. What stands
    /// before it is the client's own claim.
    ///
    /// - Parameters:
    ///   - connection: address of the other end of the connection.
    ///   - forwarded: the header's fields, joined by commas.
    static func client(_ connection: String, forwarded: String?, trusted: Set<String>) -> String {
        var client = normal(connection)
        guard trusted.contains(client), let forwarded else { return client }
        for part in forwarded.split(separator: ",").reversed() {
            guard let address = address(part.drop { $0 == " " }) else { return client }
            client = address
            if !trusted.contains(client) { return client }
        }
        return client
    }

    /// An address, perhaps with a port, as proxies write it.
    private static func address(_ text: Substring) -> String? {
        var text = text
        while text.last == " " || text.last == "\t" { text = text.dropLast() }
        if text.first == "[" {
            text = text.dropFirst().prefix { $0 != "]" }
        } else if text.filter({ $0 == ":" }).count == 1 {
            text = text.prefix { $0 != ":" }
        }
        return IPAddress(String(text))?.description
    }
}
