// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// How the addresses of each network behave, from which is inferred what is inside: counted by /16 for IPv4, by
/// ``LocalNetworks/unit(of:)`` for IPv6.
struct NetworkBehaviour {
    private var byV4 = [LocalNetworks.Behaviour](repeating: .init(), count: 65_536)
    private var byV6: [Network: LocalNetworks.Behaviour] = [:]

    /// Adds all groups of a shard.
    mutating func count(_ tables: borrowing FlowTables) {
        let groups = tables.groupCount
        byV4.withUnsafeMutableBufferPointer { byV4 in
            func count(_ address: IPAddress, _ body: (inout LocalNetworks.Behaviour) -> Void) {
                if address.isLocalOnly { return }
                if let v4 = address.v4 {
                    body(&byV4[Int(v4 >> 16)])
                } else {
                    body(&byV6[LocalNetworks.unit(of: address), default: .init()])
                }
            }
            for number in 0..<groups {
                let group = tables.groups.base[number]
                let ends = tables.pair(of: group)
                let side = FlowGroup.Side(rawValue: group.locality)
                count(ends.originator) {
                    $0.opened += UInt64(group.records)
                    if side.contains(.originatorLocal) { $0.saidLocal = true }
                    if side.contains(.originatorRemote) { $0.saidRemote = true }
                }
                count(ends.responder) {
                    $0.answered += UInt64(group.records)
                    if side.contains(.responderLocal) { $0.saidLocal = true }
                    if side.contains(.responderRemote) { $0.saidRemote = true }
                }
            }
        }
    }

    /// Adds hosts that other logs show as clients.
    mutating func count(_ clients: Set<IPAddress>) {
        for client in clients where !client.isLocalOnly {
            if let v4 = client.v4 {
                byV4[Int(v4 >> 16)].opened += 1
            } else {
                byV6[LocalNetworks.unit(of: client), default: .init()].opened += 1
            }
        }
    }

    /// Adds what was counted elsewhere.
    mutating func add(_ other: NetworkBehaviour) {
        for number in byV4.indices { byV4[number].add(other.byV4[number]) }
        for (network, behaviour) in other.byV6 { byV6[network, default: .init()].add(behaviour) }
    }

    /// Networks with what was counted of them, those of which something was.
    var byNetwork: [Network: LocalNetworks.Behaviour] {
        var result = byV6
        for (number, behaviour) in byV4.enumerated() where behaviour.opened + behaviour.answered > 0 {
            result[Network(IPAddress(v4: UInt32(number) << 16), prefixLength: 112)] = behaviour
        }
        return result
    }
}

extension LocalNetworks.Behaviour {
    fileprivate mutating func add(_ other: Self) {
        opened += other.opened
        answered += other.answered
        saidLocal = saidLocal || other.saidLocal
        saidRemote = saidRemote || other.saidRemote
    }
}
