// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// What detectors look at and by which nothing leaves: sign-ins to the console, and listings of buckets.
extension CloudTrailEvent {
    /// Keeps where the call came from, and by which program, of events that no activity holds.
    func noteForIndicators() {
        guard batch.wantsObservables, !isByService else { return }
        let caller = EntityView(.principal, id: callerID)
        if IPAddress(destination.id) != nil {
            batch.observables.append(Observable(mark: mark(), kind: .address, value: destination.id, who: caller))
        }
        if !client.isEmpty {
            batch.observables.append(Observable(mark: mark(), kind: .userAgent, value: client, who: caller))
        }
    }

    /// Adds a sign-in or a listing, if the event is one.
    ///
    /// Source: AWS CloudTrail User Guide, "AWS Management Console sign-in events" (`responseElements.ConsoleLogin` is
    /// `Success` or `Failure`); Amazon S3 API Reference, "ListObjectsV2".
    func noteForDetectors() {
        if name == "ConsoleLogin", isService("signin") {
            let answer = response?.string("ConsoleLogin") ?? .empty
            let hasFailed = answer == "Failure" || outcome != .done
            batch.identities.append(
                IdentityEvent(
                    mark: mark(), kind: hasFailed ? .refused : .signIn, account: callerID, address: destination.id,
                    device: client))
        }
        guard name == "ListObjects" || name == "ListObjectsV2" || name == "ListObjectVersions",
            isService("s3"), outcome == .done, !isByService
        else { return }
        let bucket = parameter("bucketName")
        guard !bucket.isEmpty else { return }
        batch.listings.append(
            StoreListing(
                mark: mark(), store: S3Request.store(bucket, batch.arena), principal: callerID,
                destination: destination))
    }
}
