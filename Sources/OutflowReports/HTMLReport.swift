// SPDX-License-Identifier: Apache-2.0
import OutflowLedger
/// Placeholder
public enum HTMLReport {
    /// x
    public static func render(_ report: Report, version: String) -> [UInt8] { [] }
}
