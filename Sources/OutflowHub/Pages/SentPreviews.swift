// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Which previews were sent: a form that a browser posts twice (a double click, a page that is loaded again) is sent once. Kept in
/// memory only, the latest of them.
final class SentPreviews: Sendable {
    private struct Known {
        var numbers: Set<String> = []
        var order: [String] = []
    }

    private let known = Mutex(Known())
    private static let most = 10_000

    /// A number for a new preview.
    static func number() -> String { Base64.encode(Random.bytes(32)) }

    /// Whether the preview of this number was not sent yet; from now on it was. Numbers that are none of ours were all sent.
    func take(_ number: String) -> Bool {
        guard number.utf8.count == 43 else { return false }
        return known.withLock { known in
            guard known.numbers.insert(number).inserted else { return false }
            known.order.append(number)
            if known.order.count > Self.most { known.numbers.remove(known.order.removeFirst()) }
            return true
        }
    }

    /// It could not be sent after all.
    func giveBack(_ number: String) {
        known.withLock { known in
            known.numbers.remove(number)
            known.order.removeAll { $0 == number }
        }
    }
}
