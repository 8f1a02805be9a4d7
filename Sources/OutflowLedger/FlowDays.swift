// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// All distinct flows of a ``FlowGroup`` that began on one day (UTC), added up: half a cache line.
///
/// What detection judges. Sums are over upper bounds, as in ``FlowGroup``.
struct FlowDay: BitwiseCopyable {
    /// Days since 1970-01-01 above 8 bits of ``largest``.
    private var dayAndLargest: Int32
    /// Number plus 1 of another row of the same group; 0 for the last.
    var next: UInt32
    /// Distinct flows.
    var records: UInt32
    /// The hours of the day in which flows began, below 8 bits of ``longest``.
    private var hoursAndLongest: UInt32
    /// Sums of upper bounds by direction.
    var sent: UInt64
    var received: UInt64

    /// Nothing of a day.
    init(day: Int32, next: UInt32) {
        dayAndLargest = day << 8
        self.next = next
        records = 0
        hoursAndLongest = 0
        sent = 0
        received = 0
    }

    /// Days since 1970-01-01.
    var day: Int32 { dayAndLargest >> 8 }
    /// The hours of the day in which flows began: bit 0 for the first.
    var hours: UInt32 { hoursAndLongest & 0xFF_FFFF }
    /// ``Magnitude`` of the most bytes that the originator sent in one view of a flow.
    var largest: UInt8 { UInt8(truncatingIfNeeded: dayAndLargest) }
    /// ``Magnitude`` of the seconds that the longest view of a flow lasted.
    var longest: UInt8 { UInt8(truncatingIfNeeded: hoursAndLongest >> 24) }

    /// Notes a view of a flow that began in an hour of the day. Other than sums, this does not depend on which views are
    /// counted.
    @inline(__always)
    mutating func note(hour: UInt32, seconds: UInt64, bytes: UInt64) {
        let long = UInt32(max(longest, Magnitude.of(seconds)))
        hoursAndLongest = (hours | 1 << hour) | long << 24
        dayAndLargest = day << 8 | Int32(max(largest, Magnitude.of(bytes)))
    }

    static let length: Int64 = 86_400_000_000

    /// The day that a moment (microseconds since the epoch) lies in, and the hour of the day.
    @inline(__always)
    static func place(of time: Int64) -> (day: Int32, hour: UInt32) {
        var day = time / length
        var rest = time &- day &* length
        if rest < 0 {
            day &-= 1
            rest &+= length
        }
        // Timestamps of any calendar have days of 23 bits.
        return (
            Int32(truncatingIfNeeded: min(max(day, -0x7F_FFFF), 0x7F_FFFF)),
            UInt32(truncatingIfNeeded: rest / 3_600_000_000)
        )
    }
}

/// A number in one byte, to a quarter: the place of its highest bit, and the two bits behind it.
public enum Magnitude {
    /// The magnitude of a number: rises with it, 0 for 0.
    @inlinable public static func of(_ number: UInt64) -> UInt8 {
        if number < 4 { return UInt8(truncatingIfNeeded: number) }
        let place = 63 - number.leadingZeroBitCount
        return UInt8(truncatingIfNeeded: (place - 1) * 4 + Int(number >> UInt64(place - 2) & 3))
    }

    /// The smallest number of a magnitude.
    @inlinable public static func floor(_ magnitude: UInt8) -> UInt64 {
        if magnitude < 4 { return UInt64(magnitude) }
        let place = UInt64(magnitude / 4) + 1
        return place > 63 ? .max : (UInt64(magnitude % 4) | 4) << (place - 2)
    }
}

/// Groups of flows by day: a chain of rows for each group, the day that was used last in front. Logs come more or less in
/// order of time, so that the first row is nearly always the right one.
struct FlowDays: ~Copyable {
    private(set) var rows = MappedArray<FlowDay>(capacity: 256)
    private(set) var count = 0
    /// Number plus 1 of each group's first row, with ``indexed``.
    private var heads = MappedArray<UInt32>(capacity: 256)
    /// Of each group that has rows, the latest day plus 1: a later one is new without a search.
    private var ends = MappedArray<Int32>(capacity: 256)
    /// Rows of groups with very many days, so that no order of days makes a chain long to search.
    private var index: [UInt64: UInt32] = [:]

    private static let indexed: UInt32 = 1 << 31
    private static let longestWalk = 24

    /// Room for so many groups, and for `flows` more rows.
    mutating func makeRoom(groups: Int, flows: Int) {
        if groups > heads.capacity { heads.grow(to: max(heads.capacity + heads.capacity / 8, groups)) }
        if groups > ends.capacity { ends.grow(to: max(ends.capacity + ends.capacity / 8, groups)) }
        if count + 2 * flows > rows.capacity {
            rows.grow(to: max(rows.capacity + rows.capacity / 16, count + 2 * flows))
        }
    }

    @inline(__always)
    func prefetch(group: Int) {
        let head = heads.base[group] & ~Self.indexed
        if head != 0 { outflow_prefetch(rows.base + Int(head) - 1) }
    }

    /// Adds a view of a flow to its group's day: one flow more, none, or one less.
    ///
    /// Views of one flow may begin on both sides of midnight. Of views that are joined, the earliest counts, whatever their
    /// order: what is taken away is the view that began `joinsAfter` places (see ``FlowFingerprints``) after this one, on its
    /// own day.
    @inline(__always)
    mutating func add(
        group: Int, time: Int64, duration: Int64, sent: UInt64, received: UInt64, flows: Int, joinsAfter: Int?
    ) {
        var flows = flows
        if let joinsAfter {
            let unit = FlowFingerprints.unit
            let place = FlowFingerprints.units(of: Timestamp(microseconds: time)) &+ Int64(joinsAfter)
            let next = FlowDay.place(of: place &* unit)
            if next.day != FlowDay.place(of: time).day {
                flows &+= 1
                add(group: group, next, duration, sent, received, -1)
            }
        }
        add(group: group, FlowDay.place(of: time), duration, sent, received, flows)
    }

    @inline(__always)
    private mutating func add(
        group: Int, _ place: (day: Int32, hour: UInt32), _ duration: Int64, _ sent: UInt64, _ received: UInt64,
        _ times: Int
    ) {
        let head = Int(heads.base[group] & ~Self.indexed)
        var number = head &- 1
        if head == 0 || rows.base[number].day != place.day { number = find(group, place.day) }
        let row = rows.base + number
        let factor = UInt64(bitPattern: Int64(times))
        row.pointee.records &+= UInt32(truncatingIfNeeded: times)
        row.pointee.sent &+= factor &* sent
        row.pointee.received &+= factor &* received
        row.pointee.note(
            hour: place.hour, seconds: UInt64(clamping: duration) / 1_000_000, bytes: sent)
    }

    /// The number of a group's row for a day, made if there is none, and moved to the front.
    @inline(never)
    private mutating func find(_ group: Int, _ day: Int32) -> Int {
        let head = heads.base[group]
        if head == 0 || day >= ends.base[group] { return append(group, day) }
        var before: UInt32 = 0
        var at = head & ~Self.indexed
        var steps = 0
        while at != 0, rows.base[Int(at) - 1].day != day {
            if steps == Self.longestWalk { return findIndexed(group, day) }
            steps += 1
            before = at
            at = rows.base[Int(at) - 1].next
        }
        if at != 0 {
            rows.base[Int(before) - 1].next = rows.base[Int(at) - 1].next
            rows.base[Int(at) - 1].next = head & ~Self.indexed
            heads.base[group] = at | head & Self.indexed
            return Int(at) - 1
        }
        return append(group, day)
    }

    private mutating func append(_ group: Int, _ day: Int32) -> Int {
        precondition(count < Int(Self.indexed) - 2, "more than two billion days of groups")
        if count == rows.capacity { rows.grow(to: rows.capacity + rows.capacity / 16 + 1) }
        let head = heads.base[group]
        rows.base[count] = FlowDay(day: day, next: head & ~Self.indexed)
        if head & Self.indexed != 0 { index[Self.key(group, day)] = UInt32(count) }
        if head == 0 || day >= ends.base[group] { ends.base[group] = day &+ 1 }
        count += 1
        heads.base[group] = UInt32(count) | head & Self.indexed
        return count - 1
    }

    private static func key(_ group: Int, _ day: Int32) -> UInt64 {
        UInt64(group) << 32 | UInt64(UInt32(bitPattern: day))
    }

    private mutating func findIndexed(_ group: Int, _ day: Int32) -> Int {
        if heads.base[group] & Self.indexed == 0 {
            var at = heads.base[group]
            while at != 0 {
                index[Self.key(group, rows.base[Int(at) - 1].day)] = at - 1
                at = rows.base[Int(at) - 1].next
            }
            heads.base[group] |= Self.indexed
        }
        if let known = index[Self.key(group, day)] { return Int(known) }
        return append(group, day)
    }

    /// Calls `body` with every day of a group, in no particular order.
    @inline(__always)
    func forEach(group: Int, _ body: (FlowDay) -> Void) {
        var at = heads.base[group] & ~Self.indexed
        while at != 0 {
            let row = rows.base[Int(at) - 1]
            if row.records != 0 { body(row) }
            at = row.next
        }
    }
}
