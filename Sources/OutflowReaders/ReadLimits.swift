// SPDX-License-Identifier: Apache-2.0

/// Limits that keep hostile input from exhausting memory or time. What goes beyond one is skipped and told.
public struct ReadLimits: Sendable, Hashable {
    /// Longest record in bytes.
    public var maxRecordBytes = 16 << 20
    /// Most bytes that one compressed byte may become, once a layer has yielded ``freeBytes``.
    public var maxRatio: UInt64 = 200
    /// Decompressed bytes that any layer may yield whatever its ratio.
    public var freeBytes: UInt64 = 64 << 20
    /// How many archives may lie in each other, and how many times in a row a stream may be compressed.
    public var maxDepth = 5
    /// Most bytes that one compressed layer may yield.
    public var maxStreamBytes: UInt64 = 1 << 40
    /// Most members of one file on disk, those of archives in archives among them.
    public var maxMembers = 100_000
    /// An archive that can only be read by seeking (7z) and lies within another one is held in memory up to this size.
    public var maxHeldBytes = 64 << 20
    /// Bytes of a block, unless one record is longer.
    public var blockBytes = 256 << 10

    /// The limits that suit a machine with little memory.
    public init() {}
}

/// Watches how much the layers of one file on disk decompress to.
///
/// Each layer is held to its own ratio, which is exact. All layers together are held to the ratio too, with room for 16
/// free layers: else an archive of a hundred thousand small bombs would yield the free bytes of each.
final class DecodingBudget {
    let limits: ReadLimits
    private let readOnDisk: () -> UInt64
    private var total: UInt64 = 0

    init(limits: ReadLimits, readOnDisk: @escaping () -> UInt64) {
        self.limits = limits
        self.readOnDisk = readOnDisk
    }

    /// Counts `bytes` more of a layer that has yielded `output` in all, these among them, out of `input` bytes.
    func spend(_ bytes: Int, input: UInt64, output: UInt64) throws(StreamFailure) {
        total &+= UInt64(bytes)
        if output > limits.maxStreamBytes {
            throw StreamFailure("more than \(limits.maxStreamBytes) bytes decompressed; the rest is not read")
        }
        if output > limits.freeBytes, output / limits.maxRatio > input {
            throw StreamFailure(
                "decompresses to more than \(limits.maxRatio) times its size, as decompression bombs do; the rest is not read"
            )
        }
        if total / 16 > limits.freeBytes, (total - 16 * limits.freeBytes) / limits.maxRatio > readOnDisk() {
            throw StreamFailure(
                "the file decompresses to more than \(limits.maxRatio) times its size in all, as decompression bombs do; "
                    + "the rest is not read")
        }
    }
}
