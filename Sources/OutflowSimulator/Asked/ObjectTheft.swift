// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Objects of a bucket, read from outside with the stolen keys of a pipeline that reads there every night (ATT&CK
/// T1552.005, T1619, T1530).
struct ObjectTheft: Theft {
    private let estate: EstateModel
    private let caller: Caller
    private let bucket: Bucket
    /// Place in the bucket of the first object.
    private let first: Int
    private let schedule: Schedule
    private let entry: Truth.Entry
    private let label: Int
    /// Microseconds that one read takes, about.
    private let pace: Int64
    var id: String { entry.id }

    /// The thefts that `plan`, number `number` in its file, comes to: one a stolen key.
    static func all(
        _ plan: TheftPlan, _ number: Int, _ estate: EstateModel, _ cloud: CloudLife
    ) throws(TheftImpossible) -> [any Theft] {
        var random = estate.world.random("theft", number)
        var callers = plan.accounts == 1 ? [cloud.pipeline] : cloud.laboratories
        guard callers.count >= plan.accounts else {
            throw TheftImpossible(reason: "there are \(callers.count) keys to steal", hint: nil)
        }
        return (0..<plan.accounts).map {
            Self(plan, number, $0, callers.remove(at: random.below(callers.count)), estate, cloud)
        }
    }

    private init(
        _ plan: TheftPlan, _ number: Int, _ part: Int, _ owner: Caller, _ estate: EstateModel, _ cloud: CloudLife
    ) {
        self.estate = estate
        bucket = cloud.buckets.research
        label = number * 1_000 + part
        let address = Outsider(number, estate.world).address
        // The same role, session and key; only address, program and way differ.
        var caller = owner
        caller.address = address
        caller.agent = "[aws-cli/2.13.5 Python/3.11.4 Linux/5.15 exe/x86_64 prompt/off command/s3.sync]"
        caller.endpoint = nil
        self.caller = caller
        var random = estate.world.random("theft times", number, part)
        first = random.below(bucket.objects.count)
        var count = plan.part(part)
        if plan.unit == .bytes {
            var bytes = count
            count = 0
            while bytes > 0, count < bucket.objects.count {
                bytes -= bucket.objects[(first + count) % bucket.objects.count].bytes
                count += 1
            }
        }
        count = min(count, bucket.objects.count)
        let cap: (Int) -> Int? = { _ in
            plan.cunning.contains(.belowYesterday) ? CloudLife.laboratoryReads - 1 : nil
        }
        schedule = Schedule(plan, estate, total: count, pause: Calendar.day, most: 1, cap: cap, &random)
        pace = max(20_000, min(9 * Calendar.second, plan.duration / Int64(max(1, count)) * 9 / 10))
        entry = plan.entry(
            part, what: "Research scans, read from outside with stolen keys", source: ("principal", caller.arn),
            destination: ("address", address.string), addresses: [address.string])
    }

    func add(day: Int, to logs: inout DayLogs) {
        let calendar = estate.world.calendar
        let acts = schedule.acts(on: day, calendar)
        guard let begin = acts.first else { return }
        var random = estate.world.random("theft day", label, day)
        var entry = entry
        // Objects go on where the day before ended.
        var place = first + schedule.acts.prefix { $0.time < begin.time }.reduce(0) { $0 + $1.amount }
        if begin.time == schedule.acts.first?.time {
            logs.trail.list(bucket.name, prefix: "trials/", by: caller, at: begin.time, &random)
            entry.add("listings", 1)
        }
        for act in acts {
            var time = act.time + Calendar.second
            for _ in 0..<act.amount {
                let object = bucket.objects[place % bucket.objects.count]
                place += 1
                let id = logs.trail.get(object, in: bucket.name, by: caller, at: time, &random)
                entry.see(time)
                entry.records += 1
                entry.bytes += .exactly(UInt64(object.bytes))
                entry.onWire = entry.onWire.map { $0 + UInt64(object.bytes) }
                if entry.identities.count < Truth.Entry.identityLimit { entry.identities.append(id.string) }
                time = time + Int64(random.number(in: Int(pace / 2)...Int(pace)))
            }
        }
        entry.distinct = entry.records
        entry.reads = entry.records
        logs.truth.thefts.append(entry)
    }
}
