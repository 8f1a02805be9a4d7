// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Runs asynchronous work to its end from a command, which is not asynchronous.
func wait(_ body: @escaping @Sendable () async throws -> Void) throws {
    let done = DispatchSemaphore(value: 0)
    let outcome = Outcome()
    Task.detached {
        do { try await body() } catch { outcome.problem = Problem("\(error)") }
        done.signal()
    }
    done.wait()
    if let problem = outcome.problem { throw problem }
}

/// Handed over by the semaphore.
private final class Outcome: @unchecked Sendable { var problem: Problem? }
