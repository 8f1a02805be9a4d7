// SPDX-License-Identifier: Apache-2.0

/// A demonstration estate: some days of a small university, in the formats in which real systems keep them, with thefts
/// of known size among ordinary life.
///
/// The same seed, hosts and days give the same bytes on every machine. Nothing in it is real: people and machines are
/// invented, and all addresses belong to nobody.
public struct Demonstration: Sendable {
    private let world: World

    /// An estate.
    ///
    /// - Parameters:
    ///   - seed: what the whole world follows from.
    ///   - hosts: desktops and laptops, 70 to 2,000; a number outside is taken as the nearest within.
    ///   - days: days recorded, from Monday 2026-03-02 on, in a zone that stays at UTC+1; 1 to 280, a number outside is taken
    ///     as the nearest within. The thefts spread over the days in proportion.
    public init(seed: UInt64, hosts: Int = 120, days: Int = 7) {
        world = World(seed: seed, hosts: hosts, days: days)
    }

    /// Writes the estate: `zeek/`, `cloudtrail/`, `m365/`, `library/`, the truth (`truth.json`) and a configuration
    /// (`outflow.yaml`).
    ///
    /// - Parameter folder: where to; made when missing. Files of the same names are replaced.
    /// - Returns: paths of the files written, relative to `folder`, in the order of writing.
    /// - Throws: Foundation's error when a folder or a file cannot be written.
    public func write(to folder: String) throws -> [String] {
        var output = OutputFolder(path: folder)
        var truth = Truth()
        try writeNetwork(to: &output, &truth)
        try writeCloud(to: &output, &truth)
        try writeAudit(to: &output, &truth)
        try writeLibrary(to: &output, &truth)
        try output.write("truth.json", truth.json(of: world))
        try output.write("outflow.yaml", configuration)
        return output.files
    }

    /// The network's days, one after the other, so that memory holds one of them.
    private func writeNetwork(to output: inout OutputFolder, _ truth: inout Truth) throws {
        var sensor = Sensor()
        NetworkUpload(world).add(to: &sensor, &truth)
        NightlyBackup(world: world).add(to: &sensor, &truth)
        LectureUpload(world: world).add(to: &sensor, &truth)
        let files = ZeekFiles(calendar: world.calendar)
        for day in 0..<world.calendar.days {
            for client in world.clients {
                var desk = Desk(client, random: world.random("desk", client.index, day))
                Machines(world: world).add(&desk, day: day, to: &sensor)
                Browsing(world: world).add(&desk, day: day, to: &sensor)
            }
            Border(world: world).add(day: day, to: &sensor)
            try files.write(day: day, of: &sensor, to: &output)
        }
    }

    /// The cloud account's hours.
    private func writeCloud(to output: inout OutputFolder, _ truth: inout Truth) throws {
        var trail = CloudTrail(world)
        BucketPull(world).add(to: &trail, &truth)
        for day in 0..<world.calendar.days {
            CloudLife(world).add(day: day, to: &trail)
            try trail.write(day: day, to: &output)
        }
    }

    /// The audit log of mail and files.
    private func writeAudit(to output: inout OutputFolder, _ truth: inout Truth) throws {
        var log = AuditLog(world)
        MailboxSync(world).add(to: &log, &truth)
        for day in 0..<world.calendar.days { OfficeLife(world: world).add(day: day, to: &log) }
        try log.write(to: &output)
    }

    /// The library proxy's days.
    private func writeLibrary(to output: inout OutputFolder, _ truth: inout Truth) throws {
        var proxy = LibraryProxy(world)
        PaperHarvest(world).add(to: &proxy, &truth)
        AvidReader(world).add(to: &proxy, &truth)
        for day in 0..<world.calendar.days {
            ReadingLife(world: world).add(day: day, to: &proxy)
            try proxy.write(day: day, to: &output)
        }
    }

    /// What the organisation itself would tell: its networks and its backup.
    private var configuration: ByteText { Self.configuration(of: world, "the demonstration") }

    /// What the organisation of a world would tell of itself.
    static func configuration(of world: World, _ name: String) -> ByteText {
        var text = ByteText()
        text.add(text: "# The estate of \(name): what the organisation knows of itself.\nnetworks:\n  local:\n")
        for network in world.localNetworks { text.add(text: "    - \(network)\n") }
        let backup = world.services.backup
        text.add(text: "sanctioned:\n  - name: Nightly backup\n    domains: [\(backup.name)]\n")
        text.add(text: "    networks: [\(backup.addresses.map { $0.string + "/32" }.joined(separator: ", "))]\n")
        return text
    }
}
