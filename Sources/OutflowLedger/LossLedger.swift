// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Stretches of time in which sources admit that they missed something.
struct LossLedger: Sendable {
    struct Key: TableKey {
        var from: Timestamp
        var to: Timestamp
        var route: UInt8
        /// 0 when the source does not say how much, else parts per million plus 1.
        var lost: UInt64
        var what: UInt32

        func feed(_ hash: inout ContentHash) {
            hash.combine(UInt64(bitPattern: from.microseconds))
            hash.combine(UInt64(bitPattern: to.microseconds))
            hash.combine(lost << 8 | UInt64(route))
            hash.combine(UInt64(what))
        }
    }

    private(set) var strings = StringTable()
    private(set) var losses = FlatTable<Key, Void>()

    /// An empty ledger.
    init() {}

    /// Adds the batch's losses; a loss that is told twice is one.
    mutating func observe(_ batch: ActivityBatch, input: UInt32) -> UInt64 {
        for loss in batch.losses {
            let key = Key(
                from: min(loss.from, loss.to), to: max(loss.from, loss.to), route: loss.route.code,
                lost: loss.lostPerMillion.map { UInt64($0) + 1 } ?? 0, what: strings.intern(loss.what))
            _ = losses.row(for: key, or: ())
        }
        return 0
    }

    /// Adds all of another ledger.
    mutating func merge(_ other: consuming LossLedger, inputMap: [UInt32]) {
        let text = strings.merge(other.strings)
        for key in other.losses.keys {
            var key = key
            key.what = text[Int(key.what)]
            _ = losses.row(for: key, or: ())
        }
    }

    /// Writes the ledger as a section.
    func encode(into encoder: inout StateEncoder) {
        encoder.begin(.losses)
        strings.encode(into: &encoder)
        let keys = losses.keys
        encoder.write(UInt64(keys.count))
        encoder.spanColumn(keys) { Span(first: $0.from.microseconds, last: $0.to.microseconds) }
        encoder.column(keys) { UInt64($0.route) }
        encoder.column(keys) { $0.lost }
        encoder.column(keys) { UInt64($0.what) }
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote.
    init(from decoder: inout StateDecoder) throws(StateError) {
        try decoder.begin(.losses)
        strings = try StringTable(from: &decoder)
        let count = try decoder.readCount(bytesEach: 5)
        let spans = try decoder.spanColumn(count)
        let routes = try decoder.references(count, below: Route.allCases.count)
        let lost = try decoder.column(count, atMost: UInt64(UInt32.max) + 1)
        let whats = try decoder.references(count, below: strings.count)
        for row in 0..<count {
            let key = Key(
                from: spans[row].from, to: spans[row].to, route: UInt8(routes[row]), lost: lost[row], what: whats[row])
            guard losses.row(for: key, or: ()).isNew else { throw decoder.error("a loss comes twice") }
        }
        try decoder.end()
    }

    /// All losses, joined and ready to be looked up.
    func conclude() -> LossIndex {
        LossIndex(
            losses.keys.map {
                LossIndex.Loss(
                    route: Route.allCases[Int($0.route)],
                    span: Span(first: $0.from.microseconds, last: $0.to.microseconds),
                    perMillion: $0.lost == 0 ? nil : UInt32(truncatingIfNeeded: $0.lost - 1),
                    what: strings.text($0.what))
            })
    }
}

/// Losses by time.
struct LossIndex: Sendable {
    /// A stretch of time in which something was lost.
    struct Loss: Hashable, Sendable {
        var route: Route
        var span: Span
        /// Parts per million that were lost at most; nil when the source does not say.
        var perMillion: UInt32?
        var what: String
    }

    /// Of each kind, stretches that overlap or touch joined; in order of route, text, time.
    let losses: [Loss]
    /// Losses of each route as told, by their beginning, each with the latest end of all up to it.
    private let byRoute: [Route: [(loss: Loss, reach: Int64)]]
    /// Of each route, the longest loss and the worst: a long stretch that met the worst need look no further.
    private var extremes: [Route: (longest: Int64, worst: UInt32?)] = [:]

    /// Losses as they were told, in any order.
    init(_ told: [Loss]) {
        let sorted = told.sorted {
            ($0.route, $0.what, $0.span.first, $0.span.last) < ($1.route, $1.what, $1.span.first, $1.span.last)
        }
        var joined: [Loss] = []
        for loss in sorted {
            if let last = joined.last, last.route == loss.route, last.what == loss.what,
                loss.span.first <= last.span.last
            {
                joined[joined.count - 1].span.add(loss.span)
                joined[joined.count - 1].perMillion = Self.worse(last.perMillion, loss.perMillion)
            } else {
                joined.append(loss)
            }
        }
        losses = joined
        var byRoute: [Route: [(loss: Loss, reach: Int64)]] = [:]
        for loss in told.sorted(by: { ($0.span.first, $0.span.last) < ($1.span.first, $1.span.last) }) {
            let reach = max(byRoute[loss.route]?.last?.reach ?? .min, loss.span.last)
            byRoute[loss.route, default: []].append((loss, reach))
        }
        self.byRoute = byRoute
        for (route, told) in byRoute {
            let longest = told.map { $0.loss.span.last &- $0.loss.span.first }.max() ?? 0
            let worst = told.dropFirst().reduce(told.first?.loss.perMillion) { Self.worse($0, $1.loss.perMillion) }
            extremes[route] = (longest, worst)
        }
    }

    private static func worse(_ left: UInt32?, _ right: UInt32?) -> UInt32? {
        guard let left, let right else { return nil }
        return max(left, right)
    }

    /// What was lost on a route at some time between `from` and `to`: nil if nothing was; else parts per million, the
    /// highest of all stretches that touch, or nil if one of them does not say.
    func loss(on route: Route, from: Timestamp, to: Timestamp) -> (perMillion: UInt32?, isPartOf: Bool)? {
        guard let told = byRoute[route] else { return nil }
        var low = 0
        var high = told.count
        while low < high {
            let middle = (low + high) / 2
            if told[middle].loss.span.first <= to.microseconds { low = middle + 1 } else { high = middle }
        }
        var result: (perMillion: UInt32?, isPartOf: Bool)?
        let extreme = extremes[route] ?? (.max, nil)
        let isLong = to.microseconds &- from.microseconds > extreme.longest
        while low > 0, told[low - 1].reach >= from.microseconds {
            low -= 1
            let loss = told[low].loss
            if loss.span.last < from.microseconds { continue }
            let isPartOf = loss.span.from <= from && loss.span.to >= to
            result =
                result.map { (Self.worse($0.perMillion, loss.perMillion), $0.isPartOf || isPartOf) }
                ?? (loss.perMillion, isPartOf)
            if isLong, let found = result, found.perMillion == extreme.worst { break }
        }
        return result
    }

    /// What was lost on a route at `time`.
    func lossAt(_ time: Timestamp, on route: Route) -> (perMillion: UInt32?, isPartOf: Bool)? {
        loss(on: route, from: time, to: time)
    }

    /// As many gaps of one kind are told one by one; the rest of them as one.
    static let gapLimit = 100

    /// The losses as gaps of the report.
    var gaps: [Report.Gap] {
        var result: [Report.Gap] = []
        var index = 0
        while index < losses.count {
            var end = index
            while end < losses.count, losses[end].route == losses[index].route, losses[end].what == losses[index].what {
                end += 1
            }
            for loss in losses[index..<min(end, index + Self.gapLimit)] { result.append(gap(loss, stretches: 1)) }
            if end - index > Self.gapLimit {
                var rest = losses[index + Self.gapLimit]
                for loss in losses[(index + Self.gapLimit)..<end] {
                    rest.span.add(loss.span)
                    rest.perMillion = Self.worse(rest.perMillion, loss.perMillion)
                }
                result.append(gap(rest, stretches: end - index - Self.gapLimit))
            }
            index = end
        }
        return result
    }

    private func gap(_ loss: Loss, stretches: Int) -> Report.Gap {
        let share = loss.perMillion.map { " (up to \($0 / 10_000).\(Self.fourDigits($0 % 10_000)) %)" } ?? ""
        let times = stretches > 1 ? " in \(stretches) stretches of time" : ""
        let effect: String
        switch loss.route {
        case .network, .dns, .web, .email, .vpn:
            effect =
                "figures of what was seen then are lower bounds: more may have left, also over connections not seen at all"
        default:
            effect = "reads may be missing: what is in the ledger then is a lower bound"
        }
        return Report.Gap(
            route: loss.route, from: loss.span.from, to: loss.span.to, what: loss.what + times + share, effect: effect)
    }

    private static func fourDigits(_ number: UInt32) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
