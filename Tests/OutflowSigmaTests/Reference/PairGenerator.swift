// SPDX-License-Identifier: Apache-2.0

/// Makes rules and records that have a fair chance to match: few fields, few words, all modifiers.
struct PairGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
    private mutating func one<Element>(of list: [Element]) -> Element { list[below(list.count)] }
    private mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    private static let fields = ["F", "G", "H.I", "K", "a.b"]
    private static let pieces = [
        "a", "b", "ab", "A", "B", "-", "/", "\u{2013}", "\\", "\\\\", " ", "ä", "Ä", "7", ".exe", "é", "İ", "ſ",
        "\u{1F600}",
        "%", "'", "\"", "\n", "true", "null", "10.0.0.1", "cmd", "-e ", "YWI", "x",
    ]
    private static let marks = ["*", "?", "\\*", "\\?", "\\\\*", "*", "*"]
    private static let dates = [
        "2024-08-02T13:05:00Z", "2021-01-03T00:59:00Z", "2020-12-31T23:00:00Z", "2024-02-29T06:30:00Z",
    ]

    private mutating func text(_ most: Int, wildcards: Bool = false) -> String {
        var text = ""
        for _ in 0..<below(most + 1) {
            text += wildcards && chance(25) ? one(of: Self.marks) : one(of: Self.pieces)
        }
        return text
    }

    // MARK: Records

    mutating func event() -> Event {
        var members: [Event.Member] = []
        for field in ["F", "G", "K", "a.b"] where chance(75) {
            members.append(Event.Member(name: field, value: value(2)))
        }
        if chance(75) {
            let inner = Event.object([
                Event.Member(name: "I", value: value(2)), Event.Member(name: "J", value: value(0)),
            ])
            members.append(Event.Member(name: "H", value: chance(20) ? .list([inner, inner]) : inner))
        }
        if chance(10) { members.append(Event.Member(name: "F", value: value(0))) }
        return .object(members)
    }

    private mutating func value(_ depth: Int) -> Event {
        switch below(20) {
        case 0: .null
        case 1: .bool(chance(50))
        case 2, 3: .number(one(of: ["5", "5.0", "-1.5", "7", "100", "1e2", "0", "-0"]))
        case 4: .string(one(of: Self.dates))
        case 5: .string(one(of: ["10.0.0.1", "10.0.1.9", "192.168.7.7", "::1", "5", "true", "", "100"]))
        case 6 where depth > 0: .list((0..<below(4)).map { _ in value(depth - 1) })
        default: .string(text(4))
        }
    }

    // MARK: Rules

    mutating func rule() -> String {
        var body = ""
        var names: [String] = []
        for name in ["sel1", "sel2", "_x", "filter1"] where names.isEmpty || chance(60) {
            names.append(name)
            body += "    \(name):\n" + search()
        }
        let condition =
            chance(10) ? "[\(self.condition(names, 2)), \(self.condition(names, 2))]" : self.condition(names, 3)
        return "title: t\nlogsource:\n    category: test\ndetection:\n\(body)    condition: \(condition)\n"
    }

    private mutating func condition(_ names: [String], _ depth: Int) -> String {
        switch below(depth > 0 ? 8 : 2) {
        case 0: return one(of: names)
        case 1:
            var patterns = ["sel*", "*1", "_x"].filter { pattern in
                names.contains { name in
                    pattern == "_x" ? name == "_x" : pattern == "sel*" ? name.hasPrefix("sel") : name.hasSuffix("1")
                }
            }
            if names.contains(where: { !$0.hasPrefix("_") }) { patterns.append("them") }
            return "\(chance(50) ? "1" : "all") of \(one(of: patterns))"
        case 2, 3: return "\(condition(names, depth - 1)) and \(condition(names, depth - 1))"
        case 4, 5: return "\(condition(names, depth - 1)) or \(condition(names, depth - 1))"
        case 6: return "not \(chance(50) ? one(of: names) : "(\(condition(names, depth - 1)))")"
        default: return "(\(condition(names, depth - 1)))"
        }
    }

    private mutating func search() -> String {
        switch below(10) {
        case 0: return (0...below(3)).map { _ in "        - \(quoted(text(2, wildcards: true) + "a"))\n" }.joined()
        case 1:
            return "        '|all':\n" + (0...below(2)).map { _ in "            - \(quoted("b" + text(1)))\n" }.joined()
        case 2, 3:
            // A list of maps.
            return (0...below(2)).map { _ in
                items().enumerated().map { "        \($0 == 0 ? "- " : "  ")\($1)\n" }.joined()
            }.joined()
        default: return items().map { "        \($0)\n" }.joined()
        }
    }

    private mutating func items() -> [String] {
        var seen: Set<String> = []
        return (0...below(3)).compactMap { _ in
            let (key, value) = item()
            return seen.insert(key).inserted ? "\(key): \(value)" : nil
        }
    }

    private mutating func item() -> (key: String, value: String) {
        let field = one(of: Self.fields)
        switch below(24) {
        case 0: return ("\(field)|exists", chance(50) ? "true" : "false")
        case 1: return (field, "null")
        case 2: return (field, one(of: ["5", "5.0", "true", "false", "-1.5", "100", "''", "'5'"]))
        case 3: return ("\(field)|\(one(of: ["lt", "lte", "gt", "gte"]))", one(of: ["5", "-2", "99.5"]))
        case 4: return ("\(field)|cidr", one(of: ["10.0.0.0/8", "10.0.0.0/24", "192.168.7.7/32", "0.0.0.0/0"]))
        case 5:
            let part = one(of: ["minute", "hour", "day", "week", "month", "year"])
            return chance(50)
                ? ("\(field)|\(part)", one(of: ["5", "13", "2", "53", "8", "2024", "0"]))
                : ("\(field)|\(part)|\(one(of: ["lt", "gte"]))", one(of: ["6", "30", "2021"]))
        case 6:
            return (
                "\(field)|fieldref\(one(of: ["", "|startswith", "|endswith", "|contains", "|cased"]))",
                one(of: Self.fields)
            )
        case 7:
            return (
                "\(field)|re\(one(of: ["", "|i", "|s", "|m", "|i|s"]))",
                quoted(
                    one(of: ["a.b", "^a", "b$", "a+b?", "(a|cmd)-", "[0-9]{2,}", "x\\.exe", "^.*7", "AB", "a(?!b)"]))
            )
        case 8: return ("\(field)|base64offset|contains", quoted(one(of: ["ab", "abc", "a", "cmd"]) + text(1)))
        case 9: return ("\(field)|base64", quoted(one(of: ["ab", "a", "abc"])))
        case 10: return ("\(field)|wide|base64offset|contains", quoted(one(of: ["a", "ab"])))
        case 11: return ("\(field)|contains|windash", quoted(text(2) + "-" + text(1)))
        case 12: return ("\(field)|windash", quoted(text(1) + "/e" + text(1)))
        default:
            let shape = one(of: [
                "", "|contains", "|startswith", "|endswith", "|contains|cased", "|cased", "|endswith|cased",
            ])
            let join = one(of: ["", "", "|all", "|neq"])
            let count = join == "|all" ? 2 : 1 + below(4)
            let values = (0..<count).map { _ in quoted(text(3, wildcards: true)) }
            return ("\(field)\(shape)\(join)", values.count == 1 ? values[0] : "[\(values.joined(separator: ", "))]")
        }
    }

    /// A YAML scalar in double quotes.
    private func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": out += "\\\(scalar)"
            case "\n": out += "\\n"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
