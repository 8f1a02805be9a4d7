// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// What would confirm or refute a case: which log to fetch next, and what to look for in it. One table.
enum NextSteps {
    /// How many a case lists.
    static let limit = 8

    /// The steps for a case, most telling first, each once.
    static func of(_ transfers: [Report.Transfer], _ findings: [Report.Finding], _ gaps: [Report.Gap]) -> [String] {
        var steps: [String] = []
        func add(_ step: String) { if !steps.contains(step), steps.count < limit { steps.append(step) } }
        if transfers.isEmpty {
            add(
                "Records of what left (flow logs at the border, audit logs of cloud and mail) for the hosts and accounts "
                    + "of this case: no transfer was found, and without such logs none could be.")
        }
        for transfer in transfers where transfer.state == .exposed { add(exposed(transfer.route)) }
        for transfer in transfers where transfer.state != .exposed { add(step(transfer.route, transfer.bytes.atMost)) }
        for gap in gaps where gap.what != Report.Gap.payloadOnly {
            add("Logs for the gap on the \(gap.route.rawValue) route: \(Words.name(gap.what)).")
        }
        for kind in [Report.Finding.Kind.indicator, .rule, .detector]
        where findings.contains(where: { $0.kind == kind }) { add(step(kind)) }
        return steps
    }

    private static func step(_ route: Route, _ atMost: UInt64?) -> String {
        switch route {
        case .network:
            "Endpoint logs of the source (process with network connection: Sysmon event 3, or EDR): which program and "
                + "account opened the connection. A known program that the user started refutes."
        case .web:
            "Web proxy or TLS inspection logs, and the browser's history on the source: which file was uploaded, and by "
                + "which account."
        case .dns:
            "The resolver's query log with answers, and full packets if kept: whether the names decode to data. Names of "
                + "a security or telemetry product refute."
        case .cloudObject:
            "The audit log of the account that holds the credentials (sign-ins, AssumeRole, key creation): from where "
                + "the session began. Ask the owner of the bucket whether the reader is known."
        case .snapshot:
            "The audit log around the sharing, and the owner of the receiving account: whether the account is the "
                + "organisation's own."
        case .saasFile:
            "The service's audit log with file names and link use: which files, and whether the reader was invited."
        case .mail:
            "MailItemsAccessed with sizes, sign-in logs and consent grants of the mailbox: which client and application, "
                + "and whether the owner knows it."
        case .library:
            "The proxy's authentication log: from which networks and devices the account signed in. Ask the reader; "
                + "course packs and text mining with permission refute."
        case .sourceCode:
            "The code host's audit log (clones, tokens): which token was used, and where it is kept."
        case .vpn: "The VPN's session log: which account and device had the address at that time."
        case .email: "The mail gateway's log with attachment names and sizes: what was sent, and to whom."
        case .endpoint: "The endpoint's file and device log: which files went onto which device."
        }
    }

    private static func exposed(_ route: Route) -> String {
        switch route {
        case .snapshot, .cloudObject:
            "Data events and copy events of what was shared (CloudTrail data events, S3 access logs): whether anybody "
                + "outside read it. Copies made in the other account are logged there only."
        case .mail, .email: "Message traces for the forwarding rule: what was sent out by it, and when it was made."
        default: "The service's access log for what was shared: whether anybody outside read it."
        }
    }

    private static func step(_ kind: Report.Finding.Kind) -> String {
        switch kind {
        case .indicator:
            "What the indicator's source says of it today: an address or domain may have changed hands since. See the "
                + "finding's notes for source, age and confidence."
        case .rule: "The process tree and account around each rule's match: administration by known staff refutes."
        case .detector:
            "The owner of the host or account: a new service, a migration or a new job explains a change of habit. Look "
                + "for it in the change log of that day."
        }
    }
}
