// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The second theft: the temporary keys of the research pipeline, stolen from its machine, are used from an address
/// outside to list the research bucket and to read some hundred objects (ATT&CK T1552.005, T1619, T1530).
struct BucketPull {
    let world: World
    private let address = IPv4(198, 51, 100, 77)

    init(_ world: World) { self.world = world }

    /// Writes the calls, and the truth.
    func add(to trail: inout CloudTrail, _ truth: inout Truth) {
        var random = world.random("bucket pull")
        let (research, _, personnel) = Bucket.all(world)
        // The same role, session and key as the pipeline's own: only address, client and way differ.
        var caller = CloudLife(world).pipeline
        caller.address = address
        caller.agent = "[aws-cli/2.13.5 Python/3.11.4 Windows/10 exe/AMD64 prompt/off command/s3.cp]"
        caller.endpoint = nil
        var time = world.calendar.at(day: world.calendar.planned(4), 3, 5)
        func pass(_ seconds: ClosedRange<Int>) { time = time + Int64(random.number(in: seconds)) * Calendar.second }

        for (name, source) in [("GetCallerIdentity", "sts.amazonaws.com"), ("ListBuckets", "s3.amazonaws.com")] {
            trail.add(name, from: source, by: caller, at: time, &random) { text in
                text.null("requestParameters")
                text.null("responseElements")
            }
            pass(20...90)
        }
        for cohort in ["a", "b", "c"] {
            trail.list(research.name, prefix: "trials/2025/cohort-\(cohort)/", by: caller, at: time, &random)
            pass(5...15)
        }
        trail.list(personnel.name, prefix: "", by: caller, at: time, verdict: .denied, &random)
        for object in personnel.objects.prefix(4) {
            pass(2...6)
            trail.get(object, in: personnel.name, by: caller, at: time, verdict: .denied, &random)
        }

        var entry = Truth.Entry(
            id: "bucket-pull", route: "cloud-object",
            what: "Research scans, read from outside with the pipeline's stolen keys",
            source: ("principal", caller.arn), destination: ("address", address.string), addresses: [address.string])
        let taken = Array(research.objects[120..<460])
        let again = stride(from: 3, to: taken.count, by: 29).map { taken[$0] }
        for object in taken + again {
            pass(2...14)
            let id = trail.get(object, in: research.name, by: caller, at: time, &random)
            entry.identities.append(id.string)
            entry.records += 1
            entry.onWire = entry.onWire.map { $0 + UInt64(object.bytes) }
            entry.see(time)
        }
        entry.bytes = .exactly(UInt64(taken.reduce(0) { $0 + $1.bytes }))
        entry.distinct = taken.count
        entry.reads = entry.records
        entry.names = taken.map { "s3://\(research.name)/\($0.key)" }
        entry.details = [("listings", 3), ("denied_reads", 4), ("denied_listings", 1)]
        truth.thefts.append(entry)
    }
}
