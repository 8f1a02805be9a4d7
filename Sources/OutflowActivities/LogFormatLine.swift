// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The fields of one line; those that the format does not hold are empty, as are those that the line leaves out (`-`).
struct LogFields {
    fileprivate let base: UnsafeMutablePointer<Bytes>

    /// The field's text.
    subscript(field: LogFormat.Field) -> Bytes { base[Int(field.rawValue)] }

    /// Runs `body` with room for the fields of one line after the other.
    static func withRoom<Result>(_ body: (LogFields) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: Bytes.self, capacity: LogFormat.Field.allCases.count) { room in
            room.initialize(repeating: .empty)
            // The room has an address: it holds as many fields as there are.
            guard let base = room.baseAddress else { preconditionFailure("no fields") }
            return body(LogFields(base: base))
        }
    }
}

extension LogFormat {
    /// Why a line does not fit.
    enum Misfit: Error, Hashable {
        case missing(Field)
        case malformed(Field)

        /// In words.
        var reason: String {
            switch self {
            case .missing(let field): "line ends before or within its \(field)"
            case .malformed(.ignored): "there is more behind its last field"
            case .malformed(let field): "\(field) cannot be read"
            }
        }
    }

    /// A plan with its memory at hand, for a block of lines.
    struct Matcher {
        let steps: UnsafeBufferPointer<Step>
        let literals: UnsafeBufferPointer<UInt8>
        let prefix: Range<Int>

        /// Cuts `line` into `fields`; nil when it fits. Takes time proportional to the line's length times the
        /// number of fields at worst.
        func match(_ line: Bytes, into fields: LogFields) -> Misfit? {
            for index in 0..<LogFormat.fieldCount { fields.base[index] = .empty }
            guard hasText(prefix, line, at: 0) else { return .missing(steps[0].field) }
            var at = prefix.count
            for step in steps {
                if step.isPadded { while at < line.count, line[at] == 0x20 { at += 1 } }
                let end: Int
                if step.literal.isEmpty {
                    end = line.count
                } else if let found = find(step, line, from: at) {
                    end = found
                } else {
                    return .missing(step.field)
                }
                var value = line[at..<end]
                at = end + step.literal.count
                switch step.field {
                case .ignored, .referer, .ident, .user, .time, .range, .userAgent, .cacheResult, .session: break
                case .client, .status, .bytes, .requestBytes, .method, .url:
                    // These hold no blanks; a line in which they do is of another format.
                    if value.isEmpty || value.firstIndex(of: 0x20) != nil { return .malformed(step.field) }
                case .host, .port, .mime, .request:
                    if value.isEmpty { return .malformed(step.field) }
                }
                if value.count == 1, value[0] == UInt8(ascii: "-") { value = .empty }
                fields.base[Int(step.field.rawValue)] = value
            }
            return at >= line.count ? nil : .malformed(.ignored)
        }

        private func hasText(_ text: Range<Int>, _ line: Bytes, at: Int) -> Bool {
            guard line.count - at >= text.count else { return false }
            var offset = 0
            while offset < text.count {
                if line.start[at + offset] != literals[text.lowerBound + offset] { return false }
                offset += 1
            }
            return true
        }

        /// Where the field ends that begins at `from`.
        private func find(_ step: Step, _ line: Bytes, from: Int) -> Int? {
            let first = literals[step.literal.lowerBound]
            if step.endsLast {
                var at = line.count - step.literal.count
                while at >= from {
                    if line.start[at] == first, fits(step, line, at: at) { return at }
                    at -= 1
                }
                return nil
            }
            var escaped: Int?
            var inner = step.inner
            var at = from
            while let hit = line.firstIndex(of: first, from: at) {
                if inner > 0 {
                    if hasText(step.literal, line, at: hit) { inner -= 1 }
                } else if fits(step, line, at: hit) {
                    // Apache writes a quote within a field as \" (mod_log_config, format notes).
                    if first != UInt8(ascii: "\"") || !isEscaped(line, at: hit, from: from) { return hit }
                    if escaped == nil { escaped = hit }
                }
                at = hit + 1
            }
            return escaped
        }

        /// Whether the text that ends the field stands at `at` and what follows can be the next field.
        private func fits(_ step: Step, _ line: Bytes, at: Int) -> Bool {
            guard hasText(step.literal, line, at: at) else { return false }
            let after = at + step.literal.count
            switch step.next {
            case .time:
                return after < line.count && line.start[after] &- 0x30 <= 9
            case .status:
                if after < line.count, line.start[after] == UInt8(ascii: "-") { return true }
                guard line.count - after >= 3 else { return false }
                for index in after..<after + 3 where line.start[index] &- 0x30 > 9 { return false }
                return line.count - after == 3 || line.start[after + 3] &- 0x30 > 9
            default:
                return true
            }
        }

        private func isEscaped(_ line: Bytes, at: Int, from: Int) -> Bool {
            var index = at
            while index > from, line.start[index - 1] == UInt8(ascii: "\\") { index -= 1 }
            return (at - index) % 2 == 1
        }
    }

    static let fieldCount = Field.allCases.count

    /// Runs `body` with the plan's memory pinned.
    func withMatcher<Result>(_ body: (Matcher) -> Result) -> Result {
        steps.withUnsafeBufferPointer { steps in
            literals.withUnsafeBufferPointer { literals in
                body(Matcher(steps: steps, literals: literals, prefix: prefix))
            }
        }
    }
}
