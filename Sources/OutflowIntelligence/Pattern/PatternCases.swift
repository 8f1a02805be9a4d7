// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Answers questions of the form `{"pattern": …, "observations": […], "stix_version": "2.0"}`, as `outflow pattern` does.
public enum PatternCases {
    /// The answer to a question.
    public enum Answer: Hashable, Sendable {
        /// Whether the observations meet the pattern; if so, an id for each observed-data object that does (nil where it
        /// has none).
        case verdict(match: Bool, sdos: [String?])
        /// Why there is no verdict.
        case error(String)
    }

    /// The answer to one question.
    ///
    /// The ids are those of `stix2-matcher`: with STIX 2.1 it merges all bundles into one, which bears the last one's id,
    /// and names that for each observed-data object.
    public static func answer(_ question: JSONValue) -> Answer {
        do throws(PatternError) {
            guard let text = question["pattern"]?.string else { return .error("the line has no \"pattern\"") }
            let name = question["stix_version"]?.string?.string ?? "2.1"
            guard let version = STIXPattern.Version(rawValue: name) else {
                return .error("stix_version is neither \"2.0\" nor \"2.1\"")
            }
            let pattern = try STIXPattern(text.string, version: version)
            guard let list = question["observations"], list.kind == .array else {
                return .error("the line has no list of \"observations\"")
            }
            let observations = version == .v20 ? try Observation.v20(list) : try Observation.v21(list)
            guard let bound = try pattern.match(observations) else { return .verdict(match: false, sdos: []) }
            let bundle = version == .v21 ? lastBundle(list) : nil
            return .verdict(match: true, sdos: bound.map { bundle ?? observations[$0].id })
        } catch {
            return .error(error.description)
        }
    }

    private static func lastBundle(_ list: JSONValue) -> String? {
        var id: String?
        for (_, element) in list.elements where element.string("type") == "bundle" {
            id = element["id"]?.string?.string ?? id
        }
        return id
    }
}
