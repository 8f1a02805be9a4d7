// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Takes what indicators name out of the fields of one record, of whatever kind the record is: a value counts by its shape, and
/// where shapes mislead by its field's name (``FieldTraits``).
///
/// Fields first, then ``settle(offset:length:time:identity:host:)``, which costs nothing where nothing was found.
struct RecordObservables {
    private let batch: ActivityBatch
    private let start: Int

    init(_ batch: ActivityBatch) {
        self.batch = batch
        start = batch.observables.count
    }

    private func append(_ kind: Observable.Kind, _ value: Bytes) {
        let nobody = EntityView(.host, id: .empty)
        let mark = RecordMark(time: .earliest, identity: 0, offset: 0, length: 0)
        batch.observables.append(Observable(mark: mark, kind: kind, value: value, who: nobody))
    }

    /// Looks at a field: at all of its value.
    ///
    /// - Parameter outer: what the names around the field tell.
    func add(_ name: Bytes, _ value: Bytes, within outer: FieldTraits = []) {
        guard value.count >= 3 else { return }
        if let shape = ValueShape(value) { return add(shape, value, outer.union(FieldTraits(name)), in: name) }
        if value.count > ValueShape.limit { return }
        if outer.contains(.agent) || FieldTraits.isAgent(name) { return append(.userAgent, batch.arena.copy(value)) }
        // Lists have separators; most texts have none, and their names need no look.
        if value.firstIndex(of: UInt8(ascii: "=")) != nil || value.firstIndex(of: UInt8(ascii: ";")) != nil,
            outer.union(FieldTraits(name)).contains(.list)
        {
            add(text: value)
        }
    }

    private func add(_ shape: ValueShape, _ value: Bytes, _ traits: FieldTraits, in name: Bytes) {
        switch shape {
        case .address:
            if !traits.contains(.version) { append(.address, batch.arena.copy(URLForm.host(value))) }
        case .mail: append(.mail, lowered(value))
        case .digest:
            let kind: Observable.Kind =
                traits.contains(.ja3) ? .ja3 : traits.contains(.certificate) ? .certificate : .hash
            append(kind, lowered(value))
            // What a TLS record calls a hash may be of a file, too.
            if kind == .certificate { append(.hash, lowered(value)) }
        case .name:
            if traits.contains(.ja4) { return append(.ja4, lowered(value)) }
            if traits.contains(.host), !traits.contains(.file) { append(.domain, lowered(URLForm.host(value))) }
        case .url: add(url: value)
        }
    }

    private func add(url: Bytes) {
        guard let form = URLForm.url(host: .empty, target: url, port: 0, batch.arena) else { return }
        append(.url, form)
        let host = URLForm.host(form.prefix(upTo: form.firstIndex(of: UInt8(ascii: "/")) ?? form.count))
        if IPAddress(host) != nil {
            append(.address, host)
        } else {
            append(.domain, host)
        }
    }

    private func lowered(_ value: Bytes) -> Bytes { batch.arena.lowercased(batch.arena.copy(value)) }

    /// Looks at the words of a text.
    func add(text: Bytes) {
        var at = 0
        while at < text.count {
            while at < text.count, Self.isSeparator(text.start[at]) { at += 1 }
            let begin = at
            while at < text.count, !Self.isSeparator(text.start[at]) { at += 1 }
            if at - begin >= 3 { add(word: text[begin..<at]) }
        }
    }

    private func add(word: Bytes) {
        var word = word
        let isURL = word.firstIndex(of: "://") != nil
        // `rhost=192.0.2.1`, `SHA256=...`: what is named. A URL has such parts of its own.
        if !isURL {
            while let equals = word.firstIndex(of: UInt8(ascii: "=")) { word = word.suffix(from: equals + 1) }
        }
        while let last = word.isEmpty ? nil : word[word.count - 1], last == 0x2E || last == 0x3A || last == 0x21 {
            word = word.prefix(upTo: word.count - 1)
        }
        guard let shape = ValueShape(word) else { return }
        add(shape, word, .host, in: .empty)
    }

    /// Blanks, quotes, brackets and other signs that stand between values.
    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
            UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "|"), UInt8(ascii: "#"), 0x7F:
            true
        default: false
        }
    }

    /// Looks at all of a JSON value. It nests no deeper than the parser allows.
    func add(_ value: JSONValue, called name: Bytes = .empty, within outer: FieldTraits = []) {
        switch value.kind {
        case .string: add(name, value.string ?? .empty, within: outer)
        case .array: for (_, element) in value.elements { add(element, called: name, within: outer) }
        case .object:
            let traits = name.isEmpty ? outer : outer.union(FieldTraits(name))
            for (key, member) in value.members where !(key == "#attributes" || key == "xmlns") {
                add(member, called: key, within: traits)
            }
        default: break
        }
    }

    /// Says of all that was found which record it is of, and at which host it was seen.
    ///
    /// - Parameters:
    ///   - time: nil if the record tells none.
    ///   - host: its name; empty if the record tells none.
    func settle(
        offset: UInt64, length: Int, time: @autoclosure () -> Timestamp?, identity: @autoclosure () -> UInt64,
        host: @autoclosure () -> Bytes
    ) {
        guard batch.observables.count > start else { return }
        let moment = time()
        let mark = RecordMark(
            time: moment ?? .earliest, identity: identity(), offset: offset, length: UInt32(clamping: length))
        let who = EntityView(.host, id: lowered(host()))
        for index in start..<batch.observables.count {
            batch.observables[index].mark = mark
            batch.observables[index].who = who
            batch.observables[index].hasTime = moment != nil
        }
    }
}
