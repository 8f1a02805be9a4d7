// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowActivities
import OutflowReports

/// `outflow sources`: every log source, how it is recognised, and whether it shows bytes.
struct SourcesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources",
        abstract: "Print the log sources: recognised how, bytes visible or not, what to switch on.")

    @Flag(help: "Print a Markdown table, as in docs/formats.md.")
    var markdown = false

    func run() throws {
        Terminal.write(
            markdown
                ? SourcesTable.markdown(LogSources.cards) : SourcesTable.render(LogSources.cards, width: Terminal.width)
        )
    }
}
