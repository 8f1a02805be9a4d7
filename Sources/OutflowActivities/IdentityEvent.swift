// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A sign-in, a refused one, or a consent that gives an application access. Nothing left by it, so that it is in no
/// ledger: detectors look at it. All `Bytes` die when the batch is cleared.
public struct IdentityEvent {
    /// What happened.
    public enum Kind: UInt8, Sendable {
        /// Somebody signed in.
        case signIn
        /// A sign-in was refused.
        case refused
        /// An application was given access to data.
        case consent
    }

    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// What happened.
    public var kind: Kind
    /// Whose account, in lower case where the service does not tell cases apart.
    public var account: Bytes
    /// From which address; empty if not logged.
    public var address: Bytes
    /// What is known of the device: its name, else its system and browser; empty if not logged.
    public var device: Bytes
    /// The application that was given access, or that was signed in to; empty if not logged.
    public var application: Bytes

    /// Country or region of the address, as the log writes it (`DE`); empty if not logged.
    public var country = Bytes.empty
    /// Where the address is; nil if not logged.
    public var place: Place?

    /// A place on Earth, in degrees.
    public struct Place: Sendable {
        /// North of the equator.
        public var latitude: Double
        /// East of Greenwich.
        public var longitude: Double
        /// A place of its parts.
        public init(latitude: Double, longitude: Double) {
            self.latitude = latitude
            self.longitude = longitude
        }
    }

    /// An event of its parts; where it happened is set afterwards.
    public init(
        mark: RecordMark, kind: Kind, account: Bytes, address: Bytes, device: Bytes = .empty,
        application: Bytes = .empty
    ) {
        self.mark = mark
        self.kind = kind
        self.account = account
        self.address = address
        self.device = device
        self.application = application
    }
}

/// A page that somebody opened on a publisher's platform and that is no document: a list, an abstract, a search. No ledger
/// counts it: detectors compare documents with pages. All `Bytes` die when the batch is cleared.
public struct LibraryPage {
    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// Who opened it, as in ``ObjectAccess/source``.
    public var reader: Bytes
    /// Its address without the host.
    public var page: Bytes

    /// A page of its parts.
    public init(mark: RecordMark, reader: Bytes, page: Bytes) {
        self.mark = mark
        self.reader = reader
        self.page = page
    }
}

/// A listing of what a store holds: what often comes before it is read. Nothing left by it. All `Bytes` die when the
/// batch is cleared.
public struct StoreListing {
    /// When it happened, and which record says so.
    public var mark: RecordMark
    /// The store, as in ``ObjectAccess/store``.
    public var store: Bytes
    /// Who listed it, as in ``ObjectAccess/source``.
    public var principal: Bytes
    /// Where the answer went, as in ``ObjectAccess/destination``.
    public var destination: EntityView

    /// A listing of its parts.
    public init(mark: RecordMark, store: Bytes, principal: Bytes, destination: EntityView) {
        self.mark = mark
        self.store = store
        self.principal = principal
        self.destination = destination
    }
}
