// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowSigma

/// Processing pipelines change the rules that they are for, and nothing else.
@Suite("Processing pipelines")
struct PipelineTests {
    private static func set(_ pipeline: String, _ rule: String) throws -> RuleSet {
        var collection = RuleCollection(pipelines: [try ProcessingPipeline(pipeline)])
        collection.add(rule, path: "r.yml")
        return RuleSet(collection, mapping: .everything)
    }

    private static func matches(_ pipeline: String, _ detection: String, _ json: String) throws -> Bool {
        RuleMatcher(try set(pipeline, ruleText(detection))).matches(json) == [0]
    }

    @Test func fieldsAreRenamed() throws {
        let pipeline = "transformations: [{type: field_name_mapping, mapping: {F: [x.y, z]}}]"
        #expect(try Self.matches(pipeline, "selection: {F: a}", #"{"x":{"y":"a"}}"#))
        #expect(try Self.matches(pipeline, "selection: {F: a}", #"{"z":"a"}"#))
        #expect(try !Self.matches(pipeline, "selection: {F: a}", #"{"F":"a"}"#))
        #expect(try Self.matches(pipeline, "selection: {G: a}", #"{"G":"a"}"#))
    }

    @Test func conditionsChooseRules() throws {
        func pipeline(_ category: String, _ more: String = "") -> String {
            "transformations: [{type: field_name_prefix, prefix: p., rule_conditions: "
                + "[{type: logsource, category: \(category)}]\(more)}]"
        }
        #expect(try Self.matches(pipeline("test"), "selection: {F: a}", #"{"p":{"F":"a"}}"#))
        #expect(try Self.matches(pipeline("other"), "selection: {F: a}", #"{"F":"a"}"#))
        #expect(try Self.matches(pipeline("other", ", rule_cond_not: true"), "selection: {F: a}", #"{"p.F":"a"}"#))
    }

    @Test func conditionsAreAdded() throws {
        let pipeline = "transformations: [{type: add_condition, conditions: {E: [1, 2]}}]"
        #expect(try Self.matches(pipeline, "selection: {F: a}", #"{"F":"a","E":2}"#))
        #expect(try !Self.matches(pipeline, "selection: {F: a}", #"{"F":"a","E":3}"#))
        let negated = "transformations: [{type: add_condition, negated: true, conditions: {E: 1}}]"
        #expect(try !Self.matches(negated, "selection: {F: a}", #"{"F":"a","E":1}"#))
    }

    @Test func itemsAreDropped() throws {
        let pipeline =
            "transformations: [{type: drop_detection_item, field_name_conditions: "
            + "[{type: include_fields, fields: [G]}]}]"
        #expect(try Self.matches(pipeline, "selection: {F: a, G: b}", #"{"F":"a"}"#))
        #expect(try Self.set(pipeline, ruleText("selection: {G: b}")).rejected.count == 1)
    }

    @Test func valuesOfPlaceholdersAreFilledIn() throws {
        let pipeline = "vars: {servers: [srv1, db*]}\ntransformations: [{type: value_placeholders}]"
        #expect(try Self.matches(pipeline, "selection: {F|expand: '%servers%'}", #"{"F":"db7"}"#))
        let wild = "transformations: [{type: wildcard_placeholders}]"
        #expect(try Self.matches(wild, "selection: {F|expand: 'x%servers%'}", #"{"F":"xyz"}"#))
    }

    @Test(arguments: ["regex", "set_state", ""]) func whatIsNotSupportedIsAnError(type: String) {
        #expect(throws: RuleProblem.self) { try ProcessingPipeline("transformations: [{type: '\(type)'}]") }
    }
}
