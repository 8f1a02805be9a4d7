// SPDX-License-Identifier: Apache-2.0

import OutflowIntelligence
import OutflowJSON
import OutflowLedger
import OutflowRecords
import OutflowSharing

/// With whom the hub's pages share cases, and what signs them.
public struct HubSharing: Sendable {
    let partners: Partners
    let key: SigningKey

    /// Sharing with these partners; those whose `collection` is one of the hub's can be chosen.
    public init(partners: Partners, key: SigningKey) {
        self.partners = partners
        self.key = key
    }

    /// A partner, and the collection that its alerts go to.
    struct Recipient {
        let partner: Partner
        let root: APIRoot
        let collection: TAXIICollection
        /// Accounts that may read the collection and are neither the partner's nor administrators'.
        let strangers: [String]
    }

    /// Those that can be chosen, in the order of the file.
    func recipients(_ catalogue: Catalogue) -> [Recipient] {
        partners.all.compactMap { partner in
            guard let name = partner.collection else { return nil }
            for root in catalogue.roots.values.sorted(by: { $0.path < $1.path }) {
                guard let collection = root.collections.first(where: { $0.id.lowercased() == name.lowercased() }) else {
                    continue
                }
                let readers = catalogue.accounts.values.filter { account in
                    !account.isAdmin && account.rights(in: collection).canRead
                }
                return Recipient(
                    partner: partner, root: root, collection: collection,
                    strangers: readers.map(\.name).filter { !partner.accounts.contains($0) }.sorted())
            }
            return nil
        }
    }

    /// A case as a recipient would get it.
    func alert(
        _ one: Report.Case, of report: Report, to recipient: Recipient, _ tlp: TLP, replacing previous: JSONTree?,
        now: Timestamp
    ) -> Alert {
        Alert(
            CaseFacts(one, of: report), to: recipient.partner, marking: tlp, sender: partners.from,
            identifiers: key.identifiers, bundleID: Random.uuid(), now: now, replacing: previous)
    }

    /// What is added to the collection: the signature, and the objects that it covers.
    func envelope(_ alert: Alert, to recipient: Recipient, now: Timestamp) -> [UInt8] {
        let objects = alert.bundle["objects"]?.list ?? []
        let note = SignedManifest.note(
            for: objects.filter { $0["type"]?.string != "marking-definition" }, with: key, for: recipient.partner.name,
            number: Random.uuid(), uuid: Random.uuid(), at: now)
        return (["objects": .list([note] + objects)] as JSONTree).canonical
    }
}

extension Alert {
    /// Names what would be sent to whom, and why: a preview that was shown is sent, or nothing.
    func fingerprint(_ recipient: HubSharing.Recipient) -> String {
        let words = decisions.map { decision -> String in
            switch decision.verdict {
            case .shared(let tlp, let lists):
                "\(decision.id) \(decision.title) \(tlp.label) \(lists.joined(separator: " "))"
            case .withheld(let reason): "\(decision.id) \(decision.title) \(reason)"
            }
        }
        let text = ([recipient.collection.id, recipient.partner.name, marking.label] + words).joined(separator: "\n")
        return Base64.encode(AccessToken.hash(text))
    }
}
