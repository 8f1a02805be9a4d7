// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@testable import OutflowLedger

@Suite struct RichLedgerTests {
    // MARK: Objects

    private func read(
        _ identity: UInt64, object: String = "ring.txt", state: TransferState = .taken, bytes: UInt64? = 89
    )
        -> TestRecord
    {
        TestRecord(identity, at: Double(identity)) { batch, mark in
            batch.objects.append(
                ObjectAccess(
                    mark: mark, route: .cloudObject, state: state, source: batch.entity(.principal, "role"),
                    store: Bytes("bucket"), session: Bytes("ASIA1"), destination: batch.entity(.address, "192.0.2.4"),
                    object: batch.arena.copy(object), bytes: bytes))
        }
    }

    @Test func oneObjectReadTwiceIsOneContent() throws {
        var duplicates: UInt64 = 0
        var state = ledger([read(1), read(2), read(1)], duplicates: &duplicates)
        #expect(duplicates == 1)
        let transfers = state.conclude(.init(isLocal: { inside.contains($0) })).transfers
        try #require(transfers.count == 1)
        #expect(transfers[0].bytes == .exactly(89))
        #expect(transfers[0].onWire == 178)
        #expect(transfers[0].reads == 2 && transfers[0].distinctObjects == 1 && transfers[0].records == 2)
        #expect(transfers[0].notes == ["2 reads of 1 object; repeats count once"])
        #expect(transfers[0].evidence.count == 2)
        #expect(transfers[0].store == "bucket" && transfers[0].session == "ASIA1")
        #expect(transfers[0].last > transfers[0].first)
    }

    @Test func refusedReadsAreATransferOfNothing() throws {
        let transfers = conclude([read(1, state: .attempted, bytes: nil), read(2, bytes: nil), read(3)]).transfers
        try #require(transfers.count == 2)
        let refused = try #require(transfers.first { $0.state == .attempted })
        #expect(refused.bytes == .zero && refused.reads == 1 && refused.onWire == 0)
        let taken = try #require(transfers.first { $0.state == .taken })
        #expect(taken.bytes == ByteBounds(atLeast: 89, atMost: nil))
        #expect(taken.onWire == nil)
        #expect(taken.notes.contains("size not logged for 1 read"))
    }

    @Test func aSharperVersionOfARecordReplacesTheOther() throws {
        for versions in [[read(1, bytes: nil), read(1)], [read(1), read(1, bytes: nil)]] {
            let transfers = conclude(versions).transfers
            try #require(transfers.count == 1)
            #expect(transfers[0].bytes == .exactly(89) && transfers[0].reads == 1)
        }
    }

    // MARK: Mail

    private func mail(
        _ identity: UInt64, ids: [String], sizes: UInt64? = nil, claimed: UInt64 = 0, folder: String? = nil
    )
        -> TestRecord
    {
        TestRecord(identity, at: 1) { batch, mark in
            var mail = MailAccess(
                mark: mark, mailbox: batch.entity(.mailbox, "p@example.test"),
                destination: batch.entity(.address, "192.0.2.4"), claimed: claimed)
            mail.firstMessage = batch.messages.count
            mail.messageCount = ids.count
            mail.wholeFolder = folder.map { batch.arena.copy($0) }
            for id in ids { batch.messages.append(.init(id: batch.arena.copy(id), size: sizes)) }
            batch.mail.append(mail)
        }
    }

    @Test func oneRecordInTwoExportsCountsWithTheDetailOfBoth() throws {
        let listed = mail(9, ids: ["a", "b", "c", "d", "e", "f", "f"])
        let claimed = mail(9, ids: [], claimed: 7)
        for versions in [[listed, claimed], [claimed, listed]] {
            let transfers = conclude(versions).transfers
            try #require(transfers.count == 1)
            let transfer = transfers[0]
            #expect(transfer.state == .accessed && transfer.distinctObjects == 7 && transfer.reads == 7)
            #expect(transfer.bytes == .unknown && transfer.onWire == nil && transfer.records == 1)
        }
    }

    /// Two exports that contradict each other: the smaller size at least, the larger at most.
    @Test func oneMailRecordInTwoSizes() throws {
        let versions = [5, 10, 7].map { mail(9, ids: ["a", "b"], sizes: $0) }
        for order in [[0, 1], [1, 0], [0, 1, 2], [2, 1, 0], [1, 2, 0, 1]] {
            let transfer = try #require(conclude(order.map { versions[$0] }).transfers.first)
            #expect(transfer.bytes == ByteBounds(atLeast: 10, atMost: 20) && transfer.onWire == nil, "\(order)")
            #expect(transfer.distinctObjects == 2 && transfer.records == 1)
            #expect(transfer.notes.contains { $0.hasPrefix("2 messages came in versions") })
        }
        let again = try #require(conclude([versions[0], mail(8, ids: ["a"], sizes: 6), versions[1]]).transfers.first)
        #expect(again.bytes == ByteBounds(atLeast: 11, atMost: 26))
    }

    @Test func messagesOfKnownSizeAreTaken() throws {
        let transfer = try #require(
            conclude([mail(1, ids: ["a", "b"], sizes: 10), mail(2, ids: ["b"], sizes: 10)]).transfers.first)
        #expect(transfer.state == .taken && transfer.bytes == .exactly(20) && transfer.onWire == 30)
        #expect(transfer.distinctObjects == 2 && transfer.reads == 3)
    }

    @Test func claimsThatMayOverlapLeaveTheNumberOfMessagesOpen() throws {
        let transfer = try #require(
            conclude([mail(1, ids: ["a"], sizes: 10), mail(2, ids: [], claimed: 3)]).transfers.first)
        #expect(transfer.state == .accessed && transfer.bytes == ByteBounds(atLeast: 10, atMost: nil))
        #expect(transfer.distinctObjects == nil && transfer.reads == 4)
    }

    @Test func aSynchronisedFolderHasNoCeiling() throws {
        let transfer = try #require(conclude([mail(1, ids: [], folder: "Inbox")]).transfers.first)
        #expect(transfer.state == .accessed && transfer.bytes == .unknown && transfer.distinctObjects == nil)
        #expect(transfer.notes.contains { $0.contains("Inbox") })
    }

    // MARK: Sharing

    private func change(_ identity: UInt64, _ action: ExposureChange.Action, at seconds: Double, size: UInt64? = nil)
        -> TestRecord
    {
        TestRecord(identity, at: seconds) { batch, mark in
            batch.exposures.append(
                ExposureChange(
                    mark: mark, action: action, route: .snapshot, resource: batch.entity(.store, "snap-1"),
                    grantee: batch.entity(.account, "222"), principal: Bytes("mallory"), size: size))
        }
    }

    @Test func whatWasSharedStaysInTheLedgerAfterItIsUnshared() throws {
        let transfers = conclude([change(2, .unshare, at: 9), change(1, .share, at: 5, size: 100)]).transfers
        try #require(transfers.count == 1)
        #expect(transfers[0].state == .exposed && transfers[0].bytes == ByteBounds(atLeast: 0, atMost: 100))
        #expect(transfers[0].distinctObjects == 1 && transfers[0].reads == 0 && transfers[0].records == 2)
        #expect(transfers[0].last.microseconds - transfers[0].first.microseconds == 4_000_000)
        #expect(transfers[0].notes[0].hasPrefix("un-shared at ") && transfers[0].notes[0].hasSuffix("no read was seen"))
    }

    @Test func aCopySeenFromOutsideMakesItTaken() throws {
        let transfers = conclude([change(1, .share, at: 1), change(2, .taken, at: 2)]).transfers
        #expect(transfers.map(\.state) == [.taken])
        #expect(transfers[0].bytes == .unknown)
    }

    @Test func refusedSharingIsAttemptedAndLoneWithdrawalsAreAGap() {
        #expect(conclude([change(1, .refused, at: 1, size: 5)]).transfers.map(\.bytes) == [.zero])
        let lone = conclude([change(1, .unshare, at: 1)])
        #expect(lone.transfers.isEmpty)
        #expect(lone.gaps.map(\.route) == [.snapshot])
    }

    // MARK: Names, questions, losses

    private func name(
        _ text: String, _ source: NameSeen.Source, client: String, target: String, port: UInt16, at: Double
    )
        -> TestRecord
    {
        TestRecord(0, at: at) { batch, mark in
            batch.names.append(
                NameSeen(
                    time: mark.time, source: source, client: address(client), address: address(target), port: port,
                    name: batch.arena.copy(text)))
        }
    }

    @Test func namesThatTheClientMetComeFirst() {
        let records = [
            name("cdn.test", .dnsAnswer, client: "10.0.0.1", target: "192.0.2.1", port: 0, at: 1),
            name("Drop.test", .tlsServerName, client: "10.0.0.1", target: "192.0.2.1", port: 443, at: 2),
            name("other.test", .tlsServerName, client: "10.0.0.2", target: "192.0.2.1", port: 443, at: 1),
            name("late.test", .dnsAnswer, client: "10.0.0.1", target: "192.0.2.1", port: 0, at: 50),
            name("pc1", .dhcpHostName, client: "10.0.0.1", target: "10.0.0.1", port: 0, at: 1),
            name("pc2", .dhcpHostName, client: "10.0.0.1", target: "10.0.0.1", port: 0, at: 20),
        ]
        let index = conclude(records).names
        let end = TestRecord(0, at: 10) { _, _ in }.time
        let names = index.names(client: address("10.0.0.1"), address: address("192.0.2.1"), port: 443, before: end)
        #expect(names.map(\.text) == ["drop.test", "cdn.test", "other.test"])
        #expect(
            index.names(client: address("10.0.0.1"), address: address("192.0.2.1"), port: 80, before: end).map(\.text)
                == ["cdn.test"])
        #expect(index.hostName(of: address("10.0.0.1"), at: end) == "pc1")
        #expect(index.hostName(of: address("10.0.0.1"), at: Timestamp.latest) == "pc2")
        #expect(index.hostName(of: address("10.0.0.1"), at: Timestamp.earliest) == nil)
    }

    private func question(
        _ identity: UInt64, _ name: String, client: String = "10.0.0.1", resolver: String = "192.0.2.53"
    )
        -> TestRecord
    {
        TestRecord(identity, at: Double(identity)) { batch, mark in
            batch.queries.append(
                DNSQuery(mark: mark, client: address(client), resolver: address(resolver), name: batch.arena.copy(name))
            )
        }
    }

    private func label(_ number: Int) -> String { String(repeating: "x", count: 30) + String(100 + number) }

    @Test func namesBelowADomainBoundWhatTheyCarried() throws {
        var records = (0..<60).map { question(UInt64($0), label($0) + ".evil.test") }
        records.append(question(100, label(0) + ".evil.test"))
        records.append(question(101, "www.fine.test"))
        let result = conclude(records)
        try #require(result.transfers.count == 1)
        let transfer = result.transfers[0]
        #expect(transfer.destination.id == "evil.test" && transfer.route == .dns)
        #expect(transfer.bytes == ByteBounds(atLeast: 0, atMost: 60 * 33))
        #expect(transfer.distinctObjects == 60 && transfer.reads == 61 && transfer.onWire == nil)
        #expect(
            result.gaps.map(\.effect) == [
                "together at most 3 bytes could have left in names that are not in the ledger"
            ])
    }

    @Test func aResolverThatForwardsIsNotTheSource() {
        var records = (0..<60).map { question(UInt64($0), label($0) + ".evil.test", resolver: "10.0.0.2") }
        records += (0..<60).map { question(UInt64($0 + 100), label($0) + ".evil.test", client: "10.0.0.2") }
        #expect(conclude(records).transfers.map(\.source.id) == ["10.0.0.1"])
        records.append(question(500, label(99) + ".evil.test", client: "10.0.0.2"))
        #expect(conclude(records).transfers.count == 2)
    }

    @Test func lossesThatTouchAreOneGap() {
        let records = [(0.0, 10.0, 1000), (10, 20, 5000), (40, 50, 1)].map { (from, to, lost) in
            TestRecord(0, at: from) { batch, mark in
                batch.losses.append(
                    LossSeen(
                        from: mark.time,
                        to: Timestamp(microseconds: mark.time.microseconds + Int64((to - from) * 1_000_000)),
                        route: .network, lostPerMillion: UInt32(lost), what: Bytes("packets lost")))
            }
        }
        let result = conclude(records + records)
        #expect(result.gaps.map(\.what) == ["packets lost (up to 0.5000 %)", "packets lost (up to 0.0001 %)"])
        let start = records[0].time.microseconds
        #expect(result.losses.lossAt(Timestamp(microseconds: start + 5_000_000), on: .network)?.perMillion == 1000)
        #expect(result.losses.lossAt(Timestamp(microseconds: start + 30_000_000), on: .network) == nil)
        #expect(result.losses.lossAt(Timestamp(microseconds: start + 5_000_000), on: .mail) == nil)
        let both = result.losses.loss(
            on: .network, from: Timestamp(microseconds: start), to: Timestamp(microseconds: start + 60_000_000))
        #expect(both?.perMillion == 5000 && both?.isPartOf == false)
    }
}
