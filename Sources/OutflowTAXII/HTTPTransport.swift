// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// HTTP/1.1, over TLS unless the URL says otherwise. Neither redirects nor proxies of the environment are followed.
public final class HTTPTransport: TAXIITransport {
    /// Whom to trust, who we are, and how long to wait.
    public struct Options: Sendable {
        /// PEM file of the only authorities that are believed; nil for those of the system.
        public var authorities: String?
        /// PEM files of our certificate (with its chain) and its private key; nil for none.
        public var identity: (certificate: String, key: String)?
        /// Seconds in which a connection must stand.
        public var connectSeconds: Int64 = 15
        /// Seconds in which a whole answer must have come.
        public var seconds: Int64 = 120

        /// What holds unless told otherwise.
        public init() {}
    }

    private let client: HTTPClient
    private let seconds: Int64

    /// A transport; no connection is made yet.
    ///
    /// - Throws: ``TAXIIFailure`` that names the file which cannot be used.
    public init(_ options: Options = Options()) throws {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try Self.encryption(options), redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(options.connectSeconds), read: .seconds(options.seconds)))
        configuration.httpVersion = .http1Only
        // A request that cannot be made fails at once, rather than at the deadline.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
        seconds = options.seconds
    }

    /// Ends all connections. Call it when the transport is used no more.
    public func close() async { try? await client.shutdown().get() }

    private static func encryption(_ options: Options) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let file = options.authorities {
            guard let roots = try? NIOSSLCertificate.fromPEMFile(file), !roots.isEmpty else {
                throw TAXIIFailure("\(file): no certificates in PEM can be read there")
            }
            tls.trustRoots = .certificates(roots)
        }
        if let identity = options.identity {
            guard let chain = try? NIOSSLCertificate.fromPEMFile(identity.certificate), !chain.isEmpty else {
                throw TAXIIFailure("\(identity.certificate): no certificate in PEM can be read there")
            }
            guard let key = try? NIOSSLPrivateKey(file: identity.key, format: .pem) else {
                throw TAXIIFailure("\(identity.key): no private key in PEM without a passphrase can be read there")
            }
            tls.certificateChain = chain.map { .certificate($0) }
            tls.privateKey = .privateKey(key)
        }
        return tls
    }

    /// Sends one request; see ``TAXIITransport``.
    public func send(_ request: TAXIIRequest, limit: Int) async throws -> TAXIIReply {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method)
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        if let body = request.body { outgoing.body = .bytes(ByteBuffer(bytes: body)) }
        let (client, seconds, message) = (client, seconds, outgoing)
        do {
            // The deadline is for the body too: a server may send a byte a minute for ever.
            return try await withThrowingTaskGroup(of: TAXIIReply.self) { group in
                group.addTask { try await Self.exchange(message, client, limit, seconds) }
                group.addTask {
                    try await Task.sleep(for: .seconds(seconds))
                    throw TAXIIFailure("\(request.url): no whole answer within \(seconds) seconds")
                }
                defer { group.cancelAll() }
                guard let reply = try await group.next() else { throw TAXIIFailure("\(request.url): no answer") }
                return reply
            }
        } catch let failure as TAXIIFailure { throw failure } catch is NIOTooManyBytesError {
            throw TAXIIFailure("\(request.url): the answer is longer than \(limit) bytes; ask for smaller pages")
        } catch let error as NIOSSLError {
            throw TAXIIFailure("\(request.url): TLS: \(error); --ca FILE names whom to trust")
        } catch let error as NIOSSLExtraError {
            throw TAXIIFailure("\(request.url): TLS: \(error); --ca FILE names whom to trust")
        } catch { throw TAXIIFailure("\(request.url): \(error)") }
    }

    private static func exchange(_ request: HTTPClientRequest, _ client: HTTPClient, _ limit: Int, _ seconds: Int64)
        async throws -> TAXIIReply
    {
        let response = try await client.execute(request, timeout: .seconds(seconds))
        let body = try await response.body.collect(upTo: limit)
        return TAXIIReply(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
            body: Array(body.readableBytesView))
    }
}
