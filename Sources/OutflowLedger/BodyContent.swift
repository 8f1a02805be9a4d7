// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What the files in a request's body say about its content.
///
/// The body is at most all of it, however many files it holds. Files that are, or for want of a hash may be, the same as
/// another in the body are content once, so that at least the rest of the body is content.
struct BodyContent {
    private(set) var bounds: ByteBounds
    /// What proves the body to be the same as another; nil when nothing does.
    private(set) var content: UInt64?
    /// Whether a file is, or may be, the same as another in the body.
    private(set) var mayRepeat = false
    /// Whether the sensor missed bytes that matter.
    private(set) var missedBytes = false

    /// The content of a body of `body` bytes (nil if not logged), of whose `count` files those in `parts` are known.
    init(_ parts: [UploadLedger.File], of count: Int, in body: UInt64?) {
        bounds = body.map { .exactly($0) } ?? .unknown
        guard let first = parts.first else { return }
        if count > 1 {
            addUp(parts, of: count, in: body)
        } else if let body, let most = first.bounds.atMost, most < body {
            // The body holds more than the file: fields of a form.
            content = first.content.map { Self.hash([$0], body) }
        } else {
            bounds = first.bounds
            content = first.content
            missedBytes = bounds.exact == nil
        }
    }

    private mutating func addUp(_ parts: [UploadLedger.File], of count: Int, in body: UInt64?) {
        var all = ByteBounds.zero
        var distinct = ByteBounds.zero
        var repeats = KnownSum()
        var contents: Set<UInt64> = []
        var sizes: Set<UInt64> = []
        // Those with a hash first: what has none may be one of them, if it is of the same size.
        for part in parts.filter({ $0.content != nil }) + parts.filter({ $0.content == nil }) {
            all += part.bounds
            let size = part.bounds.atMost
            let isNewSize = size.map { sizes.insert($0).inserted } ?? false
            if part.content.map({ contents.insert($0).inserted }) ?? isNewSize {
                distinct += part.bounds
            } else {
                repeats.add(size)
                mayRepeat = true
            }
        }
        if let body {
            let rest = repeats.value.map { body - min(body, $0) } ?? 0
            bounds = ByteBounds(atLeast: min(body, max(rest, distinct.atLeast)), atMost: body)
        } else {
            bounds = ByteBounds(atLeast: distinct.atLeast, atMost: parts.count == count ? all.atMost : nil)
            missedBytes = bounds.exact == nil && !mayRepeat
        }
        // Files that are not known could differ.
        let hashes = parts.compactMap(\.content)
        if hashes.count == count { content = Self.hash(hashes.sorted(), body) }
    }

    private static func hash(_ contents: [UInt64], _ body: UInt64?) -> UInt64 {
        var hash = ContentHash()
        for content in contents { hash.combine(content) }
        if let body { hash.combine(body) }
        // Of the kind that all hashes are of, see ``FileSeen/content(of:)``.
        let kinds = Set(contents.map { $0 & 3 })
        return hash.value & ~3 | (kinds.count == 1 ? kinds.first ?? 0 : 0)
    }
}
