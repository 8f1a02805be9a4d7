// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowTAXII

/// How a TAXII server is spoken with.
struct TAXIIOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Name of the account there.", valueName: "name"))
    var user: String?

    @Option(
        name: .customLong("password-file"),
        help: ArgumentHelp("File that holds its password; else OUTFLOW_TAXII_PASSWORD.", valueName: "file"))
    var passwordFile: String?

    @Option(
        name: .customLong("token-file"),
        help: ArgumentHelp("File that holds a token to sign in with, instead of name and password.", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("The only authorities that are believed (PEM).", valueName: "file"))
    var ca: String?

    @Option(
        name: .customLong("client-certificate"),
        help: ArgumentHelp("Certificate to sign in with (PEM, with its chain).", valueName: "file"))
    var certificate: String?

    @Option(
        name: .customLong("client-key"), help: ArgumentHelp("Private key of that certificate (PEM).", valueName: "file")
    )
    var certificateKey: String?

    @Option(help: ArgumentHelp("Seconds in which an answer must have come.", valueName: "n"))
    var timeout: Int64 = 120

    @Option(
        name: .customLong("max-answer"),
        help: ArgumentHelp("The longest answer that is taken, in MiB.", valueName: "n"))
    var mostMegabytes = 128

    @Flag(help: "Speak without TLS to other machines: others can read along.")
    var insecure = false

    func validate() throws {
        guard (certificate == nil) == (certificateKey == nil) else {
            throw ValidationError("name --client-certificate and --client-key together")
        }
        guard user == nil || tokenFile == nil else { throw ValidationError("sign in by --user or by --token-file") }
        guard passwordFile == nil || user != nil else { throw ValidationError("--password-file needs --user") }
        guard (1...86_400).contains(timeout), (1...4_096).contains(mostMegabytes) else {
            throw ValidationError("--timeout takes 1 to 86400 seconds, --max-answer 1 to 4096 MiB")
        }
    }

    /// Reads an address that was given on the command line.
    func address(_ text: String) throws -> TAXIIAddress {
        do { return try TAXIIAddress(text, mayBePlain: insecure) } catch { throw Problem("\(error)") }
    }

    /// Uses a client of the server at an address, and ends its connections.
    func withClient<Result: Sendable>(
        of address: TAXIIAddress, _ body: @escaping @Sendable (TAXIIClient) async throws -> Result
    ) throws -> Result {
        var transport = HTTPTransport.Options()
        transport.authorities = ca
        if let certificate, let certificateKey { transport.identity = (certificate, certificateKey) }
        transport.seconds = timeout
        let (settings, credentials) = (transport, try credentials())
        var limits = TAXIIClient.Limits()
        limits.answerBytes = mostMegabytes << 20
        let bounds = limits
        let answer = Answer<Result>()
        try wait {
            let transport = try HTTPTransport(settings)
            let client = TAXIIClient(address, transport: transport, credentials: credentials, limits: bounds)
            do { answer.value = try await body(client) } catch {
                await transport.close()
                throw error
            }
            await transport.close()
        }
        guard let value = answer.value else { throw Problem("\(address): no answer") }
        return value
    }

    private func credentials() throws -> TAXIIClient.Credentials {
        if let tokenFile { return .token(try secret(tokenFile)) }
        guard let user else { return .none }
        if let passwordFile { return .basic(name: user, password: try secret(passwordFile)) }
        guard let password = ProcessInfo.processInfo.environment["OUTFLOW_TAXII_PASSWORD"] else {
            throw Problem("--user needs its password: name a file with --password-file, or set OUTFLOW_TAXII_PASSWORD")
        }
        return .basic(name: user, password: password)
    }

    /// The first line of a file.
    private func secret(_ path: String) throws -> String {
        guard let text = FileManager.default.contents(atPath: path), text.count <= 1 << 16,
            let line = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).first,
            line.allSatisfy({ !$0.isNewline && $0 != "\0" })
        else { throw Problem("\(path): no secret can be read there") }
        return String(line)
    }
}

/// Handed over when the work is done.
private final class Answer<Value: Sendable>: @unchecked Sendable { var value: Value? }
