// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Lists of what is harmless (MISP warninglist format): a hit on it is shown with the list's name, and raises no suspicion.
public struct AllowLists: Sendable {
    fileprivate struct List: Sendable {
        var name: String
        /// Kinds of indicators that it is about (`matching_attributes`); nil for all.
        var kinds: Set<Indicator.Kind>?
        var strings: Set<[UInt8]> = []
        var hostnames: Set<[UInt8]> = []
        var substrings: [String] = []
        var networks: [Network] = []
        var expressions: [(text: String, regex: PatternRegex)] = []
    }

    private var lists: [List] = []

    /// No lists.
    public init() {}

    /// Names of the lists.
    public var names: [String] { lists.map(\.name) }

    /// Whether a document is a warninglist. Source: MISP/misp-warninglists, schema.json.
    static func recognises(_ root: JSONValue) -> Bool {
        root["list"]?.kind == .array && root["name"]?.kind == .string
            && ["string", "substring", "hostname", "cidr", "regex"].contains(root.string("type").string)
    }

    /// Whether there is none.
    public var isEmpty: Bool { lists.isEmpty }

    /// Adds all of others, but those that are here already.
    mutating func add(_ others: AllowLists) {
        for list in others.lists where !lists.contains(where: { $0.encoded == list.encoded }) { lists.append(list) }
    }

    /// Adds a list; what it holds that is no value of its type goes to `rejected`.
    mutating func add(_ root: JSONValue, _ rejected: inout Rejections) {
        var list = List(name: root.string("name").string)
        let type = root.string("type").string
        let attributes = root["matching_attributes"]?.elements ?? .none
        if root["matching_attributes"]?.kind == .array {
            // A list for types that we do not know is about nothing here.
            list.kinds = Set(
                attributes.flatMap { MISPReader.kinds[$0.value.string?.string ?? ""] ?? [] }.compactMap { $0 })
            if list.kinds?.contains(.address) == true { list.kinds?.insert(.network) }
        }
        for (number, element) in (root["list"]?.elements ?? .none).enumerated() {
            let text = element.value.string?.string ?? ""
            if !list.add(text, type) {
                rejected.add(Rejection(offset: UInt64(number), reason: "'\(text.prefix(80))' is no \(type)"))
            }
        }
        lists.append(list)
    }

    /// The name of the first list, in order of names, that has the value; nil if none does.
    public func name(of kind: Indicator.Kind, _ value: [UInt8]) -> String? {
        lists.filter { $0.has(kind, value) }.map(\.name).min()
    }
}

extension AllowLists.List {
    /// Adds an entry; false when it is none of its type.
    fileprivate mutating func add(_ text: String, _ type: String) -> Bool {
        switch type {
        case "string":
            // Addresses and names in the form that indicators have, anything else as it stands.
            strings.insert(IndicatorText.classify(text)?.1 ?? Array(text.lowercased().utf8))
        case "hostname":
            guard let name = IndicatorText.domain(text) ?? InternationalName.ascii(text[...]) else { return false }
            hostnames.insert(name.first == UInt8(ascii: ".") ? Array(name.dropFirst()) : name)
        case "substring":
            guard !text.isEmpty else { return false }
            substrings.append(text.lowercased())
        case "cidr":
            guard let network = Network(loosely: text) else { return false }
            networks.append(network)
        case "regex":
            // MISP writes them as /expression/flags, or bare.
            var expression = text
            if expression.hasPrefix("/"), let end = expression.lastIndex(of: "/"), end > expression.startIndex {
                let flags = expression[expression.index(after: end)...]
                expression = String(expression[expression.index(after: expression.startIndex)..<end])
                if flags.contains("i") { expression = "(?i)" + expression }
            }
            guard let regex = try? PatternRegex(expression, .init(line: 1, column: 1)) else { return false }
            expressions.append((expression, regex))
        default: return false
        }
        return true
    }

    fileprivate func has(_ kind: Indicator.Kind, _ value: [UInt8]) -> Bool {
        if let kinds, !kinds.contains(kind) { return false }
        if strings.contains(value) { return true }
        switch kind {
        case .address: if networks.contains(where: { $0.contains(IPAddress(bytes: value[...])) }) { return true }
        case .network:
            let network = Network(IPAddress(bytes: value[..<16]), prefixLength: Int(min(value[16], 128)))
            if networks.contains(where: { $0.contains(network) }) { return true }
        case .domain: if hasHost(value[...]) { return true }
        case .url:
            let host = value.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
            if hasHost(host) { return true }
        case .mail:
            if let at = value.lastIndex(of: UInt8(ascii: "@")), hasHost(value[(at + 1)...]) { return true }
        default: break
        }
        let text = Indicator.text(kind, value).lowercased()
        if substrings.contains(where: { text.range(of: $0) != nil }) { return true }
        return expressions.contains { (try? $0.regex.matches(text)) ?? false }
    }

    /// Whether a name, or one that it lies under, is on the list.
    private func hasHost(_ name: ArraySlice<UInt8>) -> Bool {
        if hostnames.isEmpty { return false }
        var rest = name
        while true {
            if hostnames.contains(Array(rest)) { return true }
            guard let dot = rest.firstIndex(of: UInt8(ascii: ".")) else { return false }
            rest = rest[(dot + 1)...]
        }
    }
}

extension AllowLists.List {
    /// What a compiled set keeps of it.
    fileprivate var encoded: [UInt8] {
        var blob = BlobWriter()
        blob.text(name)
        blob.number(kinds.map { UInt64($0.count) + 1 } ?? 0)
        for kind in (kinds ?? []).map(\.rawValue).sorted() { blob.byte(kind) }
        func write(_ texts: [[UInt8]]) {
            blob.number(UInt64(texts.count))
            for text in texts { blob.append(text) }
        }
        write(strings.sorted { $0.lexicographicallyPrecedes($1) })
        write(hostnames.sorted { $0.lexicographicallyPrecedes($1) })
        write(substrings.sorted().map { Array($0.utf8) })
        write(networks.map { Array($0.description.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
        write(expressions.map(\.text).sorted().map { Array($0.utf8) })
        return blob.bytes
    }

    fileprivate init?(from reader: inout BlobReader) {
        guard let name = reader.text(), let kinds = reader.number(), kinds <= 64 else { return nil }
        self.init(name: name)
        if kinds > 0 {
            var known: Set<Indicator.Kind> = []
            for _ in 1..<kinds {
                guard let kind = reader.byte().flatMap(Indicator.Kind.init(rawValue:)) else { return nil }
                known.insert(kind)
            }
            self.kinds = known
        }
        for part in 0..<5 {
            guard let count = reader.number() else { return nil }
            for _ in 0..<count {
                guard let value = reader.view() else { return nil }
                switch part {
                case 0: strings.insert(value.array)
                case 1: hostnames.insert(value.array)
                case 2: substrings.append(value.string)
                case 3:
                    guard let network = Network(value.string) else { return nil }
                    networks.append(network)
                default:
                    guard let regex = try? PatternRegex(value.string, .init(line: 1, column: 1)) else { return nil }
                    expressions.append((value.string, regex))
                }
            }
        }
    }
}

extension AllowLists {
    /// Writes the lists for a compiled set.
    func write(into blob: inout BlobWriter) {
        blob.number(UInt64(lists.count))
        for list in lists { blob.raw(list.encoded) }
    }

    /// Reads what ``write(into:)`` wrote; nil when it is damaged.
    init?(from reader: inout BlobReader) {
        guard let count = reader.number() else { return nil }
        for _ in 0..<count {
            guard let list = List(from: &reader) else { return nil }
            lists.append(list)
        }
    }
}

extension String {
    func range(of text: String) -> Range<Index>? { self[...].range(of: text) }
}
