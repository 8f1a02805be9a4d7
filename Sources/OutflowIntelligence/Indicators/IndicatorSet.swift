// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowRecords

#if canImport(Glibc)
    import Glibc
#endif

/// Indicators, ready to be looked up: ten million in some 12 bytes of memory each, the rest of each on disk.
///
/// Look-ups go by fingerprint (`FingerprintTable`); only where one is found is the indicator itself read and compared, out of
/// a compact blob that may be mapped from a file. A set is one stretch of bytes: written to a file as it is
/// (`outflow indicators`), and opened again by mapping that file.
public final class IndicatorSet: @unchecked Sendable {
    // Unchecked: the bytes never change.

    /// Why a file is no set of indicators.
    public struct Failure: Error, CustomStringConvertible, Sendable {
        /// With path, what is wrong and what to do.
        public let description: String
    }

    /// Where the parts of a set lie; all numbers are little-endian and of 64 bits.
    struct Layout {
        static let magic = Array("OUTFLOWI".utf8)
        static let version: UInt64 = 2
        /// Entries of the header behind the magic.
        static let fields = 16
        /// Groups of equal fingerprints whose place is not written down.
        static let stride = 8

        var seed: UInt64 = 0
        var homes: UInt64 = 0
        var slots: UInt64 = 0
        var groups: UInt64 = 0
        var entries: UInt64 = 0
        var profiles: UInt64 = 0
        /// Prefix lengths of networks that there are: bit n of the first two for /n, and one of /128 is an address.
        var prefixes: (UInt64, UInt64) = (0, 0)
        /// Offsets of the parts: slots, ranks, places of groups, groups, filters, places of profiles, profiles, what
        /// is known besides (``SetMemory``).
        var parts: [UInt64] = []
    }

    let bytes: UnsafeRawBufferPointer
    private let release: (UnsafeRawBufferPointer) -> Void
    let layout: Layout
    let seed: UInt64
    let table: FingerprintTable
    /// Groups of indicators with equal fingerprints.
    let records: UnsafeRawBufferPointer
    /// Profiles, one after the other.
    let profiles: UnsafeRawBufferPointer
    /// Which /16 of IPv4, and which /16 of IPv6, some network lies in or covers.
    private let filters: UnsafeRawBufferPointer
    /// Lengths of prefixes of the 128-bit form that networks have, longest first.
    let prefixLengths: [Int]

    /// What was known besides the values when the set was compiled, versions only where they are wanted; nil when it is damaged.
    func memory(withVersions: Bool) -> SetMemory? {
        var reader = BlobReader(UnsafeRawBufferPointer(rebasing: bytes[Int(layout.parts[6])...]))
        return SetMemory(from: &reader, withVersions: withVersions)
    }

    /// Number of indicators.
    public var count: Int { Int(layout.entries) }
    /// Bytes that look-ups keep in memory: the fingerprints.
    public var residentBytes: Int { table.count * 8 }

    /// A set of bytes that ``IndicatorSetBuilder`` wrote; `release` is called when the set goes.
    init(
        _ bytes: UnsafeRawBufferPointer, name: String, release: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(Failure) {
        func failure(_ what: String) -> Failure { Failure(description: "\(name): \(what); compile it anew") }
        let head = 8 + Layout.fields * 8
        guard bytes.count >= head, bytes.prefix(8).elementsEqual(Layout.magic) else {
            release(bytes)
            throw failure("no compiled set of indicators")
        }
        func field(_ index: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 + index * 8, as: UInt64.self))
        }
        var layout = Layout()
        layout.seed = field(1)
        layout.homes = field(2)
        layout.slots = field(3)
        layout.groups = field(4)
        layout.entries = field(5)
        layout.profiles = field(6)
        layout.prefixes = (field(7), field(8))
        layout.parts = (9..<16).map(field) + [UInt64(bytes.count)]
        let sizes: [UInt64] = [
            layout.slots.saturatingMultiply(8), (layout.slots / 64).saturatingAdd(1).saturatingMultiply(8),
            (layout.groups / UInt64(Layout.stride)).saturatingAdd(1).saturatingMultiply(8), 0,
            layout.profiles.saturatingMultiply(8),
        ]
        var isSound =
            field(0) == Layout.version && layout.homes < layout.slots && layout.groups <= layout.slots
            && layout.slots > 0 && layout.parts[0] == UInt64(head + 16384)
        for index in 0..<7 where isSound {
            isSound = layout.parts[index] <= layout.parts[index + 1]
            if index < 5 { isSound = isSound && layout.parts[index + 1] - layout.parts[index] >= sizes[index] }
        }
        guard isSound else {
            release(bytes)
            throw failure(field(0) == Layout.version ? "it is damaged" : "it is of another version")
        }
        self.bytes = bytes
        self.release = release
        self.layout = layout
        seed = layout.seed
        filters = UnsafeRawBufferPointer(rebasing: bytes[head..<head + 16384])
        let slots = (bytes.baseAddress.unsafelyUnwrapped + Int(layout.parts[0])).assumingMemoryBound(to: UInt64.self)
        records = UnsafeRawBufferPointer(rebasing: bytes[Int(layout.parts[3])..<Int(layout.parts[4])])
        profiles = UnsafeRawBufferPointer(rebasing: bytes[Int(layout.parts[5])..<Int(layout.parts[6])])
        table = FingerprintTable(slots: slots, count: Int(layout.slots), homes: layout.homes)
        prefixLengths = (0..<128).reversed().filter { length in
            (length < 64 ? layout.prefixes.0 >> UInt64(length) : layout.prefixes.1 >> UInt64(length - 64)) & 1 == 1
        }
    }

    deinit { release(bytes) }

    /// Opens a compiled set by mapping its file, which must not change as long as the set is in use.
    public convenience init(compiled path: String) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0,
            let memory = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED
        else { throw Failure(description: "\(path): no file that can be mapped") }
        let buffer = UnsafeRawBufferPointer(start: memory, count: Int(status.st_size))
        try self.init(buffer, name: path) { munmap(UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count) }
        // Look-ups go all over the fingerprints: have them read at once, in large pages where there are any.
        madvise(memory, Int(layout.parts[1]), MADV_WILLNEED)
    }

    /// Whether a file looks like a compiled set.
    public static func isCompiled(_ head: some Sequence<UInt8>) -> Bool { head.starts(with: Layout.magic) }

    /// Writes the set to a file.
    public func write(to path: String) throws(Failure) {
        do {
            try Data(
                bytesNoCopy: UnsafeMutableRawPointer(mutating: bytes.baseAddress.unsafelyUnwrapped), count: bytes.count,
                deallocator: .none
            ).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch { throw Failure(description: "\(path): cannot be written: \(error.localizedDescription)") }
    }

    /// Whether some network may hold the address: quick, and never wrong when it says no.
    @inline(__always) func mayLieInNetwork(_ address: IPAddress) -> Bool {
        let unit: Int
        if let v4 = address.v4 {
            unit = Int(v4 >> 16)
        } else {
            unit = 65536 + Int(address.high >> 48)
        }
        return filters[unit >> 3] >> UInt8(unit & 7) & 1 == 1
    }
}
