// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Sharing of snapshots and machine images, exports of them to buckets, their use by others, and their size.
///
/// Source: Amazon EC2 and Amazon RDS API references (ModifySnapshotAttribute, ModifyImageAttribute,
/// ModifyDBSnapshotAttribute, Snapshot, DBSnapshot, DBClusterSnapshot), Amazon EBS User Guide, "Determine the use of a shared snapshot".
extension CloudTrailEvent {
    /// A change of who can use a snapshot or an image, or its use by another account.
    func emitSnapshotSharing() -> Bool {
        let change = Sharing(self, route: .snapshot)
        if isService("ec2") {
            emitImageSharing(change)
        } else if isService("rds") {
            emitDatabaseSharing(change)
        } else if isService("dynamodb"), name == "ExportTableToPointInTime" {
            change.export(of: parameter("tableArn"), to: parameter("s3Bucket"), owner: parameter("s3BucketOwner"))
        }
        return change.didEmit
    }

    private func emitImageSharing(_ change: Sharing) {
        if name == "CreateSnapshot" || name == "CreateSnapshots" {
            emitVolumeSizes(change)
        } else if name == "ModifySnapshotAttribute" {
            emitPermissions(parameters?["createVolumePermission"], of: parameter("snapshotId"), change)
        } else if name == "ModifyImageAttribute" {
            emitPermissions(parameters?["launchPermission"], of: parameter("imageId"), change)
        } else if name == "ResetSnapshotAttribute" || name == "DeleteSnapshot" {
            change.unshareAll(store(parameter("snapshotId")))
        } else if name == "ResetImageAttribute" || name == "DeregisterImage" {
            change.unshareAll(store(parameter("imageId")))
        } else if name == "SharedSnapshotCopyInitiated" || name == "SharedSnapshotVolumeCreated" {
            // Written into the owner's trail when an account with which a snapshot is shared copies it, or makes a volume.
            let details = json["serviceEventDetails"] ?? parameters
            var taker = Bytes.empty
            for key: StaticString in ["userAccount", "accountId", "targetAccountId", "userId"] where taker.isEmpty {
                taker = details?.string(key) ?? .empty
            }
            if taker.isEmpty, isForeign(to: account) { taker = callerAccount }
            if taker == account { taker = .empty }
            var snapshot = details?.string("snapshotId") ?? .empty
            if snapshot.isEmpty { snapshot = resource("AWS::EC2::Snapshot").arn }
            // Even without names, that it happened must not be lost.
            if snapshot.isEmpty { snapshot = Bytes("unknown") }
            change.add(
                .taken, store(snapshot),
                EntityView(.account, id: taker.isEmpty ? Bytes("unknown") : taker))
        } else if name == "CreateInstanceExportTask" {
            let target = parameters?["exportToS3"] ?? parameters?["exportToS3Task"]
            change.export(of: parameter("instanceId"), to: target?.string("s3Bucket") ?? .empty, owner: .empty)
        } else if name == "ExportImage" {
            let request = parameters?["ExportImageRequest"] ?? parameters
            let target = request?["S3ExportLocation"] ?? request?["s3ExportLocation"]
            change.export(
                of: either(request, "ImageId", "imageId"), to: either(target, "S3Bucket", "s3Bucket"), owner: .empty)
        } else if name == "CreateStoreImageTask" {
            let request = parameters?["CreateStoreImageTaskRequest"] ?? parameters
            change.export(
                of: either(request, "ImageId", "imageId"), to: either(request, "Bucket", "bucket"), owner: .empty)
        }
    }

    /// A snapshot holds at most what its volume does: `volumeSize`, in GiB. CreateSnapshots answers with a list.
    private func emitVolumeSizes(_ change: Sharing) {
        func follow(_ snapshot: JSONValue?) {
            guard let snapshot else { return }
            change.sized(store(snapshot.string("snapshotId")), gibibytes: snapshot["volumeSize"])
        }
        follow(response)
        let set = (response?["CreateSnapshotsResponse"] ?? response)?["snapshotSet"]
        // XML with one item becomes an object, with several a list.
        guard let items = set?["items"] ?? set?["item"] else { return }
        if items.kind == .object { follow(items) }
        for (_, item) in items.elements { follow(item) }
    }

    private func either(_ value: JSONValue?, _ first: StaticString, _ second: StaticString) -> Bytes {
        guard let value else { return .empty }
        return value[first]?.string ?? value.string(second)
    }

    /// `{"add": {"items": [{"userId": "…"} or {"group": "all"}, …]}, "remove": …}`
    private func emitPermissions(_ permissions: JSONValue?, of id: Bytes, _ change: Sharing) {
        for (key, items) in permissions?.members ?? JSONValue.Children.none {
            guard key == "add" || key == "remove", let list = items["items"] else { continue }
            for (_, item) in list.elements {
                let grantee: EntityView
                if item.string("group") == "all" {
                    grantee = CloudTrailEvent.anyone
                } else if let organisation = item["organizationArn"]?.string ?? item["organizationalUnitArn"]?.string {
                    grantee = EntityView(.organisation, id: organisation)
                } else {
                    grantee = EntityView(.account, id: item.string("userId"))
                }
                change.add(key == "add" ? .share : .unshare, store(id), grantee)
            }
        }
    }

    private func emitDatabaseSharing(_ change: Sharing) {
        if name == "ModifyDBSnapshotAttribute" || name == "ModifyDBClusterSnapshotAttribute" {
            // Only this attribute says who may restore it.
            guard parameter("attributeName") == "restore" else { return }
            let resource = databaseSnapshot()
            for (key, action) in [("valuesToAdd", .share), ("valuesToRemove", .unshare)]
                as [(StaticString, ExposureChange.Action)]
            {
                for (_, value) in parameters?[key]?.elements ?? JSONValue.Children.none {
                    let id = value.string ?? .empty
                    change.add(
                        action, resource, id == "all" ? CloudTrailEvent.anyone : EntityView(.account, id: id))
                }
            }
        } else if name == "CreateDBSnapshot" || name == "CopyDBSnapshot" {
            change.sized(madeSnapshot("dBSnapshotArn"), gibibytes: response?["allocatedStorage"])
        } else if name == "CreateDBClusterSnapshot" || name == "CopyDBClusterSnapshot" {
            // Aurora and its kin (Neptune, DocumentDB) answer 0 or 1 whatever the cluster holds.
            let engine = response?.string("engine") ?? .empty
            guard engine == "mysql" || engine == "postgres" else { return }
            change.sized(madeSnapshot("dBClusterSnapshotArn"), gibibytes: response?["allocatedStorage"])
        } else if name == "DeleteDBSnapshot" || name == "DeleteDBClusterSnapshot" {
            change.unshareAll(databaseSnapshot())
        } else if name == "StartExportTask" {
            change.export(of: parameter("sourceArn"), to: parameter("s3BucketName"), owner: .empty)
        }
    }

    /// The snapshot that a call made; that of a copy has its name in the answer only.
    private func madeSnapshot(_ key: StaticString) -> EntityView {
        let arn = response?.string(key) ?? .empty
        if arn.hasPrefix("arn:") { return store(arn) }
        return name.hasPrefix("Create") ? databaseSnapshot() : store(.empty)
    }

    /// A database snapshot by its ARN; its name alone is not unique.
    private func databaseSnapshot() -> EntityView {
        let single = parameter("dBSnapshotIdentifier")
        let id = single.isEmpty ? parameter("dBClusterSnapshotIdentifier") : single
        if id.isEmpty || id.hasPrefix("arn:") { return store(id) }
        return store(
            batch.arena.join(
                Bytes("arn:aws:rds:"), json.string("awsRegion"), Bytes(":"), account,
                single.isEmpty ? Bytes(":cluster-snapshot:") : Bytes(":snapshot:"), id))
    }

    /// Something of the organisation's account that others may reach.
    func store(_ id: Bytes) -> EntityView { EntityView(.store, id: id, tenant: account) }

    /// Everyone in the world.
    static var anyone: EntityView { EntityView(.anyone, id: Bytes("anyone")) }
}
