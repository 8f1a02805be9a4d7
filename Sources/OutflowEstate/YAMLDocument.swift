// SPDX-License-Identifier: Apache-2.0

import Yams

/// Turns the bytes of a file into YAML nodes with places, or says why that cannot be.
///
/// All scalars stay text: `012345678912` is an account number, not an octal one. Files over 1 MiB, text that is not
/// UTF-8, control characters, and aliases (which let a small file unfold into a huge one) are refused.
package enum YAMLDocument {
    package static let sizeLimit = 1 << 20

    /// The root node, nil for a document without any, or the error.
    package static func root(of bytes: [UInt8], file: String) throws(ConfigurationError) -> Node? {
        guard bytes.count <= sizeLimit else {
            throw ConfigurationError(
                file: file, position: .init(line: 1, column: 1),
                message: "the file has \(bytes.count) bytes", hint: "a configuration file may have 1 MiB at most")
        }
        let text = try text(of: bytes, file: file)
        if let position = firstAlias(in: text) {
            throw ConfigurationError(
                file: file, position: position, message: "anchors and aliases are not allowed",
                hint: "write the value out; quote it if it is meant to begin with \"&\" or \"*\"")
        }
        do {
            // Without rules the resolver leaves every scalar a string, and costs nothing.
            return try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch let error as YamlError {
            throw self.error(error, file: file)
        } catch {
            throw ConfigurationError(file: file, position: nil, message: "not readable as YAML: \(error)")
        }
    }

    /// The text without byte order mark. Refuses what YAML 1.2 section 5.1 does not allow.
    private static func text(of bytes: [UInt8], file: String) throws(ConfigurationError) -> String {
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        var position = ConfigurationError.Position(line: 1, column: 1)
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .emptyInput:
                return String(decoding: bytes, as: UTF8.self)
            case .error:
                throw ConfigurationError(
                    file: file, position: position, message: "bytes that are not UTF-8", hint: "save the file as UTF-8")
            case .scalarValue(let scalar):
                switch scalar.value {
                case 0x0A:
                    position = .init(line: position.line + 1, column: 1)
                case 0x09, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF:
                    position.column += 1
                default:
                    throw ConfigurationError(
                        file: file, position: position,
                        message:
                            "character U+\(String(scalar.value, radix: 16, uppercase: true)) is not allowed in YAML",
                        hint: "write it with an escape in double quotes")
                }
            }
        }
    }

    /// Where an alias stands that an anchor of the same name might belong to.
    ///
    /// It looks at the bare text, also at comments and quotes, so it may see an alias where there is none (only in a
    /// file that has both `&name` and `*name`), but never misses one. That matters because the parser unfolds aliases
    /// in keys.
    private static func firstAlias(in text: String) -> ConfigurationError.Position? {
        // The characters of a name, as libyaml takes them (src/scanner.c, yaml_parser_scan_anchor).
        func isName(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        let bytes = Array(text.utf8)
        func names(after mark: UInt8) -> [(name: ArraySlice<UInt8>, at: Int)] {
            bytes.indices.filter { bytes[$0] == mark }.compactMap { at in
                let name = bytes[(at + 1)...].prefix(while: isName)
                return name.isEmpty ? nil : (name, at)
            }
        }
        let anchors = Set(names(after: UInt8(ascii: "&")).map { $0.name })
        guard let alias = names(after: UInt8(ascii: "*")).first(where: { anchors.contains($0.name) }) else {
            return nil
        }
        let before = bytes[..<alias.at]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return .init(line: line, column: String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1)
    }

    private static func error(_ error: YamlError, file: String) -> ConfigurationError {
        func at(_ mark: Mark) -> ConfigurationError.Position { .init(line: mark.line, column: mark.column) }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            if let context, context.text.hasSuffix("scanning an alias") || context.text.hasSuffix("scanning an anchor")
            {
                return ConfigurationError(
                    file: file, position: at(context.mark), message: "a bare value may not begin with \"*\" or \"&\"",
                    hint: "put it in quotes, as in path: \"*.log\"")
            }
            if problem == "found undefined alias" {
                return ConfigurationError(
                    file: file, position: at(mark), message: "a bare value may not begin with \"*\"",
                    hint: "put it in quotes, as in path: \"*.log\"")
            }
            if problem.contains("found another document") {
                return ConfigurationError(
                    file: file, position: at(mark), message: "a second document begins here",
                    hint: "keep one document a file")
            }
            return ConfigurationError(file: file, position: at(mark), message: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.prefix(5).map { quoted($0) }.joined(separator: ", ")
            return ConfigurationError(
                file: file, position: at(context.mark),
                message: keys.count == 1
                    ? "key \(names) stands here more than once" : "keys \(names) stand here more than once",
                hint: "join their values under one key")
        default:
            return ConfigurationError(file: file, position: nil, message: "not readable as YAML: \(error)")
        }
    }
}
