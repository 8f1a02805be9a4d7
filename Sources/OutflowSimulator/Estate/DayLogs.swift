// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What one day leaves in the logs of all systems, and what is true of it.
struct DayLogs: Sendable {
    let day: Int
    var sensor = Sensor()
    var trail: CloudTrail
    var audit: AuditLog
    var proxy: LibraryProxy
    var truth = Truth()

    /// The logs of day `day`, empty.
    init(_ world: World, day: Int) {
        self.day = day
        trail = CloudTrail(world, day: day)
        audit = AuditLog(daily: world)
        proxy = LibraryProxy(world)
    }

    /// Writes everything as files of that day.
    mutating func write(_ plan: EstatePlan, _ world: World, to output: inout OutputFolder) throws {
        let gzip = plan.isGzipped
        try ZeekFiles(calendar: world.calendar, writing: plan.zeek, isGzipped: gzip)
            .writeWhole(day: day, of: &sensor, to: &output)
        if !trail.isEmpty { try trail.write(day: day, to: &output, gzip: gzip, whole: true) }
        try audit.write(day: day, to: &output, gzip: gzip)
        try proxy.write(day: day, to: &output, gzip: gzip, whole: true)
    }
}
