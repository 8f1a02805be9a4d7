// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// `match` and `rules check`: what they say, and how they end.
@Suite("Commands of rules")
struct RuleCommandTests {
    private static let rule = """
        title: t
        id: 9f1c2c5e-0000-4000-8000-000000000001
        level: low
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {eventName: StopLogging}, condition: s}

        """

    private static let record =
        #"{"eventVersion":"1.08","eventTime":"2026-03-01T10:00:00Z","eventName":"StopLogging","#
        + #""eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.7","#
        + #""userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/jo"}}"# + "\n"

    @Test func aFolderWithoutRulesIsAnError() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path + "/empty", withIntermediateDirectories: true)
        let check = try Program.run(["rules", "check", "empty", "--no-cache"], in: folder)
        #expect(check.status == 1 && check.errors.contains("empty: no rules found"), "\(check)")
        let file = try folder.write("r.yml", Self.rule)
        let log = try folder.write("a.json", Self.record)
        let match = try Program.run(["match", "--rules", file, "--rules", "empty", log, "--no-cache"], in: folder)
        #expect(match.status == 0 && match.output.split(separator: "\n").count == 1, "\(match)")
        #expect(match.errors.contains("empty: no rules found"), "\(match)")
        let nothing = try Program.run(["match", "--rules", "empty", log, "--no-cache"], in: folder)
        #expect(nothing.status == 1 && nothing.output.isEmpty, "\(nothing)")
    }

    @Test func theSummaryIsASentence() throws {
        let folder = try Folder()
        let file = try folder.write("r.yml", Self.rule)
        let outcome = try Program.run(
            ["match", "--rules", file, try folder.write("a.json", Self.record), "--no-cache"], in: folder)
        #expect(outcome.errors == "1 rule loaded; 1 record in 1 input; 1 match of 1 rule\n", "\(outcome)")
    }

    /// What stands in a file on a full disk must not look whole.
    @Test(arguments: [["match", "--rules", "r.yml", "a.json", "--no-cache"], ["rules", "mappings"]])
    func outputThatCannotBeWritten(arguments: [String]) throws {
        let folder = try Folder()
        _ = try folder.write("r.yml", Self.rule)
        _ = try folder.write("a.json", Self.record)
        let outcome = try Program.run(
            arguments, wrapper: ["sh", "-c", #"exec "$0" "$@" >/dev/full"#], in: folder)
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.errors.contains(String(cString: strerror(ENOSPC))), "\(outcome)")
    }

    @Test func aFolderIsNoRulesReport() throws {
        let folder = try Folder()
        let file = try folder.write("r.yml", Self.rule)
        let log = try folder.write("a.json", Self.record)
        let outcome = try Program.run(
            ["match", "--rules", file, log, "--no-cache", "--rules-report", folder.path], in: folder)
        #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
        #expect(outcome.errors.contains("\(folder.path): cannot be written: Is a directory"), "\(outcome)")
    }
}
