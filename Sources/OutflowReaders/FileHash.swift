// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Synchronization

/// The SHA-256 of a file of which several threads hold pieces.
///
/// Hashing takes longer than reading, and pieces must be hashed in their order. So that no thread waits for another, a
/// piece that was read into a thread's ``BlockBuffer`` is only noted, and hashed by whichever thread comes by while no other
/// is at it; at the latest when its buffer is about to be used again.
final class FileHash: @unchecked Sendable {  // All that changes is atomic, or used under one of the two locks.
    private let notes = Lock()
    private var waiting: [UnsafeRawBufferPointer] = []
    private var noted = 0
    private let hashed = Atomic<Int>(0)
    private let turn = Lock()
    private let hash = SHA256()

    /// Notes the next bytes of the file, which somebody keeps until ``settle(_:)`` returns for the number returned here. One
    /// thread at a time calls this.
    func note(_ bytes: UnsafeRawBufferPointer) -> Int {
        notes {
            waiting.append(bytes)
            noted += 1
            return noted
        }
    }

    /// Hashes the next bytes of the file at once. One thread at a time calls this.
    func update(_ bytes: UnsafeRawBufferPointer) {
        turn {
            hashWaiting()
            hash.update(bytes)
        }
    }

    /// Hashes what is noted, unless another thread is at it.
    func work() { turn.ifFree(hashWaiting) }

    /// Returns when the piece of a number is hashed.
    func settle(_ number: Int) {
        if hashed.load(ordering: .acquiring) < number { turn(hashWaiting) }
    }

    /// The digest in hex digits. Nothing may be added after it.
    func finish() -> String {
        turn {
            hashWaiting()
            return hash.finish()
        }
    }

    private func hashWaiting() {
        while let piece = notes({ waiting.isEmpty ? nil : waiting.removeFirst() }) {
            hash.update(piece)
            hashed.add(1, ordering: .releasing)
        }
    }
}
