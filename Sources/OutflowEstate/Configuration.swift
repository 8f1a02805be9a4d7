// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowRecords
import Yams

extension Estate {
    /// Names that a configuration may use and that other modules define.
    public struct Vocabulary: Sendable {
        /// Names of routes, as in reports.
        public var routes: [String]
        /// Names of log formats, as `outflow sources` prints them; nil if any name goes.
        public var formats: [String]?
        /// What is wrong with a `log_format` directive, in a sentence; nil if nothing is.
        public var logFormatFault: @Sendable (String) -> String?

        /// A vocabulary; without arguments that of report.json, and any format.
        public init(
            routes: [String] = Vocabulary.standardRoutes, formats: [String]? = nil,
            logFormatFault: @escaping @Sendable (String) -> String? = { _ in nil }
        ) {
            self.routes = routes
            self.formats = formats
            self.logFormatFault = logFormatFault
        }

        /// The routes of report.json.
        public static let standardRoutes = [
            "network", "dns", "web", "cloud-object", "snapshot", "saas-file", "mail", "library", "source-code", "vpn",
            "email", "endpoint",
        ]
    }

    /// Reads the configuration file at `path`.
    /// - Throws: all that is wrong with it, with line and column, or why it could not be read.
    public static func load(path: String, vocabulary: Vocabulary = Vocabulary()) throws(ConfigurationErrors) -> Estate {
        func unreadable(_ reason: String) -> ConfigurationErrors {
            ConfigurationErrors([ConfigurationError(file: path, position: nil, message: "cannot be read: \(reason)")])
        }
        var bytes: [UInt8] = []
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            // One byte beyond the limit is enough to know that the file is too big, however big it is.
            while bytes.count <= YAMLDocument.sizeLimit,
                let part = try handle.read(upToCount: YAMLDocument.sizeLimit + 1 - bytes.count), !part.isEmpty
            {
                bytes.append(contentsOf: part)
            }
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
            throw unreadable(
                cause.domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(cause.code))) : "\(cause)")
        }
        return try parse(bytes: bytes, file: path, vocabulary: vocabulary)
    }

    /// Reads a configuration from text; `file` is its name in messages.
    /// - Throws: all that is wrong with it, with line and column.
    public static func parse(
        yaml: String, file: String, vocabulary: Vocabulary = Vocabulary()
    ) throws(ConfigurationErrors) -> Estate {
        try parse(bytes: Array(yaml.utf8), file: file, vocabulary: vocabulary)
    }

    /// Reads a configuration from the bytes of a file; `file` is its name in messages.
    /// - Throws: all that is wrong with it, with line and column.
    public static func parse(
        bytes: [UInt8], file: String, vocabulary: Vocabulary = Vocabulary()
    ) throws(ConfigurationErrors) -> Estate {
        let root: Node?
        do {
            root = try YAMLDocument.root(of: bytes, file: file)
        } catch {
            throw ConfigurationErrors([error])
        }
        var estate = Estate()
        guard let root, !ConfigurationReader.isEmpty(root) else { return estate }
        var reader = ConfigurationReader(file: file)
        let parts = reader.mapping(
            root, of: "the configuration", keys: ["networks", "tenants", "sanctioned", "destinations", "logs"])
        if let networks = parts["networks"] { reader.readNetworks(networks, into: &estate) }
        for node in reader.list(parts["tenants"], of: "tenants") {
            if let tenant = reader.tenant(node) {
                if estate.tenants.contains(where: { $0.name == tenant.name }) {
                    reader.fail(node, "there are two tenants called \(quoted(tenant.name))", hint: "join them into one")
                }
                estate.tenants.append(tenant)
            }
        }
        for node in reader.list(parts["sanctioned"], of: "sanctioned") {
            if let sanction = reader.sanction(node, vocabulary) { estate.sanctioned.append(sanction) }
        }
        for node in reader.list(parts["destinations"], of: "destinations") {
            for row in reader.classRows(node) { estate.classes.add(row) }
        }
        for node in reader.list(parts["logs"], of: "logs") {
            if let log = reader.log(node, vocabulary) { estate.logs.append(log) }
        }
        guard reader.errors.isEmpty else { throw ConfigurationErrors(reader.errors) }
        return estate
    }
}

extension ConfigurationReader {
    fileprivate mutating func readNetworks(_ node: Node, into estate: inout Estate) {
        let members = mapping(node, of: "networks", keys: ["local", "not_local"])
        estate.localNetworks = values(members["local"], of: "local") { $0.network($1, $2) }
        estate.excludedNetworks = values(members["not_local"], of: "not_local") { $0.network($1, $2) }
        if estate.localNetworks.isEmpty, let exceptions = members["not_local"], members["local"] == nil {
            fail(
                exceptions, "not_local names exceptions, but local is missing",
                hint: "name the networks that are inside")
        }
    }

    fileprivate mutating func tenant(_ node: Node) -> Estate.Tenant? {
        let members = mapping(node, of: "a tenant", keys: ["name", "aws_accounts", "microsoft365", "domains"])
        let accounts = values(members["aws_accounts"], of: "aws_accounts") { $0.awsAccount($1, $2) }
        let microsoft = values(members["microsoft365"], of: "microsoft365") { $0.microsoftTenant($1, $2) }
        let domains = values(members["domains"], of: "domains") { $0.domain($1, $2) }
        guard let name = name(members, node, of: "a tenant") else { return nil }
        return Estate.Tenant(name: name, awsAccounts: accounts, microsoft365: microsoft, domains: domains)
    }

    fileprivate mutating func sanction(_ node: Node, _ vocabulary: Estate.Vocabulary) -> Estate.Sanction? {
        let members = mapping(
            node, of: "a sanctioned destination", keys: ["name", "domains", "networks", "accounts", "routes"])
        let domains = values(members["domains"], of: "domains") { $0.domain($1, $2) }
        let networks = values(members["networks"], of: "networks") { $0.network($1, $2) }
        let accounts = values(members["accounts"], of: "accounts") { $2 }
        let routes = values(members["routes"], of: "routes") {
            $0.choice($1, $2, of: "route", among: vocabulary.routes)
        }
        guard let name = name(members, node, of: "a sanctioned destination") else { return nil }
        if members["domains"] == nil, members["networks"] == nil, members["accounts"] == nil {
            fail(
                node, "sanctioned destination \(quoted(name)) names nothing",
                hint: "give it domains, networks or accounts")
        }
        return Estate.Sanction(name: name, domains: domains, networks: networks, accounts: accounts, routes: routes)
    }

    fileprivate mutating func classRows(_ node: Node) -> [DestinationClasses.Row] {
        let members = mapping(node, of: "a destination", keys: ["class", "domains", "name"])
        let domains = values(members["domains"], of: "domains") { $0.domain($1, $2) }
        let service = text(members["name"], of: "the name of a destination")
        guard let classNode = members["class"], let className = text(classNode, of: "class") else {
            if members["class"] == nil, node.mapping != nil { fail(node, "a destination without class") }
            return []
        }
        if members["domains"] == nil { fail(node, "a destination without domains") }
        let choices = DestinationClass.allCases.map { $0.rawValue }
        guard let chosen = choice(classNode, className, of: "class", among: choices),
            let kind = DestinationClass(rawValue: chosen)
        else { return [] }
        return domains.map { DestinationClasses.Row($0, kind, service ?? $0) }
    }

    fileprivate mutating func log(_ node: Node, _ vocabulary: Estate.Vocabulary) -> Estate.Log? {
        let members = mapping(node, of: "a log", keys: ["path", "log_format", "time_zone", "format"])
        let format = members["format"].flatMap { node in
            text(node, of: "format").flatMap { choice(node, $0, of: "log format", among: vocabulary.formats) }
        }
        let zone = members["time_zone"].flatMap { node in text(node, of: "time_zone").flatMap { self.zone(node, $0) } }
        let directive = members["log_format"].flatMap { node -> String? in
            guard let directive = text(node, of: "log_format") else { return nil }
            if let fault = vocabulary.logFormatFault(directive) { fail(node, "\(quoted(directive)): \(fault)") }
            return directive
        }
        guard let pathNode = members["path"] else {
            if node.mapping != nil {
                fail(node, "a log without path", hint: "path is a pattern such as \"**/ezproxy*.log\"")
            }
            return nil
        }
        guard let pattern = text(pathNode, of: "path") else { return nil }
        do {
            return Estate.Log(path: try Glob(pattern), logFormat: directive, zoneOffsetMinutes: zone, format: format)
        } catch {
            fail(
                pathNode, "pattern \(quoted(pattern)) has a \"[\" that is not closed",
                hint: "close it, or write [[] for a bracket")
            return nil
        }
    }

    private mutating func name(_ members: [String: Node], _ node: Node, of what: String) -> String? {
        guard let name = members["name"] else {
            if node.mapping != nil { fail(node, "\(what) without name") }
            return nil
        }
        return text(name, of: "the name of \(what)")
    }

    // MARK: Values

    private mutating func network(_ node: Node, _ text: String) -> Network? {
        if let network = Network(text) { return network }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        var hint = "write it as 10.0.0.0/8 or 2001:db8::/32"
        if parts.count == 2, let address = IPAddress(String(parts[0])), let bits = Int(parts[1]) {
            let width = parts[0].contains(":") ? 128 : 32
            if (0...width).contains(bits) {
                let meant = Network(address, prefixLength: bits + 128 - width)
                hint = "the address has bits beyond the first \(bits); did you mean \"\(meant)\"?"
            } else {
                hint = "the length of its prefix is 0 to \(width)"
            }
        }
        fail(node, "\(quoted(text)) is no network", hint: hint)
        return nil
    }

    private mutating func domain(_ node: Node, _ text: String) -> String? {
        let name = DomainName.normalised(text)
        if DomainName.isValid(name) { return name }
        var hint = "write it as example.edu; subdomains belong to it"
        if name.unicodeScalars.contains(where: { !$0.isASCII }) { hint = "write it in its ASCII form, xn--..." }
        if name.contains("/") || name.contains("@") { hint = "only the domain, without scheme, path and user" }
        if IPAddress(name) != nil || Network(name) != nil { hint = "an address belongs under networks" }
        fail(node, "\(quoted(text)) is no domain", hint: hint)
        return nil
    }

    private mutating func awsAccount(_ node: Node, _ text: String) -> String? {
        let digits = text.utf8.filter { (0x30...0x39).contains($0) }
        if digits.count == 12, text.utf8.count == 12 { return text }
        fail(node, "\(quoted(text)) is no AWS account", hint: "an account number has 12 digits")
        return nil
    }

    private mutating func microsoftTenant(_ node: Node, _ text: String) -> String? {
        let name = DomainName.normalised(text)
        if DomainName.isValid(name) || UUID(uuidString: name) != nil { return name }
        fail(node, "\(quoted(text)) is no Microsoft 365 tenant", hint: "give its tenant id or one of its domains")
        return nil
    }

    /// Minutes east of UTC. Names of zones are refused: their offset changes with the season, and a log does not say in
    /// which season a time without zone was meant when clocks are put back.
    private mutating func zone(_ node: Node, _ text: String) -> Int? {
        if text == "UTC" || text == "Z" { return 0 }
        if let minutes = withBytes(of: text, { Timestamp.zone($0) }) { return minutes }
        fail(
            node, "\(quoted(text)) is no time zone",
            hint: "give the offset from UTC that held when the log was written, as in \"+01:00\"")
        return nil
    }
}
