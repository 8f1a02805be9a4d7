// SPDX-License-Identifier: Apache-2.0

import OutflowEstate
import OutflowRecords
import Testing

@Suite struct EstateTests {
    private func networks(_ texts: String...) throws -> [Network] {
        try texts.map { try #require(Network($0)) }
    }

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func localityIsUnknownWithoutNetworks() throws {
        #expect(Estate().isLocal(try address("10.0.0.1")) == nil)
    }

    @Test func exceptionsAreOutside() throws {
        let estate = Estate(
            localNetworks: try networks("10.0.0.0/8", "2001:db8::/32"),
            excludedNetworks: try networks("10.66.0.0/16", "2001:db8:1::/48"))
        for inside in [
            "10.0.0.0", "10.65.255.255", "10.67.0.0", "10.255.255.255", "::ffff:10.1.1.1", "2001:db8::1",
            "2001:db8:2::",
        ] {
            #expect(estate.isLocal(try address(inside)) == true, "\(inside)")
        }
        for outside in ["9.255.255.255", "10.66.0.0", "10.66.255.255", "11.0.0.0", "2001:db8:1::", "2001:db7::1", "::"]
        {
            #expect(estate.isLocal(try address(outside)) == false, "\(outside)")
        }
    }

    @Test func networksAddedLaterCount() throws {
        var estate = Estate()
        estate.localNetworks.append(try #require(Network("192.0.2.0/24")))
        #expect(estate.isLocal(try address("192.0.2.7")) == true)
    }

    @Test func membershipEqualsTheNaiveCheck() {
        let seed = UInt64.random(in: 0 ... .max)
        var chance = SplitMix64(state: seed)
        // Few distinct bits, so that networks overlap, touch and nest.
        func someAddress() -> IPAddress {
            func bits() -> UInt64 { UInt64.random(in: 0...3, using: &chance) }
            switch Int.random(in: 0..<4, using: &chance) {
            case 0: return IPAddress(high: bits() << 62, low: bits() << 62 | bits())
            case 1: return IPAddress(high: .max, low: .max - bits())
            default: return IPAddress(v4: UInt32(bits() << 30 | bits() << 14 | bits() << 2 | bits()))
            }
        }
        func someNetworks() -> [Network] {
            (0..<Int.random(in: 0...6, using: &chance)).map { _ in
                let address = someAddress()
                let shortest = address.v4 == nil ? 0 : 90
                return Network(address, prefixLength: Int.random(in: shortest...128, using: &chance))
            }
        }
        for round in 0..<500 {
            let wanted = someNetworks()
            let excluded = someNetworks()
            let set = LocalNetworkSet(wanted, excluding: excluded)
            // Random addresses, and those at the borders, where errors live.
            var probes = (0..<40).map { _ in someAddress() }
            for network in wanted + excluded {
                probes.append(network.base)
                probes.append(IPAddress(high: network.base.high, low: network.base.low &- 1))
                probes.append(IPAddress(high: network.base.high, low: network.base.low &+ 1))
            }
            for probe in probes {
                let naive = wanted.contains { $0.contains(probe) } && !excluded.contains { $0.contains(probe) }
                #expect(
                    set.contains(probe) == naive,
                    "seed \(seed), round \(round): \(probe) in \(wanted) without \(excluded)")
            }
            #expect(set.isEmpty == LocalNetworkSet(wanted, excluding: wanted + excluded).isEmpty || !set.isEmpty)
        }
    }

    @Test func aSanctionCoversWhatItNames() throws {
        let estate = Estate(sanctioned: [
            .init(name: "By name", domains: ["backup.example.net"]),
            .init(name: "By network", networks: try networks("198.51.100.0/24")),
            .init(name: "By account", accounts: ["999988887777"], routes: ["cloud-object"]),
            .init(name: "By both", domains: ["sync.example.org"], networks: try networks("203.0.113.0/24")),
        ])
        func covering(_ domain: String?, _ addresses: [String] = [], account: String? = nil, route: String = "network")
            throws -> String?
        {
            estate.sanction(domain: domain, addresses: try addresses.map(address), account: account, route: route)
        }
        #expect(try covering("backup.example.net") == "By name")
        #expect(try covering("EU.Backup.Example.Net.", ["192.0.2.1"]) == "By name")
        #expect(try covering("notbackup.example.net") == nil)
        #expect(try covering("example.net") == nil)
        #expect(try covering(nil, ["198.51.100.7", "198.51.100.8"]) == "By network")
        #expect(try covering("unknown.example", ["198.51.100.7"]) == "By network")
        #expect(try covering(nil, ["198.51.100.7", "192.0.2.1"]) == nil, "one address outside is enough")
        #expect(try covering(nil, account: "999988887777", route: "cloud-object") == "By account")
        #expect(try covering(nil, account: "999988887777", route: "snapshot") == nil, "not on this route")
        #expect(try covering("sync.example.org", ["203.0.113.9"]) == "By both")
        #expect(try covering("sync.example.org") == "By both", "no address known")
        #expect(try covering("sync.example.org", ["192.0.2.66"]) == nil, "a forged name leads elsewhere")
        #expect(try covering(nil) == nil)
    }

    @Test func accountsBelongToTenants() {
        let estate = Estate(tenants: [
            .init(
                name: "A", awsAccounts: ["123456789123"], microsoft365: ["2b3c7a9e-0f00-4000-8000-00c04fd430c8"],
                domains: ["a.example"]),
            .init(name: "B", microsoft365: ["b.example"]),
        ])
        #expect(estate.tenant(ofAccount: "123456789123") == "A")
        #expect(estate.tenant(ofAccount: "2B3C7A9E-0F00-4000-8000-00C04FD430C8") == "A")
        #expect(estate.tenant(ofAccount: "Someone@Mail.A.example") == "A")
        #expect(estate.tenant(ofAccount: "someone@b.example") == "B")
        #expect(estate.tenant(ofAccount: "someone@sub.b.example") == nil, "a tenant's id has no subdomains")
        #expect(estate.tenant(ofAccount: "someone@xa.example") == nil)
        #expect(estate.tenant(ofAccount: "") == nil)
        #expect(estate.tenant(ofAccount: "@") == nil)
    }

    @Test func eachOptionComesFromTheFirstEntryThatHasIt() throws {
        let estate = Estate(logs: [
            .init(path: try Glob("special.log"), zoneOffsetMinutes: -60),
            .init(path: try Glob("*.log"), logFormat: "%h", zoneOffsetMinutes: 120),
        ])
        #expect(estate.logOptions("x/special.log").zoneOffsetMinutes == -60)
        #expect(estate.logOptions("x/special.log").logFormat == "%h")
        #expect(estate.logOptions("x/other.log").zoneOffsetMinutes == 120)
    }
}
