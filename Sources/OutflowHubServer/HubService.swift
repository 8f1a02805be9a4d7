// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import OutflowHub

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
    }

    private let hub: Hub
    private let address: Address
    private let tls: HubTLS?
    private let budget = BodyBudget(bytes: 512 << 20)

    /// A service for `hub` at `address`; without `tls` everybody on the way can read along.
    public init(_ hub: Hub, at address: Address, tls: HubTLS? = nil) {
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
        let plain = HTTPServerBuilder.http1(configuration: .init(idleTimeout: .seconds(60)))
        let application = Application(
            responder: CallbackResponder<Context> { request, context in try await respond(request, context) },
            server: try tls.map { try HTTPServerBuilder.tls(plain, tlsConfiguration: $0.server) } ?? plain,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: nil, backlog: 1_024),
            onServerRunning: { onListening($0.localAddress?.port ?? 0) }, logger: logger)
        try await application.runService()
        await hub.finish()
    }

    private func respond(_ request: Request, _ context: Context) async throws -> Response {
        let account = BodyAccount(budget)
        let body = request.body
        let length = request.headers[.contentLength].flatMap { Int($0) }
        var parts = (request.head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            .map(String.init)
        if parts.isEmpty { parts = ["/"] }
        let hubRequest = HubRequest(
            method: request.method.rawValue, path: parts[0], query: parts.count > 1 ? parts[1] : "",
            headers: request.headers.map { HubHeader($0.name.rawName, $0.value) },
            scheme: tls == nil ? "http" : "https",
            authority: request.head.authority ?? "\(address.host):\(address.port)", peer: context.peer,
            certificate: try await certificate(context.channel),
            readBody: { limit in try await account.collect(body, length: length, limit: limit) })
        let answer = await hub.respond(to: hubRequest)
        account.close()
        var fields = HTTPFields()
        // RFC 6797: browsers that came over TLS once shall never come without it.
        if tls != nil { fields[.strictTransportSecurity] = "max-age=31536000" }
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
        return try await channel.nioSSL_peerCertificate().get().flatMap { HubTLS.name($0) }
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
