// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A folder of parsed rules, so that the same rules need not be parsed again: a file for each set, by the SHA-256 of all
/// that they were made from (their contents and paths, placeholders, pipelines, limits, and this very program).
///
/// Whatever is in the folder, rules are as if it were empty: a file is only taken when it belongs to this user, nobody else
/// may write it, and its own SHA-256 fits; and what is in it is checked like any input. Nothing here ever fails: without a
/// cache, rules are parsed.
public struct RuleCache: Sendable {
    private let folder: String

    /// The most sets that are kept; the oldest ones go.
    static let limit = 16
    /// Larger files are not read.
    private static let largest = 256 << 20
    private static let magic = Array("outflow rules 1\n".utf8)

    /// A cache in a folder, which is made when it is needed.
    public init(folder: String) { self.folder = folder }

    /// The user's cache: `$XDG_CACHE_HOME/outflow`, else `~/.cache/outflow`; nil when neither variable names a folder.
    ///
    /// Source: XDG Base Directory Specification 0.8.
    public static func standard(environment: [String: String] = ProcessInfo.processInfo.environment) -> RuleCache? {
        if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") { return RuleCache(folder: base + "/outflow") }
        if let home = environment["HOME"], home.hasPrefix("/") { return RuleCache(folder: home + "/.cache/outflow") }
        return nil
    }

    /// What identifies the program: another build may parse rules otherwise.
    static let program: String = {
        var status = stat()
        guard stat("/proc/self/exe", &status) == 0 else { return "" }
        return "\(status.st_size) \(status.st_ino) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
    }()

    /// What was kept under a key; nil when there is nothing that can be trusted.
    func find(_ key: [UInt8]) -> [UInt8]? {
        let descriptor = open(path(key), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        let head = Self.magic.count + Digest.length
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
            status.st_mode & 0o022 == 0, status.st_size > head, status.st_size <= Self.largest
        else { return nil }
        let size = Int(status.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = read(descriptor, buffer.baseAddress! + count, size - count)
                if got < 0, errno == EINTR { continue }
                if got <= 0 { return }
                count += got
            }
        }
        guard bytes.count == size, bytes.starts(with: Self.magic) else { return nil }
        let content = Array(bytes[head...])
        guard content.starts(with: key), Digest.sha256(content) == Array(bytes[Self.magic.count..<head]) else {
            return nil
        }
        return Array(content.dropFirst(key.count))
    }

    /// Keeps something under a key: written beside and renamed, so that nobody ever sees half of it.
    func keep(_ key: [UInt8], _ content: [UInt8]) {
        let content = key + content
        guard let digest = Digest.sha256(content), content.count < Self.largest else { return }
        let manager = FileManager.default
        try? manager.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var template = Array("\(folder)/rules-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { return }
        let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let isWritten = Self.write(Self.magic + digest + content, to: descriptor)
        close(descriptor)
        if !isWritten || rename(temporary, path(key)) != 0 { unlink(temporary) }
        prune(manager)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var at = 0
            while at < buffer.count {
                let put = Glibc.write(descriptor, buffer.baseAddress! + at, buffer.count - at)
                if put < 0, errno == EINTR { continue }
                if put <= 0 { return false }
                at += put
            }
            return true
        }
    }

    /// Removes the oldest sets beyond the limit.
    private func prune(_ manager: FileManager) {
        let names = ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasPrefix("rules-") }
        guard names.count > Self.limit else { return }
        let dated = names.map { name -> (path: String, time: Int) in
            var status = stat()
            let path = "\(folder)/\(name)"
            return (path, stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0)
        }
        for old in dated.sorted(by: { $0.time > $1.time }).dropFirst(Self.limit) { unlink(old.path) }
    }

    private func path(_ key: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return "\(folder)/rules-"
            + String(decoding: key.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
