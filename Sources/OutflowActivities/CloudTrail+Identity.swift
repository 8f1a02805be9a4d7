// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// What detectors look at and by which nothing leaves: sign-ins to the console, and listings of buckets.
extension CloudTrailEvent {
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
