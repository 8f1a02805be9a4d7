// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
@testable import OutflowHub

extension FuzzTarget {
    /// A request to the hub, by somebody who may do everything: a line `METHOD PATH?QUERY`, lines of header fields, a blank
    /// line, a body. Whatever it is, the hub answers, and does not blame itself.
    static let taxiiRequest = FuzzTarget(name: "taxii-request") { input in
        guard let hub = FuzzedHub.shared else { fatalError("the hub of the fuzz target cannot be made") }
        let status = hub.status(input)
        check((200..<500).contains(status), "status \(status)")
    }
}

/// A hub with two collections in a folder of memory, made once.
private final class FuzzedHub: Sendable {
    static let shared = try? FuzzedHub()

    private static let collection = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
    private static let file = """
        {"discovery": {"title": "t", "default": "http://h/api1/"},
         "api_roots": [{"path": "api1", "title": "One", "max_content_length": 60000, "collections": [
          {"id": "\(collection)", "title": "C", "alias": "c", "can_read": true, "can_write": true, "objects": [
           {"object": {"type": "indicator", "id": "indicator--00000000-0000-4000-8000-000000000001", "spec_version": "2.1",
            "created": "2020-01-01T00:00:00Z", "modified": "2020-01-01T00:00:00Z"}}]},
          {"id": "52892447-4d7e-4f70-b94d-d7f22742ff63", "title": "D", "can_read": false, "can_write": true,
           "media_types": ["application/stix+json;version=2.1"], "objects": []}]}],
         "users": [{"name": "a", "password": "p", "read": ["*"], "write": ["*"], "admin": true}]}
        """
    private let hub: Hub

    init() throws {
        var template = Array("/dev/shm/outflow-fuzz-XXXXXX\0".utf8CString)
        guard let made = mkdtemp(&template) else { throw HubFailure("no folder") }
        let path = String(cString: made) + "/hub.sqlite"
        var administration = try HubAdministration(path: path, creates: true)
        administration.cost = .least
        _ = try Array(Self.file.utf8).withUnsafeBytes { try administration.load($0) }
        var limits = Hub.Limits()
        limits.pageSize = 50
        limits.requestsPerSecond = 1e9
        hub = Hub(store: try HubStore(path: path), limits: limits)
    }

    func status(_ input: [UInt8]) -> Int {
        let request = Self.request(input)
        let done = DispatchSemaphore(value: 0)
        let result = Result()
        Task.detached { [hub] in
            result.status = await hub.respond(to: request).status
            done.signal()
        }
        done.wait()
        return result.status
    }

    private final class Result: @unchecked Sendable { var status = 0 }

    private static func request(_ input: [UInt8]) -> HubRequest {
        var lines: [String] = []
        var at = 0
        while at < input.count {
            let end = input[at...].firstIndex(of: 0x0A) ?? input.count
            let line = String(decoding: input[at..<end], as: UTF8.self)
            at = min(end + 1, input.count)
            if line.isEmpty { break }
            lines.append(line)
        }
        let body = Array(input[at...])
        let first = (lines.first ?? "").split(separator: " ", maxSplits: 1).map(String.init)
        let target = (first.count > 1 ? first[1] : "/").split(separator: "?", maxSplits: 1).map(String.init)
        var headers = lines.dropFirst().compactMap { line -> HubHeader? in
            let sides = line.split(separator: ":", maxSplits: 1).map(String.init)
            return sides.count == 2 ? HubHeader(sides[0], sides[1].drop { $0 == " " }.description) : nil
        }
        let media = "application/taxii+json;version=2.1"
        if !headers.contains(where: { $0.name.lowercased() == "accept" }) { headers.append(HubHeader("Accept", media)) }
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(HubHeader("Content-Type", media))
        }
        // "a:p"
        headers.append(HubHeader("Authorization", "Basic YTpw"))
        return HubRequest(
            method: first.first ?? "GET", path: target.first ?? "/", query: target.count > 1 ? target[1] : "",
            headers: headers, readBody: { body.count > $0 ? nil : body })
    }
}
