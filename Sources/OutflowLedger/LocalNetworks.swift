// SPDX-License-Identifier: Apache-2.0

import OutflowEstate
import OutflowRecords

/// Which addresses are inside, and why: configured, else inferred from all flows.
///
/// Private addresses (RFC 1918) are not inside by definition: an attacker's server can have one. What counts is what the
/// sensors say (Zeek's `local_orig` and `local_resp`), else who behaves like a client of this network.
struct LocalNetworks {
    let networks: [Report.LocalNetwork]
    private let set: LocalNetworkSet

    /// The configured networks.
    init(configured estate: Estate) {
        networks =
            estate.localNetworks.sorted().map { Report.LocalNetwork(cidr: $0.description, why: "configured") }
            + estate.excludedNetworks.sorted().map {
                Report.LocalNetwork(cidr: "!\($0)", why: "configured as not local")
            }
        set = estate.localSet
    }

    func contains(_ address: IPAddress) -> Bool { set.contains(address) }

    /// What the flows tell of one address or network; sums and unions only, so that their order is of no account.
    struct Behaviour {
        /// Flows that it opened, and that it answered.
        var opened: UInt64 = 0
        var answered: UInt64 = 0
        var saidLocal = false
        var saidRemote = false
    }

    /// Infers from the behaviour of addresses, by network: /16 for IPv4, /48 for IPv6.
    init(inferredFrom behaviour: [Network: Behaviour], excluding excluded: [Network]) {
        var found: [(network: Network, why: String)] = []
        let said = behaviour.filter { $0.value.saidLocal }
        if !said.isEmpty {
            for (network, seen) in said {
                let why = "the sensor calls addresses of it local"
                found.append((network, seen.saidRemote ? why + " (and others of it remote)" : why))
            }
        } else {
            // No sensor says. Private networks whose hosts open connections are clients here; one that only ever answers
            // may be anybody's.
            for (network, seen) in behaviour where network.base.isPrivate && seen.opened > 0 {
                let why = "private addresses that opened \(seen.opened) connections"
                found.append((network, why + "; no sensor or configuration says more"))
            }
            if found.isEmpty {
                // Public addresses only: the network that takes part in most flows is the one that is being watched.
                let busiest = behaviour.max { left, right in
                    let (a, b) = (left.value.opened + left.value.answered, right.value.opened + right.value.answered)
                    return a != b ? a < b : right.key < left.key
                }
                if let busiest {
                    let why = "takes part in more flows than any other network; a guess: configure networks.local"
                    found.append((busiest.key, why))
                }
            }
        }
        found.sort { $0.network < $1.network }
        networks =
            found.map { Report.LocalNetwork(cidr: $0.network.description, why: "inferred: " + $0.why) }
            + excluded.sorted().map { Report.LocalNetwork(cidr: "!\($0)", why: "configured as not local") }
        set = LocalNetworkSet(found.map(\.network), excluding: excluded)
    }

    /// The network that an address's behaviour is counted under.
    static func unit(of address: IPAddress) -> Network {
        Network(address, prefixLength: address.v4 != nil ? 112 : 48)
    }
}

extension IPAddress {
    /// Whether the address is of a private range: RFC 1918, RFC 6598 (shared), link-local, unique local (RFC 4193), loopback.
    var isPrivate: Bool {
        if let v4 {
            return v4 >> 24 == 10 || v4 >> 20 == 0xAC1 || v4 >> 16 == 0xC0A8 || v4 >> 22 == 0x191 || v4 >> 16 == 0xA9FE
                || v4 >> 24 == 127
        }
        return high >> 57 == 0x7E || high >> 54 == 0x3FA || (high == 0 && low == 1)
    }

    /// Whether the address names no single host outside: multicast, broadcast, unspecified, loopback, link-local.
    var isLocalOnly: Bool {
        if let v4 {
            return v4 >> 28 == 0xE || v4 == .max || v4 >> 24 == 0 || v4 >> 24 == 127 || v4 >> 16 == 0xA9FE
        }
        return high >> 56 == 0xFF || high >> 54 == 0x3FA || (high == 0 && low <= 1)
    }
}
