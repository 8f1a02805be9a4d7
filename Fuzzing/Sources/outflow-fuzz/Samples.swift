// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
@testable import OutflowReaders
import OutflowRecords

/// Cuts small seeds out of real logs: the beginning of each file and archive member, sorted by what recognises it.
enum Samples {
    /// A seed's size; small ones are quicker, and most formats have said all that they can by then.
    private static let bytes = 16 << 10
    /// So many seeds of one format; more would only take time.
    private static let most = 24

    /// Writes samples of all files of `paths` to `folder/<target>/<number>`.
    static func write(from paths: [String], to folder: String) {
        var written: [String: Int] = [:]
        for entry in PathWalker.entries(of: paths) {
            guard case .file = entry.kind,
                let file = try? FileBytes(path: entry.raw, progress: ReadProgress(), hashes: false)
            else { continue }
            let opener = StreamOpener(file, label: entry.path, limits: ReadLimits())
            while let opened = opener.next() {
                guard case .stream(_, let stream, _) = opened else { continue }
                var sample = stream.peek(bytes)
                if sample.count == bytes, let end = sample.array.lastIndex(of: 0x0A) {
                    sample = sample.prefix(upTo: end + 1)
                }
                let copy = sample.array
                let begun = RecordStream(
                    stream, options: SourceOptions(), limits: ReadLimits(), recogniser: LogSources.source(for:))
                save(PartialSeed.make(of: copy), for: "partial", in: folder, &written)
                let target = FuzzTarget.all.contains { $0.name == begun.format } ? begun.format : "readers"
                save(copy, for: target, in: folder, &written)
            }
        }
    }

    private static func save(_ seed: [UInt8], for target: String, in folder: String, _ written: inout [String: Int]) {
        let number = written[target, default: 0]
        guard number < most else { return }
        written[target] = number + 1
        let place = URL(fileURLWithPath: folder).appendingPathComponent(target)
        try? FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try? Data(seed).write(to: place.appendingPathComponent("\(number)"))
    }
}
