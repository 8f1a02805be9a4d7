// SPDX-License-Identifier: Apache-2.0

import OutflowActivities

/// The table of log sources, as `outflow sources` prints it and the docs hold it.
public enum SourcesTable {
    /// A list to read on a terminal: a paragraph a source.
    ///
    /// - Parameters:
    ///   - cards: the sources, in the order to show them.
    ///   - width: columns of the terminal.
    public static func render(_ cards: [SourceCard], width: Int = 80) -> String {
        var out = ""
        let indent = 14
        for card in cards {
            if !out.isEmpty { out += "\n" }
            out += "\(card.format)  \(card.title)\n"
            for (label, text) in rows(card) {
                let lines = VisibleText.wrap(VisibleText.escape(text), min(max(width, 40), 120) - indent)
                for (index, line) in lines.enumerated() {
                    out += VisibleText.pad("  " + (index == 0 ? label : ""), indent) + line + "\n"
                }
            }
        }
        return out
    }

    /// The same as a table in Markdown.
    public static func markdown(_ cards: [SourceCard]) -> String {
        var out = "| format | source | routes | recognised by | becomes | bytes visible | switch on | described in |\n"
        out += "|---|---|---|---|---|---|---|---|\n"
        for card in cards {
            let cells = [
                "`\(card.format)`", card.title, card.routes.map(\.rawValue).joined(separator: ", "), card.recognisedBy,
                card.activities, card.bytes, card.switchOn, card.reference,
            ]
            out += "| " + cells.map(cell).joined(separator: " | ") + " |\n"
        }
        return out
    }

    private static func rows(_ card: SourceCard) -> [(String, String)] {
        [
            ("routes", card.routes.map(\.rawValue).joined(separator: ", ")), ("known by", card.recognisedBy),
            ("becomes", card.activities), ("bytes", card.bytes), ("switch on", card.switchOn),
            ("see", card.reference),
        ].filter { !$0.1.isEmpty }
    }

    private static func cell(_ text: String) -> String {
        VisibleText.escape(text).split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
