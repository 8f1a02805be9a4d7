// SPDX-License-Identifier: Apache-2.0

import CCodecs

/// What xz streams (The .xz File Format 1.1), one after the other, decompress to. Checks are verified where present.
///
/// libarchive could do it too, but grants a stream 1 GiB of memory.
final class XzBytes: ByteStream {
    private var input: LayerInput
    private let decoder: OpaquePointer
    private var damage: StreamFailure?
    private var isDone = false

    /// Enough for `xz -9`, which takes 65 MiB.
    private static let maxMemory: UInt64 = 144 << 20

    init(_ base: any ByteStream, budget: DecodingBudget) {
        input = LayerInput(base, budget: budget)
        guard let decoder = outflow_xz_new(Self.maxMemory) else { fatalError("out of memory") }
        self.decoder = decoder
    }

    deinit { outflow_xz_free(decoder) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        if let damage { throw damage }
        while !isDone {
            let available = try input.available()
            var taken = available.count
            var made = buffer.count
            let code = outflow_xz_decode(
                decoder, available.bindMemory(to: UInt8.self).baseAddress, &taken,
                buffer.bindMemory(to: UInt8.self).baseAddress, &made, input.isAtEnd ? 1 : 0)
            try input.take(taken, produced: made)
            isDone = code == LZMA_STREAM_END
            if code != LZMA_OK, !isDone {
                // What was made before the damage comes first.
                let damage = StreamFailure(Self.reason(of: code))
                guard made > 0 else { throw damage }
                self.damage = damage
            }
            if made > 0 { return made }
        }
        return 0
    }

    private static func reason(of code: lzma_ret) -> String {
        switch code {
        case LZMA_BUF_ERROR: "xz: cut off before its end"
        case LZMA_MEMLIMIT_ERROR: "xz: needs more than \(maxMemory >> 20) MiB of memory; decompress it first"
        case LZMA_OPTIONS_ERROR: "xz: made with options that are not supported"
        default: "xz: damaged data"
        }
    }
}
