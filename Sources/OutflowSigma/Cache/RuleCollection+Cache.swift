// SPDX-License-Identifier: Apache-2.0

import Foundation

extension RuleCollection {
    /// What a collection is known by: the files with their digests, and all else that its rules depend on.
    static func key(
        _ files: [RuleFiles.File], _ digests: [[UInt8]], _ placeholders: Placeholders,
        _ pipelines: [ProcessingPipeline], _ limits: RuleLimits
    ) -> [UInt8]? {
        var writer = CacheWriter()
        writer.write(RuleCache.program)
        writer.write("\(limits)")
        writer.write(placeholders.unknownMatchAll)
        writer.write(list: placeholders.values.sorted { $0.key < $1.key }) { entry, writer in
            writer.write(entry.key)
            writer.write(list: entry.value) { $1.write($0) }
        }
        writer.write(list: pipelines) { $1.write($0.text) }
        writer.write(list: Array(zip(files, digests))) { entry, writer in
            writer.write(entry.0.label)
            writer.write(entry.1)
        }
        return Digest.sha256(writer.bytes)
    }

    /// Everything that was loaded and rejected, as bytes; nil if that cannot be.
    func encoded() -> [UInt8]? {
        var writer = CacheWriter()
        writer.write(list: rules) { $0.write(to: &$1) }
        writer.write(list: filters) { $0.write(to: &$1) }
        writer.write(list: rejected) { $0.write(to: &$1) }
        guard let correlations = try? JSONEncoder().encode(correlations) else { return nil }
        writer.write(Array(correlations))
        return writer.bytes
    }

    /// Takes over what ``encoded()`` wrote.
    ///
    /// - Returns: false when it wrote nothing like it; then nothing has changed.
    mutating func take(encoded bytes: [UInt8]) -> Bool {
        var reader = CacheReader(bytes)
        do throws(CacheDamage) {
            let rules = try reader.list { reader throws(CacheDamage) in try Rule(from: &reader) }
            let filters = try reader.list { reader throws(CacheDamage) in try RuleFilter(from: &reader) }
            let rejected = try reader.list { reader throws(CacheDamage) in try RejectedRule(from: &reader) }
            let data = Data(try reader.data())
            guard reader.isAtEnd, let correlations = try? JSONDecoder().decode([CorrelationRule].self, from: data),
                correlations.allSatisfy(\.isSound)
            else { return false }
            take(rules, correlations, filters, rejected)
            return true
        } catch {
            return false
        }
    }
}

extension CorrelationRule {
    /// Whether it stays within what ``CorrelationReader`` lets pass.
    var isSound: Bool {
        timespan > 0 && timespan <= 3660 * 86_400_000_000 && (0...100).contains(percentile)
            && (1...64).contains(rules.count) && (kind.isTemporal || !bounds.isEmpty)
            && (!kind.needsField || !fields.isEmpty)
            && (expression.map { $0.problem(for: kind) == nil } ?? true)
    }
}
