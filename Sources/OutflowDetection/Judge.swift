// SPDX-License-Identifier: Apache-2.0

import OutflowSketches

/// Ranks each day's figures of each entity against its own past and against its peers, adds the evidence up over days, and
/// raises an alarm when there is enough of it for the budget.
///
/// Every feature has three lanes, each with scores of its own that are ranked among those of the other entities in the
/// window (a conformal p-value: Vovk, Gammerman, Shafer: Algorithmic Learning in a Random World, 2005; a score may be any
/// function of an entity's past, as long as it is the same for all):
///
/// - `peers`: the figure itself, for one day alone. The only lane as long as an entity has less than ``historyNeeded`` days
///   of history.
/// - `burst`: the figure against the largest of the entity's past, for one day alone.
/// - `drift`: the figure against the mean of the entity's past, and its rank among the entity's own days; evidence of which
///   an `EDetector` adds up over days.
///
/// See `docs/detection.md` for the whole argument, and for what was measured.
public struct Judge: Sendable {
    /// Ways to score a figure.
    enum Lane: Int, CaseIterable, Sendable { case peers, burst, drift }
    static let laneCount = 3

    /// Days of the past that are compared.
    public static let window: Int32 = 60
    /// Days of history from which on an entity is compared with its own past.
    public static let historyNeeded = 10
    /// How long a suspicious day stays out of an entity's past.
    static let quarantine: Int32 = 30
    /// Figures with a smaller p-value are suspicious.
    static let suspicious = 0.01
    /// How many days of other entities the prior weighs.
    public static let priorWeight = 1000.0
    /// From this statistic on a detector follows a rise.
    static let rising = 10.0
    /// Share of the budget for what one day shows alone.
    static let singleDayShare = 0.5
    /// Alarms of one entity and feature less than so many days apart are one case.
    static let sameCase: Int32 = 30
    /// Peers of one day count as such from this number on.
    static let peersNeeded = 20
    /// Who did something on fewer days of the window does it now and then.
    static let oftenFrom = 6

    /// What one figure came to in one lane.
    struct Score: Sendable {
        var p = 1.0
        var rank = Reference.Rank()
    }

    /// A figure beside its past, before it is ranked.
    struct Figure: Sendable {
        var past = EntityHistory.Past()
        var stratum = 0
        /// One for each lane; nil where the lane does not apply.
        var scores: (Double?, Double?, Double?) = (nil, nil, nil)

        subscript(lane: Lane) -> Double? {
            switch lane {
            case .peers: scores.0
            case .burst: scores.1
            case .drift: scores.2
            }
        }
    }

    /// The figures of one entity in the making.
    struct State: Sendable {
        var history: EntityHistory
        /// A detector for each feature.
        var detectors: [EDetector]
        /// The last alarm of each feature, as an index into the alarms.
        var alarms: [Int?]
        /// Highest statistic since it last was low.
        var peak = 0.0

        init(features: Int) {
            history = EntityHistory(features: features, lanes: Judge.laneCount)
            detectors = .init(repeating: EDetector(), count: features)
            alarms = .init(repeating: nil, count: features)
        }
    }

    let features: [Feature]
    /// Share of the budget of each feature; those that nobody has get none.
    let weights: [Double]
    private(set) var threshold: Threshold
    /// One for each feature and lane.
    private(set) var references: [Reference]
    /// Today's figures of all entities, row after row, and where their scores lie.
    private var figures: [Figure] = []
    private var places: [Reference.Place] = []

    /// A judge that has seen nothing. `runLength` is the mean number of days of one entity until a false alarm.
    init(features: [Feature], weights: [Double], runLength: Double) {
        self.features = features
        self.weights = weights
        threshold = Threshold(runLength: runLength)
        references = .init(repeating: Reference(), count: features.count * Self.laneCount)
    }

    /// Judges all days in order.
    ///
    /// - Parameter each: called with each day and its rows, when its figures were learned and before its entities are judged:
    ///   others can be judged on that day without being learned.
    /// - Returns: alarms in order of day, then of entity.
    static func judge(
        _ days: EntityDays, runLength: Double,
        each: (Judge, Int32, Range<Int>, [State]) -> Void = { _, _, _, _ in }
    ) -> [Alarm] {
        let width = days.features.count
        let used = days.usedFeatures
        let share = 1 / Double(max(1, used.count { $0 }))
        var judge = Judge(features: days.features, weights: used.map { $0 ? share : 0 }, runLength: runLength)
        var states = [State](repeating: State(features: width), count: days.entityCount)
        var alarms: [Alarm] = []
        for number in 0..<days.dayCount {
            let rows = days.dayStarts[number]..<days.dayStarts[number + 1]
            guard let first = rows.first else { continue }
            let day = days.day[first]
            judge.threshold.begin(day: day, entities: rows.count)
            judge.learn(days, rows, day, &states)
            each(judge, day, rows, states)
            for row in rows {
                let values = days.values[row * width..<(row + 1) * width]
                let entity = Int(days.entity[row])
                let at = row - rows.lowerBound
                let verdict = judge.verdict(
                    &states[entity], day: day, values: values, figures: judge.figures[at * width..<(at + 1) * width],
                    isLearned: true)
                states[entity].history.add(
                    day: day, values,
                    places: judge.places[at * width * laneCount..<(at + 1) * width * laneCount],
                    suspicious: verdict.suspicious)
                judge.settle(
                    verdict, &states[entity], entity: days.entity[row], day: day, values: values,
                    subjects: days.subjects[row * width..<(row + 1) * width], alarms: &alarms)
            }
        }
        return alarms
    }

    // MARK: Scores

    /// A figure beside its past. What belongs to a rise that its detector is following is no past yet: else a theft that
    /// goes on would soon be as usual as anything.
    func figure(_ value: UInt64, _ feature: Int, _ state: State, _ day: Int32) -> Figure {
        var figure = Figure()
        let history = state.history
        let detector = state.detectors[feature]
        let floor = Double(features[feature].floor)
        let raw = (Double(value) + floor) / floor
        figure.scores.0 = features[feature].comparesPeers ? raw : nil
        guard history.count >= Self.historyNeeded else { return figure }
        figure.past = history.past(
            feature, of: value, on: day, since: day - Self.window,
            until: detector.statistic >= Self.rising ? detector.since : day, quarantine: Self.quarantine)
        figure.stratum = figure.past.positive >= Self.oftenFrom ? 1 : 0
        if value == 0 {
            figure.scores.1 = 0
            figure.scores.2 = 0
        } else {
            figure.scores.1 = (Double(value) + floor) / (Double(figure.past.largest) + floor)
            figure.scores.2 = (Double(value) + floor) / (figure.past.mean + floor)
        }
        return figure
    }

    /// The stratum of a figure in a lane: peers are all compared with all.
    private static func stratum(_ figure: Figure, _ lane: Lane) -> Int { lane == .peers ? 0 : figure.stratum }

    /// Where a score lies in the reference of its lane.
    static func place(_ score: Double, _ figure: Figure, _ lane: Lane) -> Reference.Place {
        Reference.Place(bucket: UInt16(LogHistogram.bucket(of: score)), stratum: UInt16(stratum(figure, lane)))
    }

    /// Adds the scores of a day to the references.
    private mutating func learn(_ days: EntityDays, _ rows: Range<Int>, _ day: Int32, _ states: inout [State]) {
        let width = features.count
        figures.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        var taken = [[Reference.Place]](repeating: [], count: references.count)
        for row in rows {
            let entity = Int(days.entity[row])
            states[entity].history.forget(before: day - Self.window)
            for feature in 0..<width {
                guard weights[feature] > 0 else {
                    figures.append(Figure())
                    for _ in Lane.allCases { places.append(.none) }
                    continue
                }
                let figure = figure(days.values[row * width + feature], feature, states[entity], day)
                figures.append(figure)
                for lane in Lane.allCases {
                    guard let score = figure[lane] else {
                        places.append(.none)
                        continue
                    }
                    let place = Self.place(score, figure, lane)
                    places.append(place)
                    taken[feature * Self.laneCount + lane.rawValue].append(place)
                }
            }
        }
        for number in references.indices where weights[number / Self.laneCount] > 0 {
            references[number].add(day: day, taken[number], forgettingBefore: day - Self.window)
        }
    }

    /// The p-value of a figure in a lane.
    func rank(
        _ score: Double, _ value: UInt64, _ figure: Figure, _ feature: Int, _ lane: Lane, _ history: EntityHistory,
        _ day: Int32, isLearned: Bool
    ) -> Score {
        let number = feature * Self.laneCount + lane.rawValue
        let stratum = Self.stratum(figure, lane)
        let rank = references[number].rank(score: score, stratum: stratum, isLearned: isLearned) { body in
            history.forEachPlace(number, since: day - Self.window, body)
            if isLearned {
                body(Reference.Place(bucket: UInt16(LogHistogram.bucket(of: score)), stratum: UInt16(stratum)))
            }
        }
        let among = Double(rank.among)
        let prior =
            (Self.priorWeight + 1) * features[feature].prior.tail(Double(value))
            + conditionalPrior(value, figure, feature, lane, among: among)
        // The prior stands for the figure itself as long as there are few others.
        let own = rank.higher > 0 ? 1 : rank.selfWeight * among / (among + Self.priorWeight)
        var p = (Double(rank.higher) + own + prior) / (among + Self.priorWeight + 1)
        p = max(p, rank.today)
        return Score(p: min(1, p), rank: rank)
    }

    /// What the prior says of an entity whose own past is large already: that it goes as far beyond it is as likely as
    /// the Pareto law says from there on; beyond the largest of n days, as one in n + 1 besides. It is about entities that
    /// differ in kind, which matters where there are few, and fades as others are seen.
    private func conditionalPrior(
        _ value: UInt64, _ figure: Figure, _ feature: Int, _ lane: Lane, among: Double
    ) -> Double {
        let prior = features[feature].prior
        let tail = prior.tail(Double(value))
        let share: Double
        switch lane {
        case .peers: return 0
        case .burst: share = tail / prior.tail(Double(figure.past.largest)) / Double(figure.past.days + 1)
        case .drift: share = tail / prior.tail(figure.past.mean)
        }
        return max(0, min(1, share) - tail) * Self.priorWeight * Self.priorWeight / (among + Self.priorWeight)
    }

    // MARK: Evidence

    /// What a day of an entity comes to.
    struct Verdict: Sendable {
        /// The highest share of a threshold that any lane reached, times the threshold.
        var statistic = 0.0
        var feature = 0
        var lane = Lane.peers
        var score = Score()
        /// The e-value of the day, or of the day alone 1/p.
        var evidence = 0.0
        var past = EntityHistory.Past()
        /// A bit for each feature that is suspicious.
        var suspicious: UInt32 = 0
    }

    /// Judges an entity's day, and adds it to its detectors.
    func verdict(
        _ state: inout State, day: Int32, values: ArraySlice<UInt64>, figures: ArraySlice<Figure>, isLearned: Bool
    ) -> Verdict {
        var verdict = Verdict()
        for feature in features.indices where weights[feature] > 0 {
            let value = values[values.startIndex + feature]
            let figure = figures[figures.startIndex + feature]
            let isMature = figure.scores.1 != nil
            func consider(_ statistic: Double, _ lane: Lane, _ score: Score, _ evidence: Double) {
                guard statistic > verdict.statistic else { return }
                verdict.statistic = statistic
                verdict.feature = feature
                verdict.lane = lane
                verdict.score = score
                verdict.evidence = evidence
                verdict.past = figure.past
            }
            if value == 0 {
                if isMature { state.detectors[feature].add(Calibrator.power(1), day: day) }
                continue
            }
            let alone: Lane = isMature ? .burst : .peers
            if let raw = figure[alone] {
                let score = rank(raw, value, figure, feature, alone, state.history, day, isLearned: isLearned)
                if score.p < Self.suspicious { verdict.suspicious |= 1 << UInt32(feature) }
                let share = weights[feature] * (isMature ? Self.singleDayShare : 1)
                consider(share / score.p, alone, score, 1 / score.p)
            }
            if isMature, let raw = figure[.drift] {
                var score = rank(raw, value, figure, feature, .drift, state.history, day, isLearned: isLearned)
                score.p = max(score.p, Double(figure.past.asHigh + 1) / Double(figure.past.days + 1))
                let e = Calibrator.power(score.p)
                state.detectors[feature].add(e, day: day)
                consider(
                    weights[feature] * (1 - Self.singleDayShare) * state.detectors[feature].statistic, .drift, score, e)
            }
        }
        return verdict
    }

    /// Raises an alarm, if it is one, and keeps peaks for the threshold.
    private mutating func settle(
        _ verdict: Verdict, _ state: inout State, entity: UInt32, day: Int32, values: ArraySlice<UInt64>,
        subjects: ArraySlice<UInt32>, alarms: inout [Alarm]
    ) {
        state.peak = max(state.peak, verdict.statistic)
        let isAlarm = verdict.statistic >= threshold.value
        if isAlarm || verdict.statistic < 1 {
            threshold.add(peak: state.peak, day: day)
            state.peak = 0
        }
        guard isAlarm else { return }
        let feature = verdict.feature
        let value = values[values.startIndex + feature]
        let subject = subjects[subjects.startIndex + feature]
        let since = verdict.lane == .drift ? state.detectors[feature].since : day
        for number in state.detectors.indices { state.detectors[number].reset() }
        if let known = state.alarms[feature], day - alarms[known].last <= Self.sameCase {
            alarms[known].last = day
            if value > alarms[known].value {
                alarms[known].value = value
                alarms[known].subject = subject
            }
            return
        }
        state.alarms[feature] = alarms.count
        alarms.append(
            Alarm(
                entity: entity, feature: feature, subject: subject, since: since, day: day, last: day, value: value,
                p: verdict.score.p, evidence: verdict.evidence, past: verdict.lane == .peers ? nil : verdict.past,
                rank: verdict.score.rank, statistic: verdict.statistic, threshold: threshold.value,
                isSingleDay: verdict.lane != .drift))
    }
}
