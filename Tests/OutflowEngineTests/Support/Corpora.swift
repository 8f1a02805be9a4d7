// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Real logs that stay outside the project: the folder that `OUTFLOW_CORPORA` names.
enum Corpora {
    static let path = ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"]

    static func file(_ name: String) -> String { (path ?? "/nowhere") + "/" + name }

    /// A file of truth, as Foundation reads it: by no code of the program.
    static func truth(_ name: String) throws -> Truth { try Truth(path: file(name)) }
}

/// A JSON file in which a test looks up what is true.
struct Truth {
    private let value: Any?

    init(path: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private init(value: Any?) { self.value = value }

    subscript(key: String) -> Truth { Truth(value: (value as? [String: Any])?[key]) }
    var list: [Truth] { (value as? [Any] ?? []).map { Truth(value: $0) } }
    var members: [String: Truth] { (value as? [String: Any] ?? [:]).mapValues { Truth(value: $0) } }
    var text: String? { value as? String }
    var number: Int? { value is NSNull ? nil : (value as? NSNumber)?.intValue }
    var isThere: Bool { value != nil && !(value is NSNull) }
}
