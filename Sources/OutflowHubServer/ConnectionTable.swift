// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// All open connections: never more than descriptors allow, never too many of one address.
///
/// When there are too many, the one that has waited for its client longest makes room, of the address that has the most.
/// So whoever holds connections open without a word loses those, and everybody else is still served.
final class ConnectionTable: Sendable {
    private let limits: HubService.Connections
    private let isTrusted: @Sendable (_ address: String) -> Bool
    private let open = NIOLockedValueBox(Open())

    /// Those that are open, by address, and how many they are in all.
    private struct Open {
        var byAddress: [String: [Connection]] = [:]
        var total = 0
    }

    /// - Parameter isTrusted: whether an address is a proxy's, which speaks for many clients.
    init(_ limits: HubService.Connections, isTrusted: @escaping @Sendable (_ address: String) -> Bool = { _ in false })
    {
        self.limits = limits
        self.isTrusted = isTrusted
    }

    /// Notes a connection that was opened, and closes another one, or this one, if there are too many now.
    func add(_ connection: Connection) {
        let victim = open.withLockedValue { open -> Connection? in
            open.byAddress[connection.address, default: []].append(connection)
            open.total += 1
            let own = open.byAddress[connection.address] ?? []
            var crowd: [Connection]?
            if own.count > limits.perAddress, !isTrusted(connection.address) { crowd = own }
            if crowd == nil, open.total > limits.all { crowd = open.byAddress.values.max { $0.count < $1.count } }
            guard let crowd else { return nil }
            let victim = Self.longestWaiting(crowd.filter { $0 !== connection }) ?? connection
            Self.remove(victim, &open)
            return victim
        }
        victim?.close()
    }

    /// Forgets a connection that was closed.
    func remove(_ connection: Connection) { open.withLockedValue { Self.remove(connection, &$0) } }

    /// How many are open.
    var count: Int { open.withLockedValue(\.total) }

    private static func remove(_ connection: Connection, _ open: inout Open) {
        guard let index = open.byAddress[connection.address]?.firstIndex(where: { $0 === connection }) else { return }
        open.byAddress[connection.address]?.remove(at: index)
        if open.byAddress[connection.address]?.isEmpty == true { open.byAddress[connection.address] = nil }
        open.total -= 1
    }

    private static func longestWaiting(_ crowd: [Connection]) -> Connection? {
        var found: (connection: Connection, since: UInt64)?
        for connection in crowd {
            guard let since = connection.waitingSince, since < found?.since ?? .max else { continue }
            found = (connection, since)
        }
        return found?.connection
    }
}

/// One connection: what it waits for, and since when. Times are nanoseconds of a clock that only goes forward.
final class Connection: Sendable {
    /// Address of the other end; of IPv6 the first 64 bits, which one client may have all addresses of.
    let address: String
    let close: @Sendable () -> Void

    private enum Phase {
        /// Nothing was asked yet.
        case opened(UInt64)
        /// The body comes in; so many bytes are there.
        case body(UInt64, bytes: Int)
        /// The hub's turn.
        case work
        /// An answer goes out, or all were sent.
        case answered(UInt64)
    }

    private let phase: NIOLockedValueBox<Phase>

    init(address: String, now: UInt64, close: @escaping @Sendable () -> Void) {
        self.address = address
        self.close = close
        phase = NIOLockedValueBox(.opened(now))
    }

    /// A request's head has come.
    func began(_ now: UInt64) { phase.withLockedValue { $0 = .body(now, bytes: 0) } }

    /// More of the body has come.
    func received(_ count: Int) {
        phase.withLockedValue { if case .body(let since, let bytes) = $0 { $0 = .body(since, bytes: bytes &+ count) } }
    }

    /// All that the hub wants of the request is there.
    func isComplete() { phase.withLockedValue { $0 = .work } }

    /// The answer was handed over to be sent.
    func answered(_ now: UInt64) { phase.withLockedValue { $0 = .answered(now) } }

    /// Since when it has been the client's turn; nil if it is the hub's.
    var waitingSince: UInt64? {
        phase.withLockedValue {
            switch $0 {
            case .opened(let since), .body(let since, _), .answered(let since): since
            case .work: nil
            }
        }
    }

    /// Whether the client took longer than anybody needs: 20 seconds to its first request, TLS included; for a body a
    /// minute and a second for each 1,000 bytes; ten minutes to take an answer.
    func isTooSlow(_ now: UInt64) -> Bool {
        func seconds(_ since: UInt64) -> UInt64 { now < since ? 0 : (now - since) / 1_000_000_000 }
        return phase.withLockedValue {
            switch $0 {
            case .opened(let since): seconds(since) >= 20
            case .body(let since, let bytes): seconds(since) >= 60 + UInt64(max(bytes, 0)) / 1_000
            case .work: false
            case .answered(let since): seconds(since) >= 600
            }
        }
    }
}
