// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowDetection
import OutflowLedger
import OutflowRecords

/// Something that a log tells of an account, a bucket or a mailbox, on a day.
struct Deed: Sendable {
    static let firstDay: Int64 = 19_700
    var day: Int
    var number: Int
    let add: @Sendable (ActivityBatch, RecordMark) -> Void

    init(_ day: Int, _ number: Int = 0, _ add: @escaping @Sendable (ActivityBatch, RecordMark) -> Void) {
        self.day = day
        self.number = number
        self.add = add
    }

    static func read(
        _ principal: String, _ bucket: String, _ key: Int, from address: String, by client: String = "aws-cli/2.1",
        day: Int
    ) -> Deed {
        Deed(day, key) { batch, mark in
            batch.objects.append(
                ObjectAccess(
                    mark: mark, route: .cloudObject, state: .taken,
                    source: EntityView(.principal, id: batch.arena.copy(principal)), store: batch.arena.copy(bucket),
                    destination: EntityView(.address, id: batch.arena.copy(address)),
                    object: batch.arena.copy("object-\(key)"), bytes: 1_000, client: batch.arena.copy(client)))
        }
    }

    static func list(_ principal: String, _ bucket: String, from address: String, day: Int) -> Deed {
        Deed(day) { batch, mark in
            batch.listings.append(
                StoreListing(
                    mark: mark, store: batch.arena.copy(bucket), principal: batch.arena.copy(principal),
                    destination: EntityView(.address, id: batch.arena.copy(address))))
        }
    }

    static func paper(_ account: String, _ paper: Int, from address: String, day: Int) -> Deed {
        Deed(day, paper) { batch, mark in
            batch.objects.append(
                ObjectAccess(
                    mark: mark, route: .library, state: .taken,
                    source: EntityView(.principal, id: batch.arena.copy(account)),
                    store: batch.arena.copy("publisher.example"),
                    destination: EntityView(.address, id: batch.arena.copy(address)),
                    object: batch.arena.copy("paper-\(day)-\(paper)"), bytes: 500_000))
        }
    }

    /// A document by its identifier and form, and the page that led to it.
    static func document(
        _ account: String, _ object: String, from address: String, day: Int, _ number: Int = 0,
        from referrer: String = ""
    ) -> Deed {
        Deed(day, number) { batch, mark in
            var access = ObjectAccess(
                mark: mark, route: .library, state: .taken,
                source: EntityView(.principal, id: batch.arena.copy(account)),
                store: batch.arena.copy("publisher.example"),
                destination: EntityView(.address, id: batch.arena.copy(address)), object: batch.arena.copy(object),
                bytes: 500_000)
            access.referrer = batch.arena.copy(referrer)
            batch.objects.append(access)
        }
    }

    static func page(_ account: String, _ page: String, day: Int, _ number: Int = 0) -> Deed {
        Deed(day, number) { batch, mark in
            batch.pages.append(
                LibraryPage(mark: mark, reader: batch.arena.copy(account), page: batch.arena.copy(page)))
        }
    }

    static func signIn(
        _ account: String, country: String, at place: (north: Double, east: Double), day: Int, second: Int
    ) -> Deed {
        Deed(day, second) { batch, mark in
            var event = IdentityEvent(
                mark: mark, kind: .signIn, account: batch.arena.copy(account), address: batch.arena.copy("192.0.2.1"))
            event.country = batch.arena.copy(country)
            event.place = IdentityEvent.Place(latitude: place.north, longitude: place.east)
            batch.identities.append(event)
        }
    }

    /// Names asked for by a type (IANA number), and whether they exist.
    static func query(_ host: UInt32, _ name: String, type: UInt16 = 1, exists: Bool = true, day: Int, _ number: Int)
        -> Deed
    {
        Deed(day, number) { batch, mark in
            let client = IPAddress(v4: host)
            batch.queries.append(
                DNSQuery(
                    mark: mark, client: client, resolver: IPAddress(v4: 0x0A00_0035), name: batch.arena.copy(name),
                    type: type))
            if !exists {
                batch.failures.append(DNSFailure(mark: mark, client: client, name: batch.arena.copy(name)))
            }
        }
    }

    static func mail(_ mailbox: String, by application: String, folders: Int = 0, messages: Int = 0, day: Int) -> [Deed]
    {
        (0..<max(folders, messages)).map { number in
            Deed(day, number) { batch, mark in
                var access = MailAccess(
                    mark: mark, mailbox: EntityView(.mailbox, id: batch.arena.copy(mailbox)),
                    destination: EntityView(.address, id: batch.arena.copy("198.51.100.9")),
                    session: batch.arena.copy(application), claimed: folders > 0 ? 0 : 1)
                if folders > 0 { access.wholeFolder = batch.arena.copy("folder \(number)") }
                batch.mail.append(access)
            }
        }
    }

    static func identity(
        _ kind: IdentityEvent.Kind, _ account: String, from address: String = "", device: String = "",
        application: String = "", day: Int, _ number: Int = 0
    ) -> Deed {
        Deed(day, number) { batch, mark in
            batch.identities.append(
                IdentityEvent(
                    mark: mark, kind: kind, account: batch.arena.copy(account), address: batch.arena.copy(address),
                    device: batch.arena.copy(device), application: batch.arena.copy(application)))
        }
    }

    static func forward(_ account: String, to grantee: String, day: Int) -> Deed {
        Deed(day) { batch, mark in
            batch.exposures.append(
                ExposureChange(
                    mark: mark, action: .share, route: .mail,
                    resource: EntityView(.mailbox, id: batch.arena.copy(account)),
                    grantee: EntityView(.address, id: batch.arena.copy(grantee)),
                    principal: batch.arena.copy(account)))
        }
    }
}

extension Detection {
    /// Adds deeds; `offset` tells them from those of other calls.
    mutating func observe(_ deeds: [Deed], offset: Int = 0) {
        let batch = ActivityBatch()
        for (index, deed) in deeds.enumerated() {
            let second = (Deed.firstDay + Int64(deed.day)) * 86_400 + 36_000 + Int64(deed.number)
            let place = UInt64(offset + index)
            let mark = RecordMark(
                time: Timestamp(microseconds: second * 1_000_000), identity: place &* 0x9E37_79B9_7F4A_7C15,
                offset: place * 100, length: 90)
            deed.add(batch, mark)
        }
        observe(batch, input: 0)
    }

    static func findings(_ deeds: [Deed]) -> [Report.Finding] {
        var detection = Detection()
        detection.observe(deeds)
        return detection.findings
    }

    var findings: [Report.Finding] {
        var detection = self
        var report = Report()
        detection.conclude(&report, NetworkDetectionTests.facts)
        return report.findings
    }
}
