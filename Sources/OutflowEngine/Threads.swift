// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowRecords
import Synchronization

/// A flag that one thread sets and others see.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

/// The first error that any of several threads met.
final class FirstError: Sendable {
    private let held = Guarded<(any Error)?>(nil)
    var error: (any Error)? { held.withLock { $0 } }
    func set(_ error: any Error) { held.withLock { if $0 == nil { $0 = error } } }
}

/// A thread that can be waited for.
final class Worker: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func start() {
        let thread = Thread { [self] in
            body()
            done.signal()
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    func join() { done.wait() }
}
