// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// One CloudTrail event under the reader's eyes: the members that all kinds of events share.
///
/// Source: AWS CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element".
struct CloudTrailEvent {
    let json: JSONValue
    let batch: ActivityBatch
    let name: Bytes
    let service: Bytes
    let parameters: JSONValue?
    let response: JSONValue?
    private let user: JSONValue?
    private let time: Timestamp
    private let place: CloudTrail.Place
    private let index: Int

    init(_ json: JSONValue, _ place: CloudTrail.Place, _ index: Int, _ time: Timestamp, _ batch: ActivityBatch) {
        self.json = json
        self.batch = batch
        self.name = json.string("eventName")
        self.service = json.string("eventSource")
        self.parameters = json.present("requestParameters")
        self.response = json.present("responseElements")
        self.user = json.present("userIdentity")
        self.time = time
        self.place = place
        self.index = index
    }

    /// Adds what the event means; whether it means anything.
    func emit() -> Bool {
        // The view of a network endpoint that a call went through: the call has an event of its own, which tells more.
        if json.string("eventType") == "AwsVpceEvents" { return false }
        if service == "s3.amazonaws.com" || service == "s3express.amazonaws.com"
            || service == "s3-outposts.amazonaws.com"
        {
            emitObjectWrite()
            return emitObjectRead() || emitBucketSharing()
        }
        return emitSnapshotSharing() || emitSecretRead()
    }

    // MARK: Identity

    /// Identity of the event. Of one action that concerns two accounts each gets an event with an `eventID` of its own,
    /// and both carry the same `sharedEventID`: the action happened once.
    private var identity: UInt64 {
        var hash = ContentHash(seed: 0x636C_6F75_6474_7261)
        for id in [json.string("sharedEventID"), json.string("eventID")] where !id.isEmpty {
            hash.combine(id)
            return hash.value
        }
        hash.combine(place.record)
        hash.combine(UInt64(index))
        return hash.value
    }

    /// The mark of the event's `part`-th meaning: an event that names three secrets or accounts has three.
    func mark(part: Int = 0, identity known: UInt64? = nil) -> RecordMark {
        var identity = known ?? self.identity
        if part > 0 {
            var hash = ContentHash(seed: identity)
            hash.combine(UInt64(part))
            identity = hash.value
        }
        return RecordMark(time: time, identity: identity, offset: place.offset, length: place.length)
    }

    // MARK: Who and where

    /// Account in whose trail the event stands, else the caller's: the account that the organisation owns.
    var account: Bytes {
        let recipient = json.string("recipientAccountId")
        return recipient.isEmpty ? callerAccount : recipient
    }

    /// Account of the caller; empty if not logged.
    var callerAccount: Bytes { user?.string("accountId") ?? .empty }

    /// Who called; empty only if the event says nothing at all about it.
    var callerID: Bytes {
        for key: StaticString in ["arn", "principalId", "accountId", "userName", "invokedBy"] {
            if let id = user?.string(key), !id.isEmpty { return batch.arena.copy(id) }
        }
        return .empty
    }

    /// Who called, as a source of data of `tenant`.
    func caller(tenant: Bytes) -> EntityView {
        let id = callerID
        var name = user?.string("userName") ?? .empty
        // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
        if name.isEmpty, id.hasPrefix("arn:"), let slash = lastIndex(of: UInt8(ascii: "/"), in: id) {
            name = id.suffix(from: slash + 1)
        }
        return EntityView(
            .principal, id: id.isEmpty ? Bytes("unknown") : id, name: batch.arena.copy(name),
            tenant: batch.arena.copy(tenant))
    }

    /// Whether a service of AWS did the call, for itself or for somebody else (`invokedBy`): the content goes to that
    /// service, not to an address.
    var isByService: Bool {
        func isService(_ name: Bytes) -> Bool {
            name.hasSuffix(".amazonaws.com") || name.hasSuffix(".amazonaws.com.cn")
        }
        if isService(json.string("sourceIPAddress")) { return true }
        guard let user else { return false }
        return user.string("type") == "AWSService" || isService(user.string("invokedBy"))
    }

    /// Whether the caller belongs to another account than `owner`.
    func isForeign(to owner: Bytes) -> Bool {
        let caller = callerAccount
        return !caller.isEmpty && !owner.isEmpty && !(caller == owner)
    }

    /// Where the answer went: the caller's address; for a service that reads for another account, that account.
    var destination: EntityView {
        if isByService, !callerAccount.isEmpty { return EntityView(.account, id: batch.arena.copy(callerAccount)) }
        let address = batch.arena.lowercased(batch.arena.copy(json.string("sourceIPAddress")))
        if address.isEmpty { return EntityView(.account, id: Bytes("unknown")) }
        if IPAddress(address) != nil { return EntityView(.address, id: address) }
        // "AWS Internal", or the name of a service.
        return EntityView(address.firstIndex(of: UInt8(ascii: ".")) == nil ? .account : .domain, id: address)
    }

    /// The access key, which is the session for temporary credentials.
    var session: Bytes { batch.arena.copy(user?.string("accessKeyId") ?? .empty) }

    /// The user agent. S3 wrote it in square brackets until 2021.
    var client: Bytes {
        var agent = json.string("userAgent")
        if agent.count >= 2, agent.hasPrefix("["), agent.hasSuffix("]") { agent = agent[1..<agent.count - 1] }
        return batch.arena.copy(agent)
    }

    // MARK: Outcome

    enum Outcome { case done, refused, failed }

    /// What came of the call: done, refused, or failed for a reason that is nobody's refusal (no such object, not
    /// modified, throttled).
    var outcome: Outcome {
        guard let code = json.present("errorCode")?.string, !code.isEmpty else { return .done }
        for harmless: StaticString in [
            "NoSuch", "NotFound", "NotModified", "Precondition", "SlowDown", "InternalError", "InternalFailure",
            "ServiceUnavailable", "Throttl", "RequestTimeout", "RequestLimitExceeded", "TooManyRequests",
        ] where code.firstIndex(of: harmless) != nil {
            return .failed
        }
        return .refused
    }

    /// How many meanings one event may have; real ones have far fewer (500 accounts at once for a snapshot).
    static let partLimit = 1000

    /// Whether there is room for the `part`-th meaning; the first without room is told as a rejection.
    func hasRoom(for part: Int) -> Bool {
        if part == CloudTrailEvent.partLimit {
            reject("names more than \(CloudTrailEvent.partLimit) things or accounts: the rest is left out")
        }
        return part < CloudTrailEvent.partLimit
    }

    /// Tells that a part of the event could not be read.
    func reject(_ reason: String) { batch.reject(offset: place.offset, reason) }

    // MARK: Parts of the request

    /// The parameter `key`, if it is a text or a list that begins with one (S3 writes headers and query items as lists).
    func parameter(_ key: StaticString) -> Bytes {
        guard let value = parameters?.present(key) else { return .empty }
        return CloudTrailEvent.text(value)
    }

    /// A text, or the first text of a list.
    static func text(_ value: JSONValue) -> Bytes {
        if let text = value.string { return text }
        for (_, element) in value.elements { return element.string ?? .empty }
        return .empty
    }

    /// ARN and account of the first resource of a type; both empty if none is listed.
    func resource(_ type: StaticString) -> (arn: Bytes, account: Bytes) {
        guard let resources = json["resources"] else { return (.empty, .empty) }
        for (_, resource) in resources.elements where resource.string("type") == type {
            return (CloudTrailEvent.arn(resource), resource.string("accountId"))
        }
        return (.empty, .empty)
    }

    /// The ARN of a listed resource: `ARN` in most events, `arn` in some.
    static func arn(_ resource: JSONValue) -> Bytes {
        let arn = resource.string("ARN")
        return arn.isEmpty ? resource.string("arn") : arn
    }

    /// Whether the event comes from `short.amazonaws.com`.
    func isService(_ short: StaticString) -> Bool {
        service.count == short.utf8CodeUnitCount + ".amazonaws.com".utf8.count && service.hasPrefix(short)
            && service.hasSuffix(".amazonaws.com")
    }

    /// Index of the last `byte`, or nil.
    func lastIndex(of byte: UInt8, in bytes: Bytes) -> Int? {
        var index = bytes.count
        while index > 0 {
            index -= 1
            if bytes[index] == byte { return index }
        }
        return nil
    }
}
