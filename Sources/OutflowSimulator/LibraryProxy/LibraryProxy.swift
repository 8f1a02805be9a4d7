// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The library's proxy, run for the university by a provider: its access log in EZproxy's default format
/// `%h %{ezproxy-session}i %u %t "%r" %s %b` (help.oclc.org, EZproxy `LogFormat`), a file a day.
struct LibraryProxy: Sendable {
    /// One person's session at the proxy.
    struct Session: Sendable {
        let address: IPv4
        let account: String
        let id: String

        /// A new session of `account` at `address`.
        init(_ account: String, at address: IPv4, _ random: inout Random) {
            let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
            self.address = address
            self.account = account
            id = String((0..<15).map { _ in random.pick(alphabet) })
        }
    }

    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private let world: World
    private var log = TimedLog()
    /// How far its clock is ahead, in microseconds.
    var clockError: Int64 = 0

    init(_ world: World) { self.world = world }

    /// One request and its answer.
    mutating func request(_ url: String, in session: Session, at time: Timestamp, status: Int = 200, bytes: Int) {
        let time = time + clockError
        let zone = world.calendar.zone(at: time)
        log.add(at: time) { text in
            text.add(session.address)
            text.add(" ")
            text.add(text: session.id)
            text.add(" ")
            text.add(text: session.account)
            text.add(" [")
            let parts = (time + zone * Calendar.hour).parts
            text.add(parts.day, width: 2)
            text.add("/")
            text.add(Self.months[parts.month - 1])
            text.add("/")
            text.add(parts.year)
            for part in [parts.hour, parts.minute, parts.second] {
                text.add(":")
                text.add(part, width: 2)
            }
            text.add(" +")
            text.add(Int(zone) * 100, width: 4)
            text.add("] \"GET ")
            text.add(text: url)
            text.add(" HTTP/1.1\" ")
            text.add(status)
            text.add(" ")
            text.add(bytes)
        }
    }

    /// Writes and forgets the requests of day `day`; if `whole`, also those that its sessions make after midnight.
    mutating func write(day: Int, to folder: inout OutputFolder, gzip: Bool = false, whole: Bool = false) throws {
        if whole, log.isEmpty { return }
        let noon = world.calendar.at(day: day, 12)
        let date = noon.description.prefix(10).filter { $0 != "-" }
        var file = try folder.file("library/ezp\(date).log" + (gzip ? ".gz" : ""))
        try log.drain(before: whole ? .latest : world.calendar.midnight(day + 1)) { _, line in
            try file.add(line: line)
        }
        try file.close()
    }
}
