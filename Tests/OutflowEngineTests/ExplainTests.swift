// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowEngine
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowReports

@Suite struct Explaining {
    @Test func addsUpAGzippedLogWhoseHeaderChanges() throws {
        let logs = try ExplainedLogs()
        let first = ConnLog.header() + ConnLog.line(at: 1, port: 5001, bytes: 1_000)
        let second = ConnLog.line(at: 90, port: 5002, bytes: 234, turned: true)
        try logs.write("conn.log", first + ConnLog.header(turned: true) + second)
        try logs.gzip("conn.log")
        try logs.scan()
        let transfer = try logs.only()
        #expect(transfer.bytes == .exactly(1_234))

        let explanation = try logs.explain(transfer.id)
        #expect(explanation.isComplete && explanation.agrees && explanation.inputsAreSound)
        #expect(explanation.records.map { String(decoding: $0.text, as: UTF8.self) + "\n" }.contains(second))
        let text = ExplanationText.render(explanation)
        let offset = (first + ConnLog.header(turned: true)).utf8.count
        #expect(text.contains("conn.log.gz:\(offset)+\(second.utf8.count - 1)\n"))
        #expect(text.contains("1,000 + 234 = 1,234 B"))
        #expect(text.contains("1,000 B payload 10.0.1.4:5001 → 203.0.113.7:443"))
        #expect(text.flat.contains("the records come to what the report says"))
        #expect(text.contains("1 input unchanged"))
        #expect(!text.contains("\u{1B}"))
    }

    @Test func countsARepeatedFileAndASecondSensorOnce() throws {
        let logs = try ExplainedLogs()
        let lines =
            ConnLog.line(at: 1, port: 5001, bytes: 1_000) + ConnLog.line(at: 50, port: 5002, bytes: 500, missed: 100)
        try logs.write("a.log", ConnLog.header() + lines)
        try logs.write("b.log", ConnLog.header() + lines)
        // Another sensor: a little later, another uid, and it missed less of the second flow.
        try logs.write(
            "c.log",
            ConnLog.header() + ConnLog.line(at: 1.02, port: 5001, bytes: 1_000, uid: "C7")
                + ConnLog.line(at: 50.02, port: 5002, bytes: 500, missed: 20, uid: "C8"))
        try logs.scan()
        let transfer = try logs.only()
        let explanation = try logs.explain(transfer.id, all: true)
        #expect(explanation.found == 6)
        #expect(explanation.records.count { $0.standing == .counted } == 2)
        #expect(explanation.records.count { $0.standing == .seenAgain } == 4)
        #expect(explanation.agrees, "\(explanation.comparisons)")
        #expect(transfer.records == 2)
        #expect(ExplanationText.render(explanation).contains("seen again: not counted"))
    }

    @Test func citesSixteenAndAddsUpAll() throws {
        let logs = try ExplainedLogs()
        let lines = (0..<20).map { ConnLog.line(at: Double($0) * 10, port: 5_000 + $0, bytes: 100 + $0) }
        try logs.write("conn.log", ConnLog.header() + lines.joined())
        try logs.scan()
        let transfer = try logs.only()
        let cited = try logs.explain(transfer.id)
        #expect(cited.records.count == 16 && !cited.isComplete && !cited.agrees)
        let part = ExplanationText.render(cited)
        #expect(part.contains("16 of 20 records are shown, so this is a part of the sum"))
        #expect(part.contains("outflow explain --all \(transfer.id)"))

        let all = try logs.explain(transfer.id, all: true) { $0.recordLimit = 3 }
        #expect(all.records.count == 3 && all.found == 20 && all.agrees)
        #expect(ExplanationText.render(all).contains("the first 3 of 20 found"))
        #expect(ExplanationText.render(all).contains("= 2,190 B"))
    }

    @Test func saysWhenTheSumDoesNotComeOut() throws {
        let logs = try ExplainedLogs()
        try logs.write("conn.log", ConnLog.header() + ConnLog.line(at: 1, port: 5001, bytes: 1_000))
        try logs.scan()
        var report = logs.report
        report.ledger[0].bytes.atMost = 1_001
        let explanation = try logs.explain(report.ledger[0].id, of: report)
        #expect(!explanation.agrees && explanation.isComplete)
        let text = ExplanationText.render(explanation)
        #expect(text.contains("do NOT come to what the report says"))
        #expect(text.contains("at_most: 1,000 from the records, 1,001 in the report"))
    }

    @Test func addsUpNamesOfDNSQuestions() throws {
        let logs = try ExplainedLogs()
        let names = (0..<60).map { "chunk\($0)abcdefghijklmnop.t.example.net" }
        let header =
            "#separator \\x09\n#unset_field\t-\n#path\tdns\n"
            + "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\trcode_name\tanswers\n"
        let lines = (names + [names[0]]).enumerated().map { index, name in
            "\(1_600_000_000 + index).5\tC\(index)\t10.0.1.4\t\(4_000 + index)\t10.0.0.1\t53\tudp\t\(name)\tNOERROR\t-\n"
        }
        try logs.write("dns.log", header + lines.joined())
        try logs.scan()
        let explanation = try logs.explain(try logs.only().id, all: true)
        #expect(explanation.agrees, "\(explanation.comparisons)")
        #expect(explanation.records.last?.standing == .repeatsContent)
        #expect(explanation.comparisons.contains { $0.name == "objects" && $0.recounted == 60 })
    }

    /// A POST of `files` bytes each on a connection of 100,000 B, in Zeek's JSON; `names` is how many of the files the
    /// request names.
    private func post(_ files: [Int], names: Int, isOld: Bool, sensor: String = "") -> String {
        let ends = #""id.orig_h":"10.0.1.4","id.orig_p":5001,"id.resp_h":"203.0.113.9","id.resp_p":80"#
        var rows = [
            #"{"_path":"conn","ts":1772400000.5,"uid":"C1\#(sensor)",\#(ends),"proto":"tcp","service":"http","#
                + #""duration":10.5,"orig_bytes":100000,"resp_bytes":2000,"conn_state":"SF","missed_bytes":0}"#,
            #"{"_path":"http","ts":1772400001.5,"uid":"C1\#(sensor)",\#(ends),"trans_depth":1,"method":"POST","#
                + #""host":"up.example","uri":"/u","request_body_len":90000,"status_code":200,"orig_fuids":["#
                + (0..<names).map { "\"F\($0)\(sensor)\"" }.joined(separator: ",") + "]}",
        ]
        for (number, size) in files.enumerated() {
            let hosts = isOld ? #""tx_hosts":["10.0.1.4"],"rx_hosts":["203.0.113.9"],"conn_uids":["C1"]"# : ends
            rows.append(
                #"{"_path":"files","ts":1772400001.\#(6 + number),"fuid":"F\#(number)\#(sensor)",\#(hosts),"#
                    + #""source":"HTTP","is_orig":true,"seen_bytes":\#(size),"missing_bytes":0,"overflow_bytes":0}"#)
        }
        return rows.joined(separator: "\n") + "\n"
    }

    @Test(arguments: [true, false], [1, 2]) func addsUpABodyOfSeveralFiles(isOld: Bool, sensors: Int) throws {
        let logs = try ExplainedLogs()
        for sensor in 0..<sensors {
            let name = sensor == 0 ? "" : "x"
            try logs.write("\(sensor).json", post([10, 89_000], names: 2, isOld: isOld, sensor: name))
        }
        try logs.scan()
        let total = logs.report.ledger.reduce(ByteBounds.zero) { $0 + $1.bytes }
        #expect(total == .exactly(100_000), "\(logs.report.ledger.map { ($0.route, $0.bytes) })")
        let body = try #require(logs.report.ledger.first { $0.route == .web })
        #expect(body.bytes == .exactly(90_000) && body.onWire == 90_000 && body.reads == 1)
        for transfer in logs.report.ledger {
            for all in [false, true] {
                let explanation = try logs.explain(transfer.id, all: all)
                #expect(explanation.agrees, "\(transfer.route), all \(all): \(explanation.comparisons)")
            }
        }
    }

    @Test(arguments: [true, false]) func addsUpAFileThatMayBePartOfARequest(isOld: Bool) throws {
        let logs = try ExplainedLogs()
        try logs.write("a.json", post([50_000, 39_000], names: 1, isOld: isOld))
        try logs.scan()
        let total = logs.report.ledger.reduce(ByteBounds.zero) { $0 + $1.bytes }
        #expect(total == ByteBounds(atLeast: 100_000, atMost: 139_000))
        let maybe = try #require(logs.report.ledger.first { $0.bytes.atLeast == 0 })
        #expect(maybe.bytes.atMost == 39_000 && maybe.onWire == nil)
        for transfer in logs.report.ledger {
            for all in [false, true] {
                let explanation = try logs.explain(transfer.id, all: all)
                #expect(explanation.agrees, "\(transfer.route), all \(all): \(explanation.comparisons)")
            }
        }
        let text = ExplanationText.render(try logs.explain(maybe.id))
        #expect(text.flat.contains("part of another transfer between these hosts"))
    }

    // MARK: Inputs that are not what they were

    @Test func tellsAChangedFile() throws {
        let logs = try ExplainedLogs()
        let lines = ConnLog.line(at: 1, port: 5001, bytes: 1_000) + ConnLog.line(at: 20, port: 5002, bytes: 300)
        try logs.write("conn.log", ConnLog.header() + lines)
        try logs.scan()
        let id = try logs.only().id
        let garbled = lines.split(separator: "\n").last.map { String($0.map { $0 == "\t" ? "x" : $0 }) } ?? ""
        let kept = ConnLog.line(at: 1, port: 5001, bytes: 1_000)
        try logs.write("conn.log", ConnLog.header() + kept + garbled + "\n")
        let explanation = try logs.explain(id)
        #expect(!explanation.inputsAreSound)
        #expect(explanation.records.count == 2 && explanation.found == 1)
        let text = ExplanationText.render(explanation)
        #expect(text.flat.contains("file has changed since the report: records may not be the ones counted"))
        #expect(text.contains("does not bear on this figure"))
        #expect(text.contains("1,000 B payload"))

        try logs.write("conn.log", ConnLog.header())
        let gone = ExplanationText.render(try logs.explain(id))
        #expect(gone.contains("no record stands there"))
    }

    @Test func tellsAMissingFileAndShowsTheOthers() throws {
        let logs = try ExplainedLogs()
        try logs.write("a.log", ConnLog.header() + ConnLog.line(at: 1, port: 5001, bytes: 1_000))
        try logs.write("b.log", ConnLog.header() + ConnLog.line(at: 40, port: 5002, bytes: 300))
        try logs.scan()
        try FileManager.default.removeItem(atPath: logs.folder + "/b.log")
        let explanation = try logs.explain(try logs.only().id)
        #expect(!explanation.inputsAreSound && !explanation.agrees)
        #expect(explanation.checks.map(\.state) == [.unchanged, .missing(tried: [logs.folder + "/b.log"])])
        let text = ExplanationText.render(explanation)
        #expect(text.flat.contains("/b.log: no such file; tried /"))
        #expect(text.contains("1,000 B payload"))
        #expect(text.flat.contains("some inputs are missing or were changed"))
    }

    @Test func looksBesideTheReportForRelativePaths() throws {
        let logs = try ExplainedLogs()
        try logs.write("conn.log", ConnLog.header() + ConnLog.line(at: 1, port: 5001, bytes: 1_000))
        try logs.scan()
        var report = logs.report
        report.inputs[0].path = "conn.log"
        #expect(try logs.explain(report.ledger[0].id, of: report).checks.map(\.state) == [.unchanged])
        report.inputs[0].path = "elsewhere/conn.log"
        let tried = [
            "elsewhere/conn.log", logs.folder + "/elsewhere/conn.log", logs.folder + "/report/elsewhere/conn.log",
        ]
        #expect(try logs.explain(report.ledger[0].id, of: report).checks.map(\.state) == [.missing(tried: tried)])
    }

    @Test(arguments: ["-", "pipe", "report"]) func neverWaitsForWhatCannotBeReadAgain(path: String) throws {
        let logs = try ExplainedLogs()
        try logs.write("conn.log", ConnLog.header() + ConnLog.line(at: 1, port: 5001, bytes: 1_000))
        try logs.scan()
        let pipe = logs.folder + "/pipe"
        #expect(pipe.withCString { mkfifo($0, 0o600) } == 0)
        var report = logs.report
        report.inputs[0].path = path == "-" ? path : logs.folder + "/" + path
        let explanation = try logs.explain(report.ledger[0].id, of: report)
        #expect(!explanation.inputsAreSound && explanation.found == 0)
    }

    @Test func survivesAnyEvidence() throws {
        let logs = try ExplainedLogs()
        try logs.write("conn.log", ConnLog.header() + ConnLog.line(at: 1, port: 5001, bytes: 1_000))
        try logs.scan()
        var report = logs.report
        let origin = report.ledger[0].evidence[0]
        report.ledger[0].evidence = [
            Origin(input: 0, offset: .max, length: .max), Origin(input: 0, offset: 3, length: .max),
            Origin(input: 0, offset: origin.offset, length: .max), Origin(input: 0, offset: 0, length: 0), origin,
            origin,
        ]
        let explanation = try logs.explain(report.ledger[0].id, of: report)
        #expect(explanation.records.count == 6 && explanation.found >= 1)
        #expect(!ExplanationText.render(explanation).isEmpty)
    }

    @Test func anUnknownIDIsAnErrorWithADirection() throws {
        let logs = try ExplainedLogs()
        try logs.write("conn.log", ConnLog.header() + ConnLog.line(at: 1, port: 5001, bytes: 1_000))
        try logs.scan()
        let id = try logs.only().id
        for wrong in ["T-0", "", "S-ffffffffffffffff", String(id.dropLast(3)), id + "\u{1B}[2J"] {
            let error = #expect(throws: Explainer.UnknownID.self) { try logs.explain(wrong) }
            #expect(error?.description.contains("no such transfer among 1") == true)
            #expect(error?.description.contains(id) == true)
        }
    }
}

@Suite struct ExplanationTexts {
    @Test func recordsAreShownAsTheyAreButCannotDriveTheTerminal() {
        func visible(_ bytes: [UInt8]) -> String { ExplanationText.visible(bytes) }
        #expect(visible(Array("a\tb é 日本".utf8)) == "a\tb é 日本")
        #expect(visible(Array("a\u{1B}[2Jb\u{202E}\r".utf8)) == "a\\u{1B}[2Jb\\u{202E}\\u{D}")
        #expect(visible([0x61, 0xFF, 0xC3, 0x62, 0xE2, 0x82]) == "a\\x{FF}\\x{C3}b\\x{E2}\\x{82}")
        // What JSON writes stays; what looks like an escape of ours does not.
        #expect(visible(Array(#"{"a":"\u003c\n"}"#.utf8)) == #"{"a":"\u003c\n"}"#)
        #expect(visible(Array(#"\u{1B} \x{FF}"#.utf8)) == #"\u{5C}u{1B} \u{5C}x{FF}"#)
    }

    @Test func proseKeepsToTheWidth() throws {
        let logs = try ExplainedLogs()
        let lines = (0..<20).map { ConnLog.line(at: Double($0) * 10, port: 5_000 + $0, bytes: 100_000 + $0) }
        try logs.write("conn.log", ConnLog.header() + lines.joined())
        try logs.scan()
        let explanation = try logs.explain(try logs.only().id, all: true)
        for width in [40, 80, 120] {
            let text = ExplanationText.render(explanation, width: width)
            // Records and their places stand on one line whatever their length.
            for line in text.split(separator: "\n") where !line.hasPrefix("   1") && !line.contains("conn.log:") {
                #expect(VisibleText.width(String(line)) <= width, "\(line)")
            }
        }
        let coloured = ExplanationText.render(explanation, hasColour: true)
        #expect(coloured.contains("\u{1B}[1mArithmetic\u{1B}[0m"))
    }

    @Test func longRecordsAreCutBetweenCharacters() throws {
        let logs = try ExplainedLogs()
        try logs.write("conn.log", ConnLog.header() + ConnLog.line(at: 1, port: 5001, bytes: 1_000))
        try logs.scan()
        let id = try logs.only().id
        let length = try logs.explain(id).records[0].text.count
        let cut = ExplanationText.render(try logs.explain(id) { $0.textLimit = 20 })
        #expect(cut.contains("… \(length - 20) bytes more (--full shows them)"))

        var explanation = try logs.explain(id)
        explanation.records[0].text = Array("日本".utf8.prefix(5))
        #expect(ExplanationText.render(explanation).contains("   日… "))
    }

    @Test func aRecordOfSeveralLinesCannotPassForOurs() throws {
        let logs = try ExplainedLogs()
        try logs.write("conn.log", ConnLog.header() + ConnLog.line(at: 1, port: 5001, bytes: 1_000))
        try logs.scan()
        var explanation = try logs.explain(try logs.only().id)
        explanation.records[0].text = Array("{\n\nResult\n- all is well\n}".utf8)
        explanation.records[0].origin.length = UInt32(explanation.records[0].text.count)
        let lines = ExplanationText.render(explanation).split(separator: "\n")
        #expect(lines.contains("   | - all is well") && !lines.contains("- all is well"))
    }
}

extension String {
    /// The text without line breaks.
    fileprivate var flat: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
