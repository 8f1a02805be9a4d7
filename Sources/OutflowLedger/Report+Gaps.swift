// SPDX-License-Identifier: Apache-2.0

extension Report.Gap {
    /// What holds of all flows: no other flow log tells more.
    public static let payloadOnly = "flows tell how much payload left, not what it was"
}
