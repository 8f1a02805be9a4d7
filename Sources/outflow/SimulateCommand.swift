// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowDetection
import OutflowEngine
import OutflowEstate
import OutflowEvaluation
import OutflowLedger
import OutflowReaders
import OutflowRecords
import OutflowReports
import OutflowSimulator

/// `outflow simulate`: writes a world of logs with known thefts.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Write a simulated estate: logs with known thefts, and the truth beside them.",
        discussion: """
            Without --kind it is a demonstration: a week of a small university with five thefts. With --kind it is an \
            estate of any size over months or years, with the thefts that a file asks for.
            """)

    @Option(help: ArgumentHelp("Seed: the same seed writes the same bytes.", valueName: "n"))
    var seed: UInt64

    @Option(help: ArgumentHelp("Folder to write into; made if missing.", valueName: "dir"))
    var out: String

    @Option(help: "Kind of organisation: \(EstateKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind: EstateKind?

    @OptionGroup(title: "Options with --kind") var extent: SimulationOptions

    func run() throws {
        guard let kind else { return try writeDemonstration() }
        let simulation: EstateSimulation
        do {
            simulation = try EstateSimulation(try extent.plan(kind, seed: seed))
        } catch let errors as ConfigurationErrors {
            throw Problem(errors.description)
        }
        if !extent.evaluate.isEmpty { return try evaluate(simulation) }
        if let partial = extent.partial { return try write(simulation, partial: partial) }
        do {
            let written = try simulation.write(to: out, threads: extent.threads)
            Terminal.write("wrote \(written.files) files, \(written.bytes / 1_000_000) MB, into \(out)\n")
        } catch { throw Problem("\(error)") }
    }

    /// Reads the logs as they are made, and writes what they come to instead of them.
    private func write(_ simulation: EstateSimulation, partial path: String) throws {
        let files = simulation.files()
        let scan = scan(files)
        do {
            let partial = try PartialWriter(path: path)
            try Interruption.watch(scan, progress: false) { try scan.observe(keeping: partial) }
            try scan.finish(partial)
        } catch let failure as PartialFile.Failure { throw Problem(failure.description) }
        do { try simulation.write(truthOf: files, to: out) } catch { throw Problem("\(error)") }
        let records = scan.inputs.reduce(0) { $0 + $1.records }
        Terminal.write("\(path): \(scan.inputs.count) inputs, \(records) records; the truth is in \(out)\n")
    }

    /// Reads the logs as they are made, and scores what is concluded at each budget against the truth.
    private func evaluate(_ simulation: EstateSimulation) throws {
        let files = simulation.files()
        let scan = scan(files)
        try Interruption.watch(scan, progress: false) { try scan.observe() }
        do { try simulation.write(truthOf: files, to: out) } catch { throw Problem("\(error)") }
        let estate: Estate
        do { estate = try Estate.load(path: out + "/outflow.yaml") } catch { throw Problem("\(error)") }
        let truth = try EvaluateCommand.truth(out + "/truth.json")
        let scored = extent.budgets.map { budget in
            var plan = ScanPlan(paths: [], estate: estate, threads: extent.threads, alarms: budget)
            plan.seeksLimits = false
            return (budget.description, Evaluation(scan.conclude(as: plan), truth))
        }
        Terminal.write(String(decoding: EvaluationJSON.render(scored), as: UTF8.self))
    }

    private func scan(_ files: SimulatedFiles) -> Scan {
        Scan(ScanPlan(paths: [], threads: extent.threads)) { [out] in
            files.next().map { SuppliedFile(path: out + "/" + $0.path, bytes: $0.bytes) }
        }
    }

    private func writeDemonstration() throws {
        let paths: [String]
        do { paths = try Demonstration(seed: seed).write(to: out) } catch { throw Problem("\(error)") }
        Terminal.write("wrote \(paths.count) files into \(out)\n")
    }
}

/// Size and shape of a simulated estate.
struct SimulationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Hosts, 20 to 28000.", valueName: "n"))
    var hosts = 500

    @Option(help: ArgumentHelp("Days, 1 to 3660.", valueName: "n"))
    var days = 30

    @Option(help: ArgumentHelp("First day, as 2024-01-01.", valueName: "date"))
    var from = "2024-01-01"

    @Option(help: ArgumentHelp("File that asks for thefts (YAML).", valueName: "file"))
    var thefts: String?

    @Option(help: ArgumentHelp("Records of ordinary life, in percent of what is usual: 1 to 1000.", valueName: "n"))
    var detail = 100

    @Option(help: "How Zeek's logs are written: tsv, json.")
    var zeek = EstatePlan.ZeekWriting.tsv

    @Option(
        help: ArgumentHelp(
            "Write a partial instead of logs: what `outflow partial` would make of them.", valueName: "file"))
    var partial: String?

    @Option(
        help: ArgumentHelp(
            "Instead of writing logs, conclude at these budgets of false cases and print how that scores, as JSON; such "
                + "as 1/week,1/month.", valueName: "budgets"))
    var evaluate = ""

    @Flag(help: "Gzip all files.")
    var gzip = false

    @Option(help: ArgumentHelp("Threads to use: 1 to 64.", valueName: "n"))
    var threads = 2

    func validate() throws {
        func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            guard range.contains(value) else {
                throw ValidationError(
                    "--\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not \(value)")
            }
        }
        try check("hosts", hosts, 20...28_000)
        try check("days", days, 1...3_660)
        try check("detail", detail, 1...1_000)
        try check("threads", threads, 1...64)
        guard evaluate.isEmpty || !budgets.isEmpty else {
            throw ValidationError("--evaluate takes budgets such as 1/week,1/month, not '\(evaluate)'")
        }
        guard firstDay != nil else { throw ValidationError("--from takes a date such as 2024-01-01, not '\(from)'") }
    }

    /// What ``evaluate`` says; empty if any of it is no budget.
    var budgets: [AlarmBudget] {
        let parts = evaluate.split(separator: ",", omittingEmptySubsequences: false)
        let budgets = parts.compactMap { AlarmBudget(String($0)) }
        return budgets.count == parts.count ? budgets : []
    }

    /// The first day, as days since 1970-01-01.
    private var firstDay: Int? {
        withBytes(of: from + "T00:00:00") { Timestamp(iso8601: $0) }
            .map { Int($0.microseconds / 86_400_000_000) }.flatMap { $0 >= 0 && $0 < 2_000_000 ? $0 : nil }
    }

    /// The plan that the options describe.
    func plan(_ kind: EstateKind, seed: UInt64) throws -> EstatePlan {
        var plan = EstatePlan(kind: kind, hosts: hosts, days: days, seed: seed)
        plan.firstDay = firstDay ?? plan.firstDay
        plan.detail = detail
        plan.zeek = zeek
        plan.isGzipped = gzip
        if let thefts { plan.thefts = try TheftFile.load(path: thefts, for: plan) }
        return plan
    }
}

extension EstateKind: ExpressibleByArgument {}
extension EstatePlan.ZeekWriting: ExpressibleByArgument {}
