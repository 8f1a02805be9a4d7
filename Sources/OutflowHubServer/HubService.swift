// SPDX-License-Identifier: Apache-2.0

import Dispatch
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import OutflowHub
import OutflowRecords

/// The hub on a socket: Hummingbird carries requests to the hub and its answers back.
public struct HubService: Sendable {
    /// Where to listen.
    public struct Address: Sendable {
        /// Name or address of the interface.
        public var host: String
        /// Port; 0 lets the system choose.
        public var port: Int

        /// An address.
        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// Whether only this machine can reach it. A name other than `localhost` may mean anything.
        public var isLoopback: Bool {
            host == "::1" || host.lowercased() == "localhost"
                || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
        }

        /// Whether it stands for all addresses of the machine.
        public var isEverywhere: Bool { ["0.0.0.0", "::"].contains(IPAddress(host)?.description) }
    }

    /// How many connections may be open.
    public struct Connections: Sendable {
        /// In all.
        public var all: Int
        /// From one address (the first 64 bits of one of IPv6); trusted proxies may have more.
        public var perAddress: Int

        /// So many, but no more than descriptors allow; the process asks the system for as many as it needs.
        public init(all: Int = 4_096, perAddress: Int = 256) {
            let descriptors = Descriptors.raise(to: min(max(all, 1), 1 << 20) + Descriptors.reserve)
            self.all = max(1, min(all, descriptors - Descriptors.reserve))
            self.perAddress = max(1, perAddress)
        }
    }

    /// What stands between the hub and its clients.
    public struct Front: Sendable {
        /// Scheme, and host with port, by which clients reach the hub; nil if that is what they ask for themselves.
        public var publicAddress: (scheme: String, authority: String)?
        /// Proxies that are believed when they name the client (X-Forwarded-For).
        public let trustedProxies: Set<String>

        /// Nothing, unless told otherwise.
        public init(publicAddress: (scheme: String, authority: String)? = nil, trustedProxies: [IPAddress] = []) {
            self.publicAddress = publicAddress
            self.trustedProxies = Set(trustedProxies.map(\.description))
        }

        /// Scheme and authority of a URL such as `https://hub.example.org`; nil if it is none, or has more to it. The port
        /// is left out where the scheme implies it, as browsers do.
        public static func address(_ url: String) -> (scheme: String, authority: String)? {
            let lower = url.lowercased()
            guard let scheme = ["https", "http"].first(where: { lower.hasPrefix($0 + "://") }) else { return nil }
            var authority = lower.dropFirst(scheme.count + 3)
            if authority.last == "/" { authority = authority.dropLast() }
            let port = scheme == "https" ? ":443" : ":80"
            if authority.hasSuffix(port) { authority = authority.dropLast(port.count) }
            guard !authority.isEmpty, authority.utf8.count <= 300,
                authority.utf8.allSatisfy({ byte in
                    (0x30...0x3A).contains(byte) || (0x61...0x7A).contains(byte)
                        || [0x2D, 0x2E, 0x5B, 0x5D].contains(byte)
                })
            else { return nil }
            return (scheme, String(authority))
        }
    }

    private let hub: Hub
    private let address: Address
    private let tls: HubTLS?
    private let front: Front
    private let connections: ConnectionsOfServer
    private let budget = BodyBudget(bytes: 512 << 20)

    /// A service for `hub` at `address`; without `tls` everybody on the way can read along.
    public init(
        _ hub: Hub, at address: Address, tls: HubTLS? = nil, front: Front = Front(),
        connections: Connections = Connections()
    ) {
        self.front = front
        self.connections = ConnectionsOfServer(connections, trusted: front.trustedProxies)
        self.hub = hub
        self.address = address
        self.tls = tls
    }

    /// Serves until the process is told to end (SIGINT, SIGTERM); requests on their way are answered first.
    ///
    /// - Parameter onListening: called with the port once connections are taken.
    /// - Throws: what kept it from listening.
    public func run(onListening: @escaping @Sendable (_ port: Int) -> Void) async throws {
        var logger = Logger(label: "outflow.hub", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .critical
        let connections = connections
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [ConnectionHandler(connections)], idleTimeout: .seconds(60)))
        let application = Application(
            responder: CallbackResponder<Context> { request, context in try await respond(request, context) },
            server: try tls.map { try HTTPServerBuilder.tls(plain, tlsConfiguration: $0.server) } ?? plain,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: nil, backlog: 1_024),
            onServerRunning: { channel in
                let isReady = channel.eventLoop.submit {
                    try channel.pipeline.syncOperations.addHandler(AcceptHandler(), position: .first)
                }
                try? await isReady.get()
                onListening(channel.localAddress?.port ?? 0)
            }, logger: logger)
        try await application.runService()
        await hub.finish()
    }

    private func respond(_ request: Request, _ context: Context) async throws -> Response {
        let connection = connections.find(context.channel)
        connection?.began(DispatchTime.now().uptimeNanoseconds)
        let account = BodyAccount(budget, connection)
        let body = request.body
        let length = request.headers[.contentLength].flatMap { Int($0) }
        var parts = (request.head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            .map(String.init)
        if parts.isEmpty { parts = ["/"] }
        let hubRequest = HubRequest(
            method: request.method.rawValue, path: parts[0], query: parts.count > 1 ? parts[1] : "",
            headers: request.headers.map { HubHeader($0.name.rawName, $0.value) },
            scheme: front.publicAddress?.scheme ?? (tls == nil ? "http" : "https"),
            authority: front.publicAddress?.authority ?? request.head.authority ?? "\(address.host):\(address.port)",
            peer: peer(request, context),
            certificate: try await certificate(context.channel),
            readBody: { limit in try await account.collect(body, length: length, limit: limit) })
        // Without a body to wait for it is the hub's turn.
        if request.headers[.contentLength] == nil, request.headers[.transferEncoding] == nil {
            connection?.isComplete()
        }
        let answer = await hub.respond(to: hubRequest)
        connection?.answered(DispatchTime.now().uptimeNanoseconds)
        account.close()
        var fields = HTTPFields()
        // RFC 6797: browsers that came over TLS once shall never come without it.
        if hubRequest.scheme == "https" { fields[.strictTransportSecurity] = "max-age=31536000" }
        for header in answer.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        return Response(
            status: .init(code: answer.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    /// The name of the client certificate that TLS verified.
    private func certificate(_ channel: any Channel) async throws -> String? {
        guard tls?.asksForCertificates == true else { return nil }
        guard let certificate = try await channel.nioSSL_peerCertificate().get() else { return nil }
        // TLS looked when the connection began, which may be long ago.
        guard certificate.notValidAfter > time(nil) else { return nil }
        return HubTLS.name(certificate)
    }

    /// Address of the client, behind whatever proxies are trusted.
    private func peer(_ request: Request, _ context: Context) -> String {
        guard !front.trustedProxies.isEmpty, let name = HTTPField.Name("X-Forwarded-For") else {
            return PeerAddress.normal(context.peer)
        }
        return PeerAddress.client(context.peer, forwarded: request.headers[name], trusted: front.trustedProxies)
    }

    /// What Hummingbird gives of a connection.
    struct Context: InitializableFromSource, RequestContextSource {
        typealias Source = ApplicationRequestContextSource
        let logger: Logger
        let channel: any Channel
        let peer: String

        init(source: ApplicationRequestContextSource) {
            logger = source.logger
            channel = source.channel
            peer = source.channel.remoteAddress?.ipAddress ?? ""
        }
    }
}

#if canImport(Glibc)
    import Glibc
#endif
