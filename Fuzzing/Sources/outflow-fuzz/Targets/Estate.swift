// SPDX-License-Identifier: Apache-2.0

import OutflowEstate
import OutflowRecords

extension FuzzTarget {
    /// An outflow.yaml, and what an estate is asked.
    static let estate = FuzzTarget(name: "estate") { input in
        do throws(ConfigurationErrors) {
            let estate = try Estate.parse(bytes: input, file: "outflow.yaml")
            _ = estate.logOptions("logs/a/b.log")
            _ = estate.tenant(ofAccount: "123456789012")
            _ = estate.sanction(domain: "files.example.org", addresses: [], account: "a@b", route: "network")
            if let address = IPAddress(Bytes("192.0.2.1")) { _ = estate.isLocal(address) }
        } catch {
            check(!error.all.isEmpty && !error.description.isEmpty, "errors without words")
        }
    }
}
