// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowActivities
import OutflowDetection
import OutflowEngine
import OutflowEstate
import OutflowRecords

/// Options that tell what is being watched: shared by the commands that read logs.
struct EstateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A network that is inside, such as 10.0.0.0/16; may be given several times.", valueName: "cidr"))
    var local: [String] = []

    @Option(help: ArgumentHelp("Configuration of the estate (outflow.yaml).", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "How many false cases you can stand, over the whole estate: a number a day, week, month or year. With none, "
                + "the ledger alone: quicker, and no detectors.", valueName: "n/period|none"))
    var alarms = "1/month"

    @Option(help: ArgumentHelp("Threads to use: 1 to 64.", valueName: "n"))
    var threads: Int = 2

    func validate() throws {
        guard (1...64).contains(threads) else {
            throw ValidationError("--threads takes a number from 1 to 64, not \(threads)")
        }
        guard alarms == "none" || AlarmBudget(alarms) != nil else {
            throw ValidationError("--alarms takes a number such as 1/month, 2/week or 4/year, or none, not '\(alarms)'")
        }
        for text in local where Network(text) == nil {
            throw ValidationError(
                "--local takes a network such as 10.0.0.0/16 or 2001:db8::/32, not '\(text)'\(Self.hint(text))")
        }
    }

    private static func hint(_ text: String) -> String {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]) else { return "" }
        let offset = address.v4 != nil ? 96 : 0
        guard (0...128).contains(length + offset) else { return "" }
        return " (did you mean \(Network(address, prefixLength: length + offset))?)"
    }

    /// The names that a configuration may use.
    private static var vocabulary: Estate.Vocabulary {
        Estate.Vocabulary(
            routes: Route.allCases.map(\.rawValue), formats: LogSources.cards.map(\.format),
            logFormatFault: { directive in
                do { _ = try LogFormat(directive) } catch { return "\(error)" }
                return nil
            })
    }

    /// The estate that the options describe.
    func estate() throws -> Estate {
        var estate = Estate()
        if let config {
            do { estate = try Estate.load(path: config, vocabulary: Self.vocabulary) } catch {
                throw Problem("\(error)")
            }
        }
        if !local.isEmpty { estate.localNetworks = local.compactMap { Network($0) } }
        return estate
    }

    /// The plan for reading some paths.
    func plan(_ paths: [String]) throws -> ScanPlan {
        ScanPlan(
            paths: paths, estate: try estate(), threads: threads, alarms: AlarmBudget(alarms))
    }
}
