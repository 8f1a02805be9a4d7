// SPDX-License-Identifier: Apache-2.0

/// How much the rules of one file may come to, in tests of fields: each time that a condition names an identifier, the
/// identifier's tests count again, for they are put in there. A few kilobytes could ask for millions otherwise:
/// `1 of x*`, again and again, over thousands of identifiers.
///
/// What a rule took stays taken when it is rejected: the work was done.
final class TestBudget {
    private let limits: RuleLimits
    private var ofFile = 0
    private var ofRule = 0

    init(limits: RuleLimits) { self.limits = limits }

    /// A rule begins.
    func beginRule() { ofRule = 0 }

    /// Counts tests of the rule that is being read.
    func take(_ tests: Int) throws(RuleProblem) {
        // Neither can overflow: what one value or one name comes to is limited.
        ofRule += tests
        ofFile += tests
        guard ofRule <= limits.ruleTests else {
            throw .limit(
                "with the identifiers that its condition names put in, the rule comes to more than "
                    + "\(limits.ruleTests) tests of fields; name them less often, or split the rule")
        }
        guard ofFile <= limits.fileTests else {
            throw .limit(
                "the rules of the file come to more than \(limits.fileTests) tests of fields; split the file")
        }
    }
}

extension Expression {
    /// How many tests are in it.
    var testCount: Int {
        switch self {
        case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.testCount }
        case .not(let part): part.testCount
        case .test: 1
        }
    }
}
