// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@testable import OutflowLedger

/// Law 2: the conclusion is a function of the set of distinct records.
@Suite struct MergePropertyTests {
    /// All of a conclusion that must not depend on order, as text: references of evidence become their number.
    private func fingerprint(_ conclusion: RichLedger.Conclusion) -> [String] {
        var lines = conclusion.transfers.map { transfer in
            var copy = transfer
            copy.evidence = []
            return "\(copy) evidence \(transfer.evidence.count)"
        }
        lines += conclusion.gaps.map { "\($0)" }
        lines += conclusion.uploads.copies.map {
            "\($0.source) \($0.destination) \($0.service) \($0.bytes) \($0.contents) \($0.span) \($0.records) \($0.evidence.count)"
        }
        lines += conclusion.uploads.bodies.map { "\($0.key) \($0.value)" }.sorted()
        lines += conclusion.uploads.contents.map { "\($0.key) \($0.value.sorted())" }.sorted()
        let end = Timestamp(microseconds: 1_588_000_005_000_000)
        for client in 1...3 {
            for host in 1...3 {
                for port in [80, 443] as [UInt16] {
                    lines.append(
                        "\(conclusion.names.names(client: address("10.0.0.\(client)"), address: address("192.0.2.\(host)"), port: port, before: end))"
                    )
                }
            }
            lines.append(conclusion.names.hostName(of: address("10.0.0.\(client)"), at: end) ?? "-")
        }
        lines += conclusion.losses.losses.map { "\($0)" }
        return lines
    }

    @Test(arguments: propertySeeds) func orderSplitsDuplicatesAndMergesDoNotShow(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let records = randomRecords(count: Int.random(in: 1...400, using: &random), &random)
        let capacity = Int.random(in: 8...200, using: &random)
        let context = RichLedger.Context(
            isLocal: { inside.contains($0) }, isOwnDomain: { $0 == "own.test" }, end: records.map(\.time).max())
        var expected: [String]?
        for _ in 0..<6 {
            var pile = records
            for _ in 0..<Int.random(in: 0...records.count, using: &random) {
                pile.append(records.randomElement(using: &random)!)
            }
            pile.shuffle(using: &random)
            var parts = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                RichLedger(evidenceCapacity: capacity, domainStart: lastTwoLabels)
            }
            var known: UInt64 = 0
            let batch = ActivityBatch()
            for (index, record) in pile.enumerated() {
                record.add(to: batch, offset: UInt64(index))
                if index + 1 == pile.count || Int.random(in: 0..<10, using: &random) == 0 {
                    known += parts[Int.random(in: 0..<parts.count, using: &random)].observe(batch, input: 0)
                    batch.clear()
                }
            }
            #expect(known <= UInt64(pile.count), "seed \(seed)")
            while parts.count > 1 {
                var other = parts.remove(at: Int.random(in: 0..<parts.count, using: &random))
                if Bool.random(using: &random) { other = try decoded(encoded(&other), evidenceCapacity: capacity) }
                parts[Int.random(in: 0..<parts.count, using: &random)].merge(other, inputMap: [1])
            }
            var whole = try decoded(encoded(&parts[0]), evidenceCapacity: capacity)
            let result = fingerprint(whole.conclude(context))
            guard let first = expected else {
                expected = result
                continue
            }
            let difference = zip(first, result).first { $0 != $1 }
            #expect(difference == nil && first.count == result.count, "seed \(seed)")
        }
    }

    @Test(arguments: propertySeeds) func damagedPartialsAreRefusedOrRead(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var ledger = RichLedger(domainStart: lastTwoLabels)
        let batch = ActivityBatch()
        for record in randomRecords(count: 60, &random) { record.add(to: batch, offset: 0) }
        _ = ledger.observe(batch, input: 0)
        // Stored as they are, payloads can be damaged without a checksum that notices.
        var encoder = StateEncoder(isCompressing: false)
        ledger.encode(into: &encoder)
        let file = encoder.finish()
        var read = 0
        for _ in 0..<150 {
            var damaged = file
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                damaged[Int.random(in: 0..<file.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard var copy = try? decoded(damaged) else { continue }
            read += 1
            var other = RichLedger(domainStart: lastTwoLabels)
            _ = other.observe(batch, input: 0)
            copy.merge(other, inputMap: [])
            _ = encoded(&copy)
            _ = copy.conclude(.init(isLocal: { inside.contains($0) }))
        }
        #expect(read > 0 && read < 150, "seed \(seed)")
    }

    // MARK: Random records

    private func randomRecords(count: Int, _ random: inout SeededGenerator) -> [TestRecord] {
        (0..<count).map { index in
            // A few identities are shared by records that differ, as in two exports of one log.
            let kind = Int.random(in: 0..<8, using: &random)
            let isShared = Int.random(in: 0..<5, using: &random) == 0
            let identity =
                UInt64(kind) << 32 | (isShared ? UInt64.random(in: 0..<4, using: &random) : UInt64(index + 10))
            let seconds = Double(Int.random(in: 0..<40, using: &random)) / 4
            switch kind {
            case 0: return access(identity, seconds, &random)
            case 1: return mail(identity, seconds, &random)
            case 2: return exposure(identity, seconds, &random)
            case 3: return upload(identity, seconds, &random)
            case 4: return file(identity, seconds, &random)
            case 5: return name(identity, seconds, &random)
            case 6: return query(identity, seconds, &random)
            default: return loss(identity, seconds, &random)
            }
        }
    }

    private func pick<Value>(_ values: [Value], _ random: inout SeededGenerator) -> Value {
        values.randomElement(using: &random)!
    }

    private func access(_ identity: UInt64, _ seconds: Double, _ random: inout SeededGenerator) -> TestRecord {
        let route = pick([Route.cloudObject, .library], &random)
        let state = pick([TransferState.taken, .taken, .attempted], &random)
        let words = (0..<6).map { _ in pick(["", "a", "b"], &random) }
        let bytes = pick([nil, 0, 5, 9, 100], &random) as UInt64?
        let size = pick([nil, nil, 9, 200], &random) as UInt64?
        let from = UInt64.random(in: 0..<20, using: &random)
        let part = pick(
            [ObjectAccess.Part.whole, .whole, .unknownPart, .range(from: from, to: from + 9), .range(from: 9, to: 2)],
            &random)
        return TestRecord(identity, at: seconds) { batch, mark in
            batch.objects.append(
                ObjectAccess(
                    mark: mark, route: route, state: state,
                    source: batch.entity(.principal, "role" + words[0], name: words[1], tenant: words[2]),
                    store: batch.arena.copy(words[3]), session: batch.arena.copy(words[4]),
                    destination: batch.entity(.address, "192.0.2.1", name: words[1]),
                    object: batch.arena.copy(words[5]),
                    bytes: bytes, part: part, objectSize: size))
        }
    }

    private func mail(_ identity: UInt64, _ seconds: Double, _ random: inout SeededGenerator) -> TestRecord {
        let messages = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
            (pick(["m1", "m2", "m3"], &random), pick([nil, 10, 20], &random) as UInt64?)
        }
        let claimed = UInt64.random(in: 0..<4, using: &random)
        let folder = pick([nil, nil, nil, nil, "Inbox", ""], &random) as String?
        let flags = (0..<2).map { _ in Int.random(in: 0..<8, using: &random) == 0 }
        let session = pick(["", "s"], &random)
        return TestRecord(identity, at: seconds) { batch, mark in
            var mail = MailAccess(
                mark: mark, mailbox: batch.entity(.mailbox, "box", name: session),
                destination: batch.entity(.address, "192.0.2.9"),
                session: batch.arena.copy(session), claimed: claimed)
            mail.firstMessage = batch.messages.count
            mail.messageCount = messages.count
            for message in messages { batch.messages.append(.init(id: batch.arena.copy(message.0), size: message.1)) }
            mail.wholeFolder = folder.map { batch.arena.copy($0) }
            mail.isThrottled = flags[0]
            mail.isRefused = flags[1]
            batch.mail.append(mail)
        }
    }

    private func exposure(_ identity: UInt64, _ seconds: Double, _ random: inout SeededGenerator) -> TestRecord {
        let changes = (0..<Int.random(in: 1...2, using: &random)).map { _ in
            (
                pick([ExposureChange.Action.share, .share, .unshare, .taken, .refused, .sized], &random),
                pick(["snap-1", "snap-2"], &random), pick(["all", "2222", ""], &random),
                pick(["", "policy"], &random), pick([EntityKind.account, .address], &random),
                pick([nil, 100, 200], &random) as UInt64?
            )
        }
        return TestRecord(identity, at: seconds) { batch, mark in
            for change in changes {
                batch.exposures.append(
                    ExposureChange(
                        mark: mark, action: change.0, route: .snapshot, resource: batch.entity(.store, change.1),
                        grantee: batch.entity(change.4, change.2), means: batch.arena.copy(change.3),
                        principal: batch.arena.copy(change.2), size: change.5
                    ))
            }
        }
    }

    private func upload(_ identity: UInt64, _ seconds: Double, _ random: inout SeededGenerator) -> TestRecord {
        let connection = Connection(
            originator: address(pick(["10.0.0.1", "10.0.0.2", "192.0.2.7"], &random)),
            responder: address(pick(["192.0.2.1", "10.0.0.3"], &random)),
            originatorPort: pick([1000, 1001], &random), responderPort: 80)
        let depth = UInt32.random(in: 0...2, using: &random)
        let method = pick(["PUT", "POST", "PROPFIND"], &random)
        let host = pick(["drop.test", "Drop.test:80", "192.0.2.1"], &random)
        let status = pick([0, 200, 401, 503] as [UInt16], &random)
        let body = pick([nil, 0, 50, 100], &random) as UInt64?
        let file = pick([nil, 1, 2, 3], &random) as UInt64?
        return TestRecord(identity, at: seconds) { batch, mark in
            batch.uploads.append(
                WebUpload(
                    mark: mark, connection: connection, depth: depth, method: batch.arena.copy(method),
                    host: batch.arena.copy(host), uri: Bytes("/x"), status: status, body: body, fileID: file))
        }
    }

    private func file(_ identity: UInt64, _ seconds: Double, _ random: inout SeededGenerator) -> TestRecord {
        let id = UInt64.random(in: 1...6, using: &random)
        let content = pick([nil, 77, 88], &random) as UInt64?
        let carrier = pick([FileSeen.Carrier.http, .http, .ftp, .smtp, .smb], &random)
        let sender = address(pick(["10.0.0.1", "10.0.0.2", "192.0.2.7"], &random))
        let receiver = address(pick(["192.0.2.1", "10.0.0.3"], &random))
        let isOriginator = Bool.random(using: &random)
        let seen = pick([0, 50, 100] as [UInt64], &random)
        let total = pick([nil, 100], &random) as UInt64?
        let name = pick(["", "x.7z", "y.doc"], &random)
        return TestRecord(identity, at: seconds) { batch, mark in
            batch.files.append(
                FileSeen(
                    mark: mark, fileID: id, content: content, carrier: carrier, sender: sender, receiver: receiver,
                    port: 80,
                    fromOriginator: isOriginator, seen: seen, total: total, missing: 3, name: batch.arena.copy(name)))
        }
    }

    private func name(_ identity: UInt64, _ seconds: Double, _ random: inout SeededGenerator) -> TestRecord {
        let source = pick(NameSeen.Source.allCases, &random)
        let client = address("10.0.0.\(Int.random(in: 1...3, using: &random))")
        let target = address(
            source == .dhcpHostName
                ? "10.0.0.\(Int.random(in: 1...3, using: &random))"
                : "192.0.2.\(Int.random(in: 1...3, using: &random))")
        let port: UInt16 = pick([80, 443], &random)
        let name = pick(["a.test", "B.test", "c.test"], &random)
        return TestRecord(identity, at: seconds) { batch, mark in
            batch.names.append(
                NameSeen(
                    time: mark.time, source: source, client: client, address: target, port: port,
                    name: batch.arena.copy(name)))
        }
    }

    private func query(_ identity: UInt64, _ seconds: Double, _ random: inout SeededGenerator) -> TestRecord {
        let client = address("10.0.0.\(Int.random(in: 1...3, using: &random))")
        let resolver = address(pick(["10.0.0.3", "192.0.2.53"], &random))
        let label = String(repeating: "x", count: Int.random(in: 0...200, using: &random))
        let name = (label.isEmpty ? "" : label + ".") + pick(["evil.test", "own.test", "other.test"], &random)
        return TestRecord(identity, at: seconds) { batch, mark in
            batch.queries.append(DNSQuery(mark: mark, client: client, resolver: resolver, name: batch.arena.copy(name)))
        }
    }

    private func loss(_ identity: UInt64, _ seconds: Double, _ random: inout SeededGenerator) -> TestRecord {
        let length = Int64.random(in: -1...3, using: &random) * 1_000_000
        let lost = pick([nil, 0, 1000, 250_000], &random) as UInt32?
        let what = pick(["packets", "records"], &random)
        return TestRecord(identity, at: seconds) { batch, mark in
            batch.losses.append(
                LossSeen(
                    from: mark.time, to: Timestamp(microseconds: mark.time.microseconds + length), route: .network,
                    lostPerMillion: lost, what: batch.arena.copy(what)))
        }
    }
}
