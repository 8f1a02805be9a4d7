// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@Suite("CloudTrail: real logs", .enabled(if: CloudSample.corpora != nil, "OUTFLOW_CORPORA is not set"))
struct CloudCorporaTests {
    /// What a published attack on an S3 bucket left: two reads of one object by the stolen session, and nothing else.
    @Test func theStolenSessionsTwoReadsAreTheOnlyBytes() throws {
        let members = try CloudSample.members(ofArchive: CloudSample.corpora! + "/aws/otrf-s3-exfiltration.zip")
        let sample = CloudSample(try #require(members.values.first))
        #expect(sample.format == "cloudtrail" && sample.records == 103 && sample.irrelevant == 101)
        #expect(sample.rejectedCount == 0 && sample.changes.isEmpty)
        #expect(
            sample.reads.map(\.bytes) == [89, 89] && sample.reads.allSatisfy { $0.state == .taken && $0.part == .whole }
        )
        #expect(Set(sample.reads.map(\.identity)).count == 2)
        #expect(Set(sample.reads.map(\.object)).count == 1)
        #expect(Set(sample.reads.map(\.session)) == ["ASIA5FLZVX4OPVKKVBMX"])
    }

    @Test func emulatedAttacksShareAndRead() throws {
        let members = try CloudSample.members(ofArchive: CloudSample.corpora! + "/aws/stratus-detonation-logs.tar.gz")
        var changes: [String] = []
        var states: [String: Int] = [:]
        for (name, content) in members.sorted(by: { $0.key < $1.key }) where name.hasSuffix(".json") {
            let sample = CloudSample(content, framing: .jsonElements)
            #expect(sample.format == "cloudtrail" && sample.rejectedCount == 0 && sample.records > 0, "\(name)")
            #expect(sample.reads.allSatisfy { $0.bytes == nil }, "\(name)")
            changes += sample.changes.map { "\($0.action) \($0.route) \($0.kind) \($0.grantee)" }
            let stem = name.split(separator: "/").last!.dropLast(5)
            for read in sample.reads { states["\(stem) \(read.state)", default: 0] += 1 }
        }
        #expect(
            changes == [
                "share snapshot account 846424999548", "share snapshot account 098797384747",
                "share snapshot account 503161813013",
            ])
        #expect(states["aws.credential-access.secretsmanager-retrieve-secrets accessed"] == 20)
        #expect(states["aws.credential-access.secretsmanager-batch-retrieve-secrets accessed"] == 5)
        #expect(states["aws.credential-access.ec2-get-password-data attempted"] == 30)
        #expect(states["aws.discovery.ec2-download-user-data attempted"] == 15)
        #expect(states["aws.credential-access.ssm-retrieve-securestring-parameters accessed"] ?? 0 >= 42)
        #expect(states.count == 5)
    }
}
