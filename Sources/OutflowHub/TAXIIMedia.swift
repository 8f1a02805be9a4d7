// SPDX-License-Identifier: Apache-2.0

/// Media types of TAXII (TAXII 2.1, section 1.6.8), and whether a client takes or sends ours.
enum TAXIIMedia {
    static let taxii = "application/taxii+json;version=2.1"

    static func stix(_ spec: Int) -> String { "application/stix+json;version=\(SpecVersion.format(spec))" }

    /// Whether an Accept header allows ``taxii`` (RFC 9110, section 12.5.1): the most specific range that matches
    /// decides, and a weight of 0 means "not this". TAXII demands the header; without one nothing is allowed.
    static func isAcceptable(_ accept: String?) -> Bool {
        guard let accept else { return false }
        var best: (specificity: Int, isAllowed: Bool)?
        for range in split(accept, at: ",") {
            let parts = split(range, at: ";")
            guard let type = parts.first?.lowercased(), let name = specificity(type) else { continue }
            var specificity = name
            var weight = 1.0
            var matches = true
            for parameter in parts.dropFirst() {
                let (key, value) = pair(parameter)
                if key == "q" {
                    guard let number = Double(value), (0...1).contains(number) else {
                        matches = false
                        break
                    }
                    weight = number
                    // What follows the weight is an extension of Accept, not part of the media type.
                    break
                }
                // Of our parameters only the version is known.
                guard key == "version", name == 2, value == "2.1" else {
                    matches = false
                    break
                }
                specificity = 3
            }
            guard matches else { continue }
            if let known = best, known.specificity > specificity { continue }
            // Of two that are equally specific either may allow it.
            let other = best?.specificity == specificity && best?.isAllowed == true
            best = (specificity, weight > 0 || other)
        }
        return best?.isAllowed ?? false
    }

    /// Whether a Content-Type header is ours; without a version the latest is meant.
    static func isContent(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let parts = split(contentType, at: ";")
        guard parts.first?.lowercased() == "application/taxii+json" else { return false }
        return parts.dropFirst().allSatisfy { parameter in
            let (key, value) = pair(parameter)
            return key == "version" ? value == "2.1" : key == "charset" && value.lowercased() == "utf-8"
        }
    }

    private static func specificity(_ type: String) -> Int? {
        switch type {
        case "application/taxii+json": 2
        case "application/*": 1
        case "*/*": 0
        default: nil
        }
    }

    private static func pair(_ parameter: String) -> (key: String, value: String) {
        guard let equals = parameter.firstIndex(of: "=") else { return (parameter.lowercased(), "") }
        var value = parameter[parameter.index(after: equals)...]
        if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
        return (parameter[..<equals].lowercased(), String(value.filter { $0 != "\\" }))
    }

    /// The parts between separators, quoted strings kept whole, without spaces at their ends.
    private static func split(_ text: String, at separator: Character) -> [String] {
        var parts: [String] = []
        var part = ""
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == separator, !isQuoted {
                parts.append(part)
                part = ""
                continue
            }
            part.append(character)
        }
        parts.append(part)
        return parts.map {
            String($0.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
        .filter { !$0.isEmpty }
    }
}
