// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEvaluation
import OutflowRecords
import Testing

/// `truth.json`, sound and damaged.
@Suite("Truth files")
struct TruthTests {
    static let sound = """
        {"from": "2026-03-01T00:00:00Z", "to": "2026-03-08T00:00:00Z", "thefts": [
          {"id": "upload", "what": "an upload", "route": "network", "source": {"kind": "host", "id": "10.0.0.1"},
           "destination": {"id": "files.example", "addresses": ["198.51.100.7"]},
           "bytes": {"at_least": 1000, "at_most": 1200},
           "first": "2026-03-03T10:00:00Z", "last": "2026-03-03T11:00:00Z", "unknown key": [1]}],
         "look_alikes": [{"id": "backup", "route": "network", "source": {"id": "10.0.0.9"}}]}
        """

    private func read(_ text: String, _ dataset: String? = nil) throws -> Truth {
        try Truth(json: Array(text.utf8), dataset: dataset)
    }

    @Test func theProgramsOwn() throws {
        let truth = try read(Self.sound)
        let theft = try #require(truth.thefts.first)
        #expect(truth.thefts.count == 1 && truth.lookAlikes.map(\.id) == ["backup"])
        #expect(theft.route == .network && theft.sources == ["10.0.0.1"])
        #expect(theft.destinations == ["files.example", "198.51.100.7"])
        #expect(theft.bytes == ByteBounds(atLeast: 1_000, atMost: 1_200) && theft.size == 1_200)
        #expect(theft.first == Timestamp(iso8601: "2026-03-03T10:00:00Z"))
        #expect(truth.to == Timestamp(iso8601: "2026-03-08T00:00:00Z"))
    }

    @Test func writtenByHand() throws {
        let truth = try read(
            """
            {"datasets": [
              {"id": "one", "thefts": [{"src": "10.0.1.4", "dst": ["192.168.0.4 (attacker)"], "route": "network",
                "t_start": "2020-05-02T02:30:00Z", "duration_s": 90.5, "stolen_bytes": {"low": 5, "high": 9}}]},
              {"id": "two", "thefts": [{"actor_identity": "arn:x", "access_key": "AKIA", "bytes_unique_objects": 89}]}]}
            """, "one")
        let theft = try #require(truth.thefts.first)
        #expect(truth.thefts.count == 1 && theft.id == "one[0]")
        #expect(theft.destinations == ["192.168.0.4"] && theft.bytes == ByteBounds(atLeast: 5, atMost: 9))
        #expect(theft.last == Timestamp(iso8601: "2020-05-02T02:31:30.5Z"))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "\"x\"", "{}", "{\"thefts\": 3}", "{\"thefts\": [3]}", "{\"thefts\": {}}",
        "{\"thefts\": [{\"first\": 12}]}", "{\"thefts\": [{\"first\": \"yesterday\"}]}",
        "{\"thefts\": [{\"bytes\": {\"at_least\": 9, \"at_most\": 3}}]}", "{\"datasets\": []}",
        "{\"from\": \"x\", \"thefts\": []}", "{\"datasets\": [{\"id\": \"a\", \"thefts\": \"none\"}]}",
        "{\"thefts\": " + String(repeating: "[", count: 100_000),
    ])
    func damaged(text: String) {
        #expect(throws: Truth.Failure.self, "\(text.prefix(60))") { try read(text) }
    }

    @Test func aDataSetThatIsNotThere() {
        #expect(throws: Truth.Failure.self) { try read("{\"datasets\": [{\"id\": \"a\", \"thefts\": []}]}", "b") }
    }

    @Test(arguments: [
        "{\"thefts\": []}", "{\"thefts\": null, \"look_alikes\": []}", "{\"thefts\": [{}]}",
        "{\"thefts\": [{\"route\": \"by pigeon\", \"bytes\": \"many\", \"source\": 3, \"dst\": {}, \"session\": [1, null]}]}",
        "{\"thefts\": [{\"t_start\": \"9999-12-31T23:59:59Z\", \"duration_s\": 1e300}]}",
        "{\"thefts\": [{\"t_start\": \"9999-12-31T23:59:59Z\", \"duration_s\": 999999999}]}",
        "{\"thefts\": [{\"t_start\": \"2020-01-01T00:00:00Z\", \"duration_s\": -5}]}",
        "{\"thefts\": [{\"bytes\": {\"at_least\": 18446744073709551615, \"at_most\": 18446744073709551615}}]}",
    ])
    func oddButSound(text: String) throws {
        for theft in try read(text).thefts { #expect(!theft.id.isEmpty) }
    }

    /// Any cut and any changed byte is read or refused, and never worse.
    @Test func everyCutAndManyChanges() {
        let bytes = Array(Self.sound.utf8)
        for end in 0..<bytes.count { #expect(throws: Truth.Failure.self) { try Truth(json: Array(bytes[..<end])) } }
        for index in bytes.indices {
            for value in [0, 0x22, 0x2D, 0x39, 0x5B, 0x7D, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] = value
                _ = try? Truth(json: changed)
            }
        }
    }
}
