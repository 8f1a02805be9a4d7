// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Who calls the cloud's interface.
struct Caller: Sendable {
    enum Kind: Sendable {
        /// A session of a role: `name` is the role, `session` the session's name.
        case role(session: String)
        /// A user with keys of their own.
        case user
        /// A service of the provider, acting by itself.
        case service
    }

    let kind: Kind
    let name: String
    /// Access key; empty for services.
    let key: String
    /// Identifier that the provider gives the role or the user.
    let principal: String
    /// Where the calls come from; nil when it is the service itself.
    var address: IPv4?
    var agent: String
    /// The private way into the store, when the calls take one.
    var endpoint: String?

    /// The caller's ARN.
    var arn: String {
        switch kind {
        case .role(let session): "arn:aws:sts::\(CloudTrail.account):assumed-role/\(name)/\(session)"
        case .user: "arn:aws:iam::\(CloudTrail.account):user/\(name)"
        case .service: name
        }
    }

    /// A caller whose keys and identifiers follow from its name and the world's seed.
    init(_ kind: Kind, name: String, address: IPv4?, agent: String, endpoint: String? = nil, _ random: inout Random) {
        func letters(_ prefix: String, _ random: inout Random) -> String {
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
            return prefix + String((0..<16).map { _ in random.pick(alphabet) })
        }
        self.kind = kind
        self.name = name
        self.address = address
        self.agent = agent
        self.endpoint = endpoint
        // Prefixes as the provider documents them: IAM identifiers, "Understanding unique ID prefixes".
        switch kind {
        case .role:
            key = letters("ASIA", &random)
            principal = letters("AROA", &random)
        case .user:
            key = letters("AKIA", &random)
            principal = letters("AIDA", &random)
        case .service:
            key = ""
            principal = ""
        }
    }
}

/// The trail of the university's cloud account: one JSON file an hour, as the provider delivers them
/// (docs.aws.amazon.com/awscloudtrail, "CloudTrail record contents"; S3 data events are switched on).
struct CloudTrail: Sendable {
    /// The account; one of the numbers that the provider's documentation uses for examples.
    static let account = "111122223333"
    /// The region.
    static let region = "eu-central-1"

    private let world: World
    private var log = TimedLog()
    private var random: Random
    /// Records that the next file holds once more: delivery is "at least once".
    private var repeats: [ByteText] = []

    /// The trail; one that begins with day `day` draws from a stream of its own.
    init(_ world: World, day: Int = 0) {
        self.world = world
        random = world.random("cloudtrail", day)
    }

    /// Whether no call is held.
    var isEmpty: Bool { log.isEmpty }

    /// Adds a call. `detail` adds what stands between the user agent and the identifiers: error, request, response.
    /// Returns the event's identifier.
    @discardableResult
    mutating func add(
        _ name: String, from source: String, by caller: Caller, at time: Timestamp, isData: Bool = false,
        isRead: Bool = true, resources: [String] = [], _ random: inout Random, _ detail: (inout ByteText) -> Void
    ) -> GUID {
        let id = GUID(&random)
        let request = random.bits()
        log.add(at: time) { text in
            text.object { text in
                text.field("eventVersion", "1.11")
                text.add(caller, at: time)
                text.field("eventTime", time, zoned: true)
                text.field("eventSource", source)
                text.field("eventName", name)
                text.field("awsRegion", Self.region)
                if let address = caller.address {
                    text.field("sourceIPAddress", address)
                } else {
                    text.field("sourceIPAddress", caller.name)
                }
                text.field("userAgent", caller.agent)
                detail(&text)
                text.field("requestID", hex: request, digits: 16)
                text.field("eventID", id)
                text.field("readOnly", isRead)
                if !resources.isEmpty {
                    text.array("resources") { text in
                        for (index, resource) in resources.enumerated() {
                            text.object { text in
                                if index > 0 { text.field("accountId", Self.account) }
                                text.field("type", index > 0 ? "AWS::S3::Bucket" : "AWS::S3::Object")
                                text.field("ARN", resource)
                            }
                        }
                    }
                }
                text.field("eventType", literal: "AwsApiCall")
                text.field("managementEvent", !isData)
                text.field("recipientAccountId", Self.account)
                if let endpoint = caller.endpoint { text.field("vpcEndpointId", endpoint) }
                text.field("eventCategory", isData ? "Data" : "Management")
            }
        }
        return id
    }

    /// Writes and forgets the records of local day `day`, an hour a file; if `whole`, the last file has also what came later.
    mutating func write(day: Int, to folder: inout OutputFolder, gzip: Bool = false, whole: Bool = false) throws {
        let (midnight, next) = (world.calendar.midnight(day), world.calendar.midnight(day + 1))
        let hours = Int((next - midnight) / Calendar.hour)
        for hour in 0..<hours {
            let end = midnight + Int64(hour + 1) * Calendar.hour
            var name = ByteText()
            name.add(text: "cloudtrail/\(Self.account)_CloudTrail_\(Self.region)_")
            name.add(text: end.description.prefix(13).filter { $0 != "-" } + "00Z_")
            name.add(hex: random.bits(), digits: 16)
            if gzip { name.add(".json.gz") } else { name.add(".json") }
            var file = try folder.file(name.string)
            file.text.add("{\"Records\":[")
            var isFirst = true
            for record in repeats {
                if !isFirst { file.text.add(",") }
                isFirst = false
                file.text.add(record.bytes[...])
            }
            repeats = []
            try log.drain(before: whole && hour == hours - 1 ? .latest : end) { _, record in
                if !isFirst { file.text.add(",") }
                isFirst = false
                file.text.add(record)
                if random.chance(perMille: 4) {
                    var copy = ByteText()
                    copy.add(record)
                    repeats.append(copy)
                }
                try file.flushIfLarge()
            }
            file.text.add("]}\n")
            try file.close()
        }
    }
}

extension ByteText {
    /// Adds the member `userIdentity`.
    fileprivate mutating func add(_ caller: Caller, at time: Timestamp) {
        object("userIdentity") { text in
            switch caller.kind {
            case .service:
                text.field("type", literal: "AWSService")
                text.field("invokedBy", caller.name)
            case .user:
                text.field("type", literal: "IAMUser")
                text.field("principalId", caller.principal)
                text.field("arn", caller.arn)
                text.field("accountId", CloudTrail.account)
                text.field("accessKeyId", caller.key)
                text.field("userName", caller.name)
            case .role(let session):
                text.field("type", literal: "AssumedRole")
                text.field("principalId", "\(caller.principal):\(session)")
                text.field("arn", caller.arn)
                text.field("accountId", CloudTrail.account)
                text.field("accessKeyId", caller.key)
                text.object("sessionContext") { text in
                    text.object("sessionIssuer") { text in
                        text.field("type", literal: "Role")
                        text.field("principalId", caller.principal)
                        text.field("arn", "arn:aws:iam::\(CloudTrail.account):role/\(caller.name)")
                        text.field("accountId", CloudTrail.account)
                        text.field("userName", caller.name)
                    }
                    text.object("attributes") { text in
                        text.field("creationDate", time + -(time.microseconds % (6 * Calendar.hour)), zoned: true)
                        text.field("mfaAuthenticated", literal: "false")
                    }
                }
            }
        }
    }
}
