// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@testable import OutflowLedger

/// What un-sharing ends, what tells a size, and reads through links.
@Suite struct ExposureTests {
    private func change(
        _ identity: UInt64, _ action: ExposureChange.Action, _ grantee: String, kind: EntityKind = .account,
        means: String = "", at seconds: Double, size: UInt64? = nil, resource: String = "thing"
    ) -> TestRecord {
        TestRecord(identity, at: seconds) { batch, mark in
            batch.exposures.append(
                ExposureChange(
                    mark: mark, action: action, route: .cloudObject, resource: batch.entity(.store, resource),
                    grantee: batch.entity(kind, grantee), means: batch.arena.copy(means), size: size))
        }
    }

    private func unshareAll(_ identity: UInt64, means: String = "", at seconds: Double) -> TestRecord {
        change(identity, .unshare, "", kind: .anyone, means: means, at: seconds)
    }

    /// The notes of each transfer that is not refused, by grantee; the same in every order.
    private func notes(_ records: [TestRecord], line: Int = #line) -> [String: String] {
        let conclusion = conclude(records)
        for other in [records.reversed(), Array(records.dropFirst()) + records.prefix(1)] {
            #expect(conclude(other).transfers.map(\.notes) == conclusion.transfers.map(\.notes), "line \(line)")
        }
        #expect(conclusion.gaps.isEmpty, "line \(line)")
        return Dictionary(
            uniqueKeysWithValues: conclusion.transfers.map { ($0.destination.id, $0.notes.joined(separator: "; ")) })
    }

    @Test func unsharingAllEndsEveryShareByTheSameMeans() throws {
        let shares = [
            change(1, .share, "222", means: "policy", at: 1), change(2, .share, "333", means: "policy", at: 2),
            change(3, .share, "444", means: "acl", at: 3),
        ]
        let notes = notes(shares + [unshareAll(4, means: "policy", at: 9)])
        #expect(notes["222"]?.hasPrefix("un-shared at ") == true && notes["333"] == notes["222"])
        #expect(notes["444"] == "still shared when these logs end; no read was seen")
        let ended = try #require(
            conclude(shares + [unshareAll(4, means: "policy", at: 9)]).transfers.first { $0.destination.id == "222" })
        #expect(ended.records == 2 && ended.last.microseconds - ended.first.microseconds == 8_000_000)
    }

    @Test func aGranteeWithTwoMeansKeepsTheOther() {
        let both = [change(1, .share, "222", means: "policy", at: 1), change(2, .share, "222", means: "acl", at: 2)]
        #expect(notes(both + [unshareAll(3, means: "acl", at: 3)])["222"]?.hasPrefix("still shared") == true)
        let ended = notes(both + [unshareAll(3, means: "acl", at: 3), unshareAll(4, means: "policy", at: 4)])
        #expect(ended["222"]?.hasPrefix("un-shared at ") == true)
    }

    @Test func sharingAgainAndTies() {
        let first = change(1, .share, "222", means: "policy", at: 1)
        #expect(
            notes([first, unshareAll(2, means: "policy", at: 2), change(3, .share, "222", means: "policy", at: 3)])[
                "222"]
                == "still shared when these logs end; no read was seen")
        // Of one time, the end is the last.
        #expect(notes([first, unshareAll(0, means: "policy", at: 1)])["222"]?.hasPrefix("un-shared") == true)
    }

    @Test func whatEndsNothingIsNoGap() {
        #expect(notes([unshareAll(1, at: 1), unshareAll(2, means: "policy", at: 1)]) == [:])
        #expect(notes([change(1, .unshare, "", kind: .address, means: "inbox-rule", at: 1)]) == [:])
        #expect(notes([change(1, .unshare, "anyone", kind: .anyone, means: "policy", at: 1)]) == [:])
        #expect(conclude([change(1, .unshare, "222", at: 1)]).gaps.count == 1)
    }

    @Test func anUnnamedRuleMayBeAnother() {
        let notes = notes([
            change(1, .share, "x@evil.test", kind: .address, means: "inbox-rule", at: 1),
            change(2, .share, "y@evil.test", kind: .address, means: "mailbox", at: 1),
            change(3, .unshare, "", kind: .address, means: "inbox-rule", at: 2),
        ])
        #expect(notes["x@evil.test"]?.hasPrefix("un-shared at ") == true)
        #expect(notes["x@evil.test"]?.contains("does not name whom") == true)
        #expect(notes["y@evil.test"]?.hasPrefix("still shared") == true)
    }

    @Test func theSizeOfAThingIsTheCeilingOfItsShares() {
        let sized = change(1, .sized, "", kind: .anyone, at: 1, size: 80 << 30)
        #expect(conclude([sized]).transfers.isEmpty && conclude([sized]).gaps.isEmpty)
        let conclusion = conclude([
            change(2, .share, "222", at: 2), change(3, .refused, "333", at: 3), sized,
            change(4, .share, "222", at: 2, resource: "other"),
        ])
        let shown = conclusion.transfers.map { "\($0.source.id) \($0.state.rawValue) \($0.bytes.atMost ?? 1)" }
        #expect(Set(shown) == ["thing exposed \(80 << 30)", "thing attempted 0", "other exposed 1"])
        let exposed = conclusion.transfers.first { $0.source.id == "thing" && $0.state == .exposed }
        #expect(exposed?.records == 2 && exposed?.evidence.count == 2)
        #expect(exposed?.first == TestRecord(0, at: 2) { _, _ in }.time)
    }

    @Test func aReadThroughALinkIsToldOfTheShareToo() throws {
        let records = [
            change(1, .share, "anyone", kind: .anyone, at: 1), change(2, .taken, "203.0.113.8", kind: .address, at: 2),
        ]
        let taken = try #require(conclude(records).transfers.first { $0.state == .taken })
        #expect(taken.destination.id == "203.0.113.8")
        #expect(notes(records)["anyone"] == "still shared when these logs end; read from outside: see \(taken.id)")
    }

    @Test func meansAndSizesSurviveAPartial() throws {
        let records = [
            change(1, .share, "222", means: "policy", at: 1), change(2, .share, "222", means: "acl", at: 1),
            unshareAll(3, means: "policy", at: 2), change(4, .sized, "", kind: .anyone, at: 1, size: 7),
        ]
        var duplicates: UInt64 = 0
        var first = ledger(records, duplicates: &duplicates)
        var copy = try decoded(encoded(&first))
        let context = RichLedger.Context(isLocal: { inside.contains($0) })
        #expect(copy.conclude(context).transfers == first.conclude(context).transfers)
        #expect(copy.conclude(context).transfers.map(\.bytes.atMost) == [7])
    }
}
