// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// One record of the unified audit log, unwrapped. Its views die with the next parse: ``keep(_:)`` what stays.
struct AuditRecord {
    /// The audit record itself.
    let json: JSONValue
    /// The row around it, where that lives in the same document.
    let row: JSONValue?
    let batch: ActivityBatch
    let mark: RecordMark
    let operation: Bytes

    /// Unwraps a row. Nil when no time can be read.
    init?(_ root: JSONValue, bytes: Bytes, offset: UInt64, batch: ActivityBatch) throws(JSONParser.Failure) {
        var json = root
        var row: JSONValue? = nil
        for key: StaticString in ["AuditData", "auditData", "RawEventData", "rawData"] {
            guard let inner = root.present(key) else { continue }
            if inner.kind == .object {
                json = inner
                row = root
                break
            }
            if let text = inner.string?.trimmed, !text.isEmpty {
                json = try batch.json.parse(copying: text)
                break
            }
        }
        self.json = json
        self.row = row
        self.batch = batch

        func first(_ keys: [StaticString]) -> Bytes {
            for key in keys {
                if let text = json[key]?.string, !text.isEmpty { return text }
                if let text = row?[key]?.string, !text.isEmpty { return text }
            }
            return .empty
        }
        operation = first(["Operation", "operation"])
        // Audit times are UTC; most exports write no zone (schema, "CreationTime").
        var time: Timestamp? = nil
        let timeKeys: [StaticString] = [
            "CreationTime", "CreationDate", "TimeGenerated", "Start_Time", "createdDateTime", "Timestamp",
            "ElevationTime",
        ]
        for key in timeKeys where time == nil {
            time =
                json[key]?.string.flatMap { Timestamp(iso8601: $0) }
                ?? row?[key]?.string.flatMap { Timestamp(iso8601: $0) }
        }
        guard let time else { return nil }

        var hash = ContentHash(seed: 0x6D33_3635)
        let id = first(["Id", "OfficeId", "SourceRecordId", "id"])
        hash.combine(id.isEmpty ? bytes : batch.arena.lowercased(id))
        mark = RecordMark(
            time: time, identity: hash.value, offset: offset, length: UInt32(clamping: bytes.count))
    }

    /// The string at the first of these keys that has one; empty if none has.
    func text(_ a: StaticString, _ b: StaticString = "", _ c: StaticString = "") -> Bytes {
        if let text = json[a]?.string, !text.isEmpty { return text }
        if b.utf8CodeUnitCount > 0, let text = json[b]?.string, !text.isEmpty { return text }
        if c.utf8CodeUnitCount > 0, let text = json[c]?.string, !text.isEmpty { return text }
        return .empty
    }

    /// The same, then at `outer` of the row around the record (Microsoft Graph writes its keys small).
    func text(_ a: StaticString, _ b: StaticString = "", row outer: StaticString) -> Bytes {
        let own = text(a, b)
        return own.isEmpty ? row?.string(outer) ?? .empty : own
    }

    /// A copy that lives as long as the batch.
    func keep(_ text: Bytes) -> Bytes { text.isEmpty ? .empty : batch.arena.copy(text) }
    /// A copy in lower case that lives as long as the batch.
    func keepLower(_ text: Bytes) -> Bytes { batch.arena.lowercased(keep(text)) }

    var user: Bytes { text("UserId", row: "userId") }

    /// The organisation: its id, else its first domain.
    var tenant: Bytes {
        let id = text("OrganizationId", row: "organizationId")
        return keepLower(id.isEmpty ? text("OrganizationName") : id)
    }

    /// `Failed` of mailbox and file records, `False` of administrators' commands (schema: ResultStatus).
    var isFailure: Bool {
        let status = text("ResultStatus")
        return status.equalsIgnoringCase("Failed") || status.equalsIgnoringCase("Failure")
            || status.equalsIgnoringCase("False")
    }

    /// The client's address in its usual spelling; nil if none is logged, or nothing that is one.
    var address: Bytes? {
        var text = text("ClientIPAddress", "Client_IPAddress", "ClientIP").trimmed
        if text.isEmpty { text = row?.string("clientIp") ?? .empty }
        if text.isEmpty { text = self.text("ActorIpAddress") }
        let host = AuditRecord.host(text)
        guard let address = IPAddress(host) else { return nil }
        // Dotted decimal has one spelling only, IPv6 has many.
        let isDotted = host.firstIndex(of: UInt8(ascii: ":")) == nil
        return isDotted ? batch.arena.copy(host) : batch.arena.copy(address.description)
    }

    /// The part of `1.2.3.4:5678`, `[2001:db8::1]:5678` or `2001:db8::1` that is the address.
    static func host(_ text: Bytes) -> Bytes {
        if text.hasPrefix("["), let end = text.firstIndex(of: UInt8(ascii: "]")) { return text[1..<end] }
        if let colon = text.firstIndex(of: UInt8(ascii: ":")),
            text.firstIndex(of: UInt8(ascii: ":"), from: colon + 1) == nil
        {
            return text.prefix(upTo: colon)
        }
        return text
    }

    /// Who got data: the client's address, else the application, else the user.
    var reader: EntityView {
        if let address { return EntityView(.address, id: address) }
        let application = text("ClientAppId", "ApplicationId", "AppId")
        return EntityView(.account, id: keepLower(application.isEmpty ? user : application))
    }

    /// Calls `body` for every element of the list at `key`: an array, or (Sentinel) an array as a JSON string.
    /// Where PowerShell cut a list at its depth limit, elements are strings like `@{Value=Bind; Name=MailAccessType}`.
    func forEachElement(of key: StaticString, _ body: (JSONValue) -> Void) {
        guard var list = json.present(key) else { return }
        if let text = list.string {
            guard let parsed = try? batch.innerJSON.parse(copying: text) else { return }
            list = parsed
        }
        if list.kind == .object { body(list) }
        for (_, element) in list.elements { body(element) }
    }

    /// Calls `body` for every `{"Name": ..., "Value": ...}` of the list at `key`.
    func forEachProperty(of key: StaticString, _ body: (_ name: Bytes, _ value: Bytes) -> Void) {
        forEachElement(of: key) { element in
            if let text = element.string {
                body(AuditRecord.field("Name", of: text), AuditRecord.field("Value", of: text))
            } else if let value = element["Value"] {
                let isTrue = value.kind == .bool && value.bool == true
                body(element.string("Name"), value.string ?? (isTrue ? Bytes("True") : .empty))
            }
        }
    }

    /// The field `name` of an object that PowerShell turned into text, `@{Name=IsThrottled; Value=False}`.
    static func field(_ name: StaticString, of text: Bytes) -> Bytes {
        guard text.hasPrefix("@{"), text.hasSuffix("}") else { return .empty }
        let inside = text[2..<text.count - 1]
        var at = 0
        while at < inside.count {
            let end = inside.firstIndex(of: "; ", from: at) ?? inside.count
            let part = inside[at..<end]
            if let equals = part.firstIndex(of: UInt8(ascii: "=")), part.prefix(upTo: equals) == name {
                return part.suffix(from: equals + 1)
            }
            at = end + 2
        }
        return .empty
    }
}
