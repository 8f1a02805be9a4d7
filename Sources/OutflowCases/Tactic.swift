// SPDX-License-Identifier: Apache-2.0

/// An ATT&CK tactic: why an adversary does something. In the order of the Enterprise matrix, in which stories are told.
///
/// Source: MITRE ATT&CK for Enterprise, version 19 (April 2026), which split Defense Evasion into Stealth and Defense
/// Impairment: https://attack.mitre.org/tactics/enterprise/.
public enum Tactic: String, Sendable, Hashable, Comparable, CaseIterable {
    case reconnaissance = "Reconnaissance"
    case resourceDevelopment = "Resource Development"
    case initialAccess = "Initial Access"
    case execution = "Execution"
    case persistence = "Persistence"
    case privilegeEscalation = "Privilege Escalation"
    case stealth = "Stealth"
    case defenseImpairment = "Defense Impairment"
    case credentialAccess = "Credential Access"
    case discovery = "Discovery"
    case lateralMovement = "Lateral Movement"
    case collection = "Collection"
    case commandAndControl = "Command and Control"
    case exfiltration = "Exfiltration"
    case impact = "Impact"

    /// Its name, as ATT&CK writes it.
    public var name: String { rawValue }

    /// Its id, as `TA0010`.
    public var id: String {
        switch self {
        case .reconnaissance: "TA0043"
        case .resourceDevelopment: "TA0042"
        case .initialAccess: "TA0001"
        case .execution: "TA0002"
        case .persistence: "TA0003"
        case .privilegeEscalation: "TA0004"
        case .stealth: "TA0005"
        case .defenseImpairment: "TA0112"
        case .credentialAccess: "TA0006"
        case .discovery: "TA0007"
        case .lateralMovement: "TA0008"
        case .collection: "TA0009"
        case .commandAndControl: "TA0011"
        case .exfiltration: "TA0010"
        case .impact: "TA0040"
        }
    }

    /// Two letters, for the table of techniques.
    var code: String {
        switch self {
        case .reconnaissance: "re"
        case .resourceDevelopment: "rd"
        case .initialAccess: "ia"
        case .execution: "ex"
        case .persistence: "pe"
        case .privilegeEscalation: "pr"
        case .stealth: "st"
        case .defenseImpairment: "di"
        case .credentialAccess: "ca"
        case .discovery: "ds"
        case .lateralMovement: "lm"
        case .collection: "co"
        case .commandAndControl: "cc"
        case .exfiltration: "ef"
        case .impact: "im"
        }
    }

    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// In the order of the matrix.
    public static func < (one: Tactic, other: Tactic) -> Bool { one.rank < other.rank }
}
