// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// An object got new content under its old name: reads before and after it are of different contents, whatever their sizes.
public struct ObjectWrite {
    /// When.
    public var time: Timestamp
    /// Identity of the object, as in ``ObjectAccess/object``.
    public var object: Bytes

    /// A write of its parts.
    public init(time: Timestamp, object: Bytes) {
        self.time = time
        self.object = object
    }
}
