// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What one day leaves in the logs, and what is true of it.
struct DayLogs: Sendable {
    var sensor = Sensor()
    var truth = Truth()
}
