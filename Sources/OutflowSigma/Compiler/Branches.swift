// SPDX-License-Identifier: Apache-2.0

/// A condition as a sequence of branches: ask one fact, go on here or there. Targets lie before the branch, so that each
/// run ends; a run asks each fact at most once and knows no stack.
struct Branch: Sendable {
    /// End of a run: the condition holds.
    static let accept: Int32 = -1
    /// End of a run: it does not.
    static let reject: Int32 = -2

    /// The fact to ask.
    var atom: AtomNumber
    /// Where to go on when it holds.
    var ifTrue: Int32
    /// Where to go on when it does not.
    var ifFalse: Int32
}

/// A rule's condition over facts, before it becomes branches.
indirect enum FactExpression {
    case all([FactExpression])
    case any([FactExpression])
    case not(FactExpression)
    case fact(AtomNumber)
}

extension Array where Element == Branch {
    /// Adds the branches of an expression; returns where a run begins.
    mutating func append(_ expression: FactExpression, ifTrue: Int32, ifFalse: Int32) -> Int32 {
        switch expression {
        case .fact(let atom):
            append(Branch(atom: atom, ifTrue: ifTrue, ifFalse: ifFalse))
            return Int32(count - 1)
        case .not(let part):
            return append(part, ifTrue: ifFalse, ifFalse: ifTrue)
        case .all(let parts):
            return parts.reversed().reduce(ifTrue) { append($1, ifTrue: $0, ifFalse: ifFalse) }
        case .any(let parts):
            return parts.reversed().reduce(ifFalse) { append($1, ifTrue: ifTrue, ifFalse: $0) }
        }
    }
}
