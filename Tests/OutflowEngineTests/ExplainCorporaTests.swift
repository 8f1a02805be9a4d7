// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEngine
import OutflowLedger
import OutflowRecords
import OutflowReports
import Testing

/// Every figure of the public corpora comes out again from its records.
@Suite(.enabled(if: explainCorpora != nil, "OUTFLOW_CORPORA is not set")) struct ExplainingCorpora {
    private func logs(_ path: String) throws -> ExplainedLogs {
        let logs = ExplainedLogs(at: try #require(explainCorpora) + "/" + path)
        try logs.scan()
        return logs
    }

    @Test func theWebDAVTheftIsOneContentTwiceOnTheWire() throws {
        let logs = try logs("apt29-day1")
        let transfer = try #require(logs.report.ledger.first { $0.route == .web })
        let explanation = try logs.explain(transfer.id)
        #expect(explanation.agrees && explanation.isComplete)
        let text = ExplanationText.render(explanation, width: 120)
        #expect(text.contains("at least and at most, contents: 1,082,089 B"))
        #expect(text.contains("on the wire, every sending: 1,082,089 + 1,082,089 = 2,164,178 B"))
        #expect(text.contains("\"status_code\":401"))
        #expect(text.contains("the same content again: counted on the wire only"))
        // The flows of the same connections, less the bodies.
        let rest = try #require(logs.report.ledger.first { $0.service == "80/tcp http" && $0.route == .network })
        let flows = ExplanationText.render(try logs.explain(rest.id), width: 120)
        #expect(flows.contains("− 2,164,178 ="))
    }

    @Test func everyTransferAndCopyOfAPT29AddsUp() throws {
        let logs = try logs("apt29-day1")
        let ids = logs.report.ledger.map(\.id) + logs.report.staging.map(\.id)
        #expect(ids.count == 6)
        for id in ids {
            let explanation = try logs.explain(id, all: true) { $0.recordLimit = 0 }
            #expect(explanation.agrees, "\(id): \(explanation.comparisons)")
            #expect(explanation.inputsAreSound)
        }
        let many = try #require(logs.report.ledger.first { $0.records == 376 })
        let text = ExplanationText.render(try logs.explain(many.id, all: true))
        #expect(text.contains("390,152 B"))
        let copy = try #require(logs.report.staging.first)
        let seen = try logs.explain(copy.id, all: true)
        #expect(seen.records.count { $0.standing == .seenAgain } == 15, "both sensors saw every flow")
    }

    @Test func theStolenObjectIsEightyNineBytesTwice() throws {
        let logs = try logs("aws")
        let transfer = try #require(logs.report.ledger.first { $0.state == .taken })
        let text = ExplanationText.render(try logs.explain(transfer.id), width: 120)
        #expect(text.contains("2 reads of 1 content of 89 B: 89 counted once"))
        #expect(text.contains("on the wire, every read: 89 + 89 = 178 B"))
        #expect(text.contains("otrf-s3-exfiltration.zip!"))
        for transfer in logs.report.ledger {
            let explanation = try logs.explain(transfer.id, all: true)
            #expect(explanation.agrees, "\(transfer.id): \(explanation.comparisons)")
        }
    }

    @Test func theMailboxReadIsOneRecordInTwoExports() throws {
        let logs = try logs("m365")
        let transfer = try #require(logs.report.ledger.first { $0.route == .mail })
        let explanation = try logs.explain(transfer.id, all: true)
        #expect(explanation.records.map(\.standing) == [.seenAgain, .counted])
        #expect(explanation.agrees, "\(explanation.comparisons)")
        let text = ExplanationText.render(explanation)
        #expect(text.contains("7 different messages are listed"))
        #expect(text.contains("size not logged for 7 messages: unknown, not zero"))
    }

    @Test func librarySumsComeOut() throws {
        let logs = try logs("library")
        for transfer in logs.report.ledger.prefix(6) + logs.report.ledger.suffix(6) {
            let explanation = try logs.explain(transfer.id, all: true) { $0.recordLimit = 0 }
            #expect(explanation.agrees, "\(transfer.id): \(explanation.comparisons)")
        }
    }
}
