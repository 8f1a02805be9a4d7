// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// The objects of one request to add, checked one by one: what is good goes on, what is bad is refused alone.
struct Submission: @unchecked Sendable {  // The parser is gone when it is passed on; the bytes never change.
    /// The request's body, whose pieces are the objects' texts.
    private let body: [UInt8]
    private(set) var good: [(facts: ObjectFacts, text: Range<Int>)] = []
    private(set) var refused: [ObjectFacts.Refusal] = []
    /// Specification versions that the collection takes.
    private let taken: [Int]

    /// Objects that the envelope holds.
    var count: Int { good.count + refused.count }

    /// Reads an envelope (TAXII 2.1, section 3.7.1). Members other than `objects` do not matter here.
    ///
    /// - Throws: ``TAXIIError`` 422 if the body as a whole cannot be understood.
    init(_ body: [UInt8], collection: TAXIICollection) throws(TAXIIError) {
        // simdjson reads up to 64 bytes beyond a document.
        var padded = body
        padded.append(contentsOf: repeatElement(0, count: 64))
        let length = body.count
        self.body = padded
        taken = [200, 201].filter { collection.takes(spec: $0) }
        let result: Result<Void, TAXIIError> = padded.withUnsafeBytes { all in
            let text = Bytes(UnsafeRawBufferPointer(rebasing: all[..<length]))
            return Result { () throws(TAXIIError) in try read(text) }
        }
        try result.get()
    }

    private mutating func read(_ text: Bytes) throws(TAXIIError) {
        var objects: Bytes?
        do {
            var members = try JSONSlices(text, .object)
            while let member = try members.next() {
                guard member.key == "objects" else { continue }
                guard objects == nil else {
                    throw TAXIIError.unprocessable("the envelope has two members called objects")
                }
                objects = member.value
            }
        } catch let failure as JSONSlices.Failure {
            throw .unprocessable("the body is no JSON object: \(failure)")
        } catch let error as TAXIIError { throw error } catch { throw .unprocessable("the body cannot be read") }
        guard let objects else { throw .unprocessable("the envelope has no member called objects") }
        // A parser serves one thread, and keeps its buffers: one for each request is enough.
        let parser = JSONParser(limit: max(text.count, 1 << 16))
        do {
            var elements = try JSONSlices(objects, .array)
            while let element = try elements.next() { check(element, in: text, parser) }
        } catch { throw .unprocessable("objects is no list: \(error)") }
    }

    private mutating func check(_ element: JSONSlices.Child, in text: Bytes, _ parser: JSONParser) {
        do throws(ObjectFacts.Refusal) {
            let facts = try ObjectFacts(element, parser)
            guard taken.contains(facts.spec) else {
                throw ObjectFacts.Refusal(
                    facts.id, "the collection does not take STIX \(SpecVersion.format(facts.spec))")
            }
            let start = element.value.start - text.start
            good.append((facts, start..<start + element.value.count))
        } catch { refused.append(error) }
    }

    /// Calls `body` with the text of a good object.
    func withText<Result>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try self.body.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}
