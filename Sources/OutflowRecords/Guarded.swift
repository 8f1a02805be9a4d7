// SPDX-License-Identifier: Apache-2.0

/// A value that several threads share, touched by one at a time. As the standard library's `Mutex`, but seen by the thread
/// sanitizer.
public final class Guarded<Value>: @unchecked Sendable {  // The value is touched under the lock only.
    private let lock = Lock()
    private var value: Value

    /// Guards `value`.
    public init(_ value: sending Value) { self.value = value }

    /// Runs `body` with the value while no other thread has it.
    ///
    /// - Throws: what `body` throws.
    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try lock { () -> Swift.Result<Result, Failure> in
            do throws(Failure) { return .success(try body(&value)) } catch { return .failure(error) }
        }.get()
    }
}
