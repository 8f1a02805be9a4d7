// SPDX-License-Identifier: Apache-2.0

import CCertificate
import CSodium
import HummingbirdCore
import NIOSSL
import OutflowHub

#if canImport(Glibc)
    import Glibc
#endif

/// How the hub proves who it is, and who may prove who they are.
public struct HubTLS: Sendable {
    private let configuration: TLSConfiguration
    /// Whether clients are asked for a certificate.
    let asksForCertificates: Bool

    /// TLS 1.2 or later with a certificate.
    ///
    /// - Parameters:
    ///   - certificate: PEM file of the certificate and, behind it, those that lead to a known authority.
    ///   - key: PEM file of its private key.
    ///   - clientAuthorities: PEM file of the authorities whose client certificates are believed; nil to ask for none.
    ///     Who shows a certificate must show a good one; who shows none signs in otherwise.
    /// - Throws: `HubFailure` that names the file which cannot be used.
    public init(certificate: String, key: String, clientAuthorities: String? = nil) throws {
        let chain: [NIOSSLCertificate]
        do { chain = try NIOSSLCertificate.fromPEMFile(certificate) } catch {
            throw HubFailure("\(certificate): no certificate in PEM can be read there")
        }
        guard !chain.isEmpty else { throw HubFailure("\(certificate): holds no certificate in PEM") }
        let secret: NIOSSLPrivateKey
        do { secret = try NIOSSLPrivateKey(file: key, format: .pem) } catch {
            throw HubFailure("\(key): no private key in PEM without a passphrase can be read there")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(secret))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let clientAuthorities {
            let roots: [NIOSSLCertificate]
            do { roots = try NIOSSLCertificate.fromPEMFile(clientAuthorities) } catch {
                throw HubFailure("\(clientAuthorities): no certificates in PEM can be read there")
            }
            guard !roots.isEmpty else { throw HubFailure("\(clientAuthorities): holds no certificate in PEM") }
            configuration.trustRoots = .certificates(roots)
            configuration.certificateVerification = .optionalVerification
        }
        asksForCertificates = clientAuthorities != nil
        self.configuration = configuration
        // Whether key and certificate belong together shows only here.
        do { _ = try NIOSSLContext(configuration: configuration) } catch {
            throw HubFailure("\(certificate) and \(key) do not belong together, or cannot be used: \(error)")
        }
    }

    var server: TLSConfiguration { configuration }

    /// SHA-256 of a certificate (of its DER form), in hexadecimal digits.
    static func name(_ certificate: NIOSSLCertificate) -> String? {
        guard let bytes = try? certificate.toDERBytes() else { return nil }
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension HubTLS {
    /// Makes a key and a self-signed certificate that speaks for `names`, once: files that are there are kept.
    ///
    /// Clients must be told to trust exactly this certificate. It is valid for 825 days, the longest that common clients
    /// accept of a certificate of one's own.
    ///
    /// - Returns: whether it was made now.
    /// - Throws: `HubFailure` if the files cannot be written.
    public static func generate(certificate: String, key: String, names: [HostName]) throws -> Bool {
        if access(certificate, R_OK) == 0, access(key, R_OK) == 0 { return false }
        let keyFile = try create(key, 0o600)
        let certificateFile: Int32
        do { certificateFile = try create(certificate, 0o644) } catch {
            close(keyFile)
            throw error
        }
        let permitted = names.map { name in
            guard name.isAddress else { return "permitted;DNS:\(name.text)" }
            let mask =
                name.text.contains(":")
                ? Array(repeating: "ffff", count: 8).joined(separator: ":") : "255.255.255.255"
            return "permitted;IP:\(name.text)/\(mask)"
        }
        guard
            ccertificate_make(
                names.map { ($0.isAddress ? "IP:" : "DNS:") + $0.text }.joined(separator: ","),
                "critical,\(permitted.joined(separator: ","))", "Outflow hub", 825, keyFile, certificateFile) == 1
        else {
            unlink(key)
            unlink(certificate)
            throw HubFailure("\(certificate): the certificate cannot be made or written")
        }
        return true
    }

    /// Those of the names that the certificate in a PEM file does not speak for: clients that dial them refuse it.
    public static func missing(_ names: [HostName], in certificate: String) -> [HostName] {
        names.filter { ccertificate_covers(certificate, $0.text) == 0 }
    }

    private static func create(_ path: String, _ mode: mode_t) throws -> Int32 {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file >= 0 else { throw HubFailure("\(path): \(String(cString: strerror(errno)))") }
        return file
    }
}
