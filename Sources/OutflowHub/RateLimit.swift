// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Token buckets: each key may do `rate` things a second, and `burst` at once.
final class RateLimit: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: UInt64
    }

    private let buckets = Mutex<[String: Bucket]>([:])
    private let rate: Double
    private let burst: Double
    private let now: @Sendable () -> UInt64

    /// Keys that are remembered at most; a key beyond is treated as one that nobody has heard of.
    private static let mostKeys = 20_000

    /// A limit; `now` counts nanoseconds.
    init(rate: Double, burst: Double, now: @escaping @Sendable () -> UInt64 = { DispatchTime.now().uptimeNanoseconds })
    {
        self.rate = rate
        self.burst = burst
        self.now = now
    }

    /// Whether `key` has a token left; it is taken if `takes`.
    func allows(_ key: String, takes: Bool = true) -> Bool {
        let now = now()
        return buckets.withLock { buckets in
            var bucket = buckets[key] ?? Bucket(tokens: burst, at: now)
            bucket.tokens = min(burst, bucket.tokens + Double(now &- bucket.at) / 1e9 * rate)
            bucket.at = now
            let isAllowed = bucket.tokens >= 1
            if isAllowed, takes { bucket.tokens -= 1 }
            if bucket.tokens >= burst {
                buckets[key] = nil
            } else {
                if buckets.count >= Self.mostKeys, buckets[key] == nil { buckets.removeAll() }
                buckets[key] = bucket
            }
            return isAllowed
        }
    }
}
