// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What a source's values are called in rules: `S-1-16-12288` is `High`.
final class ValueMap: @unchecked Sendable {  // Never written after init.
    private let entries: [(value: [UInt8], name: Bytes)]
    private let memory: UnsafeMutablePointer<UInt8>

    /// A map of values, whose case does not matter, to names.
    init(_ values: [String: String]) {
        let size = values.values.reduce(0) { $0 + $1.utf8.count }
        memory = .allocate(capacity: size + 64)
        memory.initialize(repeating: 0, count: size + 64)
        var entries: [(value: [UInt8], name: Bytes)] = []
        var at = 0
        for (value, name) in values.sorted(by: { $0.key < $1.key }) {
            let bytes = Array(name.utf8)
            for (index, byte) in bytes.enumerated() { memory[at + index] = byte }
            entries.append(
                (CaseFolding.fold(Array(value.utf8)), Bytes(start: UnsafePointer(memory + at), count: bytes.count)))
            at += bytes.count
        }
        self.entries = entries
    }

    deinit { memory.deallocate() }

    /// The name of a (folded) value; nil for one that has none.
    func name(of folded: Bytes) -> Bytes? {
        entries.first { $0.value.withUnsafeBytes { Bytes($0) == folded } }?.name
    }
}
