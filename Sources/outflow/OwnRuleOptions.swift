// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowSigma

/// Options about the rules that the program brings: shared by the commands that scan.
struct OwnRuleOptions: ParsableArguments {
    @Flag(
        name: [.customLong("no-own-rules"), .customLong("no-rules")],
        help: "Use only the rules given with --rules, not those for data theft that outflow brings.")
    var noOwnRules = false

    /// The rules of a scan: those that were given, and the program's own.
    ///
    /// - Parameter ledgerAlone: whether nothing but the ledger was asked for; then own rules are left out.
    func rules(_ options: RuleOptions, ledgerAlone: Bool, quiet: Bool) throws -> RuleSet? {
        try options.ruleSetIfAny(quiet: quiet, own: !noOwnRules && !ledgerAlone)
    }
}
