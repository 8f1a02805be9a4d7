// SPDX-License-Identifier: Apache-2.0

import OutflowActivities

/// What a partner can do: fixed sentences by route, so that nothing of the case gets into them.
enum Advice {
    /// Which logs to fetch.
    static func logs(_ route: Route) -> String {
        switch route {
        case .network:
            "flow logs at the border (Zeek conn, NetFlow, VPC flow logs) and endpoint logs of network connections"
        case .dns: "resolver query logs with answers"
        case .web: "web proxy logs, TLS inspection logs, browser history"
        case .cloudObject: "cloud audit logs with data events (CloudTrail, S3 access logs)"
        case .snapshot: "cloud audit logs of changes of sharing, and of copies of snapshots and images"
        case .saasFile: "audit logs of the file service: downloads, sharing, use of links"
        case .mail: "mailbox audit logs (MailItemsAccessed), sign-ins, consent grants, forwarding rules"
        case .library: "logs of the library proxy: requests and authentication"
        case .sourceCode: "audit logs of the code host: clones and tokens"
        case .vpn: "VPN session logs"
        case .email: "mail gateway logs with sizes of attachments"
        case .endpoint: "endpoint logs of files and devices"
        }
    }

    /// What to do, all together.
    static func text(_ facts: CaseFacts, blocks: Bool) -> String {
        var lines = ["Search these logs from the first hour on that this alert names, and for at least 30 days before:"]
        let routes = facts.routes.isEmpty ? [Route.network, .dns] : facts.routes
        lines += routes.map { "- \(logs($0))" }
        if blocks {
            lines.append(
                "Look for the indicators in them before blocking, then block the indicators at border and proxy.")
        } else {
            lines.append("No address or name to block is shared: look for the techniques.")
        }
        lines.append("Report sightings back to the sender.")
        return lines.joined(separator: "\n")
    }
}
