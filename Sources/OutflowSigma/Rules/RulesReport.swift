// SPDX-License-Identifier: Apache-2.0

/// How many rules were loaded, and why others were not, as JSON: `{"loaded": N, "rejected": [{"path","id","reason"}]}`.
public enum RulesReport {
    /// The report of a set.
    public static func json(_ set: RuleSet) -> [UInt8] {
        var out = Array(#"{"loaded": \#(set.rules.count + set.correlations.steps.count), "rejected": ["#.utf8)
        for (index, rejected) in set.rejected.enumerated() {
            out.append(contentsOf: (index > 0 ? ",\n" : "\n").utf8)
            out.append(contentsOf: #"  {"path": "#.utf8)
            MatchLine.string(rejected.path, &out)
            out.append(contentsOf: #", "id": "#.utf8)
            if let id = rejected.id { MatchLine.string(id, &out) } else { out.append(contentsOf: "null".utf8) }
            out.append(contentsOf: #", "reason": "#.utf8)
            MatchLine.string(rejected.problem.description, &out)
            out.append(UInt8(ascii: "}"))
        }
        out.append(contentsOf: "]}\n".utf8)
        return out
    }
}
