// SPDX-License-Identifier: Apache-2.0

import CCodecs
import Glibc

/// Makes compressed streams and archives with libarchive's writer.
enum Samples {
    enum Filter: CaseIterable { case gzip, bzip2, xz, zstd, lz4, compress }
    enum Format: CaseIterable { case tar, zip, sevenZip }

    /// `bytes`, compressed.
    static func compress(_ bytes: [UInt8], _ filter: Filter) -> [UInt8] {
        write(room: bytes.count * 2 + 4096) { archive in
            archive_write_set_format_raw(archive)
            switch filter {
            case .gzip: archive_write_add_filter_gzip(archive)
            case .bzip2: archive_write_add_filter_bzip2(archive)
            case .xz: archive_write_add_filter_xz(archive)
            case .zstd: archive_write_add_filter_zstd(archive)
            case .lz4: archive_write_add_filter_lz4(archive)
            case .compress: archive_write_add_filter_compress(archive)
            }
        } members: {
            [("", bytes)]
        }
    }

    /// An archive of `members`.
    static func pack(_ members: [(String, [UInt8])], _ format: Format, password: String? = nil) -> [UInt8] {
        write(room: members.reduce(1 << 16) { $0 + $1.1.count * 2 + 4096 }) { archive in
            switch format {
            case .tar: archive_write_set_format_pax_restricted(archive)
            case .zip: archive_write_set_format_zip(archive)
            case .sevenZip: archive_write_set_format_7zip(archive)
            }
            if let password {
                archive_write_set_options(archive, "zip:encryption=zipcrypt")
                archive_write_set_passphrase(archive, password)
            }
        } members: {
            members
        }
    }

    private static func write(
        room: Int, _ configure: (OpaquePointer?) -> Void, members: () -> [(String, [UInt8])]
    ) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: room)
        var used = 0
        output.withUnsafeMutableBytes { output in
            let archive = archive_write_new()
            archive_write_set_bytes_in_last_block(archive, 1)
            configure(archive)
            precondition(archive_write_open_memory(archive, output.baseAddress, output.count, &used) == ARCHIVE_OK)
            for (name, bytes) in members() {
                let entry = archive_entry_new()
                archive_entry_set_pathname(entry, name)
                archive_entry_set_size(entry, Int64(bytes.count))
                archive_entry_set_filetype(entry, 0o100000)
                archive_entry_set_perm(entry, 0o644)
                precondition(archive_write_header(archive, entry) >= ARCHIVE_WARN)
                precondition(archive_write_data(archive, bytes, bytes.count) == bytes.count)
                archive_entry_free(entry)
            }
            precondition(archive_write_close(archive) == ARCHIVE_OK)
            archive_write_free(archive)
        }
        return Array(output.prefix(used))
    }
}

/// A folder for one test, removed with it.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array("/tmp/outflow-readers-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit { removeAll(path) }

    /// Writes a file, and returns its path.
    @discardableResult func write(_ name: String, _ bytes: [UInt8]) -> String {
        let file = fopen(path + "/" + name, "w")
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        return path + "/" + name
    }

    @discardableResult func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

    func makeFolder(_ name: String) { mkdir(path + "/" + name, 0o755) }

    private func removeAll(_ path: String) {
        guard let directory = opendir(path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            if unlink(path + "/" + name) != 0 { removeAll(path + "/" + name) }
        }
        closedir(directory)
        rmdir(path)
    }
}
