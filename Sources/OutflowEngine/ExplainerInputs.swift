// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowLedger

/// Finds the files behind the inputs of a report, which may have been written elsewhere.
struct InputLocator {
    /// Where an input is now.
    enum Place: Hashable {
        /// The file on disk, and the path of the input within: `/new/a.zip` and `/new/a.zip!b.log`.
        case found(file: String, path: String)
        case missing(tried: [String])
        case unreadable(reason: String)
    }

    /// Folder of the report.
    let folder: String

    /// Where the input of a path is: at that path, or relative to the folder in which the report folder lies, or to the
    /// report folder itself.
    func place(of path: String) -> Place {
        if path == "-" || path == "standard input" {
            return .unreadable(reason: "was read from standard input, which cannot be read again")
        }
        var tried: [String] = []
        for candidate in candidates(path) where !tried.contains(candidate) {
            tried.append(candidate)
            guard let file = Self.fileOnDisk(of: candidate) else { continue }
            var isFolder: ObjCBool = false
            let kind =
                try? FileManager.default.attributesOfItem(atPath: Self.resolved(file))[.type] as? FileAttributeType
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            guard kind == .typeRegular else {
                return .unreadable(reason: "is no regular file: it cannot be read again")
            }
            return .found(file: file, path: candidate)
        }
        return .missing(tried: tried)
    }

    private func candidates(_ path: String) -> [String] {
        if path.hasPrefix("/") { return [path] }
        let parent = (folder as NSString).deletingLastPathComponent
        return [path, Self.join(parent, path), Self.join(folder, path)]
    }

    private static func join(_ folder: String, _ path: String) -> String {
        folder.isEmpty ? path : (folder as NSString).appendingPathComponent(path)
    }

    private static func resolved(_ path: String) -> String { (path as NSString).resolvingSymlinksInPath }

    /// The part of a path that is a file: all of it, else the longest part before a `!` that is one.
    private static func fileOnDisk(of path: String) -> String? {
        var candidate = path[...]
        while true {
            if FileManager.default.fileExists(atPath: String(candidate)) { return String(candidate) }
            guard let mark = candidate.lastIndex(of: "!") else { return nil }
            candidate = candidate[..<mark]
        }
    }
}
