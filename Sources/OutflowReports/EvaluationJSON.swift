// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEvaluation
import OutflowLedger
import OutflowRecords

/// Evaluations for programs: one JSON object with a list of `evaluations` and their `recall` by size. Keys are sorted.
public enum EvaluationJSON {
    /// The evaluations, each with the name of what was evaluated.
    public static func render(_ evaluations: [(name: String, evaluation: Evaluation)]) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\n  \"evaluations\": ")
        writer.lines(evaluations, indent: "  ") { add(&$0, $1.name, $1.evaluation) }
        writer.raw(",\n  \"recall\": ")
        writer.lines(RecallChart(evaluations.map(\.evaluation)).bins, indent: "  ") { writer, bin in
            writer.raw("{\"found\":")
            writer.number(UInt64(bin.found))
            writer.raw(",\"from\":")
            writer.number(bin.from)
            writer.raw(",\"thefts\":")
            writer.number(UInt64(bin.thefts))
            writer.raw("}")
        }
        writer.raw("\n}\n")
        return writer.bytes
    }

    private static func add(_ writer: inout JSONWriter, _ name: String, _ evaluation: Evaluation) {
        writer.raw("{\"alarms\":")
        writer.number(UInt64(evaluation.alarms))
        writer.raw(",\"false_cases\":")
        writer.list(evaluation.falseCases) { $0.string($1) }
        // Counts and the observed time are exact; whoever wants another month than 30 days divides anew.
        writer.raw(",\"false_cases_per_30_days\":")
        if let rate = evaluation.falseCasesPerMonth, rate.isFinite {
            writer.bytes.append(contentsOf: EvaluationText.decimal(rate).utf8)
        } else {
            writer.raw("null")
        }
        writer.raw(",\"false_reasons\":")
        writer.list(evaluation.falseReasons.sorted { $0.key < $1.key }) { writer, reason in
            writer.raw("{\"cases\":")
            writer.number(UInt64(reason.value))
            writer.raw(",\"findings\":")
            writer.string(reason.key)
            writer.raw("}")
        }
        writer.raw(",\"found\":")
        writer.number(UInt64(evaluation.found))
        writer.raw(",\"look_alikes\":")
        writer.number(UInt64(evaluation.lookAlikes))
        writer.raw(",\"mistaken\":")
        writer.list(evaluation.mistaken) { writer, mistake in
            writer.raw("{\"case\":")
            writer.string(mistake.caseID)
            writer.raw(",\"id\":")
            writer.string(mistake.event)
            writer.raw("}")
        }
        writer.raw(",\"name\":")
        writer.string(name)
        writer.raw(",\"observed_seconds\":")
        writer.number(evaluation.observed.map { UInt64(max($0, 0)) / 1_000_000 })
        writer.raw(",\"thefts\":")
        writer.list(evaluation.thefts, theft)
        writer.raw(",\"threshold\":")
        writer.string(evaluation.threshold.rawValue)
        writer.raw("}")
    }

    private static func theft(_ writer: inout JSONWriter, _ theft: Evaluation.Theft) {
        writer.raw("{\"bounds_hold\":")
        writer.raw(theft.boundsHold.map { $0 ? "true" : "false" } ?? "null")
        writer.raw(",\"bytes\":")
        bounds(theft.bytes, &writer)
        writer.raw(",\"case\":")
        writer.string(theft.caseID)
        writer.raw(",\"delay_seconds\":")
        writer.number(theft.delay.map { UInt64($0) / 1_000_000 })
        writer.raw(",\"id\":")
        writer.string(theft.event.id)
        writer.raw(",\"outcome\":")
        switch theft.outcome {
        case .inCase(let suspicion): writer.string(suspicion.rawValue)
        case .inLedger: writer.raw("\"ledger\"")
        case .missed: writer.raw("\"missed\"")
        }
        writer.raw(",\"parts\":")
        writer.number(UInt64(theft.parts))
        writer.raw(",\"parts_found\":")
        writer.number(UInt64(theft.partsFound))
        writer.raw(",\"route\":")
        writer.string(theft.event.route?.rawValue)
        writer.raw(",\"transfers\":")
        writer.list(theft.transfers) { $0.string($1) }
        writer.raw(",\"truth\":")
        bounds(theft.event.bytes, &writer)
        writer.raw("}")
    }

    private static func bounds(_ bounds: ByteBounds?, _ writer: inout JSONWriter) {
        guard let bounds else { return writer.raw("null") }
        writer.raw("{\"at_least\":")
        writer.number(bounds.atLeast)
        writer.raw(",\"at_most\":")
        writer.number(bounds.atMost)
        writer.raw("}")
    }
}
