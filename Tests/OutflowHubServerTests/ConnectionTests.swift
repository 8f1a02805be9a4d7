// SPDX-License-Identifier: Apache-2.0

import OutflowHub
import OutflowRecords
import Synchronization
import Testing

@testable import OutflowHubServer

/// Which connections stay open.
@Suite("Connections")
struct ConnectionTests {
    /// Connections of a table, and which of them it closed.
    private final class Sample: Sendable {
        let table: ConnectionTable
        let closed = Mutex<[Int]>([])

        init(all: Int, perAddress: Int, trusted: String = "") {
            var limits = HubService.Connections(all: 10, perAddress: perAddress)
            limits.all = all
            table = ConnectionTable(limits) { $0 == trusted }
        }

        @discardableResult func open(_ number: Int, _ address: String) -> Connection {
            let connection = Connection(address: address, now: UInt64(number)) {
                self.closed.withLock { $0.append(number) }
            }
            table.add(connection)
            return connection
        }
    }

    @Test func thoseThatAreOpenAreCounted() {
        let sample = Sample(all: 5, perAddress: 3)
        let open = (0..<4).map { sample.open($0, "192.0.2.\($0 % 2)") }
        #expect(sample.table.count == 4)
        for connection in open.prefix(2) {
            sample.table.remove(connection)
            sample.table.remove(connection)
        }
        #expect(sample.table.count == 2)
        let more = (10..<20).map { sample.open($0, "198.51.100.\($0)") }
        #expect(sample.table.count == 5)
        for connection in open + more { sample.table.remove(connection) }
        #expect(sample.table.count == 0)
    }

    @Test func theLongestSilentOfAnAddressMakesRoom() {
        let sample = Sample(all: 100, perAddress: 3)
        let first = sample.open(1, "192.0.2.1")
        first.began(10)
        first.isComplete()
        for number in 2...5 { sample.open(number, "192.0.2.1") }
        sample.open(6, "192.0.2.2")
        // The first is being answered.
        #expect(sample.closed.withLock { $0 } == [2, 3] && sample.table.count == 4)
        sample.table.remove(first)
        #expect(sample.table.count == 3)
    }

    @Test func whereAllAreBusyTheNewOneGoes() {
        let sample = Sample(all: 100, perAddress: 2)
        for number in 1...2 { sample.open(number, "192.0.2.1").isComplete() }
        sample.open(3, "192.0.2.1")
        #expect(sample.closed.withLock { $0 } == [3] && sample.table.count == 2)
    }

    @Test func theAddressWithTheMostMakesRoomForAll() {
        let sample = Sample(all: 5, perAddress: 4)
        sample.open(1, "192.0.2.9")
        for number in 2...5 { sample.open(number, "192.0.2.1") }
        for number in 6...7 { sample.open(number, "192.0.2.\(number)") }
        #expect(sample.closed.withLock { $0 } == [2, 3] && sample.table.count == 5)
    }

    @Test func aProxyMayHaveMany() {
        let sample = Sample(all: 5, perAddress: 2, trusted: "192.0.2.1")
        for number in 1...6 { sample.open(number, "192.0.2.1") }
        #expect(sample.closed.withLock { $0 } == [1] && sample.table.count == 5)
    }

    @Test func slowClientsAreCut() {
        let second: UInt64 = 1_000_000_000
        let connection = Connection(address: "", now: second) {}
        #expect(!connection.isTooSlow(20 * second) && connection.isTooSlow(21 * second))
        connection.began(30 * second)
        #expect(!connection.isTooSlow(89 * second) && connection.isTooSlow(90 * second))
        connection.received(100_000)
        #expect(!connection.isTooSlow(189 * second) && connection.isTooSlow(190 * second))
        connection.isComplete()
        #expect(!connection.isTooSlow(9_999 * second) && connection.waitingSince == nil)
        connection.answered(1_000 * second)
        #expect(!connection.isTooSlow(1_599 * second) && connection.isTooSlow(1_600 * second))
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("", ""),
    ])
    func oneClientIsOneAddress(text: String, group: String) {
        #expect(ClientAddress.group(text) == group && PeerAddress.key(text, trusted: ["2001:db8:1:2::1"]) == group)
    }

    @Test func aProxyIsKnownByAllOfItsAddress() {
        #expect(PeerAddress.key("2001:db8:1:2:0::1", trusted: ["2001:db8:1:2::1"]) == "2001:db8:1:2::1")
        #expect(PeerAddress.key("::ffff:192.0.2.1", trusted: ["192.0.2.1"]) == "192.0.2.1")
    }

    @Test(arguments: [
        // A stranger's claim is not believed, nor what stands before the last that no trusted proxy wrote.
        ("198.51.100.7", "203.0.113.5", "198.51.100.7"),
        ("192.0.2.1", "203.0.113.5", "203.0.113.5"),
        ("::ffff:192.0.2.1", "203.0.113.5", "203.0.113.5"),
        ("192.0.2.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        ("192.0.2.1", "1.1.1.1,203.0.113.5 , 192.0.2.2", "203.0.113.5"),
        ("192.0.2.1", "203.0.113.5:4711", "203.0.113.5"),
        ("192.0.2.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("192.0.2.1", "2001:db8::1", "2001:db8::1"),
        ("192.0.2.1", "203.0.113.5, unknown", "192.0.2.1"),
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.2", "192.0.2.2"),
    ])
    func proxiesNameTheClient(connection: String, forwarded: String, client: String) {
        #expect(
            PeerAddress.client(connection, forwarded: forwarded, trusted: ["192.0.2.1", "192.0.2.2"]) == client)
        #expect(PeerAddress.client("192.0.2.1", forwarded: forwarded, trusted: []) == "192.0.2.1")
    }

    @Test(arguments: [
        ("https://Hub.example.org", "https hub.example.org"), ("https://hub.example.org:443/", "https hub.example.org"),
        ("http://hub.example.org:8080", "http hub.example.org:8080"), ("https://[2001:db8::1]", "https [2001:db8::1]"),
        ("hub.example.org", ""), ("https://", ""), ("https://a/b", ""), ("https://a\"b", ""), ("https://u@a", ""),
        ("ftp://a", ""),
    ])
    func publicAddresses(url: String, expected: String) {
        let address = HubService.Front.address(url)
        #expect((address.map { "\($0.scheme) \($0.authority)" } ?? "") == expected)
    }
}
