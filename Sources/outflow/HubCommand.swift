// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowHub
import OutflowHubServer
import OutflowRecords
import OutflowSharing

#if canImport(Glibc)
    import Glibc
#endif

/// `outflow hub`: serves partners over TAXII 2.1.
struct HubCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hub", abstract: "Serve partners (TAXII 2.1) from an embedded database.",
        subcommands: [
            HubServeCommand.self, HubLoadCommand.self, HubDumpCommand.self, HubAddCommand.self,
            HubTokenCommand.self, HubAuditCommand.self,
        ],
        defaultSubcommand: HubServeCommand.self)
}

/// Where a hub keeps its data.
struct HubOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Folder of the hub's database; made if missing.", valueName: "dir"))
    var data = "outflow-hub"

    /// Makes the folder, for its owner only, and gives the database's path.
    func database(creates: Bool) throws -> String {
        if creates, mkdir(data, 0o700) != 0, errno != EEXIST {
            throw Problem("\(data): \(String(cString: strerror(errno))); name a folder with --data")
        }
        let path = "\(data)/hub.sqlite"
        if !creates, access(path, F_OK) != 0 {
            throw Problem("\(path): there is no hub; name its folder with --data, or make one with outflow hub load")
        }
        return path
    }
}

/// `outflow hub serve`, or just `outflow hub`.
struct HubServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve until told to end.")

    @OptionGroup var options: HubOptions

    @Option(help: ArgumentHelp("Address and port to listen at; port 0 lets the system choose.", valueName: "host:port"))
    var listen = "127.0.0.1:6100"

    @Flag(
        help:
            "Serve over TLS with a certificate of its own, made at the first start (tls.crt and tls.key in the folder)."
    )
    var tls = false

    @Option(
        name: .customLong("name"),
        help: ArgumentHelp(
            "Name or address by which others reach the hub, for the certificate of --tls; repeatable.",
            valueName: "host"))
    var names: [String] = []

    @Option(help: ArgumentHelp("Serve over TLS with this certificate (PEM, with its chain).", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("Private key of the certificate (PEM).", valueName: "file"))
    var key: String?

    @Option(
        name: .customLong("client-authorities"),
        help: ArgumentHelp(
            "Let clients sign in with certificates of these authorities (PEM); accounts name the certificates.",
            valueName: "file"))
    var clientAuthorities: String?

    @Flag(help: "Serve at an address that others can reach without TLS: passwords can be read on the way.")
    var insecure = false

    @Option(
        name: .customLong("public-url"),
        help: ArgumentHelp(
            "How clients reach the hub, where a proxy stands in front, such as https://hub.example.org.",
            valueName: "url"))
    var publicURL: String?

    @Option(
        name: .customLong("trusted-proxy"),
        help: ArgumentHelp(
            "Address of a proxy that is believed when it names the client (X-Forwarded-For); repeatable.",
            valueName: "address"))
    var trustedProxies: [String] = []

    @Option(
        name: .customLong("max-connections"),
        help: ArgumentHelp(
            "Most connections at a time; 4,096 unless said, as far as the system gives descriptors.", valueName: "n"))
    var mostConnections: Int?

    @Option(
        name: .customLong("max-connections-per-address"),
        help: ArgumentHelp(
            "Most connections at a time from one address; from trusted proxies there may be more.", valueName: "n"))
    var mostPerAddress = 256

    @Option(
        help: ArgumentHelp(
            "Partners whom cases may be shared with from the pages, as docs/sharing.md says.", valueName: "file"))
    var partners: String?

    @Option(
        name: .customLong("signing-key"),
        help: ArgumentHelp(
            "Our signing key; signing.key in the folder unless named, made if missing.", valueName: "file"))
    var signingKey: String?

    @Option(name: .customLong("page-size"), help: ArgumentHelp("Most objects in a page.", valueName: "n"))
    var pageSize = Hub.Limits().pageSize

    func validate() throws {
        guard pageSize > 0 else { throw ValidationError("--page-size takes a number above zero") }
        guard mostConnections ?? 1 > 0, mostPerAddress > 0 else {
            throw ValidationError("--max-connections and --max-connections-per-address take numbers above zero")
        }
        for name in names where HostName(name) == nil {
            throw ValidationError("--name takes a host name or an address; '\(name)' is neither")
        }
        guard names.isEmpty || isSafe else { throw ValidationError("--name takes TLS: add --tls") }
        if let publicURL, HubService.Front.address(publicURL) == nil {
            throw ValidationError(
                "--public-url takes a scheme, a host, perhaps a port, and no path, such as https://hub.example.org")
        }
        for proxy in trustedProxies where IPAddress(proxy) == nil {
            throw ValidationError("--trusted-proxy takes an address, such as 192.0.2.1; '\(proxy)' is none")
        }
        guard let address else {
            throw ValidationError("--listen takes an address and a port, such as 127.0.0.1:6100")
        }
        guard (certificate == nil) == (key == nil), !tls || certificate == nil else {
            throw ValidationError("name --certificate and --key together, or --tls alone")
        }
        guard signingKey == nil || partners != nil else { throw ValidationError("--signing-key needs --partners FILE") }
        guard isSafe || clientAuthorities == nil else {
            throw ValidationError("--client-authorities takes TLS: add --tls, or --certificate and --key")
        }
        guard isSafe || insecure || address.isLoopback else {
            throw ValidationError(
                "\(address.host) can be reached by others, who could read passwords on the way: add --tls, or "
                    + "--certificate and --key; or --insecure, if something else encrypts")
        }
    }

    private var isSafe: Bool { tls || certificate != nil }

    /// What to encrypt with; nil for nothing.
    private func encryption(_ address: HubService.Address) throws -> HubTLS? {
        let asked = names.compactMap { HostName($0) }
        if let certificate, let key {
            warn(HubTLS.missing(asked, in: certificate), certificate, "use a certificate that does")
            return try HubTLS(certificate: certificate, key: key, clientAuthorities: clientAuthorities)
        }
        guard tls else { return nil }
        let files = (certificate: "\(options.data)/tls.crt", key: "\(options.data)/tls.key")
        // Others reach a hub at all addresses by whatever the machine is called.
        let others = address.isLoopback ? [] : HostName.ofMachine
        let own = address.isEverywhere ? nil : HostName(address.host)
        var wanted = HostName.local
        for name in asked + [own].compactMap({ $0 }) + others where !wanted.contains(name) { wanted.append(name) }
        if try !HubTLS.generate(certificate: files.certificate, key: files.key, names: wanted) {
            // Addresses come and go: one by which others reach it is enough, unless one was named.
            let strange = HubTLS.missing(others, in: files.certificate)
            let named = HubTLS.missing(asked + [own].compactMap { $0 }, in: files.certificate)
            warn(
                named + (strange.count == others.count && asked.isEmpty && own == nil ? strange : []),
                files.certificate,
                "remove it and \(files.key), and the next start makes one that does, which clients must be told to trust"
            )
        }
        return try HubTLS(certificate: files.certificate, key: files.key, clientAuthorities: clientAuthorities)
    }

    /// Says that clients will refuse the certificate.
    private func warn(_ missing: [HostName], _ certificate: String, _ remedy: String) {
        guard !missing.isEmpty else { return }
        let list = missing.map(\.text).joined(separator: ", ")
        Terminal.complain(
            "outflow hub: \(certificate) does not speak for \(list); clients that use these names will refuse it: \(remedy)"
        )
    }

    /// With whom cases are shared from the pages; nil for nobody.
    private func sharing() throws -> HubSharing? {
        guard let partners else { return nil }
        let known = try SharingFiles.partners(partners)
        guard let key = try SharingFiles.key(signingKey ?? "\(options.data)/signing.key", create: true) else {
            return nil
        }
        return HubSharing(partners: known, key: key)
    }

    private var address: HubService.Address? {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]) else {
            return nil
        }
        var host = String(listen[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return host.isEmpty ? nil : HubService.Address(host: host, port: Int(port))
    }

    func run() throws {
        guard let address else { return }
        var limits = Hub.Limits()
        limits.pageSize = pageSize
        let store: HubStore
        let encryption: HubTLS?
        let sharing: HubSharing?
        do {
            store = try HubStore(path: try options.database(creates: true))
            sharing = try self.sharing()
            encryption = try self.encryption(address)
        } catch let problem as Problem { throw problem } catch { throw Problem("\(error)") }
        let connections = HubService.Connections(all: mostConnections ?? 4_096, perAddress: mostPerAddress)
        if let mostConnections, connections.all < mostConnections {
            Terminal.complain(
                "outflow hub: the system gives descriptors for \(connections.all) connections, not \(mostConnections): "
                    + "raise its limit (ulimit -n)")
        }
        let front = HubService.Front(
            publicAddress: publicURL.flatMap { HubService.Front.address($0) },
            trustedProxies: trustedProxies.compactMap { IPAddress($0) })
        let service = HubService(
            Hub(store: store, limits: limits, sharing: sharing), at: address, tls: encryption, front: front,
            connections: connections)
        let scheme = isSafe ? "https" : "http"
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        try wait {
            try await service.run { port in
                Terminal.write("outflow hub listens at \(scheme)://\(host):\(port)/taxii2/\n")
            }
        }
    }
}

/// `outflow hub load`.
struct HubLoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Bring a hub in from a JSON file, beside what is there.",
        discussion: "All of the file is loaded, or nothing. The server may be running.")

    @Argument(help: "The file, as `outflow hub dump` writes it.")
    var file: String

    @OptionGroup var options: HubOptions

    func run() throws {
        let path = try options.database(creates: true)
        do {
            let summary = try HubAdministration(path: path, creates: true).load(file: file)
            Terminal.write(
                "loaded \(summary.roots) API roots, \(summary.collections) collections, \(summary.users) users, "
                    + (summary.tokens > 0 ? "\(summary.tokens) tokens, " : "") + "\(summary.objects) objects")
            if summary.present > 0 { Terminal.write(" (\(summary.present) were there already)") }
            if summary.deleted > 0 { Terminal.write(" (\(summary.deleted) had been deleted, and stay so)") }
            Terminal.write("\n")
        } catch { throw Problem("\(error)") }
    }
}

/// `outflow hub dump`.
struct HubDumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Write the hub as JSON to standard output, or to a file.",
        discussion: """
            All that partners see: discovery, API roots, collections, objects, what was deleted, accounts, tokens (their \
            hashes). Standard error says what is left out.
            """)

    @Argument(help: "File to write; standard output if none is named.")
    var file: String?

    @OptionGroup var options: HubOptions

    func run() throws {
        let path = try options.database(creates: false)
        var descriptor: Int32 = 1
        if let file {
            descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw Problem("\(file): \(String(cString: strerror(errno)))") }
            guard OwnersAlone.protect(descriptor) else {
                throw Problem("\(file): its rights cannot be set: \(String(cString: strerror(errno)))")
            }
        }
        defer { if file != nil { close(descriptor) } }
        do {
            let left = try HubAdministration(path: path, creates: false).dump { piece in
                try piece.withUnsafeBytes { bytes in
                    var at = 0
                    while at < bytes.count {
                        let count = write(descriptor, bytes.baseAddress! + at, bytes.count - at)
                        if count < 0, errno == EINTR { continue }
                        guard count > 0 else {
                            throw Problem("the dump cannot be written: \(String(cString: strerror(errno)))")
                        }
                        at += count
                    }
                }
            }
            Terminal.complain(
                "outflow hub dump: not in it are the audit log (\(left.auditRows) rows), reports (\(left.reports)), statuses "
                    + "of requests (\(left.statuses)), keys and certificates: for these, copy \(options.data)"
                    + (left.grants > 0
                        ? "; nor \(left.grants) grants for collections that there are not, which give nothing" : ""))
        } catch let problem as Problem { throw problem } catch { throw Problem("\(error)") }
    }
}
