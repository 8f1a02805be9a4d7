// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowEstate
import OutflowRecords

/// An estate of any kind and size over months or years, in the formats in which real systems keep their logs, with
/// thefts that were asked for and the truth beside them.
///
/// A day is made by itself, from the seed and its number alone, so that days can be made in any order and on several
/// threads; the bytes are the same. Nothing in it is real: see ``Demonstration``.
public struct EstateSimulation: Sendable {
    private let plan: EstatePlan
    private let estate: EstateModel
    private let online: OnlineLife
    private let thefts: [any Theft]

    /// An estate as `plan` says. Nothing is written yet.
    ///
    /// - Throws: which thefts cannot happen in it, and why.
    public init(_ plan: EstatePlan) throws(ConfigurationErrors) {
        self.plan = plan
        let estate = EstateModel(plan)
        let most = plan.thefts.filter { $0.unit == .objects }.map { $0.amount / $0.accounts + 1 }.max() ?? 0
        online = OnlineLife(estate, objects: max(5_000, min(most, 200_000)))
        var thefts: [any Theft] = []
        for (number, theft) in plan.thefts.enumerated() { thefts += try theft.thefts(number, estate, online.cloud) }
        self.estate = estate
        self.thefts = thefts
    }

    /// Writes all days, the truth (`truth.json`) and a configuration (`outflow.yaml`).
    ///
    /// - Parameters:
    ///   - folder: where to; made when missing. Files of the same names are replaced.
    ///   - threads: how many days are made at the same time.
    /// - Returns: number of files and of bytes written.
    /// - Throws: Foundation's error when a folder or a file cannot be written.
    public func write(to folder: String, threads: Int) throws -> (files: Int, bytes: Int) {
        let results = Results(days: plan.days)
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, plan.days))) { _ in
            while let day = results.nextDay() {
                var output = OutputFolder(path: folder, isCompressed: true)
                do {
                    let truth = try write(day: day, to: &output)
                    results.finish(day, truth, files: output.files.count, bytes: output.bytes)
                } catch {
                    results.fail(error)
                }
            }
        }
        let (truth, files, bytes) = try results.all(order: order)
        let own = try writeTruth(truth, to: folder)
        return (files + own.files, bytes + own.bytes)
    }

    /// The logs without a disk: every day's files one after the other, as ``write(to:threads:)`` would write them.
    public func files() -> SimulatedFiles { SimulatedFiles(self) }

    /// Writes only the truth and the configuration: what belongs beside logs that were never written.
    ///
    /// - Parameters:
    ///   - files: the files that were simulated.
    ///   - folder: where it goes.
    ///   - truth: of all days, as ``SimulatedFiles`` has collected it.
    /// - Throws: Foundation's error when a folder or a file cannot be written.
    public func write(truthOf files: SimulatedFiles, to folder: String) throws {
        _ = try writeTruth(files.truth, to: folder)
    }

    private func writeTruth(_ truth: Truth, to folder: String) throws -> (files: Int, bytes: Int) {
        var output = OutputFolder(path: folder)
        try output.write("truth.json", truth.json(of: estate.world))
        try output.write("outflow.yaml", configuration)
        return (output.files.count, output.bytes)
    }

    /// Makes one day in memory.
    fileprivate func files(of day: Int) -> (files: [(name: String, bytes: [UInt8])], truth: Truth) {
        var output = OutputFolder(path: nil, isCompressed: true)
        // A folder in memory can always be written to.
        let truth = (try? write(day: day, to: &output)) ?? Truth()
        return (output.takeHeld(), truth)
    }

    fileprivate var days: Int { plan.days }
    fileprivate var order: [String] { thefts.map(\.id) }

    /// Makes and writes one day, and tells what is true of it.
    private func write(day: Int, to output: inout OutputFolder) throws -> Truth {
        var logs = DayLogs(estate.world, day: day)
        var life = HostDay(estate, day: day)
        for host in estate.hosts { life.add(host, to: &logs.sensor) }
        for host in estate.rented { life.add(host, to: &logs.cloudSensor) }
        online.add(day: day, to: &logs)
        Events(estate).add(day: day, to: &logs)
        for theft in thefts { theft.add(day: day, to: &logs) }
        try logs.write(plan, estate.world, to: &output)
        return logs.truth
    }

    /// What the organisation itself would tell: its networks and its backup.
    private var configuration: ByteText {
        Demonstration.configuration(of: estate.world, "a simulated \(plan.kind.rawValue)")
    }
}

/// The files of a simulated estate, made a day at a time while they are asked for. One thread at a time may ask.
public final class SimulatedFiles {
    private let simulation: EstateSimulation
    private var day = 0
    private var ready: [(name: String, bytes: [UInt8])] = []
    /// What is true of the days that were made.
    private(set) var truth = Truth()

    fileprivate init(_ simulation: EstateSimulation) { self.simulation = simulation }

    /// The next file: its path in the estate's folder, and its bytes. Nil when all days are done.
    public func next() -> (path: String, bytes: [UInt8])? {
        while ready.isEmpty {
            guard day < simulation.days else { return nil }
            let made = simulation.files(of: day)
            day += 1
            truth.merge(made.truth)
            ready = made.files.reversed()
            if day == simulation.days { truth.sort(by: simulation.order) }
        }
        let file = ready.removeLast()
        return (file.name, file.bytes)
    }
}

/// What the days came to, by several threads.
private final class Results: @unchecked Sendable {
    // Unchecked: everything is used under the lock.
    private let lock = Lock()
    private let days: Int
    private var next = 0
    private var truths: [Int: Truth] = [:]
    private var files = 0
    private var bytes = 0
    private var error: (any Error)?

    init(days: Int) { self.days = days }

    /// The next day to be made; nil when all are given out, or something failed.
    func nextDay() -> Int? {
        lock {
            guard next < days, error == nil else { return nil }
            next += 1
            return next - 1
        }
    }

    func finish(_ day: Int, _ truth: Truth, files: Int, bytes: Int) {
        lock {
            truths[day] = truth
            self.files += files
            self.bytes += bytes
        }
    }

    func fail(_ error: any Error) { lock { self.error = self.error ?? error } }

    /// Everything; thefts in the order of their ids in `order`.
    func all(order: [String]) throws -> (truth: Truth, files: Int, bytes: Int) {
        let failed = lock { error }
        if let failed { throw failed }
        return lock {
            var truth = Truth()
            for day in 0..<days { truth.merge(truths[day] ?? Truth()) }
            truth.sort(by: order)
            return (truth, files, bytes)
        }
    }
}
