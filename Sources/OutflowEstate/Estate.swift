// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What is being watched, as the user's `outflow.yaml` tells it: which networks and accounts are inside, which
/// destinations may receive data, and what logs do not say themselves. An empty estate is an unconfigured one.
public struct Estate: Sendable, Hashable {
    /// An organisation whose data is watched.
    public struct Tenant: Sendable, Hashable {
        /// What it is called in reports.
        public var name: String
        /// AWS account numbers, 12 digits each.
        public var awsAccounts: [String]
        /// Microsoft 365 tenants, each by its id or one of its domains, in lower case.
        public var microsoft365: [String]
        /// Domains, in lower case; their subdomains belong to them.
        public var domains: [String]

        /// A tenant of its parts.
        public init(name: String, awsAccounts: [String] = [], microsoft365: [String] = [], domains: [String] = []) {
            self.name = name
            self.awsAccounts = awsAccounts
            self.microsoft365 = microsoft365
            self.domains = domains
        }
    }

    /// A destination that may receive data.
    public struct Sanction: Sendable, Hashable {
        /// What it is called in reports.
        public var name: String
        /// Domains, in lower case; their subdomains belong to them.
        public var domains: [String]
        /// Where the destination's addresses lie, if known. Binding for domains too, because a client can claim any
        /// name.
        public var networks: [Network]
        /// Cloud accounts or other ids of accounts.
        public var accounts: [String]
        /// Routes for which it holds, by their names in reports; all routes if empty.
        public var routes: [String]

        /// A sanction of its parts.
        public init(
            name: String, domains: [String] = [], networks: [Network] = [], accounts: [String] = [],
            routes: [String] = []
        ) {
            self.name = name
            self.domains = domains
            self.networks = networks
            self.accounts = accounts
            self.routes = routes
        }
    }

    /// What the logs of some paths do not say themselves.
    public struct Log: Sendable, Hashable {
        /// Pattern of the paths.
        public var path: Glob
        /// The site's own `LogFormat` directive (EZproxy, Apache).
        public var logFormat: String?
        /// Minutes east of UTC of times that carry no zone.
        public var zoneOffsetMinutes: Int?
        /// Name of the format that these logs have, whatever they look like.
        public var format: String?

        /// Options of logs whose path fits.
        public init(path: Glob, logFormat: String? = nil, zoneOffsetMinutes: Int? = nil, format: String? = nil) {
            self.path = path
            self.logFormat = logFormat
            self.zoneOffsetMinutes = zoneOffsetMinutes
            self.format = format
        }
    }

    /// What is known of one log from the configuration.
    public struct LogOptions: Sendable, Hashable {
        /// The site's own `LogFormat` directive; nil if not configured.
        public var logFormat: String?
        /// Minutes east of UTC of times that carry no zone; nil if not configured.
        public var zoneOffsetMinutes: Int?
        /// Name of the log's format; nil if it is to be recognised.
        public var format: String?

        /// Nothing configured.
        public init() {}
    }

    /// Networks that are inside.
    public var localNetworks: [Network] { didSet { update() } }
    /// Parts of them that are not.
    public var excludedNetworks: [Network] { didSet { update() } }
    /// Organisations whose data is watched, in the order of the file.
    public var tenants: [Tenant]
    /// Destinations that may receive data, in the order of the file.
    public var sanctioned: [Sanction]
    /// Classes of destinations: the project's own table and the user's rows.
    public var classes: DestinationClasses
    /// What logs do not say themselves, in the order of the file.
    public var logs: [Log]

    /// The addresses of ``localNetworks`` without ``excludedNetworks``.
    public private(set) var localSet: LocalNetworkSet

    /// An estate of its parts.
    public init(
        localNetworks: [Network] = [], excludedNetworks: [Network] = [], tenants: [Tenant] = [],
        sanctioned: [Sanction] = [],
        classes: DestinationClasses = DestinationClasses(), logs: [Log] = []
    ) {
        self.localNetworks = localNetworks
        self.excludedNetworks = excludedNetworks
        self.tenants = tenants
        self.sanctioned = sanctioned
        self.classes = classes
        self.logs = logs
        localSet = LocalNetworkSet(localNetworks, excluding: excludedNetworks)
    }

    private mutating func update() { localSet = LocalNetworkSet(localNetworks, excluding: excludedNetworks) }

    /// Whether an address is inside; nil when no networks are configured and that has to be found out from the logs.
    @inlinable public func isLocal(_ address: IPAddress) -> Bool? {
        localNetworks.isEmpty ? nil : localSet.contains(address)
    }

    /// What is configured for the log at `path`. Each option comes from the first entry that fits the path and has it.
    public func logOptions(_ path: String) -> LogOptions {
        var options = LogOptions()
        for log in logs where log.path.matches(path) {
            options.logFormat = options.logFormat ?? log.logFormat
            options.zoneOffsetMinutes = options.zoneOffsetMinutes ?? log.zoneOffsetMinutes
            options.format = options.format ?? log.format
        }
        return options
    }

    /// Name of the first sanction that covers a destination on a route, or nil.
    ///
    /// A sanction covers a destination whose account it names. It also covers one whose addresses all lie in its
    /// networks; and, if it gives no networks or no address is known, one whose domain it names or is a parent of.
    /// - Parameters:
    ///   - domain: name of the destination; nil if it has none.
    ///   - addresses: its addresses, as far as known.
    ///   - account: its account; nil if it is none.
    ///   - route: Name of the route as in reports: `network`, `cloud-object`, ...
    public func sanction(domain: String?, addresses: [IPAddress], account: String?, route: String) -> String? {
        sanctioned.first { $0.covers(domain: domain, addresses: addresses, account: account, route: route) }?.name
    }

    /// Name of the tenant to which an account belongs: an AWS account number, a Microsoft 365 tenant by id or domain,
    /// or the name of a user (`someone@example.edu`) in one of its domains. Nil if it is nobody's of this estate.
    public func tenant(ofAccount account: String) -> String? {
        let id = account.lowercased()
        let domain = id.split(separator: "@", omittingEmptySubsequences: false).last.map { String($0) } ?? id
        return tenants.first { tenant in
            tenant.awsAccounts.contains(id) || tenant.microsoft365.contains(id) || tenant.microsoft365.contains(domain)
                || tenant.domains.contains { DomainName.isWithin(domain, $0) }
        }?.name
    }
}

extension Estate.Sanction {
    func covers(domain: String?, addresses: [IPAddress], account: String?, route: String) -> Bool {
        guard routes.isEmpty || routes.contains(route) else { return false }
        if let account, accounts.contains(account) { return true }
        if !networks.isEmpty, !addresses.isEmpty {
            return addresses.allSatisfy { address in networks.contains { $0.contains(address) } }
        }
        guard let domain else { return false }
        let name = DomainName.normalised(domain)
        return domains.contains { DomainName.isWithin(name, $0) }
    }
}
