// SPDX-License-Identifier: Apache-2.0

/// Work that reads many inputs, shows how far it is, and can be ended early from any thread.
public protocol InterruptibleReading: Sendable {
    /// Bytes on disk read so far, of all; nil where the total is not known (standard input).
    var progress: (read: UInt64, total: UInt64?) { get }
    /// Makes the work end soon, with ``Scan/Cancelled``.
    func cancel()
    /// What a user learns when it is interrupted.
    var lostWhenInterrupted: String { get }
}
