// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Everything of the ledger but network flows: reads of objects and mail, sharing, uploads, names, DNS, losses.
///
/// Three verbs: ``observe(_:input:)`` adds a batch, ``merge(_:inputMap:)`` adds another ledger, ``conclude(_:)`` says
/// what it comes to. The conclusion is a function of the set of distinct records, whatever their order, how they were
/// split, how often they came and in which order parts were merged; but for what evidence refers to.
struct RichLedger: Sendable {
    private(set) var accesses: AccessLedger
    private(set) var mail = MailLedger()
    private(set) var exposures = ExposureLedger()
    private(set) var uploads = UploadLedger()
    private(set) var names = NameLedger()
    private(set) var queries: DNSLedger
    private(set) var losses = LossLedger()
    private let domainStart: RegisteredDomainStart

    /// What a conclusion needs to know that no record says.
    struct Context {
        /// Whether an address is inside.
        var isLocal: (IPAddress) -> Bool
        /// Whether a registered domain is the organisation's own.
        var isOwnDomain: (String) -> Bool = { _ in false }
        /// Whether the connection that a record of a body tells of is among the flows, by the record's identity.
        var isInFlow: (UInt64) -> Bool = { _ in false }
        /// Time of the last record of any kind.
        var end: Timestamp?
    }

    /// What all of it comes to.
    struct Conclusion: Sendable {
        /// In order of id.
        var transfers: [Report.Transfer]
        var gaps: [Report.Gap]
        /// Uploads and files in detail: contents, internal copies, and bodies that flows include. Its transfers are
        /// among ``transfers``.
        var uploads: UploadConclusion
        var names: NameIndex
        var losses: LossIndex
    }

    /// An empty ledger. `domainStart` tells the registered domain of a name; ledgers that are merged must use the same.
    init(evidenceCapacity: Int = 262_144, domainStart: @escaping RegisteredDomainStart) {
        accesses = AccessLedger(evidenceCapacity: evidenceCapacity)
        queries = DNSLedger(evidenceCapacity: evidenceCapacity, domainStart: domainStart)
        self.domainStart = domainStart
    }

    /// Adds all activities of a batch but its flows, which come from input number `input`; returns how many records
    /// were known already.
    mutating func observe(_ batch: ActivityBatch, input: UInt32) -> UInt64 {
        accesses.observe(batch, input: input) + mail.observe(batch, input: input)
            + exposures.observe(batch, input: input) + uploads.observe(batch, input: input)
            + names.observe(batch, input: input) + queries.observe(batch, input: input)
            + losses.observe(batch, input: input)
    }

    /// Adds all of another ledger, whose input `i` is `inputMap[i]` here.
    mutating func merge(_ other: consuming RichLedger, inputMap: [UInt32]) {
        accesses.merge(other.accesses, inputMap: inputMap)
        mail.merge(other.mail, inputMap: inputMap)
        exposures.merge(other.exposures, inputMap: inputMap)
        uploads.merge(other.uploads, inputMap: inputMap)
        names.merge(other.names, inputMap: inputMap)
        queries.merge(other.queries, inputMap: inputMap)
        losses.merge(other.losses, inputMap: inputMap)
    }

    /// Writes the ledger as sections.
    mutating func encode(into encoder: inout StateEncoder) {
        accesses.encode(into: &encoder)
        mail.encode(into: &encoder)
        exposures.encode(into: &encoder)
        uploads.encode(into: &encoder)
        names.encode(into: &encoder)
        queries.encode(into: &encoder)
        losses.encode(into: &encoder)
    }

    /// Reads what ``encode(into:)`` wrote.
    init(
        from decoder: inout StateDecoder, evidenceCapacity: Int = 262_144, domainStart: @escaping RegisteredDomainStart
    ) throws(StateError) {
        accesses = try AccessLedger(from: &decoder, evidenceCapacity: evidenceCapacity)
        mail = try MailLedger(from: &decoder)
        exposures = try ExposureLedger(from: &decoder)
        uploads = try UploadLedger(from: &decoder)
        names = try NameLedger(from: &decoder)
        queries = try DNSLedger(from: &decoder, evidenceCapacity: evidenceCapacity, domainStart: domainStart)
        losses = try LossLedger(from: &decoder)
        self.domainStart = domainStart
    }

    /// What it all comes to.
    mutating func conclude(_ context: Context) -> Conclusion {
        let shared = exposures.conclude(until: context.end)
        let asked = queries.conclude(isLocal: context.isLocal, isOwn: context.isOwnDomain)
        let sent = uploads.conclude(isLocal: context.isLocal, isInFlow: context.isInFlow)
        let losses = losses.conclude()
        let transfers =
            accesses.conclude() + mail.conclude() + shared.transfers + sent.transfers + asked.transfers
        return Conclusion(
            transfers: transfers.sorted { $0.id < $1.id }, gaps: losses.gaps + shared.gaps + asked.gaps, uploads: sent,
            names: names.conclude(), losses: losses)
    }
}
