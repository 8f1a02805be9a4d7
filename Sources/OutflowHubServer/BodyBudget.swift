// SPDX-License-Identifier: Apache-2.0

import HummingbirdCore
import NIOConcurrencyHelpers
import NIOCore
import OutflowHub

/// Memory for the bodies of all requests on their way: however many clients send however much, there is no more.
final class BodyBudget: Sendable {
    private let left: NIOLockedValueBox<Int>

    init(bytes: Int) { left = NIOLockedValueBox(bytes) }

    /// Takes so many bytes; false if there are not as many.
    func take(_ count: Int) -> Bool {
        left.withLockedValue { left in
            guard left >= count else { return false }
            left -= count
            return true
        }
    }

    func giveBack(_ count: Int) { left.withLockedValue { $0 += count } }
}

/// What one request took of the budget.
final class BodyAccount: Sendable {
    private let budget: BodyBudget
    private let taken = NIOLockedValueBox(0)

    private let connection: Connection?

    init(_ budget: BodyBudget, _ connection: Connection?) {
        self.budget = budget
        self.connection = connection
    }

    /// Reads a body of up to `limit` bytes; nil if there are more.
    ///
    /// - Throws: ``HubIsBusy`` if there is no memory to spare; ``BodyIsBroken`` if the client sent no proper HTTP, or went
    ///   before all was there.
    func collect(_ body: RequestBody, length: Int?, limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        // A client that claims a length must send it before more memory than this is set aside.
        bytes.reserveCapacity(min(max(length ?? 0, 0), limit, 1 << 20) + 64)
        var chunks = body.makeAsyncIterator()
        while let chunk = try await Self.next(&chunks) {
            guard bytes.count + chunk.readableBytes <= limit else { return nil }
            guard budget.take(chunk.readableBytes) else { throw HubIsBusy() }
            taken.withLockedValue { $0 += chunk.readableBytes }
            connection?.received(chunk.readableBytes)
            chunk.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
        }
        // A connection that was cut ends the body like one that is whole.
        guard length == nil || length == bytes.count else { throw BodyIsBroken() }
        connection?.isComplete()
        return bytes
    }

    /// Whatever keeps a body from being read is the client's doing: only it and the network have a part in that.
    private static func next(_ chunks: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
        do { return try await chunks.next() } catch { throw BodyIsBroken() }
    }

    /// Gives everything back.
    func close() {
        let count = taken.withLockedValue { taken in
            defer { taken = 0 }
            return taken
        }
        budget.giveBack(count)
    }
}
