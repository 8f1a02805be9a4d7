// SPDX-License-Identifier: Apache-2.0

@testable import OutflowActivities
import OutflowJSON
import OutflowRecords

extension FuzzTarget {
    /// The walk over flat objects against simdjson: what the strict parser takes, the walk reads alike.
    static let json = FuzzTarget(name: "json") { input in
        var choices = Choices(input)
        let padding = Reading.chosen(by: &choices)
        input.withUnsafeBytes { text in
            padding.withCopy(of: Bytes(text)) { text in
                let arena = Arena()
                var walk = FlatJSON(text)
                var members: [(key: Bytes, value: Bytes, isString: Bool)] = []
                var step = walk.next()
                while step == .member {
                    members.append((FlatJSON.unescape(walk.key, arena), walk.value, walk.isString))
                    check(walk.at <= text.count, "behind the end")
                    step = walk.next()
                }
                let parser = JSONParser()
                guard let root = try? parser.parse(text), root.kind == .object else { return }
                check(step == .end, "the walk breaks at \(walk.at) of valid JSON")
                var index = 0
                for (key, value) in root.members {
                    check(index < members.count, "fewer members than there are")
                    let member = members[index]
                    check(member.key == key, "another key: \(member.key.string.debugDescription)")
                    check(member.isString == (value.kind == .string), "another kind of \(key.string.debugDescription)")
                    if let string = value.string {
                        check(
                            FlatJSON.unescape(member.value, arena) == string,
                            "another string: \(member.value.string.debugDescription)")
                    }
                    visit(value)
                    index += 1
                }
                check(index == members.count, "more members than there are")
            }
        }
    }

    /// Asks a value all that it can be asked.
    private static func visit(_ value: JSONValue) {
        if let count = value.count { check(count <= UInt64(Int64.max), "a count of \(count)") }
        _ = (value.unsigned, value.double, value.bool, value["a"]?.kind)
        for (_, element) in value.elements { visit(element) }
        for (_, member) in value.members { visit(member) }
    }
}
