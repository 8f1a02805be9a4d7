// SPDX-License-Identifier: Apache-2.0

import CCodecs

/// What gzip members (RFC 1952), one after the other, decompress to. Checksums and lengths are verified.
final class GzipBytes: ByteStream {
    private var input: LayerInput
    private let gzip: OpaquePointer
    private var isBetweenMembers = false
    private var damage: StreamFailure?

    init(_ base: any ByteStream, budget: DecodingBudget) {
        input = LayerInput(base, budget: budget)
        guard let gzip = outflow_gzip_new() else { fatalError("out of memory") }
        self.gzip = gzip
    }

    deinit { outflow_gzip_free(gzip) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        guard let out = buffer.bindMemory(to: UInt8.self).baseAddress else { return 0 }
        if let damage { throw damage }
        while true {
            if isBetweenMembers, try !beginMember() { return 0 }
            let available = try input.available()
            var taken = UInt32(available.count)
            var made = UInt32(clamping: buffer.count)
            let start = available.bindMemory(to: UInt8.self).baseAddress
            let code = outflow_gzip_inflate(gzip, start, &taken, out, &made)
            if code < 0 {
                // What was made before the damage comes first.
                let damage = StreamFailure(Self.reason(of: code))
                guard made > 0 else { throw damage }
                self.damage = damage
            }
            isBetweenMembers = code == 1
            try input.take(Int(taken), produced: Int(made))
            if made > 0 { return Int(made) }
            if !isBetweenMembers, taken == 0 {
                // Nothing taken, nothing made: the rest of the member is missing.
                throw StreamFailure(available.isEmpty ? "gzip: cut off before its end" : "gzip: damaged")
            }
        }
    }

    /// Whether another member follows. Zero bytes behind the last one are padding of tapes and disks, as gzip(1) says.
    private func beginMember() throws(StreamFailure) -> Bool {
        while true {
            let next = try input.available(atLeast: 2)
            if next.isEmpty { return false }
            if next[0] == 0x1F, next.count > 1, next[1] == 0x8B { break }
            guard next[0] == 0 else { throw StreamFailure("gzip: bytes behind the last member are not gzip") }
            try input.take(1, produced: 0)
        }
        outflow_gzip_next_member(gzip)
        isBetweenMembers = false
        return true
    }

    private static func reason(of code: Int32) -> String {
        switch code {
        case ISAL_INCORRECT_CHECKSUM: "gzip: the checksum does not fit what was decompressed"
        case ISAL_INVALID_WRAPPER, ISAL_UNSUPPORTED_METHOD: "gzip: damaged header"
        default: "gzip: damaged data"
        }
    }
}
