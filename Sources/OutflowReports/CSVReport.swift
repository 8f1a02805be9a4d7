// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// `ledger.csv`: the ledger for spreadsheets. RFC 4180 (CRLF, quotes doubled), UTF-8 without a byte order mark, a header,
/// one row a transfer; an unknown number is an empty cell.
///
/// Cells are text from logs, and spreadsheets run text that looks like a formula
/// (https://owasp.org/www-community/attacks/CSV_Injection, CWE-1236): see ``neutralised(_:)``. `report.json` has the
/// strings as they were.
public enum CSVReport {
    /// Names of the columns.
    public static let header = [
        "id", "state", "route", "sanctioned", "bytes_at_least", "bytes_at_most", "bytes_on_wire", "objects_distinct",
        "reads", "first", "last", "source_kind", "source", "source_name", "source_tenant", "destination_kind",
        "destination", "destination_name", "destination_addresses", "destination_class", "service", "store", "session",
        "records", "evidence", "notes",
    ]

    /// All transfers that the report lists, in its order.
    public static func render(_ report: Report) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512 * (report.ledger.count + 1))
        row(header, &out)
        for transfer in report.ledger { row(cells(transfer, report.inputs), &out) }
        return out
    }

    private static func cells(_ transfer: Report.Transfer, _ inputs: [Report.Input]) -> [String] {
        func number(_ value: UInt64?) -> String { value.map { String($0) } ?? "" }
        let evidence = transfer.evidence.map { origin in
            let path = Int(origin.input) < inputs.count ? inputs[Int(origin.input)].path : "input \(origin.input)"
            return "\(path) @\(origin.offset)+\(origin.length)"
        }
        return [
            transfer.id, transfer.state.rawValue, transfer.route.rawValue, transfer.isSanctioned ? "yes" : "no",
            number(transfer.bytes.atLeast), number(transfer.bytes.atMost), number(transfer.onWire),
            number(transfer.distinctObjects), number(transfer.reads), transfer.first.description,
            transfer.last.description, transfer.source.kind.rawValue, transfer.source.id, transfer.source.name ?? "",
            transfer.source.tenant ?? "", transfer.destination.kind.rawValue, transfer.destination.id,
            transfer.destination.name ?? "", transfer.destination.addresses.joined(separator: " "),
            transfer.destinationClass, transfer.service, transfer.store ?? "", transfer.session ?? "",
            number(transfer.records), evidence.joined(separator: " "), transfer.notes.joined(separator: " "),
        ]
    }

    private static func row(_ cells: [String], _ out: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            // Every cell is quoted: a spreadsheet that splits at semicolons or tabs then still sees quotes.
            out.append(UInt8(ascii: "\""))
            if cell.utf8.allSatisfy(isHarmless) {
                out.append(contentsOf: cell.utf8)
            } else {
                for byte in neutralised(cell).utf8 {
                    if byte == UInt8(ascii: "\"") { out.append(byte) }
                    out.append(byte)
                }
            }
            out.append(UInt8(ascii: "\""))
        }
        out.append(contentsOf: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
    }

    /// A cell that no spreadsheet takes for a formula.
    ///
    /// Control and invisible characters (tab and CR among them) are written as `\u{9}`. An apostrophe goes before
    /// `=`, `+`, `-`, `@` or their full-width forms where they begin the cell, and where they follow a quote or a
    /// character at which some spreadsheet may split (`,` `;` `|`), with or without blanks between.
    public static func neutralised(_ cell: String) -> String {
        let visible = VisibleText.escape(cell)
        guard visible.unicodeScalars.contains(where: isTrigger) else { return visible }
        var out = String.UnicodeScalarView()
        var atStart = true
        for scalar in visible.unicodeScalars {
            if atStart, isTrigger(scalar) { out.append("'") }
            switch scalar {
            case "\"", "'", "`", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}", "\u{FF02}", "\u{FF07}", ",", ";", "|":
                atStart = true
            case " ": break
            default: atStart = false
            }
            out.append(scalar)
        }
        return String(out)
    }

    /// Whether a byte is a visible ASCII character that is neither a trigger nor a quote nor the beginning of an escape. A
    /// quick look: what passes is the same when neutralised.
    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: "\""),
            UInt8(ascii: "\\"):
            return false
        default: return byte >= 0x20 && byte < 0x7F
        }
    }

    private static func isTrigger(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "\u{FE62}", "\u{FE63}", "\u{FE66}",
            "\u{FE6B}", "\u{2212}":
            return true
        default: return false
        }
    }
}
