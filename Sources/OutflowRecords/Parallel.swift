// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Work that falls into independent parts, spread over threads.
public enum Parallel {
    /// The results of `body` for 0 to `count` - 1, in that order.
    ///
    /// `body` is called from up to `threads` threads at once (from the caller's alone if that is 1), so it must not change
    /// anything that another part of the work sees.
    public static func map<Result>(_ count: Int, threads: Int, _ body: (Int) -> Result) -> [Result] {
        guard threads > 1, count > 1 else { return (0..<count).map(body) }
        let next = Counter()
        return Array(unsafeUninitializedCapacity: count) { results, filled in
            withoutActuallyEscaping(body) { body in
                // Each part writes its own element, and all are done before this returns.
                nonisolated(unsafe) let (results, body) = (results, body)
                DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
                    while let part = next.take(below: count) {
                        results.initializeElement(at: part, to: body(part))
                    }
                }
            }
            filled = count
        }
    }

    /// Hands out numbers once each.
    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)

        func take(below limit: Int) -> Int? {
            let number = value.add(1, ordering: .relaxed).oldValue
            return number < limit ? number : nil
        }
    }
}
