// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The cloud account's ordinary life: an application and a nightly pipeline that read and write objects, monitoring,
/// administrators, and the provider's own deliveries.
struct CloudLife {
    let world: World
    let buckets: (research: Bucket, survey: Bucket, personnel: Bucket)
    let application: Caller
    private let monitoring: Caller
    let administrator: Caller
    private let delivery: Caller
    /// The pipeline that works on the research bucket: its keys are the ones that are stolen.
    let pipeline: Caller
    /// Further pipelines, which read less.
    let laboratories: [Caller]
    /// How much is written, in percent.
    private let detail: Int

    init(_ world: World, research count: Int = 900, laboratories: Int = 0, detail: Int = 100) {
        self.world = world
        self.detail = detail
        buckets = Bucket.all(world, research: count)
        var random = world.random("callers")
        application = Caller(
            .role(session: "i-0b61f3a9d2c47e581"), name: "survey-app", address: IPv4(198, 18, 250, 14),
            agent: "[aws-sdk-java/2.25.11 Linux/6.1 OpenJDK_64-Bit_Server_VM]", &random)
        pipeline = Caller(
            .role(session: "i-0d94c1be73a5f2208"), name: "research-pipeline", address: IPv4(10, 40, 3, 17),
            agent: "[Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/linux#6.1 lang/python#3.11.6]",
            endpoint: "vpce-0a77f2d1c9b3e4456", &random)
        monitoring = Caller(
            .role(session: "monitor"), name: "observability", address: IPv4(198, 18, 250, 22),
            agent: "Grafana/10.4 aws-sdk-go/1.50", &random)
        administrator = Caller(
            .user, name: "cloud-admin", address: world.campusExit, agent: "aws-cli/2.15.30 Python/3.11.8 Linux/6.1",
            &random)
        delivery = Caller(
            .service, name: "cloudtrail.amazonaws.com", address: nil, agent: "cloudtrail.amazonaws.com", &random)
        self.laboratories = (0..<laboratories).map { index in
            var name = ByteText()
            name.add(hex: random.bits(), digits: 17)
            return Caller(
                .role(session: "i-" + name.string), name: "laboratory-\(index + 1)",
                address: IPv4(10, 40, 4 + index / 200, 20 + index % 200),
                agent: "[Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/linux#6.1 lang/python#3.11.6]",
                endpoint: "vpce-0a77f2d1c9b3e4456", &random)
        }
    }

    /// Adds the calls of day `day`.
    func add(day: Int, to trail: inout CloudTrail) {
        var random = world.random("cloud", day)
        let calendar = world.calendar
        for _ in 0..<260 * detail / 100 {
            let name = random.pick([
                "DescribeInstances", "DescribeVolumes", "DescribeAlarms", "GetMetricData", "ListTagsForResource",
            ])
            let source =
                name == "DescribeAlarms" || name == "GetMetricData" ? "monitoring.amazonaws.com" : "ec2.amazonaws.com"
            manage(name, source, monitoring, at: calendar.time(on: day, rhythm: .even, &random), &trail, &random)
        }
        for _ in 0..<(calendar.isWeekend(day) ? 2 : 30) * detail / 100 {
            let (name, source) = random.pick([
                ("ListBuckets", "s3.amazonaws.com"), ("GetBucketPolicy", "s3.amazonaws.com"),
                ("ListRoles", "iam.amazonaws.com"),
                ("DescribeSecurityGroups", "ec2.amazonaws.com"), ("GetCallerIdentity", "sts.amazonaws.com"),
            ])
            manage(name, source, administrator, at: calendar.time(on: day, rhythm: .office, &random), &trail, &random)
        }
        for _ in 0..<(calendar.isWeekend(day) ? 260 : 620) * detail / 100 {
            let time = calendar.time(on: day, rhythm: .world, &random)
            let object = random.pick(buckets.survey.objects)
            if random.chance(perMille: 350) {
                trail.put(object, in: buckets.survey.name, by: application, at: time, &random)
            } else {
                trail.get(object, in: buckets.survey.name, by: application, at: time, &random)
            }
        }
        process(day: day, pipeline, reads: 140, &trail, &random)
        for caller in laboratories {
            process(day: day, caller, reads: Self.laboratoryReads + random.below(20), &trail, &random)
        }
        // The trail's own delivery, every five minutes: writes, which take nothing out.
        for slot in 0..<288 {
            let time =
                calendar.midnight(day) + Int64(slot) * 5 * Calendar.minute + Int64(random.below(60)) * Calendar.second
            trail.put(
                (
                    "AWSLogs/\(CloudTrail.account)/CloudTrail/part-\(day)-\(slot).json.gz",
                    random.number(in: 900...40_000)
                ),
                in: "lindenberg-logs", by: delivery, at: time, &random)
        }
    }

    /// What a laboratory reads in a night at least.
    static let laboratoryReads = 25

    /// A pipeline's night: a listing, then scans read through the private endpoint, and now and then a wrong key.
    private func process(
        day: Int, _ pipeline: Caller, reads: Int, _ trail: inout CloudTrail, _ random: inout Random
    ) {
        var time = world.calendar.at(day: day, 2, 5)
        trail.list(buckets.research.name, prefix: "trials/2025/", by: pipeline, at: time, &random)
        for _ in 0..<reads {
            time = time + Int64(random.wait(mean: Int(20 * Calendar.second))) + Calendar.second
            trail.get(random.pick(buckets.research.objects), in: buckets.research.name, by: pipeline, at: time, &random)
        }
        if random.chance(perMille: 500) {
            trail.get(
                ("config/site.yml", 0), in: buckets.personnel.name, by: pipeline, at: time + Calendar.minute,
                verdict: .denied, &random)
        }
    }

    private func manage(
        _ name: String, _ source: String, _ caller: Caller, at time: Timestamp, _ trail: inout CloudTrail,
        _ random: inout Random
    ) {
        trail.add(name, from: source, by: caller, at: time, &random) { text in
            text.object("requestParameters") { _ in }
            text.null("responseElements")
        }
    }
}
