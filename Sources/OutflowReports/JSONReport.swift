// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// `report.json`: the report for programs, to the contract of schema 1.
///
/// Keys are sorted and lists are in the report's own order, so equal reports give equal bytes. Each ledger entry, input
/// and gap stands on a line of its own.
public enum JSONReport {
    /// The contract's number: it changes when the meaning of a key changes, not when keys are added.
    public static let schema: UInt64 = 1

    /// The report as UTF-8 text.
    ///
    /// - Parameters:
    ///   - report: what the scan concluded.
    ///   - version: of the program, as in `outflow --version`.
    public static func render(_ report: Report, version: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.bytes.reserveCapacity(1_024 * (report.ledger.count + report.inputs.count) + 4_096)
        writer.raw("{\n  \"cases\": ")
        writer.lines(report.cases, indent: "  ", `case`)
        writer.raw(",\n  \"estate\": {\"local_networks\":")
        writer.list(report.localNetworks) { writer, network in
            writer.raw("{\"cidr\":")
            writer.string(network.cidr)
            writer.raw(",\"why\":")
            writer.string(network.why)
            writer.raw("}")
        }
        writer.raw(",\"tenants\":")
        writer.list(report.tenants) { $0.string($1) }
        writer.raw("},\n  \"findings\": ")
        writer.lines(report.findings, indent: "  ", finding)
        writer.raw(",\n  \"gaps\": ")
        writer.lines(report.gaps, indent: "  ", gap)
        writer.raw(",\n  \"inputs\": ")
        writer.lines(report.inputs, indent: "  ", input)
        writer.raw(",\n  \"ledger\": ")
        writer.lines(report.ledger, indent: "  ", transfer)
        writer.raw(",\n  \"limits\": ")
        writer.lines(report.limits, indent: "  ", limit)
        writer.raw(",\n  \"outflow\": {\"schema\":")
        writer.number(schema)
        writer.raw(",\"version\":")
        writer.string(version)
        writer.raw("},\n  \"staging\": ")
        writer.lines(report.staging, indent: "  ", staging)
        writer.raw(",\n  \"totals\": {\n    \"by_route\": {")
        totals(report.totals.byRoute.map { ($0.rawValue, $1) }, &writer)
        writer.raw("},\n    \"by_state\": {")
        totals(report.totals.byState.map { ($0.rawValue, $1) }, &writer)
        writer.raw("},\n    \"inside\": ")
        total(report.totals.inside, &writer)
        writer.raw(",\n    \"sanctioned\": ")
        total(report.totals.sanctioned, &writer)
        writer.raw(",\n    \"unlisted\": ")
        total(report.totals.unlisted, &writer)
        writer.raw("\n  }\n}\n")
        return writer.bytes
    }

    private static func gap(_ writer: inout JSONWriter, _ gap: Report.Gap) {
        writer.raw("{\"effect\":")
        writer.string(gap.effect)
        writer.raw(",\"from\":")
        writer.time(gap.from)
        writer.raw(",\"route\":")
        writer.string(gap.route.rawValue)
        writer.raw(",\"to\":")
        writer.time(gap.to)
        writer.raw(",\"what\":")
        writer.string(gap.what)
        writer.raw("}")
    }

    private static func input(_ writer: inout JSONWriter, _ input: Report.Input) {
        writer.raw("{\"bytes\":")
        writer.number(input.bytes)
        writer.raw(",\"duplicates\":")
        writer.number(input.duplicates)
        writer.raw(",\"first\":")
        writer.time(input.first)
        writer.raw(",\"format\":")
        writer.string(input.format)
        writer.raw(",\"last\":")
        writer.time(input.last)
        writer.raw(",\"path\":")
        writer.string(input.path)
        writer.raw(",\"records\":")
        writer.number(input.records)
        writer.raw(",\"rejected\":{\"count\":")
        writer.number(input.rejected.count)
        writer.raw(",\"examples\":")
        writer.list(input.rejected.examples) { writer, example in
            writer.raw("{\"offset\":")
            writer.number(example.offset)
            writer.raw(",\"reason\":")
            writer.string(example.reason)
            writer.raw("}")
        }
        writer.raw("},\"sha256\":")
        writer.string(input.sha256)
        writer.raw("}")
    }

    private static func transfer(_ writer: inout JSONWriter, _ transfer: Report.Transfer) {
        writer.raw("{\"bytes\":{\"at_least\":")
        writer.number(transfer.bytes.atLeast)
        writer.raw(",\"at_most\":")
        writer.number(transfer.bytes.atMost)
        writer.raw(",\"on_wire\":")
        writer.number(transfer.onWire)
        writer.raw("},\"case\":")
        writer.string(transfer.caseID)
        writer.raw(",\"class\":")
        writer.string(transfer.destinationClass)
        writer.raw(",\"destination\":")
        entity(transfer.destination, withAddresses: true, &writer)
        writer.raw(",\"evidence\":")
        writer.list(transfer.evidence, origin)
        writer.raw(",\"first\":")
        writer.time(transfer.first)
        writer.raw(",\"id\":")
        writer.string(transfer.id)
        writer.raw(",\"last\":")
        writer.time(transfer.last)
        writer.raw(",\"notes\":")
        writer.list(transfer.notes) { $0.string($1) }
        writer.raw(",\"objects\":{\"distinct\":")
        writer.number(transfer.distinctObjects)
        writer.raw(",\"reads\":")
        writer.number(transfer.reads)
        writer.raw("},\"records\":")
        writer.number(transfer.records)
        writer.raw(",\"route\":")
        writer.string(transfer.route.rawValue)
        writer.raw(transfer.isSanctioned ? ",\"sanctioned\":true" : ",\"sanctioned\":false")
        writer.raw(",\"service\":")
        writer.string(transfer.service)
        writer.raw(",\"session\":")
        writer.string(transfer.session)
        writer.raw(",\"source\":")
        entity(transfer.source, withAddresses: !transfer.source.addresses.isEmpty, &writer)
        writer.raw(",\"state\":")
        writer.string(transfer.state.rawValue)
        writer.raw(",\"store\":")
        writer.string(transfer.store)
        writer.raw(",\"suspicion\":")
        writer.string(transfer.suspicion.rawValue)
        writer.raw("}")
    }

    private static func entity(_ entity: Report.Entity, withAddresses: Bool, _ writer: inout JSONWriter) {
        writer.raw("{")
        if withAddresses {
            writer.raw("\"addresses\":")
            writer.list(entity.addresses) { $0.string($1) }
            writer.raw(",")
        }
        writer.raw("\"id\":")
        writer.string(entity.id)
        writer.raw(",\"kind\":")
        writer.string(entity.kind.rawValue)
        writer.raw(",\"name\":")
        writer.string(entity.name)
        writer.raw(",\"tenant\":")
        writer.string(entity.tenant)
        writer.raw("}")
    }

    static func origin(_ writer: inout JSONWriter, _ origin: Origin) {
        writer.raw("{\"input\":")
        writer.number(UInt64(origin.input))
        writer.raw(",\"length\":")
        writer.number(UInt64(origin.length))
        writer.raw(",\"offset\":")
        writer.number(origin.offset)
        writer.raw("}")
    }

    private static func staging(_ writer: inout JSONWriter, _ staging: Report.Staging) {
        writer.raw("{\"bytes\":{\"at_least\":")
        writer.number(staging.bytes.atLeast)
        writer.raw(",\"at_most\":")
        writer.number(staging.bytes.atMost)
        writer.raw("},\"destination\":")
        writer.string(staging.destination)
        writer.raw(",\"evidence\":")
        writer.list(staging.evidence, origin)
        writer.raw(",\"first\":")
        writer.time(staging.first)
        writer.raw(",\"followed_by\":")
        writer.list(staging.followedBy) { $0.string($1) }
        writer.raw(",\"id\":")
        writer.string(staging.id)
        writer.raw(",\"last\":")
        writer.time(staging.last)
        writer.raw(",\"records\":")
        writer.number(staging.records)
        writer.raw(",\"service\":")
        writer.string(staging.service)
        writer.raw(",\"source\":")
        writer.string(staging.source)
        writer.raw("}")
    }

    private static func totals(_ totals: [(String, Report.Total)], _ writer: inout JSONWriter) {
        guard !totals.isEmpty else { return }
        var isFirst = true
        for (name, sum) in totals.sorted(by: { $0.0 < $1.0 }) {
            writer.raw(isFirst ? "\n      " : ",\n      ")
            isFirst = false
            writer.string(name)
            writer.raw(": ")
            total(sum, &writer)
        }
        writer.raw("\n    ")
    }

    private static func total(_ total: Report.Total, _ writer: inout JSONWriter) {
        writer.raw("{\"bytes\":{\"at_least\":")
        writer.number(total.bytes.atLeast)
        writer.raw(",\"at_most\":")
        writer.number(total.bytes.atMost)
        writer.raw("},\"on_wire\":")
        writer.number(total.onWire)
        writer.raw(",\"reads\":")
        writer.number(total.reads)
        writer.raw(",\"records\":")
        writer.number(total.records)
        writer.raw(",\"transfers\":")
        writer.number(total.transfers)
        writer.raw("}")
    }
}
