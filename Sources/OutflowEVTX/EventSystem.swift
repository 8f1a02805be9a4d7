// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What every event says of itself in its `System` part, at hand without a search among its fields. Views die with the
/// event; what the event does not have is empty.
public struct EventSystem {
    /// Name of the provider, `Microsoft-Windows-Sysmon`.
    public var provider = Bytes.empty
    /// The event's number among those of its provider, as digits.
    public var eventID = Bytes.empty
    /// Level, as a digit: 1 critical, 2 error, 3 warning, 4 information, 5 verbose, 0 always.
    public var level = Bytes.empty
    /// Number of the record in its log, as digits.
    public var recordID = Bytes.empty
    /// Name of the channel, `Security`.
    public var channel = Bytes.empty
    /// Name of the computer that wrote the event.
    public var computer = Bytes.empty
    /// When the event happened (`TimeCreated`); nil if it does not say.
    public var time: Timestamp?
    var timeText = Bytes.empty

    /// Nothing is known.
    public init() {}
}
