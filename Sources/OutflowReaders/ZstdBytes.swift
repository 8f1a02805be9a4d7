// SPDX-License-Identifier: Apache-2.0

import CCodecs

/// What Zstandard frames (RFC 8878), one after the other, decompress to. Checksums are verified where a frame has one.
final class ZstdBytes: ByteStream {
    private var input: LayerInput
    private let context: OpaquePointer
    private var isInFrame = false

    init(_ base: any ByteStream, budget: DecodingBudget) {
        input = LayerInput(base, budget: budget)
        guard let context = ZSTD_createDStream() else { fatalError("out of memory") }
        // A frame may ask for a window of gigabytes; 128 MiB is what zstd(1) grants without being told.
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)
        self.context = context
    }

    deinit { ZSTD_freeDStream(context) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        while true {
            let available = try input.available()
            if available.isEmpty, !isInFrame { return 0 }
            var source = ZSTD_inBuffer(src: available.baseAddress, size: available.count, pos: 0)
            var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
            let hint = ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(hint) == 0 else {
                throw StreamFailure("zstd: \(String(cString: ZSTD_getErrorName(hint)))")
            }
            isInFrame = hint != 0
            try input.take(source.pos, produced: target.pos)
            if target.pos > 0 { return target.pos }
            if available.isEmpty, isInFrame { throw StreamFailure("zstd: cut off before its end") }
        }
    }
}
