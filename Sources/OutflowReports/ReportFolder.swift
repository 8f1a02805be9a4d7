// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

#if canImport(Glibc)
    import Glibc
#endif

/// The folder in which a scan leaves its report.
public enum ReportFolder {
    /// Why a report could not be written.
    public struct Failure: Error, CustomStringConvertible, Equatable {
        /// What was wrong, with which path, and what to do where that helps.
        public let description: String
    }

    /// The files in the order in which they get their names: `report.json` last, so that its presence means that the
    /// others are there.
    public static let names = ["ledger.csv", "findings.ocsf.jsonl", "report.html", "report.json"]

    /// Writes `report.html`, `ledger.csv`, `findings.ocsf.jsonl` and `report.json` into a folder, which is made if it is missing (not its
    /// parents). Files of an earlier report are replaced.
    ///
    /// All files are written under other names first and renamed when all are whole, so that no half report is left
    /// behind when the disk is full or the program is ended. Symbolic links in the place of the folder or of a file are
    /// refused: somebody else may have put them there.
    ///
    /// - Parameters:
    ///   - report: what is written.
    ///   - path: the folder.
    ///   - version: of the program, for the findings.
    ///   - threads: how many may work at it.
    /// - Returns: the paths written, `report.html` first.
    /// - Throws: ``Failure``.
    @discardableResult
    public static func write(
        _ report: Report, to path: String, version: String, threads: Int = 1
    ) throws(Failure) -> [String] {
        let contents = Parallel.map(names.count, threads: threads) { number in
            switch number {
            case 0: CSVReport.render(report)
            case 1: OCSFReport.render(report, version: version)
            case 2: HTMLReport.render(report, version: version)
            default: JSONReport.render(report, version: version)
            }
        }
        try write(Array(zip(names, contents)), to: path)
        return ["report.html", "report.json", "ledger.csv", "findings.ocsf.jsonl"].map {
            path.hasSuffix("/") ? path + $0 : "\(path)/\($0)"
        }
    }

    static func write(_ files: [(name: String, bytes: [UInt8])], to path: String) throws(Failure) {
        // With a slash behind it a link would be followed.
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        if mkdir(path, 0o777) != 0, errno != EEXIST { throw failure(path, "cannot make the folder") }
        // All else goes through this descriptor: nobody can swap the folder for another midway.
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else {
            if errno == ELOOP || isLink(AT_FDCWD, path) {
                throw Failure(description: "\(path): is a symbolic link; name the folder itself, or another one")
            }
            throw failure(path, "cannot open the folder")
        }
        defer { close(folder) }
        for (name, _) in files where isLink(folder, name) {
            throw Failure(description: "\(path)/\(name): is a symbolic link; remove it, or choose another folder")
        }
        for (name, _) in files where isFolder(folder, name) {
            throw Failure(
                description: "\(path)/\(name): is a folder; remove it, or choose another place for the report")
        }
        let suffix = ".\(getpid()).partial"
        var written: [String] = []
        defer { for name in written { unlinkat(folder, name, 0) } }
        for (name, bytes) in files {
            let temporary = "." + name + suffix
            unlinkat(folder, temporary, 0)  // of an earlier process with this number
            let file = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
            guard file >= 0 else { throw failure("\(path)/\(temporary)", "cannot create") }
            written.append(temporary)
            let isWhole = writeAll(bytes, to: file)
            guard isWhole else {
                let error = failure("\(path)/\(name)", "cannot write")
                close(file)
                throw error
            }
            // Network file systems may report a full disk only now.
            guard close(file) == 0 else { throw failure("\(path)/\(name)", "cannot write") }
        }
        for (name, _) in files {
            guard renameat(folder, "." + name + suffix, folder, name) == 0 else {
                throw failure("\(path)/\(name)", "cannot replace")
            }
            written.removeFirst()
        }
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(file, buffer.baseAddress! + done, buffer.count - done)
                if count < 0 {
                    if errno == EINTR { continue }
                    return false
                }
                done += count
            }
            return true
        }
    }

    private static func isFolder(_ folder: Int32, _ name: String) -> Bool {
        var status = stat()
        return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func isLink(_ folder: Int32, _ name: String) -> Bool {
        var status = stat()
        return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private static func failure(_ path: String, _ what: String) -> Failure {
        Failure(description: "\(path): \(what): \(String(cString: strerror(errno)))")
    }
}
