// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What one day leaves in the logs of all systems, and what is true of it.
struct DayLogs: Sendable {
    let day: Int
    var sensor = Sensor()
    /// What is seen of the cloud account's private network.
    var cloudSensor = Sensor()
    var trail: CloudTrail
    var audit: AuditLog
    var proxy: LibraryProxy
    var truth = Truth()

    /// The logs of day `day`, empty.
    init(_ world: World, day: Int) {
        self.day = day
        sensor.outage = Outage(world, day: day)
        cloudSensor.flowLogs = VPCFlows()
        trail = CloudTrail(world, day: day)
        audit = AuditLog(daily: world)
        proxy = LibraryProxy(world)
        proxy.clockError = world.proxyClockError(on: day)
    }

    /// Writes everything as files of that day.
    mutating func write(_ plan: EstatePlan, _ world: World, to output: inout OutputFolder) throws {
        let gzip = plan.isGzipped
        try ZeekFiles(calendar: world.calendar, writing: plan.zeek, isGzipped: gzip)
            .writeWhole(day: day, of: &sensor, to: &output)
        let date = String(world.calendar.at(day: day, 12).description.prefix(10))
        try cloudSensor.flowLogs?.write(date, to: &output, gzip: gzip)
        if !trail.isEmpty { try trail.write(day: day, to: &output, gzip: gzip, whole: true) }
        try audit.write(day: day, to: &output, gzip: gzip)
        try proxy.write(day: day, to: &output, gzip: gzip, whole: true)
    }
}
