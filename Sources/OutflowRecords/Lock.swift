// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A mutual exclusion lock around calls whose arguments are not Sendable (a thread's own buffer), which the standard
/// library's `Mutex` does not take; and one that the thread sanitizer sees.
public final class Lock: @unchecked Sendable {  // The mutex is made for use by several threads.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    /// A lock that nobody holds.
    public init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` while no other thread runs one under this lock.
    public func callAsFunction<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Runs `body` if no other thread runs one under this lock, and returns whether it did.
    @discardableResult
    public func ifFree(_ body: () -> Void) -> Bool {
        guard pthread_mutex_trylock(mutex) == 0 else { return false }
        defer { pthread_mutex_unlock(mutex) }
        body()
        return true
    }
}
