// SPDX-License-Identifier: Apache-2.0

/// An ATT&CK technique or sub-technique: how an adversary does something.
public struct AttackTechnique: Sendable, Hashable {
    /// `T1048`, or `T1048.002` for a sub-technique.
    public let id: String
    /// Its current name; that of a sub-technique with that of its technique, as ATT&CK writes it:
    /// "Exfiltration Over Alternative Protocol: Exfiltration Over Asymmetric Encrypted Non-C2 Protocol".
    public let name: String
    /// The name of a sub-technique without that of its technique; of a technique its name.
    public let subName: String
    /// What it serves, in the order of the matrix.
    public let tactics: [Tactic]

    /// Version of ATT&CK that the table follows.
    public static let attackVersion = "19"

    /// The technique called `id`; of a sub-technique that the table lacks, its technique. Nil for anything else.
    public static func named(_ id: String) -> AttackTechnique? {
        if let known = byID[id] { return known }
        guard let dot = id.firstIndex(of: ".") else { return nil }
        return byID[String(id[..<dot])]
    }

    /// All techniques of the table, in order of id.
    public static let all: [AttackTechnique] = {
        let tactics = Dictionary(uniqueKeysWithValues: Tactic.allCases.map { ($0.code[...], $0) })
        var all: [AttackTechnique] = []
        var parent = ""
        for line in String(describing: table).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 2)
            let isSub = parts[0].contains(".")
            if !isSub { parent = String(parts[2]) }
            all.append(
                AttackTechnique(
                    id: String(parts[0]), name: isSub ? "\(parent): \(parts[2])" : parent,
                    subName: String(parts[2]),
                    tactics: parts[1].split(separator: ",").compactMap { tactics[$0] }))
        }
        return all
    }()

    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
}

extension Tactic {
    /// The tactic under which a finding with these techniques is told. A technique may serve several: its first in the
    /// order of the matrix counts. Of several techniques, the one that reaches furthest counts. Nil if none is known.
    public static func of(_ techniques: [String]) -> Tactic? {
        techniques.compactMap { AttackTechnique.named($0)?.tactics.first }.max()
    }
}
