// SPDX-License-Identifier: Apache-2.0

import OutflowActivities

extension AccountFeatures {
    /// The features, and what is believed of them beforehand: docs/detection.md has the reasons.
    static let sources: [Source] = [
        Source(
            feature: Feature(
                "documents", title: "read many documents", unit: "documents", kind: .reader, route: .library,
                techniques: ["T1213"], floor: 5, prior: .init(frequency: 0.5, scale: 5, index: 2.5)),
            measure: .documents, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "publishers", title: "read from many publishers", unit: "publishers", kind: .reader, route: .library,
                techniques: ["T1213"], floor: 3, prior: .init(frequency: 0.3, scale: 3, index: 3)),
            measure: .publishers, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "journals", title: "read from many journals", unit: "journals", kind: .reader, route: .library,
                techniques: ["T1213"], floor: 5, prior: .init(frequency: 0.3, scale: 5, index: 3)),
            measure: .journals, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "bare-documents", title: "fetched more documents than it opened pages", unit: "documents",
                kind: .reader, route: .library, techniques: ["T1213", "T1119"], floor: 5,
                prior: .init(frequency: 0.05, scale: 5, index: 2.5)),
            measure: .downloads, rule: .totalBeyond(.pages), entityKind: "account"),
        Source(
            feature: Feature(
                "pirate-referrers", title: "fetched documents to which a pirate library led", unit: "documents",
                kind: .reader, route: .library, techniques: ["T1213"], floor: 1,
                prior: .init(frequency: 0.0005, scale: 1, index: 1)),
            measure: .pirateReferrers, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "reader-networks", title: "read from many networks", unit: "networks", kind: .reader, route: .library,
                techniques: ["T1078"], floor: 2, prior: .init(frequency: 0.2, scale: 2, index: 3)),
            measure: .readerNetworks, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "new-reading-place", title: "read documents from a network that it never used", unit: "documents",
                kind: .reader, route: .library, techniques: ["T1078", "T1213"], floor: 3,
                prior: .init(frequency: 0.1, scale: 5, index: 2)),
            measure: .documentsToNetwork, rule: .newSubject, subjectKind: "network", entityKind: "account"),
        Source(
            feature: Feature(
                "readers-of-network", title: "is an address or network from which many accounts read much",
                unit: "accounts",
                kind: .network, route: .library, techniques: ["T1078"], floor: 2,
                prior: .init(frequency: 0.003, scale: 2, index: 3)),
            measure: .documentsOfNetwork, rule: .subjects(least: 5), entityKind: "network"),
        Source(
            feature: Feature(
                "objects", title: "fetched many objects", unit: "objects", kind: .principal, route: .cloudObject,
                techniques: ["T1530"], floor: 10, prior: .init(frequency: 0.5, scale: 10, index: 1)),
            measure: .objects, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "new-bucket", title: "fetched objects of a bucket that it never read", unit: "objects",
                kind: .principal, route: .cloudObject, techniques: ["T1530"], floor: 5,
                prior: .init(frequency: 0.1, scale: 5, index: 1)),
            measure: .objects, rule: .newSubject, subjectKind: "store", entityKind: "account"),
        Source(
            feature: Feature(
                "stray-network",
                title: "fetched objects from a network that it never used, though it kept to one or two",
                unit: "objects", kind: .principal, route: .cloudObject, techniques: ["T1078.004", "T1530"], floor: 5,
                prior: .init(frequency: 0.0002, scale: 5, index: 1)),
            measure: .objectsToNetwork, rule: .strayFromHabit, subjectKind: "network", entityKind: "account"),
        Source(
            feature: Feature(
                "new-program", title: "fetched objects by a program that it never used", unit: "objects",
                kind: .principal, route: .cloudObject, techniques: ["T1530"], floor: 5,
                prior: .init(frequency: 0.05, scale: 5, index: 1)),
            measure: .objectsByClient, rule: .newSubject, entityKind: "account"),
        Source(
            feature: Feature(
                "secrets", title: "read many secrets or other things of unknown size", unit: "objects",
                kind: .principal, route: .cloudObject, techniques: ["T1552", "T1555.006"], floor: 3,
                prior: .init(frequency: 0.2, scale: 3, index: 1.5)),
            measure: .secrets, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "instance-credentials",
                title: "is a virtual machine whose credentials fetched objects from a machine that is none",
                unit: "objects", kind: .principal, route: .cloudObject, techniques: ["T1078.004", "T1552.005"],
                floor: 1,
                prior: .init(frequency: 0.001, scale: 1, index: 0.5)),
            measure: .instanceCredentials, rule: .anySubject, subjectKind: "address", entityKind: "account"),
        Source(
            feature: Feature(
                "shares", title: "gave things to somebody outside", unit: "things", kind: .principal,
                route: .cloudObject, techniques: ["T1537"], floor: 1,
                prior: .init(frequency: 0.01, scale: 1, index: 1)),
            measure: .shares, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "forwards", title: "made rules by which mail goes outside", unit: "rules", kind: .principal,
                route: .mail, techniques: ["T1114.003"], floor: 1,
                prior: .init(frequency: 0.2, scale: 1, index: 1.5)),
            measure: .forwards, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "new-network", title: "is a bucket whose objects a network fetched that never read it",
                unit: "objects", kind: .store, route: .cloudObject, techniques: ["T1530"], floor: 5,
                prior: .init(frequency: 0.1, scale: 5, index: 1)),
            measure: .objectsOfStore, rule: .newSubject, subjectKind: "network", entityKind: "store"),
        Source(
            feature: Feature(
                "listed-then-read",
                title: "is a bucket that a network listed and then read, and never read before", unit: "objects",
                kind: .store, route: .cloudObject, techniques: ["T1619", "T1530"], floor: 5,
                prior: .init(frequency: 0.01, scale: 5, index: 1)),
            measure: .objectsOfStore, rule: .newSubjectWith(.listings), subjectKind: "network", entityKind: "store"),
        Source(
            feature: Feature(
                "messages", title: "is a mailbox of which many messages were read", unit: "messages", kind: .mailbox,
                route: .mail, techniques: ["T1114.002"], floor: 50,
                prior: .init(frequency: 0.5, scale: 50, index: 1), comparesPeers: false),
            measure: .messages, rule: .total, sumsValues: true, entityKind: "mailbox"),
        Source(
            feature: Feature(
                "new-mail-reader",
                title: "is a mailbox that an application or network read that others have and this one had not",
                unit: "messages", kind: .mailbox, route: .mail, techniques: ["T1114.002"], floor: 10,
                prior: .init(frequency: 0.02, scale: 2, index: 1)),
            measure: .messages, rule: .commonSubject, sumsValues: true, subjectKind: "session", entityKind: "mailbox"),
        Source(
            feature: Feature(
                "rare-mail-reader", title: "is a mailbox that a rare new application or network read",
                unit: "messages", kind: .mailbox, route: .mail, techniques: ["T1114.002", "T1550.001"], floor: 10,
                prior: .init(frequency: 0.001, scale: 5, index: 1)),
            measure: .messages, rule: .rareSubject, sumsValues: true, subjectKind: "session", entityKind: "mailbox"),
        Source(
            feature: Feature(
                "mailboxes", title: "read many mailboxes", unit: "mailboxes", kind: .application, route: .mail,
                techniques: ["T1114.002"], floor: 2, prior: .init(frequency: 0.05, scale: 2, index: 1),
                comparesPeers: false),
            measure: .mailboxes, rule: .total, entityKind: "session"),
        Source(
            feature: Feature(
                "files", title: "fetched many files", unit: "files", kind: .account, route: .saasFile,
                techniques: ["T1213.002", "T1530"], floor: 20, prior: .init(frequency: 0.5, scale: 20, index: 1.2)),
            measure: .files, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "new-client", title: "fetched files with a client that it never used", unit: "files", kind: .account,
                route: .saasFile, techniques: ["T1213.002"], floor: 10,
                prior: .init(frequency: 0.1, scale: 5, index: 1.2)),
            measure: .files, rule: .newSubject, entityKind: "account"),
        Source(
            feature: Feature(
                "sign-in-networks", title: "signed in from networks that it never used", unit: "networks",
                kind: .account, route: .saasFile, techniques: ["T1078.004"], floor: 1,
                prior: .init(frequency: 0.1, scale: 1, index: 3)),
            measure: .signIns, rule: .newSubjects, entityKind: "account"),
        Source(
            feature: Feature(
                "new-countries", title: "signed in from countries where it never was", unit: "countries",
                kind: .account, route: .saasFile, techniques: ["T1078.004"], floor: 1,
                prior: .init(frequency: 0.02, scale: 1, index: 3)),
            measure: .countries, rule: .newSubjects, entityKind: "account"),
        Source(
            feature: Feature(
                "impossible-travel", title: "signed in at places farther apart than anybody travels in between",
                unit: "km/h", kind: .account, route: .saasFile, techniques: ["T1078.004"], floor: 500,
                prior: .init(frequency: 0.005, scale: 1000, index: 1)),
            measure: .places, rule: .total, sumsValues: true, entityKind: "account"),
        Source(
            feature: Feature(
                "new-devices", title: "signed in with devices that it never used", unit: "devices", kind: .account,
                route: .saasFile, techniques: ["T1078.004"], floor: 1,
                prior: .init(frequency: 0.05, scale: 1, index: 3)),
            measure: .devices, rule: .newSubjects, entityKind: "account"),
        Source(
            feature: Feature(
                "consents", title: "gave applications access to data", unit: "applications", kind: .account,
                route: .saasFile, techniques: ["T1528"], floor: 1,
                prior: .init(frequency: 0.05, scale: 1, index: 2)),
            measure: .consents, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "refused-accounts", title: "is a network from which sign-ins to many accounts were refused",
                unit: "accounts", kind: .network, route: .saasFile, techniques: ["T1110.003"], floor: 2,
                prior: .init(frequency: 0.05, scale: 2, index: 2)),
            measure: .refusedAccounts, rule: .total, entityKind: "network"),
    ]
}
