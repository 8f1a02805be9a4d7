// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// What logs of some formats never show, said when inputs of those formats were read.
enum BlindSpots {
    /// The gaps of inputs.
    ///
    /// - Parameters:
    ///   - hasConnections: whether any connection that carried something was read.
    ///   - hasIndicators: whether indicators were looked for.
    static func gaps(_ inputs: [Report.Input], hasConnections: Bool, hasIndicators: Bool) -> [Report.Gap] {
        var gaps: [Report.Gap] = []
        if inputs.contains(where: holdsUnread) { gaps.append(otherRecords) }
        let formats = Set(inputs.lazy.filter { $0.records > 0 }.map(\.format))
        let sensors = [ZeekTSV.card.format, ZeekJSON.card.format, SuricataEVE.card.format]
        if !hasConnections, !formats.isDisjoint(with: sensors) { gaps.append(noConnections) }
        if formats.contains(SquidLog.card.format) { gaps.append(tunnelsOfProxy) }
        if hasIndicators, !formats.isDisjoint(with: withTexts) { gaps.append(indicatorsInTexts) }
        return gaps + silences(inputs)
    }

    /// Most silences told of one format: the longest.
    private static let silenceLimit = 8

    /// Where all logs of a format are silent out of the ordinary.
    private static func silences(_ inputs: [Report.Input]) -> [Report.Gap] {
        var hours: [String: ActiveHours] = [:]
        for input in inputs { hours[input.format, default: ActiveHours()].formUnion(input.hours) }
        return LogSources.cards.flatMap { card -> [Report.Gap] in
            guard let route = card.routes.first, let seen = hours[card.format] else { return [] }
            let silences = seen.silences.sorted { $0.length != $1.length ? $0.length > $1.length : $0 < $1 }
            return silences.prefix(silenceLimit).sorted { $0 < $1 }.map { silence in
                Report.Gap(
                    route: route, from: silence.lowerBound, to: silence.upperBound,
                    what:
                        "no record of \(card.title) for \(silence.length / ActiveHours.hour) hours, which its logs are not "
                        + "otherwise" + (silences.count > silenceLimit ? " (the longest of \(silences.count))" : ""),
                    effect: "a log that was off, lost or removed looks like one that had nothing to tell: what left "
                        + "meanwhile is in no figure")
            }
        }
    }

    /// Formats whose records are looked at by their fields only, of which some hold texts.
    private static let withTexts = [
        WindowsEventLog.card.format, WindowsEventXML.card.format, Winlogbeat.card.format, EvtxDump.card.format,
        NXLog.card.format, FlatWindowsJSON.card.format, LinuxAuditLog.card.format, JSONLines.card.format,
    ]

    private static let indicatorsInTexts = Report.Gap(
        route: .endpoint, from: nil, to: nil,
        what:
            "in records of Windows, the Linux audit daemon and JSON of other kinds, indicators were looked for as values of "
            + "fields, not within command lines, scripts and other texts",
        effect:
            "that an indicator has no finding does not mean that no such text names it; Sigma rules do look there")

    /// Whether an input has JSON objects that no source owns.
    private static func holdsUnread(_ input: Report.Input) -> Bool {
        input.format == JSONLines.card.format && input.records > 0
            || input.rejected.examples.contains { $0.reason == OtherRecords.unread }
    }

    private static let otherRecords = Report.Gap(
        route: .network, from: nil, to: nil,
        what:
            "some inputs hold JSON records of kinds that the ledger does not read (format json-lines in the list of inputs, or "
            + "among what was rejected)",
        effect:
            "whatever they show of data leaving is in no figure here; `outflow sources` lists what is read, and rules can "
            + "still look at them")

    private static let noConnections = Report.Gap(
        route: .network, from: nil, to: nil,
        what: "the logs of network sensors that were given hold no connection that carried anything",
        effect:
            "how much left over the network is unknown but for bodies and files that a sensor saw: add Zeek's conn.log, or "
            + "Suricata's flow events")

    /// `%<st` and `%>st` of a CONNECT tell of the tunnel as a whole, if at all
    /// (<https://www.squid-cache.org/Doc/config/logformat/>).
    private static let tunnelsOfProxy = Report.Gap(
        route: .web, from: nil, to: nil,
        what: "what went through a web proxy encrypted (CONNECT) is not in its log",
        effect: "uploads over HTTPS are in no figure of the proxy's log; flow records of the proxy show their bytes")
}

extension Range where Bound == Timestamp {
    /// In microseconds.
    fileprivate var length: Int64 { upperBound.microseconds - lowerBound.microseconds }

    fileprivate static func < (left: Self, right: Self) -> Bool { left.lowerBound < right.lowerBound }
}
