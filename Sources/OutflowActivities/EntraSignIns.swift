// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Sign-in logs of Microsoft Entra ID (Azure AD): the only log read here that tells where an address is.
///
/// Two shapes of one record: `signIn` of Microsoft Graph, and what diagnostic settings export, with the record in
/// `properties` and a `category` that ends in `SignInLogs`. Nothing leaves by a sign-in: detectors look at them.
///
/// Source: learn.microsoft.com/graph/api/resources/signin; learn.microsoft.com/entra/identity/monitoring-health,
/// "Azure Monitor sign-in log schema".
public struct EntraSignIns: JSONRecordSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "entra-sign-ins", title: "Microsoft Entra ID sign-in logs", routes: [],
        recognisedBy: "JSON with userPrincipalName, createdDateTime and status.errorCode, or the same in properties",
        activities: "none in the ledger; detectors look at sign-ins, refused ones, their places and devices",
        bytes: "no",
        switchOn: "diagnostic settings of Entra ID with SignInLogs and NonInteractiveUserSignInLogs (P1 or P2), or "
            + "GET /auditLogs/signIns of Microsoft Graph",
        reference: "https://learn.microsoft.com/graph/api/resources/signin")

    /// How sure the head is of this format.
    public static func recognise(_ head: StreamHead) -> Int {
        let parser = JSONParser()
        let isOwn = head.records.contains { (try? parser.parse(copying: $0)).map(owns) ?? false }
        return isOwn ? 90 : 0
    }

    /// A reader; never nil, as each record says itself what it is.
    public init?(_ head: StreamHead) {}

    /// Whether an object is a sign-in, or wraps one.
    public static func owns(_ object: JSONValue) -> Bool { signIn(object) != nil }

    private static func signIn(_ object: JSONValue) -> JSONValue? {
        guard object.kind == .object else { return nil }
        let inner = object.present("properties") ?? object
        guard inner.kind == .object, !inner.string("userPrincipalName").isEmpty,
            !inner.string("createdDateTime").isEmpty, inner["status"]?["errorCode"] != nil
        else { return nil }
        return inner
    }

    /// Adds what the block's records mean; see ``LogSource/read(_:into:)``.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { record, offset in
            do {
                let root = try batch.json.parse(record)
                guard let signIn = Self.signIn(root) else {
                    if root.kind == .object { return batch.passOn(record, offset: offset) }
                    return batch.reject(offset: offset, "no JSON object")
                }
                if let reason = Self.observe(signIn, record, offset, batch) {
                    batch.reject(offset: offset, reason)
                }
            } catch {
                batch.reject(offset: offset, "not JSON: \(error)")
            }
        }
    }

    /// Adds a sign-in.
    /// - Returns: why it cannot be read; nil when it was.
    private static func observe(
        _ signIn: JSONValue, _ record: Bytes, _ offset: UInt64, _ batch: ActivityBatch
    ) -> String? {
        guard let time = Timestamp(iso8601: signIn.string("createdDateTime")) else {
            return "no readable createdDateTime"
        }
        var hash = ContentHash(seed: 0x656E_7472)
        let id = signIn.string("id")
        hash.combine(id.isEmpty ? record : id)
        batch.records += 1
        batch.irrelevant += 1
        batch.saw(time)
        let device = signIn["deviceDetail"]
        var name = device?.string("displayName") ?? .empty
        if name.isEmpty, let device {
            let (system, browser) = (device.string("operatingSystem"), device.string("browser"))
            if !system.isEmpty || !browser.isEmpty { name = batch.arena.join(system, Bytes(" "), browser) }
        }
        let address = IPAddress(signIn.string("ipAddress")).map { batch.arena.copy($0.description) }
        var event = IdentityEvent(
            mark: RecordMark(
                time: time, identity: hash.value, offset: offset, length: UInt32(clamping: record.count)),
            kind: signIn["status"]?["errorCode"]?.double == 0 ? .signIn : .refused,
            account: batch.arena.lowercased(batch.arena.copy(signIn.string("userPrincipalName"))),
            address: address ?? .empty, device: batch.arena.copy(name),
            application: batch.arena.copy(signIn.string("appId")))
        if let location = signIn["location"] {
            event.country = batch.arena.copy(location.string("countryOrRegion"))
            let coordinates = location["geoCoordinates"]
            if let latitude = coordinates?["latitude"]?.double, let longitude = coordinates?["longitude"]?.double {
                event.place = IdentityEvent.Place(latitude: latitude, longitude: longitude)
            }
        }
        batch.identities.append(event)
        if batch.wantsObservables, IPAddress(event.address) != nil {
            let account = EntityView(.principal, id: event.account)
            batch.observables.append(Observable(mark: event.mark, kind: .address, value: event.address, who: account))
        }
        return nil
    }
}
