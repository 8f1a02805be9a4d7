// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension SuricataEVE {
    /// Keeps what indicators name: server names, URLs, agents, hashes, fingerprints.
    /// Source: docs.suricata.io, "EVE JSON Format", event types TLS, HTTP and Fileinfo.
    static func observe(_ event: EVEEvent) {
        let batch = event.batch
        func add(_ kind: Observable.Kind, _ text: Bytes) {
            guard !text.isEmpty else { return }
            let copy = batch.arena.copy(text)
            batch.observables.append(
                Observable(
                    mark: event.mark, kind: kind, value: kind == .userAgent ? copy : batch.arena.lowercased(copy),
                    host: event.source, peer: event.destination))
        }
        if let tls = event.json["tls"] ?? event.json["quic"] {
            if let name = event.name(tls.string("sni")) { add(.domain, name) }
            add(.ja3, tls["ja3"]?.string("hash") ?? .empty)
            add(.ja4, tls.string("ja4"))
            // Written in pairs with colons between.
            let fingerprint = tls.string("fingerprint").array.filter { $0 != UInt8(ascii: ":") }
            fingerprint.withUnsafeBytes { add(.certificate, Bytes($0)) }
        }
        if let http = event.json["http"] {
            add(.userAgent, http.string("http_user_agent"))
            if let host = event.name(http.string("hostname")) {
                add(.domain, host)
            }
            let url = URLForm.url(
                host: http.string("hostname"), target: http.string("url"), port: event.destinationPort, batch.arena)
            if let url {
                batch.observables.append(
                    Observable(
                        mark: event.mark, kind: .url, value: url, host: event.source, peer: event.destination))
            }
        }
        for (part, keys): (StaticString, [StaticString]) in [
            ("smtp", ["mail_from", "rcpt_to"]), ("email", ["from", "to", "cc"]),
        ] {
            guard let mail = event.json[part] else { continue }
            for key in keys {
                let texts = [mail.string(key)] + (mail[key]?.elements ?? .none).map { $0.value.string ?? .empty }
                for text in texts { AuditRecord.forEachMailAddress(in: text) { add(.mail, $0) } }
            }
        }
        if let file = event.json["fileinfo"] {
            for key: StaticString in ["md5", "sha1", "sha256"] { add(.hash, file.string(key)) }
        }
    }
}
