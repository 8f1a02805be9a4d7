// SPDX-License-Identifier: Apache-2.0

/// All log sources. A new source is one file, and one name here.
public enum LogSources {
    /// Every source, most specific first: of two that are equally sure, the first wins.
    public static let all: [any LogSource.Type] = [
        ZeekTSV.self,
        ZeekJSON.self,
        CloudTrail.self,
        S3AccessLog.self,
        VPCFlowLog.self,
        Microsoft365.self,
        EntraSignIns.self,
        SuricataEVE.self,
        WindowsEventLog.self,
        WindowsEventXML.self,
        WindowsEventJSON<Winlogbeat>.self,
        WindowsEventJSON<EvtxDump>.self,
        WindowsEventJSON<NXLog>.self,
        WindowsEventJSON<FlatWindowsJSON>.self,
        EZproxyLog.self,
        SquidLog.self,
        CombinedLog.self,
        LinuxAuditLog.self,
        LinuxSyslog.self,
        JSONLines.self,
    ]

    /// The table of sources, in the order of ``all``.
    public static var cards: [SourceCard] { all.map { $0.card } }

    /// The source that recognises the head best, made ready to read the stream; nil when none is sure enough (under 50).
    public static func source(for head: StreamHead) -> (any LogSource, SourceCard)? {
        var candidates: [(score: Int, type: any LogSource.Type)] = []
        for type in all {
            if let wanted = head.options.format {
                if wanted == type.card.format { candidates.append((100, type)) }
            } else {
                let score = type.recognise(head)
                if score >= 50 { candidates.append((score, type)) }
            }
        }
        candidates.sort { $0.score > $1.score }
        for candidate in candidates {
            if let source = candidate.type.init(head) { return (source, candidate.type.card) }
        }
        return nil
    }
}
