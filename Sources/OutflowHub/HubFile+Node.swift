// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension HubFile {
    /// A piece of the file's text, not parsed yet, and where it stands, for messages.
    struct Node {
        let text: Bytes
        let path: String
        private let file: Bytes

        init(_ text: Bytes, _ path: String, _ kind: JSONSlices.Kind) throws {
            self.text = text
            self.path = path
            file = text
        }

        private init(_ text: Bytes, _ path: String, in file: Bytes) {
            self.text = text
            self.path = path
            self.file = file
        }

        func failure(_ words: String) -> HubFailure {
            HubFailure("\(path) (\(place(0))): \(words)")
        }

        /// Line, counted from 1, and byte in the file.
        private func place(_ offset: Int) -> String {
            let at = min(max(text.start - file.start + offset, 0), file.count)
            let lines = UnsafeBufferPointer(start: file.start, count: at).reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
            return "line \(lines), byte \(at)"
        }

        /// The members whose names are known; others are left alone, two of one name are an error.
        func members(known: Set<String>) throws -> [String: Node] {
            var members: [String: Node] = [:]
            do {
                var slices = try JSONSlices(text, .object)
                while let child = try slices.next() {
                    let name = child.key.string
                    guard known.contains(name) else { continue }
                    guard members[name] == nil else { throw failure("two members are called \(name)") }
                    members[name] = Node(child.value, path == "the file" ? name : "\(path).\(name)", in: file)
                }
            } catch let error as JSONSlices.Failure {
                throw HubFailure("\(path) (\(place(error.offset))): \(error.reason)")
            }
            return members
        }

        func need(_ name: String, _ members: [String: Node], or other: String? = nil) throws -> Node {
            guard let node = members[name] else {
                throw failure("there is no \(name)\(other.map { " and no \($0)" } ?? "")")
            }
            return node
        }

        func elements(_ body: (Node) throws -> Void) throws {
            do {
                var slices = try JSONSlices(text, .array)
                var index = 0
                while let child = try slices.next() {
                    try body(Node(child.value, "\(path)[\(index)]", in: file))
                    index += 1
                }
            } catch let error as JSONSlices.Failure {
                throw HubFailure("\(path) (\(place(error.offset))): \(error.reason)")
            }
        }

        func parsed(_ parser: JSONParser) throws -> JSONValue {
            do { return try parser.parse(copying: text) } catch { throw failure("not JSON: \(error)") }
        }

        func string(_ parser: JSONParser) throws -> String {
            guard let text = try parsed(parser).string else { throw failure("not a string") }
            return text.string
        }

        func optionalString(_ parser: JSONParser) throws -> String? {
            text == "null" ? nil : try string(parser)
        }

        func count(_ parser: JSONParser) throws -> Int {
            guard let value = try parsed(parser).unsigned, let count = Int(exactly: value) else {
                throw failure("not a whole number")
            }
            return count
        }

        func flag(_ parser: JSONParser) throws -> Bool {
            let value = try parsed(parser)
            guard value.kind == .bool, let flag = value.bool else { throw failure("neither true nor false") }
            return flag
        }
    }
}
