// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Who is signed in with a browser. Kept in memory only: a restart signs everybody out.
final class Sessions: Sendable {
    /// Somebody signed in.
    struct Session: Sendable {
        let account: String
        /// A secret that every form of the session carries: another site cannot know it.
        let formSecret: String
        /// Ends with a new password.
        fileprivate let passwordHash: String
        fileprivate let began: UInt64
        fileprivate var used: UInt64
    }

    /// By a hash of the cookie: whoever reads the memory of the hub cannot become somebody.
    private let known = Mutex<[[UInt8]: Session]>([:])
    private let now: @Sendable () -> UInt64

    /// Seconds after which a session ends, used or not; and unused.
    private static let longest: UInt64 = 12 * 3_600
    private static let idle: UInt64 = 3_600
    private static let most = 10_000

    init(now: @escaping @Sendable () -> UInt64 = { DispatchTime.now().uptimeNanoseconds }) { self.now = now }

    /// Begins a session; gives what the cookie holds.
    func begin(_ account: Account) -> String {
        let cookie = Base64.encode(Random.bytes(32))
        let moment = now()
        let session = Session(
            account: account.name, formSecret: Base64.encode(Random.bytes(32)), passwordHash: account.passwordHash,
            began: moment, used: moment)
        known.withLock { known in
            if known.count >= Self.most { known = known.filter { Self.isAlive($0.value, moment) } }
            if known.count >= Self.most, let oldest = known.min(by: { $0.value.used < $1.value.used })?.key {
                known[oldest] = nil
            }
            known[AccessToken.hash(cookie)] = session
        }
        return cookie
    }

    /// The session of a cookie, and its account as it is now.
    func find(_ cookie: String, _ catalogue: Catalogue) -> (session: Session, account: Account)? {
        guard cookie.utf8.count == 43 else { return nil }
        let key = AccessToken.hash(cookie)
        let moment = now()
        return known.withLock { known in
            guard var session = known[key] else { return nil }
            guard Self.isAlive(session, moment), let account = catalogue.accounts[session.account],
                account.passwordHash == session.passwordHash
            else {
                known[key] = nil
                return nil
            }
            session.used = moment
            known[key] = session
            return (session, account)
        }
    }

    /// Ends a session.
    func end(_ cookie: String) { known.withLock { $0[AccessToken.hash(cookie)] = nil } }

    private static func isAlive(_ session: Session, _ moment: UInt64) -> Bool {
        (moment &- session.began) / 1_000_000_000 < longest && (moment &- session.used) / 1_000_000_000 < idle
    }
}
