// SPDX-License-Identifier: Apache-2.0

/// Traffic Light Protocol, version 2.0 (FIRST, August 2022): who may see something.
public enum TLP: UInt8, Sendable, Hashable, Comparable, CaseIterable {
    /// No limit on disclosure. In version 1: WHITE.
    case clear
    /// The community of the recipient.
    case green
    /// The organisation of the recipient and its clients, who need to know.
    case amber
    /// The organisation of the recipient only.
    case amberStrict
    /// The recipients who are named, and nobody else.
    case red

    /// As it is written: `TLP:AMBER+STRICT`.
    public var label: String {
        switch self {
        case .clear: "TLP:CLEAR"
        case .green: "TLP:GREEN"
        case .amber: "TLP:AMBER"
        case .amberStrict: "TLP:AMBER+STRICT"
        case .red: "TLP:RED"
        }
    }

    /// Reads `TLP:AMBER+STRICT`, `tlp:amber`, `white`, in any case; nil for anything else. WHITE of version 1 is CLEAR; its
    /// other colours mean what they mean in version 2.
    public init?(_ text: String) {
        var word = text.lowercased()
        if word.hasPrefix("tlp:") { word.removeFirst(4) }
        switch word {
        case "clear", "white": self = .clear
        case "green": self = .green
        case "amber": self = .amber
        case "amber+strict", "amber-strict", "amber_strict": self = .amberStrict
        case "red": self = .red
        default: return nil
        }
    }

    /// The more restrictive of two.
    public static func < (one: TLP, other: TLP) -> Bool { one.rawValue < other.rawValue }
}
