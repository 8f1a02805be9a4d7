// SPDX-License-Identifier: Apache-2.0

import CCodecs

/// What LZ4 frames (LZ4 Frame Format 1.6), one after the other, decompress to. Checksums are verified where present.
final class LZ4Bytes: ByteStream {
    private var input: LayerInput
    private let context: OpaquePointer
    private var isInFrame = false

    init(_ base: any ByteStream, budget: DecodingBudget) {
        input = LayerInput(base, budget: budget)
        var context: OpaquePointer?
        LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
        guard let context else { fatalError("out of memory") }
        self.context = context
    }

    deinit { LZ4F_freeDecompressionContext(context) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        while true {
            let available = try input.available()
            if available.isEmpty {
                if isInFrame { throw StreamFailure("lz4: cut off before its end") }
                return 0
            }
            var taken = available.count
            var made = buffer.count
            let hint = LZ4F_decompress(context, buffer.baseAddress, &made, available.baseAddress, &taken, nil)
            guard LZ4F_isError(hint) == 0 else {
                throw StreamFailure("lz4: \(String(cString: LZ4F_getErrorName(hint)))")
            }
            isInFrame = hint != 0
            try input.take(taken, produced: made)
            if made > 0 { return made }
            if taken == 0 { throw StreamFailure("lz4: damaged") }
        }
    }
}
