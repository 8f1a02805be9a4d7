// SPDX-License-Identifier: Apache-2.0

import CCodecs
import Foundation

/// A folder for one test, removed with it.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, and returns its path.
    @discardableResult func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    @discardableResult func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}

/// `bytes` as a gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: bytes.count * 2 + 4096)
    var used = 0
    output.withUnsafeMutableBytes { output in
        let archive = archive_write_new()
        archive_write_set_bytes_in_last_block(archive, 1)
        archive_write_set_format_raw(archive)
        archive_write_add_filter_gzip(archive)
        precondition(archive_write_open_memory(archive, output.baseAddress, output.count, &used) == ARCHIVE_OK)
        let entry = archive_entry_new()
        archive_entry_set_filetype(entry, 0o100000)
        precondition(archive_write_header(archive, entry) >= ARCHIVE_WARN)
        precondition(archive_write_data(archive, bytes, bytes.count) == bytes.count)
        archive_entry_free(entry)
        precondition(archive_write_close(archive) == ARCHIVE_OK)
        archive_write_free(archive)
    }
    return Array(output.prefix(used))
}
