// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A mutual exclusion lock around calls whose arguments are not Sendable (a thread's own buffer), which the standard
/// library's `Mutex` does not take.
final class Lock: @unchecked Sendable {  // The mutex is made for use by several threads.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` while no other thread runs one under this lock.
    func callAsFunction<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
