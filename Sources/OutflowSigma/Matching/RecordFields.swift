// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// The values of one record, by slot: what a reader fills in and rules look at. It belongs to one thread, is cleared
/// after each record, and allocates nothing once it has grown.
///
/// Values are views of the record as it is written; escapes are undone, and case is folded, only when a rule looks.
public final class RecordFields {
    /// What kind of value it is.
    enum Kind: UInt8 {
        /// Explicitly nothing.
        case null
        /// `true` or `false`.
        case bool
        /// A number as it is written.
        case number
        /// Text as it is meant.
        case string
        /// Text with JSON escapes in it.
        case escaped
        /// An object, as JSON text.
        case object
        /// There, and nothing else: a list without elements; an object of which only the members are looked at.
        case bare

        /// The same kind, in the words of readers.
        init(_ kind: EventFields.Kind) {
            switch kind {
            case .null: self = .null
            case .bool: self = .bool
            case .number: self = .number
            case .string: self = .string
            case .escapedString: self = .escaped
            }
        }
    }

    struct Value {
        var raw: Bytes
        /// The text that ``raw`` means; its start is nil until somebody asked.
        var textStart: UnsafePointer<UInt8>?
        var textCount = 0
        var foldedStart: UnsafePointer<UInt8>?
        var foldedCount = 0
        var kind: Kind
        var isPlainASCII = true
        /// The next value of the same field, -1 at the end.
        var next: Int32 = -1
    }

    /// First and last value of each slot, -1 for none.
    private(set) var heads: UnsafeMutablePointer<Int32>
    private var tails: UnsafeMutablePointer<Int32>
    private let slotCount: Int
    private(set) var values: UnsafeMutablePointer<Value>
    private(set) var valueCount = 0
    private var valueCapacity = 256
    private var used: [Int32] = []
    private var arena = ScratchMemory()

    /// Most values of one record; more are passed over and counted by whoever fills this in.
    static let valueLimit = 1 << 17

    /// No values; room for as many slots.
    init(slots: Int) {
        slotCount = max(slots, 1)
        heads = .allocate(capacity: slotCount)
        tails = .allocate(capacity: slotCount)
        heads.initialize(repeating: -1, count: slotCount)
        tails.initialize(repeating: -1, count: slotCount)
        values = .allocate(capacity: valueCapacity)
    }

    deinit {
        heads.deallocate()
        tails.deallocate()
        values.deallocate()
    }

    /// Searches and comparisons that were given up since the beginning.
    private(set) var abandonedSearches: UInt64 = 0

    /// Steps that patterns with single wildcards, and comparisons of fields with many values, may still take in this record.
    /// A step takes about a nanosecond.
    private var steps = 0
    /// Steps that searches by PCRE2 may still take in this record, beyond those that each may take for its text. A step takes
    /// about ten nanoseconds.
    private var searchSteps: UInt64 = 0
    /// Of those, the most that one search may take: others shall have some as well.
    private var searchLimit: UInt64 = 0

    /// Sets what comparisons and searches may cost in this record, by its size alone: what is found in a record must not
    /// depend on what was read before it, and the cost of a run shall be linear in what is read, whatever rules and records
    /// are made to cost.
    func allow(bytes: Int) {
        steps = 1 << 17 &+ 16 &* bytes
        searchSteps = UInt64(10_000 &+ 64 &* bytes)
        searchLimit = searchSteps / 2
    }

    /// Whether a text is what a pattern stands for; when that takes too many steps, it is counted, and is not.
    func matches(_ pattern: Pattern, _ text: Bytes) -> Bool {
        guard steps > 0, let answer = pattern.matches(text, steps: &steps) else {
            abandonedSearches &+= 1
            return false
        }
        return answer
    }

    /// Takes steps; false, and counted, when there are none left.
    func mayStep(_ count: Int) -> Bool {
        steps -= count
        if steps > 0 { return true }
        abandonedSearches &+= 1
        return false
    }

    /// Whether an expression is found in a text; a search that is given up is counted, and found nothing.
    func search(_ regex: CompiledRegex, _ text: Bytes) -> Bool {
        var steps: UInt64 = 0
        guard regex.takesSteps else { return regex.search(text, steps: &steps) ?? false }
        let own = UInt64(100 &+ 8 &* text.count)
        let shared = min(searchLimit, searchSteps)
        steps = own &+ shared
        let found = regex.search(text, steps: &steps)
        // What is left of its own steps is nobody else's.
        searchSteps -= shared - min(shared, steps)
        if let found { return found }
        abandonedSearches &+= 1
        return false
    }

    /// Adds a value; returns its place, -1 when there are too many.
    @inline(__always) @discardableResult
    func add(_ slot: Int, _ raw: Bytes, _ kind: Kind) -> Int {
        let index = valueCount
        if index == valueCapacity {
            guard index < Self.valueLimit else { return -1 }
            grow()
        }
        (values + index).initialize(to: Value(raw: raw, kind: kind))
        valueCount = index &+ 1
        if heads[slot] < 0 {
            heads[slot] = Int32(truncatingIfNeeded: index)
            used.append(Int32(truncatingIfNeeded: slot))
        } else {
            values[Int(tails[slot])].next = Int32(truncatingIfNeeded: index)
        }
        tails[slot] = Int32(truncatingIfNeeded: index)
        return index
    }

    private func grow() {
        valueCapacity *= 2
        let more = UnsafeMutablePointer<Value>.allocate(capacity: valueCapacity)
        more.moveInitialize(from: values, count: valueCount)
        values.deallocate()
        values = more
    }

    /// Gives a value that was added before it was known.
    func complete(_ index: Int, _ raw: Bytes) { if index >= 0 { values[index].raw = raw } }

    /// The values of a field: the first and the last.
    struct Chain {
        var head: Int32
        var tail: Int32
        /// No values.
        static let none = Chain(head: -1, tail: -1)
    }

    /// Fields that were given other values than the record's own, and what they had before.
    private var replaced: [(slot: Int, chain: Chain)] = []

    /// The values of a field.
    func chain(_ slot: Int) -> Chain { Chain(head: heads[slot], tail: tails[slot]) }

    /// Lets a field have other values, until ``undoAliases()``.
    func replace(_ slot: Int, _ chain: Chain) {
        replaced.append((slot, self.chain(slot)))
        heads[slot] = chain.head
        tails[slot] = chain.tail
        used.append(Int32(truncatingIfNeeded: slot))
    }

    /// Lets a field have another one's values, unless it has its own, as if they were the record's.
    func adopt(_ alias: FieldAlias) {
        guard heads[alias.slot] < 0, heads[alias.from] >= 0 else { return }
        heads[alias.slot] = heads[alias.from]
        tails[alias.slot] = tails[alias.from]
        used.append(Int32(truncatingIfNeeded: alias.slot))
    }

    /// Gives all fields the record's own values back.
    func undoAliases() {
        while let (slot, chain) = replaced.popLast() {
            heads[slot] = chain.head
            tails[slot] = chain.tail
        }
    }

    /// Forgets all values and keeps the memory.
    func clear() {
        for slot in used { heads[Int(slot)] = -1 }
        used.removeAll(keepingCapacity: true)
        replaced.removeAll(keepingCapacity: true)
        valueCount = 0
        arena.clear()
    }

    /// The text of a value; nil for null and what is only there, which have none.
    func text(_ index: Int) -> Bytes? {
        let value = values[index]
        if let start = value.textStart { return Bytes(start: start, count: value.textCount) }
        let text: Bytes
        switch value.kind {
        case .null, .bare: return nil
        case .string, .bool, .object: text = value.raw
        case .number: text = number(value.raw)
        case .escaped: text = JSONText.unescape(value.raw, into: arena.allocate(value.raw.count))
        }
        values[index].textStart = text.start
        values[index].textCount = text.count
        return text
    }

    /// The text of a value with case folded, and whether it is ASCII all through.
    func folded(_ index: Int) -> (text: Bytes, isASCII: Bool)? {
        let value = values[index]
        if let start = value.foldedStart {
            return (Bytes(start: start, count: value.foldedCount), value.isPlainASCII)
        }
        guard let text = text(index) else { return nil }
        let copy = arena.allocate(text.count)
        let isASCII = !outflow_lower(text.start, copy, text.count)
        var folded = Bytes(start: copy, count: text.count)
        if !isASCII {
            let other = CaseFolding.fold(text.array)
            let room = arena.allocate(other.count)
            other.withUnsafeBufferPointer { if let base = $0.baseAddress { room.update(from: base, count: $0.count) } }
            folded = Bytes(start: room, count: other.count)
        }
        values[index].foldedStart = folded.start
        values[index].foldedCount = folded.count
        values[index].isPlainASCII = isASCII
        return (folded, isASCII)
    }

    /// Memory of the record for so many bytes.
    func scratch(_ count: Int) -> UnsafeMutablePointer<UInt8> { arena.allocate(count) }

    /// The text of a JSON string's content, with 64 readable bytes behind it.
    func unescaped(_ raw: Bytes) -> Bytes {
        let room = arena.allocate(raw.count + 64)
        (room + raw.count).initialize(repeating: 0, count: 64)
        return JSONText.unescape(raw, into: room)
    }

    /// Numbers that are equal shall have equal text: `5.0` and `5e0` are written `5`.
    private func number(_ raw: Bytes) -> Bytes {
        guard !Self.isCanonical(raw), let number = DecimalNumber(raw) else { return raw }
        let text = Array(number.text.utf8)
        let room = arena.allocate(text.count)
        for (index, byte) in text.enumerated() { room[index] = byte }
        return Bytes(start: room, count: text.count)
    }

    /// Whether a number is surely written as ``DecimalNumber/text`` writes it, which most are.
    private static func isCanonical(_ raw: Bytes) -> Bool {
        let digits = raw.hasPrefix("-") ? raw.suffix(from: 1) : raw
        var point: Int?
        for index in 0..<digits.count where digits[index] &- 0x30 > 9 {
            guard digits[index] == UInt8(ascii: "."), point == nil else { return false }
            point = index
        }
        guard let point else { return raw != "-0" }
        return point > 0 && (digits[0] != 0x30 || point == 1) && digits[digits.count - 1] &- 0x31 < 9
    }
}

/// Memory that is handed out piece by piece and taken back all at once.
struct ScratchMemory: ~Copyable {
    private var chunks: [UnsafeMutableRawBufferPointer] = []
    private var current = 0
    private var used = 0
    private static let chunkSize = 64 << 10

    deinit { for chunk in chunks { chunk.deallocate() } }

    /// `count` bytes of memory, uninitialised, 16 more behind them.
    mutating func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        let needed = count + 16
        while current < chunks.count, chunks[current].count - used < needed {
            current += 1
            used = 0
        }
        if current == chunks.count {
            chunks.append(.allocate(byteCount: max(needed, Self.chunkSize), alignment: 16))
            used = 0
        }
        let start = chunks[current].baseAddress!.advanced(by: used).assumingMemoryBound(to: UInt8.self)
        used += needed
        return start
    }

    /// Takes everything back; memory that one huge record needed is given up.
    mutating func clear() {
        if chunks.count > 16 || chunks.contains(where: { $0.count > 16 * Self.chunkSize }) {
            for chunk in chunks { chunk.deallocate() }
            chunks.removeAll()
        }
        current = 0
        used = 0
    }
}
