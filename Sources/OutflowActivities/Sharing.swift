// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// The changes of exposure that one CloudTrail event makes: who can reach what, each named once.
final class Sharing {
    private let event: CloudTrailEvent
    private let route: Route
    private let means: Bytes
    private let first: Int
    private var part = 0

    init(_ event: CloudTrailEvent, route: Route, means: Bytes = .empty) {
        self.event = event
        self.route = route
        self.means = means
        self.first = event.batch.exposures.count
    }

    /// Whether the event changed anything.
    var didEmit: Bool { event.batch.exposures.count > first }

    /// Adds a change. What was tried and refused becomes `.refused`, un-sharing that did not work nothing at all; sharing
    /// with the account itself is no change, and neither is one of an unnamed resource or grantee.
    func add(
        _ action: ExposureChange.Action, _ resource: EntityView, _ grantee: EntityView, means: Bytes? = nil,
        size: UInt64? = nil
    ) {
        guard !resource.id.isEmpty, !grantee.id.isEmpty || action == .unshare || action == .sized else { return }
        if grantee.kind == .account, grantee.id == event.account { return }
        var action = action
        switch event.outcome {
        case .done: break
        case .refused where action == .share: action = .refused
        default: return
        }
        guard event.hasRoom(for: part) else {
            part += 1
            return
        }
        for known in event.batch.exposures[first...]
        where known.action == action && known.grantee.id == grantee.id && known.resource.id == resource.id {
            return
        }
        let arena = event.batch.arena
        func keep(_ entity: EntityView) -> EntityView {
            EntityView(
                entity.kind, id: arena.copy(entity.id), name: arena.copy(entity.name), tenant: arena.copy(entity.tenant)
            )
        }
        event.batch.exposures.append(
            ExposureChange(
                mark: event.mark(part: part), action: action, route: route, resource: keep(resource),
                grantee: keep(grantee), means: means ?? self.means, principal: event.callerID, size: size))
        part += 1
    }

    /// Nobody else has the resource by these means any more.
    func unshareAll(_ resource: EntityView) { add(.unshare, resource, EntityView(.anyone, id: .empty)) }

    /// The resource holds at most so many GiB (2^30 bytes); nothing when that is not a number above 0.
    func sized(_ resource: EntityView, gibibytes: JSONValue?) {
        guard let count = gibibytes?.count, count > 0 else { return }
        let (size, isTooLarge) = count.multipliedReportingOverflow(by: 1 << 30)
        if !isTooLarge { add(.sized, resource, EntityView(.anyone, id: .empty), size: size) }
    }

    /// A copy written to a bucket, which outlives the resource and what is undone there. Whose bucket it is the event seldom says; without `owner` the bucket's own name in the
    /// domain name system stands for who gets it.
    func export(of resource: Bytes, to bucket: Bytes, owner: Bytes) {
        guard !bucket.isEmpty else { return }
        if !owner.isEmpty {
            add(
                .share, event.store(resource), EntityView(.account, id: owner, name: bucket), means: Bytes("export"))
        } else {
            add(.share, event.store(resource), Sharing.domain(bucket, event.batch.arena), means: Bytes("export"))
        }
    }

    /// A bucket whose owner is unknown, by the name under which it is reached.
    static func domain(_ bucket: Bytes, _ arena: Arena) -> EntityView {
        EntityView(.domain, id: arena.join(arena.lowercased(bucket), Bytes(".s3.amazonaws.com")))
    }
}
