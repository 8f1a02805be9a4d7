// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

extension Ledger {
    /// Everything but flows, and the inputs: the last piece of a partial. The flows are kept as ``FlowRecords`` while
    /// they are read.
    ///
    /// - Parameters:
    ///   - inputs: the inputs by their number in `observe`.
    ///   - adding: writes further sections.
    public func encode(inputs: [Report.Input], adding: (inout StateEncoder) -> Void = { _ in }) -> [UInt8] {
        var encoder = StateEncoder()
        encoder.begin(.inputs)
        encoder.write(UInt64(inputs.count))
        for input in inputs {
            for text in [input.path, input.format, input.sha256] { withBytes(of: text) { encoder.write($0) } }
            for number in [input.bytes, input.records, input.duplicates] { encoder.write(number) }
            for time in [input.first, input.last] {
                encoder.write(time == nil ? 0 : 1)
                encoder.write(signed: time?.microseconds ?? 0)
            }
            encoder.write(input.rejected.count)
            encoder.write(UInt64(input.rejected.examples.count))
            for example in input.rejected.examples {
                encoder.write(example.offset)
                withBytes(of: example.reason) { encoder.write($0) }
            }
            encoder.write(ascending: input.hours.numbers)
        }
        encoder.end()
        encodeRich(into: &encoder)
        adding(&encoder)
        return encoder.finish()
    }

    /// Reads the inputs of a partial's last piece.
    public static func decodeInputs(_ decoder: inout StateDecoder) throws(StateError) -> [Report.Input] {
        try decoder.begin(.inputs)
        let count = try decoder.readCount(bytesEach: 11)
        var inputs: [Report.Input] = []
        for _ in 0..<count {
            let path = String(decoding: try decoder.readBytes(), as: UTF8.self)
            let format = String(decoding: try decoder.readBytes(), as: UTF8.self)
            let sha256 = String(decoding: try decoder.readBytes(), as: UTF8.self)
            var input = Report.Input(path: path, format: format, bytes: try decoder.read(), sha256: sha256)
            input.records = try decoder.read()
            input.duplicates = try decoder.read()
            input.first = try moment(&decoder)
            input.last = try moment(&decoder)
            let rejected = try decoder.read()
            let examples = try decoder.readCount(bytesEach: 2)
            guard examples <= Rejections.exampleLimit, UInt64(examples) <= rejected else {
                throw decoder.error("more examples of rejections than rejections")
            }
            for _ in 0..<examples {
                let offset = try decoder.read()
                input.rejected.add(
                    Rejection(offset: offset, reason: String(decoding: try decoder.readBytes(), as: UTF8.self)))
            }
            input.rejected.add(count: rejected - UInt64(examples))
            input.hours = ActiveHours(numbers: try decoder.readAscending())
            inputs.append(input)
        }
        try decoder.end()
        return inputs
    }

    private static func moment(_ decoder: inout StateDecoder) throws(StateError) -> Timestamp? {
        let isKnown = try decoder.read(atMost: 1) == 1
        let time = Timestamp(microseconds: try decoder.readSigned())
        guard time >= .earliest, time <= .latest else { throw decoder.error("a time outside of the years 1 to 9999") }
        return isKnown ? time : nil
    }

    /// Adds flows of a partial; `inputs` gives the number of each flow's input in this ledger.
    public func observe(_ flows: [Flow], inputs: [UInt32]) {
        var from = 0
        while from < flows.count {
            var to = from + 1
            while to < flows.count, inputs[to] == inputs[from] { to += 1 }
            _ = observeFlows(Array(flows[from..<to]), input: inputs[from])
            from = to
        }
    }

    /// Adds flows of one input; `isNew` gets a flag for each of them, as in ``observe(_:input:isNewFlow:)``.
    public func observe(_ flows: [Flow], input: UInt32, isNew: @escaping (UnsafeBufferPointer<Bool>) -> Void) {
        _ = observeFlows(flows, input: input, isNew: isNew)
    }
}
