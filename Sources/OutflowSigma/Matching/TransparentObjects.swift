// SPDX-License-Identifier: Apache-2.0

/// Objects that are looked through: what stands in them is called as if it stood outside.
struct TransparentObjects: Sendable {
    /// Objects whose members are named as if they stood outside.
    let through: Set<String>
    /// Objects of which the same holds for the objects in them.
    let below: Set<String>

    /// The objects of a mapping; `x.*` stands for the objects in `x`.
    init(_ names: some Sequence<String>) {
        through = Set(names.filter { !$0.hasSuffix(".*") })
        below = Set(names.filter { $0.hasSuffix(".*") }.map { String($0.dropLast(2)) })
    }

    /// A field's name without the objects that are looked through: `winlog.event_data.Image` is `Image`, whoever names it.
    /// What ``DottedNames`` finds for names in records.
    func stripped(_ name: String) -> String {
        var base = name.startIndex
        var seesBelow = false
        for at in name.indices where name[at] == "." {
            let object = String(name[base..<at])
            if seesBelow || through.contains(object) { base = name.index(after: at) }
            seesBelow = below.contains(object)
        }
        // An object's own name is not nothing.
        return base == name.endIndex ? name : String(name[base...])
    }
}
