// SPDX-License-Identifier: Apache-2.0

import OutflowSigma
import Testing

/// `expand` beside other modifiers.
@Suite("Placeholders")
struct PlaceholderTests {
    private static let values = Placeholders([
        "nets": ["10.0.0.0/8", "192.0.2.0/24"], "names": ["adm[0-9]+", "root"], "words": ["ab", "c*d"], "field": ["G"],
    ])

    private static func hits(_ item: String, _ json: String) -> Bool {
        matches(ruleText("selection:\n    " + item), json, placeholders: values)
    }

    @Test(arguments: ["F|cidr|expand: '%nets%'", "F|expand|cidr: '%nets%'"]) func networks(item: String) {
        #expect(Self.hits(item, #"{"F":"10.1.2.3"}"#) && Self.hits(item, #"{"F":"192.0.2.9"}"#))
        #expect(!Self.hits(item, #"{"F":"192.0.3.9"}"#) && !Self.hits(item, #"{"F":"%nets%"}"#))
    }

    /// What a placeholder stands for is part of the expression, as it is.
    @Test(arguments: [#"F|re|expand: '^x\\%names%$'"#, #"F|expand|re: '^x\\%names%$'"#]) func expressions(item: String)
    {
        #expect(Self.hits(item, #"{"F":"x\\adm12"}"#) && Self.hits(item, #"{"F":"x\\root"}"#))
        #expect(!Self.hits(item, #"{"F":"x\\adm"}"#) && !Self.hits(item, #"{"F":"x\\%names%"}"#))
    }

    /// The values are values of the list like others: `all` asks for all of them.
    @Test func listsUnderAll() {
        #expect(Self.hits("F|contains|expand: '%words%'", #"{"F":"xabx"}"#))
        for item in ["F|contains|all|expand: '%words%'", "F|expand|contains|all: ['%words%']"] {
            #expect(Self.hits(item, #"{"F":"ab c--d"}"#) && !Self.hits(item, #"{"F":"xabx"}"#))
        }
    }

    @Test func fieldReferences() {
        #expect(Self.hits("F|fieldref|expand: '%field%'", #"{"F":"x","G":"x"}"#))
        #expect(!Self.hits("F|fieldref|expand: '%field%'", #"{"F":"x","G":"y"}"#))
    }

    @Test(arguments: ["F|re|expand: 'a%none%'", "F|cidr|expand: '%none%'", "F|contains|all|expand: ['a', '%none%']"])
    func unknownOnesRejectByName(item: String) {
        #expect(
            RuleSet([ruleText("selection:\n    " + item)], placeholders: Self.values).problem == .placeholders(["none"])
        )
    }

    /// Without `expand` a percent sign is one.
    @Test func literalsWithoutExpand() {
        #expect(Self.hits("F|re: '^%names%$'", #"{"F":"%names%"}"#))
        #expect(RuleSet([ruleText("selection:\n    F|cidr: '%nets%'")]).problem != nil)
    }
}
