// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Names of one end of a transfer, each by its kind: an address, a network that holds addresses, a domain with all
/// below it, or the name of an account, a mailbox or a store.
struct EndNames {
    /// All but networks, in plain form.
    let names: Set<String>
    private let networks: [Network]
    private let addresses: [IPAddress]
    private let hasDomains: Bool

    init(_ texts: [String]) {
        var names: Set<String> = []
        var networks: [Network] = []
        for text in texts where !text.isEmpty {
            // An address is a network too, of one.
            if IPAddress(text) == nil, let network = Network(text) {
                networks.append(network)
            } else {
                names.insert(Self.plain(text))
            }
        }
        self.names = names
        self.networks = networks
        addresses = names.compactMap { IPAddress($0) }
        hasDomains = names.contains { $0.contains(".") && IPAddress($0) == nil }
    }

    /// Whether nobody is named.
    var isEmpty: Bool { names.isEmpty && networks.isEmpty }

    /// Whether each name stands for one only.
    var isExact: Bool { !isEmpty && networks.isEmpty }

    /// Whether `text` is one of them, within one, or a network in which one of them is.
    func contains(_ text: String) -> Bool {
        if isEmpty || text.isEmpty { return false }
        let name = Self.plain(text)
        if names.contains(name) { return true }
        if let address = IPAddress(name) { return networks.contains { $0.contains(address) } }
        if name.contains("/"), let network = Network(name) {
            return addresses.contains(where: network.contains) || networks.contains(network)
        }
        guard hasDomains else { return false }
        // Below a domain: what follows any of its dots.
        var rest = name[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            if rest.contains("."), names.contains(String(rest)) { return true }
        }
        return false
    }

    /// One form of a name, however it is written.
    static func plain(_ name: String) -> String {
        if let address = IPAddress(name) { return address.description }
        return name.lowercased()
    }
}
