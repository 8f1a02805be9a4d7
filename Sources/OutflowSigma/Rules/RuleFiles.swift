// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowRecords

/// Finds and parses rule files.
enum RuleFiles {
    /// A rule file: how to open it, what it is called in reports, and by what it is known as the same file again.
    struct File: Sendable {
        var path: String
        var label: String
        var canonical: String
    }

    /// The file, or all files below the folder that end in `.yml` or `.yaml`, in order of path.
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
            for case let name as String in walker where name.hasSuffix(".yml") || name.hasSuffix(".yaml") {
                names.append(name)
            }
        }
        return names.sorted().map { File(path: "\(root)/\($0)", label: "\(root)/\($0)", canonical: "\(base)/\($0)") }
    }

    private static func canonical(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    /// The documents of each file, parsed on two threads, in the order of `paths`.
    static func parse(_ paths: [String], limits: RuleLimits) -> [Result<[RuleNode], RuleProblem>] {
        let results = Guarded<[Result<[RuleNode], RuleProblem>?]>(Array(repeating: nil, count: paths.count))
        let chunk = 64
        let chunks = (paths.count + chunk - 1) / chunk
        DispatchQueue.concurrentPerform(iterations: chunks) { index in
            let range = index * chunk..<min((index + 1) * chunk, paths.count)
            let parsed = range.map { parse(paths[$0], limits) }
            results.withLock { results in
                for (offset, result) in zip(range, parsed) { results[offset] = result }
            }
        }
        return results.withLock { $0.map { $0 ?? .failure(.unreadable("was not read")) } }
    }

    private static func parse(_ path: String, _ limits: RuleLimits) -> Result<[RuleNode], RuleProblem> {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            return .failure(.unreadable("no such file, or no permission"))
        }
        defer { try? handle.close() }
        guard let bytes = try? handle.read(upToCount: limits.fileBytes + 1) ?? Data() else {
            return .failure(.unreadable("is a folder, or the disk fails"))
        }
        do throws(RuleProblem) {
            return .success(try RuleYAML.documents([UInt8](bytes), limits: limits))
        } catch {
            return .failure(error)
        }
    }
}
