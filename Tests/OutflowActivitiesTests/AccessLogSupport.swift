// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowRecords

/// The folder of real library logs; nil when `OUTFLOW_CORPORA` is not set.
let libraryCorpus: URL? = ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"].map {
    URL(fileURLWithPath: $0).appendingPathComponent("library")
}

/// What a program prints. Test data is packed; the readers have tests of their own.
func output(of program: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
    return data
}

/// What `ObjectAccess` says, as values that outlive the batch.
struct ReadSeen: Equatable {
    var line: Int
    var route: Route
    var state: TransferState
    var source: String
    var store: String
    var session: String
    var destination: String
    var destinationKind: EntityKind
    var object: String
    var bytes: UInt64?
    var headers: UInt64 = 0
    var part: ObjectAccess.Part
    var client: String
    var time: Timestamp
    var identity: UInt64
}

/// A whole text read by the source that recognises it.
struct AccessLogRun {
    var format: String?
    var reads: [ReadSeen] = []
    var records: UInt64 = 0
    var irrelevant: UInt64 = 0
    var rejections = Rejections()

    init(_ text: String, options: SourceOptions = SourceOptions()) { self.init(Array(text.utf8), options: options) }

    init(_ content: [UInt8], options: SourceOptions = SourceOptions()) {
        var padded = content
        padded.append(contentsOf: [UInt8](repeating: 0, count: 64))
        padded.withUnsafeBytes { buffer in
            let bytes = Bytes(UnsafeRawBufferPointer(rebasing: buffer[0..<content.count]))
            var records: [Bytes] = []
            RecordBlock(bytes: bytes, offset: 0).forEachRecord { record, _ in
                if records.count < 20 { records.append(record) }
            }
            let head = StreamHead(
                bytes: bytes, isWhole: true, framing: .lines, records: records, options: options)
            guard let (source, card) = LogSources.source(for: head) else { return }
            format = card.format
            let batch = ActivityBatch()
            source.read(RecordBlock(bytes: bytes, offset: 0), into: batch)
            self.records = batch.records
            irrelevant = batch.irrelevant
            rejections = batch.rejections
            var lineOf: [UInt64: Int] = [:]
            var number = 0
            RecordBlock(bytes: bytes, offset: 0).forEachRecord { _, offset in
                lineOf[offset] = number
                number += 1
            }
            reads = batch.objects.map { read in
                ReadSeen(
                    line: lineOf[read.mark.offset] ?? -1, route: read.route, state: read.state,
                    source: read.source.id.string, store: read.store.string, session: read.session.string,
                    destination: read.destination.id.string, destinationKind: read.destination.kind,
                    object: read.object.string, bytes: read.bytes, headers: read.headers, part: read.part,
                    client: read.client.string,
                    time: read.mark.time, identity: read.mark.identity)
            }
        }
    }

    /// Documents taken: distinct objects.
    var documents: Set<String> { Set(reads.filter { $0.state == .taken }.map(\.object)) }
}
