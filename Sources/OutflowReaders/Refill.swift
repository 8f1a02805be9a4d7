// SPDX-License-Identifier: Apache-2.0

/// Fills buffers from a stream, and remembers whether it ended and why: what all framers do.
struct Refill {
    private let stream: PeekableBytes
    /// Whether the stream ended, or failed.
    private(set) var isAtEnd = false
    /// Why the stream ended early.
    var failure: StreamFailure?

    init(_ stream: PeekableBytes) { self.stream = stream }

    /// Reads behind the first `count` bytes of `buffer` until it holds `wanted`, or the stream ends.
    ///
    /// - Returns: how many bytes it holds.
    mutating func fill(_ buffer: BlockBuffer, from count: Int, to wanted: Int) -> Int {
        buffer.reserve(wanted, keeping: count)
        var count = count
        while count < wanted, !isAtEnd {
            do throws(StreamFailure) {
                let more = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[count..<wanted]))
                isAtEnd = more == 0
                count += more
            } catch {
                failure = error
                isAtEnd = true
            }
        }
        return count
    }
}
