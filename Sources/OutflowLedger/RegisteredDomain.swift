// SPDX-License-Identifier: Apache-2.0

import OutflowEstate
import OutflowRecords

/// Finds the registered domain of names given as bytes, without a `String` for each: the twin of
/// `DomainName.registeredDomain(of:)`, and as approximate.
public struct RegisteredDomainFinder: Sendable {
    private let suffixes: Set<UInt64>

    /// A finder of `DomainName`'s approximation.
    public init() {
        suffixes = Set(DomainName.sharedSuffixes.map { suffix in withBytes(of: suffix) { ContentHash.of($0) } })
    }

    /// Where the registered domain begins in a lower-case name without a last dot; 0 for single labels and suffixes.
    public func start(of name: Bytes) -> Int {
        // The longest shared suffix has four labels; the registered domain is one label more.
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 5) { starts in
            var count = 0
            var at = name.count
            while at > 0, count < 5 {
                at -= 1
                if at == 0 || name[at - 1] == UInt8(ascii: ".") {
                    starts[count] = at
                    count += 1
                }
            }
            if count < 3 { return 0 }
            var length = 4
            while length >= 2 {
                if length <= count, suffixes.contains(ContentHash.of(name.suffix(from: starts[length - 1]))) {
                    return length < count ? starts[length] : 0
                }
                length -= 1
            }
            return starts[1]
        }
    }
}
