// SPDX-License-Identifier: Apache-2.0

import OutflowEstate

/// A theft that is asked for: what is taken, by which way, how fast, and how carefully.
public struct TheftPlan: Sendable, Hashable {
    /// By which way it leaves; names as in reports.
    public enum Route: String, CaseIterable, Sendable {
        /// Connections of a host to the outside.
        case network
        /// Reads of a bucket's objects with stolen keys.
        case cloudObject = "cloud-object"
        /// A mailbox read by somebody else's program.
        case mail
        /// Papers through the library's proxy.
        case library
        /// Bytes carried in names that are looked up.
        case dns
    }

    /// A way of being careful.
    public enum Cunning: String, CaseIterable, Sendable {
        /// Into a cloud service that the host uses anyway.
        case existingService = "existing-service"
        /// Only from 8 to 18 on working days.
        case businessHours = "business-hours"
        /// Shared among several accounts, hosts, keys or mailboxes.
        case splitAccounts = "split-accounts"
        /// On no day more than the same host or account did by itself on the day before.
        case belowYesterday = "below-yesterday"
        /// In names that are looked up.
        case dns
        /// Inside a tunnel of a well-known provider.
        case providerTunnel = "provider-tunnel"

        /// The routes on which it means something.
        var routes: Set<Route> {
            switch self {
            case .businessHours, .splitAccounts, .belowYesterday: Set(Route.allCases)
            case .existingService, .providerTunnel: [.network]
            case .dns: [.network, .dns]
            }
        }
    }

    /// What a size counts.
    public enum Unit: String, CaseIterable, Sendable {
        case bytes, objects, papers, messages, mailboxes

        /// The units in which what leaves by `route` is counted.
        static func allowed(on route: Route) -> [Unit] {
            switch route {
            case .network, .dns: [.bytes]
            case .cloudObject: [.objects, .bytes]
            case .library: [.papers]
            case .mail: [.messages, .mailboxes]
            }
        }
    }

    /// Its name in the truth.
    public var id: String
    /// By which way it leaves.
    public var route: Route
    /// How much is taken in all, in ``unit``.
    public var amount: Int
    /// What ``amount`` counts.
    public var unit: Unit
    /// How long it goes on, in microseconds.
    public var duration: Int64
    /// The day on which it begins, counted from 0, and the minute of that day in local time.
    public var start: (day: Int, minute: Int) { (startDay, startMinute) }
    /// Ways of being careful.
    public var cunning: Set<Cunning>
    /// Among how many accounts, hosts, keys or mailboxes it is shared.
    public var accounts: Int

    var startDay: Int
    var startMinute: Int
    /// Where it was asked for, for messages.
    var file: String
    var position: ConfigurationError.Position?

    /// What is wrong with the theft in an estate in which it cannot happen.
    func error(_ message: String, hint: String? = nil) -> ConfigurationError {
        ConfigurationError(file: file, position: position, message: "theft \"\(id)\": \(message)", hint: hint)
    }
}
