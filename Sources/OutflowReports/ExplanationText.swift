// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// What `outflow explain` prints: the records behind a figure with file and offset, and the arithmetic that leads to it;
/// of a finding how it came about, of a case its story.
public enum ExplanationText {
    /// The explanation as text, with a line end after each line.
    ///
    /// Records stand on one line each as they are in the log, so that they can be copied: but for tabs, everything that
    /// could move the cursor or hide itself is escaped. All else keeps to the width.
    public static func render(_ explanation: Explanation, width: Int = 80, hasColour: Bool = false) -> String {
        var page = ExplanationPage(explanation, width: min(max(width, 40), 200), hasColour: hasColour)
        page.heading()
        page.records()
        if explanation.subject.hasFigures {
            page.arithmetic()
            page.verdict()
        }
        page.inputs()
        return page.text
    }

    /// The bytes of a record made visible: escapes as in ``VisibleText``, tabs as they are, bytes that are not UTF-8 as
    /// `\x{FF}`.
    static func visible(_ bytes: [UInt8]) -> String {
        var out = ""
        var run = String.UnicodeScalarView()
        func flush() {
            if !run.isEmpty { out += VisibleText.escape(String(run)) }
            run = .init()
        }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var at = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                at += encoded.count
                if scalar == "\t" {
                    flush()
                    out += "\t"
                } else if scalar == "\\" {
                    flush()
                    // Only what could be taken for one of our own escapes.
                    let next = bytes.dropFirst(at).prefix(2)
                    out += next == [0x75, 0x7B] || next == [0x78, 0x7B] ? "\\u{5C}" : "\\"
                } else {
                    run.append(scalar)
                }
            case .error(let length):
                flush()
                for byte in bytes[at..<min(at + length, bytes.count)] {
                    out += "\\x{\(String(byte, radix: 16, uppercase: true))}"
                }
                at += length
            case .emptyInput:
                flush()
                return out
            }
        }
    }
}

/// The page under way.
struct ExplanationPage {
    let explanation: Explanation
    let width: Int
    let hasColour: Bool
    var text = ""

    init(_ explanation: Explanation, width: Int, hasColour: Bool) {
        self.explanation = explanation
        self.width = width
        self.hasColour = hasColour
    }

    // MARK: Parts

    mutating func heading() {
        let subject = explanation.subject
        switch subject {
        case .transfer(let transfer):
            add("\(shown(transfer.id))  \(transfer.route.rawValue), \(transfer.state.rawValue)", .bold)
            paragraph(shown(transfer.source.title) + " → " + shown(transfer.destination.title))
            var facts = transfer.source.subtitle + transfer.destination.subtitle
            if !transfer.service.isEmpty { facts.append(transfer.service) }
            if let store = transfer.store { facts.append("from \(store)") }
            if let session = transfer.session { facts.append("by \(session)") }
            if !facts.isEmpty { paragraph(facts.map(shown).joined(separator: " · "), .dim) }
            when(transfer.first, transfer.last)
        case .staging(let copy):
            add("\(shown(copy.id))  internal copy, in no sum", .bold)
            paragraph(shown(copy.source) + " → " + shown(copy.destination) + " · " + shown(copy.service))
            when(copy.first, copy.last)
        case .finding(let finding): return self.finding(finding)
        case .story(let told): return story(told)
        }
        var figures = [Amounts.precise(subject.bytes)]
        if case .transfer(let transfer) = subject {
            if let wire = transfer.onWire, wire != transfer.bytes.atMost || transfer.bytes.atLeast != wire {
                figures.append("\(Amounts.exact(wire)) on the wire")
            }
            if !transfer.objectWords.isEmpty { figures.append(transfer.objectWords) }
        }
        figures.append(Wording.count(subject.records, "record"))
        paragraph("Report: " + figures.joined(separator: " · "))
        if case .transfer(let transfer) = subject { for note in transfer.notes { item(shown(note)) } }
    }

    mutating func records() {
        let shownCount = UInt64(explanation.records.count)
        let of: String
        if explanation.searchedAll {
            of =
                explanation.found > shownCount
                ? "the first \(Wording.grouped(shownCount)) of \(Wording.grouped(explanation.found)) found; --limit shows more"
                : "all that were found"
        } else if explanation.isComplete {
            of = "all that the report cites"
        } else {
            of = "the strongest \(shownCount) of \(Wording.grouped(explanation.subject.records)); --all shows all"
        }
        section("Records", of)
        for (number, record) in explanation.records.enumerated() {
            let input = Int(record.origin.input)
            let path = input < explanation.inputs.count ? explanation.inputs[input].path : "?"
            // The place is one word, to be copied.
            add("\(number + 1)  \(shown(path)):\(record.origin.offset)+\(record.origin.length)", .bold)
            if !record.text.isEmpty {
                let bytes = whole(record)
                // JSON laid out over several lines; the bar keeps a line from passing for one of ours.
                let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
                for line in lines {
                    text += (lines.count > 1 ? "   | " : "   ") + ExplanationText.visible(Array(line)) + "\n"
                }
                let missing = Int(record.origin.length) - bytes.count
                if missing > 0 {
                    text.removeLast()
                    text += "… \(Wording.grouped(UInt64(missing))) bytes more (--full shows them)\n"
                }
            }
            for fact in record.facts.prefix(Self.factLimit) { item(Self.words(fact), indent: 3) }
            if record.facts.count > Self.factLimit {
                item("and \(record.facts.count - Self.factLimit) more", indent: 3)
            }
            if let words = Self.words(record.standing) { paragraph("→ " + words, .yellow, indent: 3) }
        }
        if explanation.records.isEmpty { paragraph("none", indent: 3) }
    }

    mutating func arithmetic() {
        guard !explanation.steps.isEmpty else { return }
        section("Arithmetic", explanation.isComplete ? nil : "of the records above only")
        for step in explanation.steps { item(Self.words(step)) }
    }

    mutating func verdict() {
        section("Result", nil)
        let wrong = explanation.comparisons.filter { !$0.agrees }
        if explanation.comparisons.isEmpty {
            item("nothing could be added up: the figure was not checked")
        } else if wrong.isEmpty {
            item("\(figures(explanation.comparisons)): the records come to what the report says")
        } else if !explanation.isComplete {
            let all = Wording.grouped(explanation.subject.records)
            item(
                explanation.searchedAll
                    ? "only the first \(Wording.grouped(UInt64(Recount.limit))) records are added up, so this is a part of the sum:"
                    : "\(explanation.records.count) of \(all) records are shown, so this is a part of the sum:")
            for figure in wrong { item(Self.words(figure), indent: 2) }
            if !explanation.searchedAll {
                item("outflow explain --all \(shown(explanation.subject.id)) adds all records up")
            }
        } else {
            paragraph("! the records do NOT come to what the report says:", .red)
            for figure in wrong { item(Self.words(figure), indent: 2) }
            item(
                explanation.inputsAreSound
                    ? "the inputs are those of the scan; the ledger knows more of these records than they say by themselves "
                        + "(names, losses, other sensors), or one of both counts is wrong: please report it"
                    : "some inputs are missing or were changed since, see below")
        }
    }

    mutating func inputs() {
        guard !explanation.checks.isEmpty else { return }
        section("Inputs", nil)
        let sound = explanation.checks.count { $0.state == .unchanged }
        if sound > 0 {
            item("\(Wording.count(UInt64(sound), "input")) unchanged since the scan (size and SHA-256)")
        }
        for check in explanation.checks where check.state != .unchanged {
            let path = shown(check.path)
            switch check.state {
            case .unchanged: break
            case .unverified: item("\(path): the report has no hash to compare with")
            case .changed(let bytes, let hash):
                let before = explanation.inputs[Int(check.number)]
                paragraph("! \(path): file has changed since the report: records may not be the ones counted", .red)
                paragraph(
                    "then \(Amounts.exact(before.bytes)), sha256 \(shown(before.sha256)); now \(Amounts.exact(bytes)), "
                        + "sha256 \(hash)", .dim, indent: 2)
            case .missing(let tried):
                paragraph("! \(path): no such file; tried \(tried.map(shown).joined(separator: ", "))", .red)
            case .unreadable(let reason): paragraph("! \(path): \(shown(reason))", .red)
            }
        }
    }

    // MARK: Lines

    /// Most facts shown of one record: one audit record may list hundreds.
    static let factLimit = 20

    private func figures(_ comparisons: [Explanation.Comparison]) -> String {
        comparisons.map { "\($0.name) \($0.recounted.map(Wording.grouped) ?? "unknown")" }.joined(separator: ", ")
    }

    /// The text without a character cut in half at its end.
    private func whole(_ record: Explanation.Record) -> [UInt8] {
        guard record.text.count < Int(record.origin.length) else { return record.text }
        var text = record.text
        var back = 0
        while back < 3, let last = text.last, last & 0xC0 == 0x80 {
            text.removeLast()
            back += 1
        }
        if let last = text.last, last >= 0xC0 {
            let length = last >= 0xF0 ? 4 : last >= 0xE0 ? 3 : 2
            if back + 1 < length { text.removeLast() } else { return record.text }
        } else if back > 0 {
            return record.text
        }
        return text
    }

    func shown(_ text: String) -> String { VisibleText.excerpt(text, limit: 600) }

    mutating func when(_ first: Timestamp, _ last: Timestamp) {
        paragraph(
            first == last ? Amounts.second(first) : "\(Amounts.second(first)) – \(Amounts.second(last))", .dim)
    }

    mutating func section(_ title: String, _ note: String?) {
        text += "\n"
        add(title, .bold, after: note.map { "  (\($0))" } ?? "")
    }

    mutating func item(_ words: String, indent: Int = 0) {
        let blanks = String(repeating: " ", count: indent)
        for (index, line) in VisibleText.wrap(words, width - indent - 2).enumerated() {
            text += blanks + (index == 0 ? "- " : "  ") + line + "\n"
        }
    }

    mutating func paragraph(_ words: String, _ ink: Ink = .plain, indent: Int = 0) {
        let blanks = String(repeating: " ", count: indent)
        for line in VisibleText.wrap(words, width - indent) { text += blanks + paint(line, ink) + "\n" }
    }

    mutating func add(_ line: String, _ ink: Ink, after: String = "") {
        text += paint(line, ink) + paint(after, .dim) + "\n"
    }

    enum Ink: String {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case red = "1;31"
        case yellow = "33"
    }

    private func paint(_ words: String, _ ink: Ink) -> String {
        hasColour && ink != .plain && !words.isEmpty ? "\u{1B}[\(ink.rawValue)m\(words)\u{1B}[0m" : words
    }
}
