// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

extension ExplanationPage {
    /// Most different numbers of a sum that are written out.
    static let termLimit = 24

    /// What a record says, in words. Texts from logs are escaped.
    static func words(_ fact: Explanation.Fact) -> String {
        switch fact {
        case .flow(let from, let to, let originated, let sensor, let bytes, let unfinished):
            let amount = bytes.atLeast == bytes.atMost ? Amounts.exact(bytes.atLeast) : Amounts.precise(bytes)
            return "\(amount) payload \(from) → \(to), counted by \(sensor) on the "
                + "\(originated ? "originator's" : "responder's") side"
                + (unfinished ? "; not the whole connection" : "")
        case .read(let object, let bytes, let part, let objectSize):
            var words = "read of \(shown(object)): "
            let amount = bytes.map(Amounts.exact) ?? "size not logged"
            switch part {
            case .whole: words += bytes == nil ? amount : "\(amount), the whole"
            case .unknownPart: words += "\(amount), a part; which is not logged"
            case .range(let from, let to): words += "\(amount) of range \(from) to \(to)"
            }
            return words + (objectSize.map { "; the object has \(Amounts.exact($0))" } ?? "")
        case .mail(let listed, let bytes, let claimed, let folder, let throttled):
            var words = "\(Wording.count(max(listed, claimed), "message")) read"
            if listed < claimed { words += ", \(Wording.grouped(listed)) of them listed" }
            words += bytes.map { "; listed sizes \(Amounts.exact($0))" } ?? "; sizes not logged"
            if let folder { words += "; whole folder copied: \(shown(folder))" }
            return words + (throttled ? "; the service stopped writing records" : "")
        case .exposure(let action, let resource, let grantee, let principal, let size):
            let who = grantee.isEmpty ? "everyone" : shown(grantee)
            let what = shown(resource)
            var words: String
            switch action {
            case .share: words = "\(what) made reachable for \(who)"
            case .unshare: words = "\(what) withdrawn from \(who)"
            case .taken: words = "\(what) copied or read by \(who)"
            case .refused: words = "sharing \(what) with \(who) was refused"
            case .sized: words = "\(what) made or described"
            }
            if !principal.isEmpty { words += ", by \(shown(principal))" }
            return words + (size.map { "; size \(Amounts.exact($0))" } ?? "")
        case .upload(let method, let host, let uri, let status, let body):
            return "\(shown(method)) \(shown(host))\(shown(uri)), status \(status): body "
                + (body.map(Amounts.exact) ?? "of unknown size")
        case .file(let name, let bytes, let hashed):
            let amount = bytes.atLeast == bytes.atMost ? Amounts.exact(bytes.atLeast) : Amounts.precise(bytes)
            return "file \(name.isEmpty ? "without a name" : shown(name)): \(amount), "
                + (hashed ? "content known by its hash" : "no hash of its content")
        case .question(let name, let carried):
            return "question for \(shown(name)): \(Amounts.exact(carried)) below the domain"
        }
    }

    /// How a record enters the figure; nil when it is simply counted.
    static func words(_ standing: Explanation.Standing) -> String? {
        switch standing {
        case .counted: nil
        case .seenAgain: "seen again: not counted"
        case .repeatsContent: "the same content again: counted on the wire only"
        case .unread: "not read: see below"
        case .unrelated(let reason):
            "does not bear on this figure" + (reason.map { ": \(shown($0))" } ?? "; was the file changed?")
        }
    }

    /// A line of the arithmetic.
    static func words(_ step: Explanation.Step) -> String {
        switch step {
        case .remark(let words): return shown(words)
        case .object(let name, let reads, let reading):
            return "\(shown(name)): \(Wording.count(reads, "read")) \(words(reading))"
        case .difference(let name, let from, let less, let total, let why):
            return
                "\(name): \(Wording.grouped(from)) − \(Wording.grouped(less)) = \(Amounts.exact(total)) (\(shown(why)))"
        case .sum(let name, let terms, let total):
            // What counts messages counts no bytes.
            let sum = total.map { name.hasPrefix("messages") ? Wording.grouped($0) : Amounts.exact($0) }
            let result = sum ?? "more than 64 bits can hold"
            if terms.isEmpty { return "\(name): nothing = \(result)" }
            if terms.count == 1, terms[0].times == 1 { return "\(name): \(result)" }
            return "\(name): \(written(terms)) = \(result)"
        }
    }

    private static func words(_ reading: Explanation.Reading) -> String {
        switch reading {
        case .sameContent(let bytes):
            return "of 1 content of \(Amounts.exact(bytes)): \(Wording.grouped(bytes)) counted once"
        case .sizes(let sizes):
            return "in different sizes: at least the largest, \(Amounts.exact(sizes.max() ?? 0)), at most all, "
                + written(sizes.map { .init($0) })
        case .ranges(let covered): return "of ranges that cover \(Amounts.exact(covered)) together"
        case .parts(let largest, let sum, let objectSize):
            return "of parts that the log does not place: largest part \(Amounts.exact(largest)), sum of parts "
                + (sum.map(Amounts.exact) ?? "beyond 64 bits")
                + (objectSize.map { ", the whole object \(Amounts.exact($0))" } ?? "")
        case .unknownSize: return "of unknown size"
        case .mixed(let bounds): return "of wholes, parts or ranges: \(Amounts.precise(bounds))"
        }
    }

    /// `524,399 + 437`; few equal terms one by one, many as `350 × 1,036`.
    private static func written(_ terms: [Explanation.Term]) -> String {
        var parts: [String] = []
        for term in terms.prefix(termLimit) {
            let value = Wording.grouped(term.value)
            if term.times <= 3 {
                parts += Array(repeating: value, count: Int(term.times))
            } else {
                parts.append("\(Wording.grouped(term.times)) × \(value)")
            }
        }
        let rest = terms.dropFirst(termLimit)
        if !rest.isEmpty {
            var sum: UInt64? = 0
            var times: UInt64 = 0
            for term in rest {
                let (product, tooMuch) = term.value.multipliedReportingOverflow(by: term.times)
                let (next, overflow) = (sum ?? 0).addingReportingOverflow(product)
                sum = tooMuch || overflow ? nil : sum.map { _ in next }
                times &+= term.times
            }
            parts.append("\(sum.map(Wording.grouped) ?? "more") in \(Wording.grouped(times)) smaller ones")
        }
        return parts.joined(separator: " + ")
    }

    /// A figure that did not come out.
    static func words(_ figure: Explanation.Comparison) -> String {
        func number(_ value: UInt64?) -> String { value.map(Wording.grouped) ?? "unknown" }
        return "\(figure.name): \(number(figure.recounted)) from the records, \(number(figure.reported)) in the report"
    }

    private static func shown(_ text: String) -> String { VisibleText.excerpt(text, limit: 600) }
}
