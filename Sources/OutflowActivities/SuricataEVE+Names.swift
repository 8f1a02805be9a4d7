// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension SuricataEVE {
    /// The server name of a TLS or QUIC handshake.
    static func readServerName(_ event: EVEEvent) {
        let text = event.json["tls"]?.string("sni") ?? event.json["quic"]?.string("sni") ?? .empty
        guard let name = event.name(text) else {
            event.batch.irrelevant += 1
            return
        }
        event.batch.names.append(
            NameSeen(
                time: event.mark.time, source: .tlsServerName, client: event.source, address: event.destination,
                port: event.destinationPort, name: name))
    }

    /// DNS, in all three layouts.
    ///
    /// 1. one event an answer: `type` answer, `rrname`, `rrtype`, `rdata`;
    /// 2. `type` answer with `answers` (detailed) or `grouped` (by type), or both;
    /// 3. `type` request or response with `queries`, and `answers` or `grouped`; since Suricata 8 a response has the
    ///    server as its source.
    ///
    /// Every address of an answer gets the name that was asked for, at the end of a chain of CNAMEs too.
    /// Source: docs.suricata.io, "Event type: DNS"; for layout 3 its upgrade notes for 8.0.
    static func readDNS(_ event: EVEEvent) {
        guard let dns = event.json["dns"] else {
            event.batch.irrelevant += 1
            return
        }
        let type = dns.string("type")
        let isResponse = type == "answer" || type == "response"
        let isReversed =
            event.sourcePort == 53 && event.destinationPort != 53
            || type == "response" && dns["version"]?.count == 3 && event.destinationPort != 53
        let client = isReversed ? event.destination : event.source
        let resolver = isReversed ? event.source : event.destination
        func counted() -> Int { event.batch.names.count + event.batch.queries.count + event.batch.failures.count }
        let before = counted()
        if isResponse {
            readAnswers(dns, client: client, event)
            if dns.string("rcode") == "NXDOMAIN", let name = event.name(question(dns)) {
                event.batch.failures.append(DNSFailure(mark: event.mark, client: client, name: name))
            }
        } else {
            var part = 0
            func ask(_ question: JSONValue) {
                guard let name = event.name(question.string("rrname")) else { return }
                var mark = event.mark
                if let transaction = dns["id"]?.count {
                    mark.identity = DNSQuery.identity(
                        client: client, port: isReversed ? event.destinationPort : event.sourcePort, resolver: resolver,
                        transaction: transaction, name: name, time: mark.time)
                } else if part > 0 {
                    // Several questions of one event are several queries.
                    var hash = ContentHash(seed: mark.identity)
                    hash.combine(UInt64(part))
                    mark.identity = hash.value
                }
                part += 1
                event.batch.queries.append(
                    DNSQuery(
                        mark: mark, client: client, resolver: resolver, name: name,
                        type: DNSQuery.type(named: question.string("rrtype"))))
            }
            ask(dns)
            if let questions = dns["queries"] {
                for (_, question) in questions.elements { ask(question) }
            }
        }
        if before == counted() { event.batch.irrelevant += 1 }
    }

    /// The name that an answer is about.
    private static func question(_ dns: JSONValue) -> Bytes {
        var question = dns.string("rrname")
        if question.isEmpty, let questions = dns["queries"] {
            for (_, first) in questions.elements where question.isEmpty { question = first.string("rrname") }
        }
        return question
    }

    private static func readAnswers(_ dns: JSONValue, client: IPAddress, _ event: EVEEvent) {
        guard let name = event.name(question(dns)) else { return }
        func answer(_ type: Bytes, _ data: Bytes) {
            guard type == "A" || type == "AAAA", let address = IPAddress(data) else { return }
            if event.batch.wantsObservables {
                event.batch.observables.append(
                    Observable(
                        mark: event.mark, kind: .address, value: event.batch.arena.copy(data), host: client,
                        peer: event.destination))
            }
            event.batch.names.append(
                NameSeen(
                    time: event.mark.time, source: .dnsAnswer, client: client, address: address, port: 0, name: name))
        }
        if let answers = dns["answers"] {
            for (_, one) in answers.elements { answer(one.string("rrtype"), one.string("rdata")) }
        } else if let grouped = dns["grouped"] {
            for (type, list) in grouped.members {
                for (_, data) in list.elements { answer(type, data.string ?? .empty) }
            }
        } else {
            answer(dns.string("rrtype"), dns.string("rdata"))
        }
    }
}
