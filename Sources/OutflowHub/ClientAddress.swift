// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Who a client is, for limits.
public enum ClientAddress {
    /// What clients are counted by: an IPv4 address, or the first 64 bits of one of IPv6, of which one customer has all
    /// addresses (RFC 6177). Text that is no address stays as it is.
    public static func group(_ text: String) -> String {
        guard let address = IPAddress(text) else { return text }
        guard address.v4 == nil else { return address.description }
        return IPAddress(high: address.high, low: 0).description + "/64"
    }
}
