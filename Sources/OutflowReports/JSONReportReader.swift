// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowJSON
import OutflowLedger
import OutflowRecords

/// Reads `report.json` back, for `outflow explain` and for comparisons.
///
/// A report may come from elsewhere, so nothing in it is believed without a look: a value of the wrong kind, a state or
/// a route that is not known, bounds the wrong way round and evidence in an input that is not there are all errors.
public struct JSONReportReader {
    /// Why a text is no report.
    public struct Failure: Error, CustomStringConvertible, Equatable {
        /// What was wrong, and where: `ledger[3].bytes.at_least: not a whole number`.
        public let description: String
    }

    /// The report.
    public let report: Report
    /// Version of the program that wrote it.
    public let version: String

    /// Reads a report.
    ///
    /// - Parameter text: the whole content of `report.json`.
    /// - Throws: ``Failure`` if it is no JSON, of another schema, or not to the contract.
    public init(_ text: [UInt8]) throws(Failure) {
        do {
            (report, version) = try Self.read(text)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    /// The transfer called `id` (`T-...`), if the ledger lists it.
    public func transfer(_ id: String) -> Report.Transfer? { report.ledger.first { $0.id == id } }

    /// The internal copy called `id`, if the report lists it.
    public func staging(_ id: String) -> Report.Staging? { report.staging.first { $0.id == id } }

    private static func read(_ text: [UInt8]) throws -> (Report, String) {
        let parser = JSONParser(limit: max(text.count, 1 << 20))
        let root = try text.withUnsafeBytes { try parser.parse(copying: Bytes($0)) }
        // The values point into the parser, which must outlive them.
        return try withExtendedLifetime(parser) {
            let node = ReportNode(root, "report")
            guard root.kind == .object else { throw Failure(description: "report: not an object") }
            let schema = try node["outflow"]["schema"].number()
            guard schema == JSONReport.schema else {
                throw Failure(
                    description: "outflow.schema: this program reads schema \(JSONReport.schema), not \(schema)")
            }
            return (try report(node), try node["outflow"]["version"].text())
        }
    }

    private static func report(_ node: ReportNode) throws -> Report {
        var report = Report()
        report.inputs = try node["inputs"].list(input)
        report.localNetworks = try node["estate"]["local_networks"].list {
            Report.LocalNetwork(cidr: try $0["cidr"].text(), why: try $0["why"].text())
        }
        report.tenants = try node["estate"]["tenants"].list { try $0.text() }
        report.gaps = try node["gaps"].list {
            Report.Gap(
                route: try $0["route"].choice(), from: try $0["from"].time(), to: try $0["to"].time(),
                what: try $0["what"].text(), effect: try $0["effect"].text())
        }
        let inputs = report.inputs.count
        report.ledger = try node["ledger"].list { try transfer($0, inputs) }
        report.staging = try node["staging"].list { try staging($0, inputs) }
        for (name, value) in try node["totals"]["by_route"].members() {
            report.totals.byRoute[try value.known(Route(rawValue: name))] = try total(value)
        }
        for (name, value) in try node["totals"]["by_state"].members() {
            report.totals.byState[try value.known(TransferState(rawValue: name))] = try total(value)
        }
        report.totals.inside = try total(node["totals"]["inside"])
        report.totals.sanctioned = try total(node["totals"]["sanctioned"])
        report.totals.unlisted = try total(node["totals"]["unlisted"])
        report.findings = try node["findings"].list { try finding($0, inputs) }
        report.cases = try node["cases"].list { try `case`($0, inputs) }
        report.limits = try node["limits"].list(limit)
        return report
    }

    private static func input(_ node: ReportNode) throws -> Report.Input {
        var rejected = Rejections()
        for example in try node["rejected"]["examples"].list({
            Rejection(offset: try $0["offset"].number(), reason: try $0["reason"].text())
        }) {
            rejected.add(example)
        }
        let count = try node["rejected"]["count"].number()
        guard count >= rejected.count else { throw node["rejected"]["count"].failure("less than the examples") }
        rejected.add(count: count - rejected.count)
        return Report.Input(
            path: try node["path"].text(), format: try node["format"].text(), bytes: try node["bytes"].number(),
            sha256: try node["sha256"].text(), records: try node["records"].number(),
            duplicates: try node["duplicates"].number(), first: try node["first"].time(), last: try node["last"].time(),
            rejected: rejected)
    }

    private static func transfer(_ node: ReportNode, _ inputs: Int) throws -> Report.Transfer {
        var transfer = Report.Transfer(
            id: try node["id"].text(), route: try node["route"].choice(), state: try node["state"].choice(),
            source: try entity(node["source"]), destination: try entity(node["destination"]),
            destinationClass: try node["class"].text(), service: try node["service"].text(),
            store: try node["store"].optionalText(), session: try node["session"].optionalText(),
            isSanctioned: try node["sanctioned"].truth(), bytes: try bounds(node["bytes"]),
            onWire: try node["bytes"]["on_wire"].optionalNumber(),
            distinctObjects: try node["objects"]["distinct"].optionalNumber(),
            reads: try node["objects"]["reads"].number(), first: try moment(node["first"]),
            last: try moment(node["last"]),
            records: try node["records"].number(), evidence: try node["evidence"].list { try origin($0, inputs) },
            notes: try node["notes"].list { try $0.text() })
        transfer.suspicion = try node["suspicion"].choice()
        transfer.caseID = try node["case"].optionalText()
        return transfer
    }

    private static func staging(_ node: ReportNode, _ inputs: Int) throws -> Report.Staging {
        Report.Staging(
            id: try node["id"].text(), source: try node["source"].text(), destination: try node["destination"].text(),
            service: try node["service"].text(), bytes: try bounds(node["bytes"]), first: try moment(node["first"]),
            last: try moment(node["last"]), records: try node["records"].number(),
            followedBy: try node["followed_by"].list { try $0.text() },
            evidence: try node["evidence"].list { try origin($0, inputs) })
    }

    private static func entity(_ node: ReportNode) throws -> Report.Entity {
        Report.Entity(
            kind: try node["kind"].choice(), id: try node["id"].text(), name: try node["name"].optionalText(),
            tenant: try node["tenant"].optionalText(),
            addresses: node.has("addresses") ? try node["addresses"].list { try $0.text() } : [])
    }

    static func origin(_ node: ReportNode, _ inputs: Int) throws -> Origin {
        let input = try node["input"].number()
        guard input < UInt64(inputs) else { throw node["input"].failure("there is no such input") }
        guard let number = UInt32(exactly: input), let length = UInt32(exactly: try node["length"].number()) else {
            throw node["length"].failure("too large")
        }
        return Origin(input: number, offset: try node["offset"].number(), length: length)
    }

    static func bounds(_ node: ReportNode) throws -> ByteBounds {
        let low = try node["at_least"].number()
        let high = try node["at_most"].optionalNumber()
        guard high.map({ $0 >= low }) ?? true else { throw node["at_most"].failure("less than at_least") }
        return ByteBounds(atLeast: low, atMost: high)
    }

    static func moment(_ node: ReportNode) throws -> Timestamp {
        guard let time = try node.time() else { throw node.failure("not a time") }
        return time
    }

    private static func total(_ node: ReportNode) throws -> Report.Total {
        var total = Report.Total()
        total.transfers = try node["transfers"].number()
        total.bytes = try bounds(node["bytes"])
        total.onWire = try node["on_wire"].optionalNumber()
        total.reads = try node["reads"].number()
        total.records = try node["records"].number()
        return total
    }
}
