// SPDX-License-Identifier: Apache-2.0

/// The way by which data leaves. Raw values are those of `report.json`.
public enum Route: String, Sendable, CaseIterable, Hashable, Comparable {
    case network, dns, web
    case cloudObject = "cloud-object"
    case snapshot
    case saasFile = "saas-file"
    case mail, library
    case sourceCode = "source-code"
    case vpn, email, endpoint

    /// Position in `allCases`: a small stable number for tables and files.
    public var code: UInt8 { UInt8(Self.allCases.firstIndex(of: self)!) }
    /// Order of declaration.
    public static func < (left: Route, right: Route) -> Bool { left.code < right.code }
}

/// How far a transfer got. Raw values are those of `report.json`.
public enum TransferState: String, Sendable, CaseIterable, Hashable, Comparable {
    /// The log shows data leaving.
    case taken
    /// Made reachable from outside; a read that was seen is an entry of its own.
    case exposed
    /// Read; the amount is unknown.
    case accessed
    /// Tried and refused.
    case attempted

    /// Position in `allCases`: a small stable number for tables and files.
    public var code: UInt8 { UInt8(Self.allCases.firstIndex(of: self)!) }
    /// Order of declaration.
    public static func < (left: TransferState, right: TransferState) -> Bool { left.code < right.code }
}

/// What a source or a destination is. Raw values are those of `report.json`.
public enum EntityKind: String, Sendable, CaseIterable, Hashable, Comparable {
    // Sources.
    case host, principal, store, mailbox, repository
    // Destinations.
    case address, domain, account
    case anyone = "public"
    case organisation

    /// Position in `allCases`: a small stable number for tables and files.
    public var code: UInt8 { UInt8(Self.allCases.firstIndex(of: self)!) }
    /// Order of declaration.
    public static func < (left: EntityKind, right: EntityKind) -> Bool { left.code < right.code }
}
