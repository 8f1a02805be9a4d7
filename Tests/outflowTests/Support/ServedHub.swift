// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `outflow hub` on a socket of this machine.
enum ServedHub {
    /// Serves the hub of a folder while `body` uses it at the given URL of discovery; it must end well when told to.
    static func run(in folder: Folder, _ options: [String] = [], _ body: (String) throws -> Void) throws {
        let outcome = try Program.run(["hub", "--listen", "127.0.0.1:0"] + options, in: folder) { process in
            defer { process.terminate() }
            var line = ""
            for _ in 0..<4_000 where !line.hasSuffix("\n") {
                usleep(5_000)
                line = (try? String(contentsOfFile: folder.path + "/.stdout", encoding: .utf8)) ?? ""
            }
            try body(line.split(separator: " ").last.map { $0.trimmingCharacters(in: .newlines) } ?? "")
        }
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    }

    /// A folder with a hub of one API root, `api1`.
    ///
    /// - Parameters:
    ///   - collections: id and title of each.
    ///   - users: JSON objects of accounts.
    static func folder(_ collections: [(id: String, title: String)], users: [String]) throws -> Folder {
        let folder = try Folder()
        let list = collections.map {
            #"{"id": "\#($0.id)", "title": "\#($0.title)", "can_read": true, "can_write": true, "objects": []}"#
        }
        try folder.write(
            "hub.json",
            """
            {"discovery": {"title": "Hub", "default": "https://hub.example.org/api1/"},
             "api_roots": [{"path": "api1", "title": "One", "max_content_length": 40000,
               "collections": [\(list.joined(separator: ","))]}],
             "users": [\(users.joined(separator: ","))]}
            """)
        let load = try Program.run(["hub", "load", "hub.json"], in: folder)
        #expect(load.status == 0, "\(load.errors)")
        return folder
    }
}
