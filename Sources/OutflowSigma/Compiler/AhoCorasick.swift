// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Finds all of many literals in one pass over a text (Aho and Corasick, 1975).
///
/// Bytes that no literal holds share a class, so that a state's row has one entry a class; the rows are filled in for all
/// failures, so that each byte of text costs one look-up. Sets too large for that keep the tree and its failure links
/// instead, and follow those.
struct AhoCorasick: Sendable {
    /// Longest literal that is worth a path of its own; callers look for the first bytes of longer ones, then compare.
    static let cut = 48
    /// Rows are filled in up to this many bytes of memory.
    static let denseLimit = 48 << 20

    /// Class of each byte; 0 for those in no literal.
    private let classes: FrozenArray<UInt16>
    private let classCount: Int
    /// Filled rows: the next state times ``classCount``, with the top bit set where literals end. Empty for large sets.
    private let rows: FrozenArray<UInt32>
    /// Large sets: first edge of each state (sorted by class), and one more; then class and target of each edge.
    private let edgeStart: [UInt32]
    private let edgeClass: [UInt16]
    private let edgeTarget: [UInt32]
    private let failure: [UInt32]
    /// First output of each state, and one more.
    private let outputStart: FrozenArray<UInt32>
    /// Literals that end in the states, in the order of their numbers.
    private let outputs: FrozenArray<UInt32>

    private static let mark: UInt32 = 0x8000_0000

    /// An automaton for literals, none of them empty.
    init(_ literals: [[UInt8]]) {
        var isUsed = [Bool](repeating: false, count: 256)
        for literal in literals { for byte in literal { isUsed[Int(byte)] = true } }
        var classes = [UInt16](repeating: 0, count: 256)
        var count = 1
        for byte in 0..<256 where isUsed[byte] {
            classes[byte] = UInt16(count)
            count += 1
        }
        classCount = count
        self.classes = FrozenArray(classes)

        var tree = Tree()
        var ends: [UInt32] = []
        ends.reserveCapacity(literals.count)
        for literal in literals {
            var state: UInt32 = 0
            for byte in literal { state = tree.child(of: state, classes[Int(byte)]) }
            ends.append(state)
        }
        let order = tree.breadthFirst()
        var failure = [UInt32](repeating: 0, count: tree.count)
        for state in order.dropFirst() {
            let parent = tree.parent[Int(state)]
            guard parent != 0 else { continue }
            var fallback = failure[Int(parent)]
            while true {
                if let next = tree.existing(fallback, tree.label[Int(state)]) {
                    failure[Int(state)] = next
                    break
                }
                if fallback == 0 { break }
                fallback = failure[Int(fallback)]
            }
        }

        // Outputs of a state: its own literals, then those of its failure state.
        var own = [[UInt32]](repeating: [], count: tree.count)
        for (literal, state) in ends.enumerated() { own[Int(state)].append(UInt32(literal)) }
        for state in order.dropFirst() where !own[Int(failure[Int(state)])].isEmpty {
            own[Int(state)] += own[Int(failure[Int(state)])]
        }
        var outputStart: [UInt32] = []
        var outputs: [UInt32] = []
        for list in own {
            outputStart.append(UInt32(outputs.count))
            outputs += list
        }
        outputStart.append(UInt32(outputs.count))

        if tree.count * classCount * 4 <= Self.denseLimit {
            let width = classCount
            var rows = [UInt32](repeating: 0, count: tree.count * width)
            for state in order {
                let row = Int(state) * width
                if state != 0 {
                    let base = Int(failure[Int(state)]) * width
                    for index in 0..<width { rows[row + index] = rows[base + index] }
                }
                tree.forEachChild(of: state) { label, target in
                    rows[row + Int(label)] =
                        UInt32(Int(target) * width) | (own[Int(target)].isEmpty ? 0 : Self.mark)
                }
            }
            self.rows = FrozenArray(rows)
            edgeStart = []
            edgeClass = []
            edgeTarget = []
            self.failure = []
        } else {
            var starts: [UInt32] = []
            var labels: [UInt16] = []
            var targets: [UInt32] = []
            for state in 0..<UInt32(tree.count) {
                starts.append(UInt32(labels.count))
                var edges: [(UInt16, UInt32)] = []
                tree.forEachChild(of: state) { edges.append(($0, $1)) }
                for edge in edges.sorted(by: { $0.0 < $1.0 }) {
                    labels.append(edge.0)
                    targets.append(edge.1)
                }
            }
            starts.append(UInt32(labels.count))
            rows = FrozenArray([])
            edgeStart = starts
            edgeClass = labels
            edgeTarget = targets
            self.failure = failure
        }
        self.outputStart = FrozenArray(outputStart)
        self.outputs = FrozenArray(outputs)
    }

    /// Calls `hit` for each place where a literal ends, with its number and the place behind it.
    @inline(__always)
    func scan(_ text: Bytes, _ hit: (_ literal: Int, _ end: Int) -> Void) {
        if rows.count == 0 { return scanTree(text, hit) }
        let (rows, classes, start) = (rows.base, classes.base, text.start)
        var state = 0
        for at in 0..<text.count {
            let next = rows[state &+ Int(classes[Int(start[at])])]
            state = Int(next & ~Self.mark)
            if next & Self.mark != 0 { report(state / classCount, at &+ 1, hit) }
        }
    }

    private func report(_ state: Int, _ end: Int, _ hit: (Int, Int) -> Void) {
        for index in Int(outputStart[state])..<Int(outputStart[state + 1]) { hit(Int(outputs[index]), end) }
    }

    private func scanTree(_ text: Bytes, _ hit: (Int, Int) -> Void) {
        var state = 0
        for at in 0..<text.count {
            let label = classes[Int(text.start[at])]
            while true {
                if label != 0, let next = edge(state, label) {
                    state = next
                    break
                }
                if state == 0 { break }
                state = Int(failure[state])
            }
            if outputStart[state] != outputStart[state + 1] { report(state, at + 1, hit) }
        }
    }

    private func edge(_ state: Int, _ label: UInt16) -> Int? {
        var low = Int(edgeStart[state])
        var high = Int(edgeStart[state + 1])
        while low < high {
            let middle = (low + high) / 2
            if edgeClass[middle] < label { low = middle + 1 } else { high = middle }
        }
        return low < Int(edgeStart[state + 1]) && edgeClass[low] == label ? Int(edgeTarget[low]) : nil
    }

    /// The tree of all literals while it grows: children as linked lists, with a table for the crowded ones' look-ups.
    private struct Tree {
        var parent: [UInt32] = [0]
        var label: [UInt16] = [0]
        private var firstChild: [UInt32] = [0]
        private var sibling: [UInt32] = [0]
        /// Children of the root, by class: the root is crowded.
        private var rootChild = [UInt32](repeating: 0, count: 257)

        var count: Int { parent.count }

        func existing(_ state: UInt32, _ wanted: UInt16) -> UInt32? {
            if state == 0 { return rootChild[Int(wanted)] == 0 ? nil : rootChild[Int(wanted)] }
            var child = firstChild[Int(state)]
            while child != 0 {
                if label[Int(child)] == wanted { return child }
                child = sibling[Int(child)]
            }
            return nil
        }

        mutating func child(of state: UInt32, _ wanted: UInt16) -> UInt32 {
            if let found = existing(state, wanted) { return found }
            let made = UInt32(count)
            parent.append(state)
            label.append(wanted)
            firstChild.append(0)
            sibling.append(firstChild[Int(state)])
            firstChild[Int(state)] = made
            if state == 0 { rootChild[Int(wanted)] = made }
            return made
        }

        func forEachChild(of state: UInt32, _ body: (UInt16, UInt32) -> Void) {
            var child = firstChild[Int(state)]
            while child != 0 {
                body(label[Int(child)], child)
                child = sibling[Int(child)]
            }
        }

        func breadthFirst() -> [UInt32] {
            var order: [UInt32] = [0]
            order.reserveCapacity(count)
            var at = 0
            while at < order.count {
                forEachChild(of: order[at]) { order.append($1) }
                at += 1
            }
            return order
        }
    }
}
