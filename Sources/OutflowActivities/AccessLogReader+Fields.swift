// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension AccessLogReader {
    /// The line's fields by the names of W3C's extended log format, whatever the log calls them: `c-ip`, `cs-username`,
    /// `cs-method`, `cs-uri` and its parts, `sc-status`. What is not logged is no field. `time` is in microseconds since the
    /// epoch.
    ///
    /// Source: W3C, "Extended Log File Format", section "Entries"; Sigma Taxonomy Appendix 2.1, "Proxy", "Webserver".
    func fields(of record: Bytes, into fields: EventFields, _ batch: ActivityBatch) -> FieldReading {
        if record.isBlank { return .noRecord }
        return LogFields.withRoom { line in
            format.withMatcher { matcher in
                let time: Timestamp
                switch parts(of: record, matcher, line) {
                case .success(let read): time = read
                case .failure(let misfit): return .unreadable(reason(misfit))
                }
                func add(_ name: StaticString, _ value: Bytes, _ kind: EventFields.Kind = .string) {
                    if !value.isEmpty { fields.add(Bytes(name), value, kind) }
                }
                add("time", batch.arena.copy("\(time.microseconds)"), .number)
                add("c-ip", line[.client])
                add("cs-username", line[.user])
                add("sc-status", line[.status], .number)
                add("sc-bytes", line[.bytes], .number)
                add("cs-bytes", line[.requestBytes], .number)
                add("cs-user-agent", line[.userAgent])
                add("cs-referer", line[.referer])
                add("content-type", line[.mime])
                add("s-port", line[.port], .number)
                add("s-action", line[.cacheResult])
                let request = RequestLine(line)
                add("cs-method", request.method)
                add("cs-uri", request.target)
                let url = AbsoluteURL(request.target)
                add("cs-host", url?.host ?? line[.host])
                let path = url?.target ?? request.target
                let mark = path.firstIndex(of: UInt8(ascii: "?"))
                let stem = path.prefix(upTo: mark ?? path.count)
                add("cs-uri-stem", stem)
                if let mark { add("cs-uri-query", path.suffix(from: mark + 1)) }
                if let dot = lastDot(of: stem) { add("cs-uri-extension", stem.suffix(from: dot + 1)) }
                return .read
            }
        }
    }

    /// The dot before the last part's extension.
    private func lastDot(of stem: Bytes) -> Int? {
        var at = stem.count - 1
        while at >= 0, stem[at] != UInt8(ascii: "/") {
            if stem[at] == UInt8(ascii: ".") { return at }
            at -= 1
        }
        return nil
    }
}
