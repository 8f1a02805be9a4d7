// SPDX-License-Identifier: Apache-2.0

import OutflowJSON

/// Which partner's keys signed which identity first: from then on nobody else's objects bear it.
///
/// Names alone do not tell who speaks: objects refer to their makers by id (`created_by_ref`; in MISP the organisation's UUID).
public struct ObjectMakers: Sendable {
    /// Partners by the id of an identity that they signed.
    private var owners: [String: String] = [:]
    /// Most that are kept of each partner.
    private static let most = 10_000

    /// Nobody has signed anything.
    public init() {}

    /// Reads lines that ``text`` wrote among others; what is none is left out.
    public init(_ text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 3, parts[0] == "maker", let id = Base64URL.decode(String(parts[1])),
                let partner = Base64URL.decode(String(parts[2]))
            else { continue }
            owners[String(decoding: id, as: UTF8.self)] = String(decoding: partner, as: UTF8.self)
        }
    }

    /// One a line, in order.
    public var text: String {
        owners.sorted { $0.key < $1.key }.map { id, partner in
            "maker \(Base64URL.encode(Array(id.utf8))) \(Base64URL.encode(Array(partner.utf8)))\n"
        }.joined()
    }

    /// Whose an identity is; nil when nobody signed it.
    public func owner(of id: String) -> String? { owners[id] }

    /// Keeps that a partner signed an identity, unless somebody else did before.
    public mutating func bind(_ id: String, to partner: String) {
        guard owners[id] == nil, owners.count(where: { $0.value == partner }) < Self.most else { return }
        owners[id] = partner
    }

    /// Takes a document that a partner signed: its makers become the partner's.
    ///
    /// - Returns: why it cannot be taken; nil when it can.
    public mutating func take(_ document: JSONTree, from sender: String) -> String? {
        let objects = document["objects"]?.list ?? []
        let inside = objects.filter { $0["type"]?.string == "identity" }.compactMap { $0["id"]?.string }
        let organisations = Self.organisations(document)
        for id in inside + organisations {
            if let other = owners[id], other != sender {
                return "\(id) in it is \(other)'s; only \(other) may sign that"
            }
        }
        for object in objects {
            let id = object["id"]?.string ?? "an object"
            if object[PartnerInbox.signer] != nil {
                return "\(id) has a member \(PartnerInbox.signer), which only we write"
            }
            guard let maker = object["created_by_ref"]?.string else { continue }
            if let other = owners[maker], other != sender {
                return "\(id) was made by \(maker), which is \(other)'s; only \(other) may sign that"
            }
            if owners[maker] == nil, !inside.contains(maker) {
                return "\(id) was made by \(maker), which is not in it, and which \(sender) has not signed before"
            }
        }
        for id in inside + organisations { bind(id, to: sender) }
        return nil
    }

    /// UUIDs of the organisations that MISP events in a document come from, wherever they stand.
    private static func organisations(_ document: JSONTree) -> [String] {
        switch document {
        case .list(let elements): elements.flatMap(organisations)
        case .object(let members):
            [document["Orgc"]?["uuid"]?.string].compactMap { $0 }.filter { !$0.isEmpty }.map { "organisation \($0)" }
                + members.flatMap { organisations($0.value) }
        default: []
        }
    }
}
