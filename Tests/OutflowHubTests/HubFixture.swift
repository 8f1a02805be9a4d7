// SPDX-License-Identifier: Apache-2.0

import Foundation
@testable import OutflowHub
import Testing

/// A hub in a folder of its own, which goes with it, and a client that speaks to it in process.
final class HubFixture: Sendable {
    static let shared = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
    static let inbox = "52892447-4d7e-4f70-b94d-d7f22742ff63"
    static let closed = "64993447-4d7e-4f70-b94d-d7f33742ee63"
    static let other = "472c94ae-3113-4e3e-a4dd-a9f4ac7471d4"

    let folder: String
    let path: String
    let store: HubStore
    let hub: Hub

    init(
        _ file: String = HubFixture.file(), pageSize: Int = 10, failures: Double = 1_000, sharing: HubSharing? = nil
    ) throws {
        folder = NSTemporaryDirectory() + "outflow-hub-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/hub.sqlite"
        var administration = try HubAdministration(path: path, creates: true)
        administration.cost = .least
        _ = try Array(file.utf8).withUnsafeBytes { try administration.load($0) }
        store = try HubStore(path: path)
        var limits = Hub.Limits()
        limits.pageSize = pageSize
        limits.failuresPerMinute = failures
        // Where failures are counted, time stands still: a slow machine would forgive them.
        hub =
            failures < 1_000
            ? Hub(store: store, limits: limits, sharing: sharing) { 1 }
            : Hub(store: store, limits: limits, sharing: sharing)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A hub of two API roots with these objects in the collection that is shared.
    static func file(objects: String = "", maximum: Int = 1_000_000) -> String {
        """
        {"discovery": {"title": "Test hub", "contact": "hub@example.org", "default": "https://example.org/api1/",
                       "api_roots": ["https://example.org/api1/"]},
         "api_roots": [
          {"path": "/api1/", "title": "One", "description": "First \\u00e9", "max_content_length": \(maximum),
           "collections": [
            {"id": "\(shared)", "title": "Shared", "can_read": true, "can_write": true, "alias": "shared",
             "media_types": ["application/stix+json;version=2.0", "application/stix+json;version=2.1"],
             "objects": [\(objects)]},
            {"id": "\(inbox)", "title": "Inbox", "can_read": false, "can_write": true, "objects": [],
             "media_types": ["application/stix+json;version=2.1"]},
            {"id": "\(closed)", "title": "Closed", "can_read": false, "can_write": false, "media_types": [], "objects": []}]},
          {"path": "group/two", "title": "Two", "collections": [
            {"id": "\(other)", "title": "Other", "can_read": true, "can_write": true, "media_types": [], "objects": []}]}],
         "users": [
          {"name": "admin", "password": "Password0", "read": ["*"], "write": ["*"]},
          {"name": "reader", "password": "Password1", "read": ["\(shared)"], "write": []},
          {"name": "writer", "password": "Password2", "read": [], "write": ["\(shared)", "\(inbox)"]},
          {"name": "nobody", "password": "Password3", "read": [], "write": []},
          {"name": "stranger", "password": "Password4", "read": ["\(other)"], "write": ["\(other)"]}]}
        """
    }

    /// An object entry of a hub file.
    static func entry(_ added: String, _ object: String) -> String {
        "{\"date_added\": \"\(added)\", \"object\": \(object)}"
    }

    /// An indicator.
    static func indicator(
        _ number: Int, modified: String? = "2020-01-01T00:00:00.000Z", spec: String? = "2.1", type: String = "indicator"
    ) -> String {
        let version = modified.map { ", \"created\": \"2014-05-08T09:00:00.000Z\", \"modified\": \"\($0)\"" } ?? ""
        let spec = spec.map { ", \"spec_version\": \"\($0)\"" } ?? ""
        return
            "{\"type\": \"\(type)\", \"id\": \"\(id(number, type: type))\"\(spec)\(version), \"name\": \"n\(number)\"}"
    }

    static func id(_ number: Int, type: String = "indicator") -> String {
        let digits = String(number, radix: 16)
        return "\(type)--00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    static let media = "application/taxii+json;version=2.1"

    func call(
        _ method: String, _ path: String, user: String? = "admin:Password0", accept: String? = media,
        contentType: String? = media, body: [UInt8] = [], headers: [HubHeader] = [], from peer: String = ""
    ) async -> HubResponse {
        var fields = headers
        if let user { fields.append(HubHeader("Authorization", "Basic " + Data(user.utf8).base64EncodedString())) }
        if let accept { fields.append(HubHeader("Accept", accept)) }
        if let contentType, !body.isEmpty { fields.append(HubHeader("Content-Type", contentType)) }
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        var request = HubRequest(
            method: method, path: parts[0], query: parts.count > 1 ? parts[1] : "", headers: fields,
            authority: "hub.example.org:6100", readBody: { body.count > $0 ? nil : body })
        request.peer = peer
        return await hub.respond(to: request)
    }

    func get(_ path: String, user: String? = "admin:Password0", from peer: String = "") async -> HubResponse {
        await call("GET", path, user: user, from: peer)
    }

    func post(_ objects: [String], to collection: String = shared, user: String = "admin:Password0") async
        -> HubResponse
    {
        await call(
            "POST", "/api1/collections/\(collection)/objects/", user: user,
            body: Array("{\"objects\": [\(objects.joined(separator: ","))]}".utf8))
    }
}

extension HubResponse {
    /// The body as JSON.
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:] }

    /// The objects of an envelope, or entries of a manifest.
    var objects: [[String: Any]] { json["objects"] as? [[String: Any]] ?? [] }

    /// Their ids.
    var ids: [String] { objects.compactMap { $0["id"] as? String } }
}

let collectionPath = "/api1/collections/\(HubFixture.shared)/"
