// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import OutflowRecords

/// Finds and parses rule files.
enum RuleFiles {
    /// A rule file: how to open it, what it is called in reports, and by what it is known as the same file again.
    struct File: Sendable {
        var path: String
        var label: String
        var canonical: String
    }

    /// The file, or all files below the folder that end in `.yml` or `.yaml`, in capitals or not, in order of path.
    static func files(of path: String) -> [File] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            return [File(path: path, label: path, canonical: canonical(path))]
        }
        let root = path.hasSuffix("/") ? String(path.dropLast()) : path
        var names: [String] = []
        // A walk does not begin at a symbolic link.
        let base = canonical(root)
        if let walker = FileManager.default.enumerator(atPath: base) {
            for case let name as String in walker where isRuleFile(name) { names.append(name) }
        }
        return names.sorted().map { File(path: "\(root)/\($0)", label: "\(root)/\($0)", canonical: "\(base)/\($0)") }
    }

    private static func isRuleFile(_ name: String) -> Bool {
        let end = name.suffix(5).lowercased()
        return end.hasSuffix(".yml") || end == ".yaml"
    }

    private static func canonical(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    /// What a file holds.
    struct Parsed: Sendable {
        /// What its documents are; what cannot be read among them too.
        var parts: [RulePart] = []
        /// SHA-256 of its bytes, when that was asked for; of files that cannot be read none.
        var digest: [UInt8] = []
    }

    /// What each file holds, read on two threads, in the order of `files`.
    static func parse(_ files: [File], _ reader: RulePartReader, digests: Bool = false) -> [Parsed] {
        Parallel.map(files.count, threads: 2) { number in
            let file = files[number]
            switch read(file.path, reader.limits) {
            case .failure(let problem): return Parsed(parts: [.problem(nil, problem)])
            case .success(let bytes):
                return Parsed(
                    parts: reader.parts(bytes, path: file.label),
                    digest: digests ? Digest.sha256(bytes) ?? [] : [])
            }
        }
    }

    /// The SHA-256 of each file; empty for those that cannot be read.
    static func digests(_ paths: [String], limits: RuleLimits) -> [[UInt8]] {
        Parallel.map(paths.count, threads: 2) { number in
            guard case .success(let bytes) = read(paths[number], limits) else { return [] }
            return Digest.sha256(bytes) ?? []
        }
    }

    /// A file's bytes, one more than are allowed at most.
    private static func read(_ path: String, _ limits: RuleLimits) -> Result<[UInt8], RuleProblem> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return .failure(.unreadable(String(cString: strerror(errno)))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .failure(.unreadable("is no file"))
        }
        let room = min(max(0, Int(status.st_size)), limits.fileBytes) + 1
        var isWhole = true
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            while count < room {
                let got = Glibc.read(descriptor, buffer.baseAddress! + count, room - count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { isWhole = false }
                if got <= 0 { return }
                count += got
            }
        }
        return isWhole ? .success(bytes) : .failure(.unreadable("the disk fails"))
    }
}
