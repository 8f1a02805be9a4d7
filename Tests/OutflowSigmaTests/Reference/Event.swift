// SPDX-License-Identifier: Apache-2.0

/// A record as the reference evaluator sees it: a JSON value.
indirect enum Event: Hashable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case list([Event])
    case object([Member])

    struct Member: Hashable {
        var name: String
        var value: Event
    }

    /// JSON text; strings are escaped in the way that `style` chooses, as writers differ.
    func json(style: Int = 0) -> String {
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let text): return text
        case .string(let text): return Self.quoted(text, style)
        case .list(let values): return "[" + values.map { $0.json(style: style) }.joined(separator: ", ") + "]"
        case .object(let members):
            return "{"
                + members.map { Self.quoted($0.name, 0) + ":" + $0.value.json(style: style) }.joined(separator: ",")
                + "}"
        }
    }

    private static func quoted(_ text: String, _ style: Int) -> String {
        var out = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: out += "\\\""
            case 0x5C: out += "\\\\"
            case 0x2F where style == 1: out += "\\/"
            case 0x0A where style == 0: out += "\\n"
            case _ where unit < 0x20 || (style == 1 && (unit > 0x7E || unit % 7 == 0)) || style == 2:
                let hex = String(unit, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default:
                out += unit < 0x80 ? String(UnicodeScalar(UInt8(unit))) : ""
                if unit >= 0x80 {
                    out +=
                        "\\u" + String(repeating: "0", count: 4 - String(unit, radix: 16).count)
                        + String(unit, radix: 16)
                }
            }
        }
        return out + "\""
    }

    /// All values of a field by its dotted name, through objects and lists. An empty list is there without a value.
    func values(_ name: String) -> [Event] {
        guard case .object(let members) = self else { return [] }
        return members.flatMap { member -> [Event] in
            var found: [Event] = []
            if member.name == name { found += member.value.elements }
            if name.hasPrefix(member.name + ".") {
                for element in member.value.elements {
                    found += element.values(String(name.dropFirst(member.name.count + 1)))
                }
            }
            return found
        }
    }

    /// A list's elements, all the way down; of an empty one, itself; of anything else, itself.
    private var elements: [Event] {
        guard case .list(let values) = self, !values.isEmpty else { return [self] }
        return values.flatMap(\.elements)
    }

    /// All scalars.
    var scalars: [Event] {
        switch self {
        case .list(let values): values.flatMap(\.scalars)
        case .object(let members): members.flatMap(\.value.scalars)
        default: [self]
        }
    }

    /// What rules compare: the text of anything but null, objects and empty lists.
    var text: String? {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .number(let text):
            Double(text).flatMap { $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int($0))" : nil } ?? text
        case .string(let text): text
        case .object: json()
        case .null, .list: nil
        }
    }
}
