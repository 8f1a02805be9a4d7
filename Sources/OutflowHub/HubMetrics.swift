// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts for Prometheus (its text format, version 0.0.4).
final class HubMetrics: Sendable {
    private struct Counts {
        /// By action and status.
        var requests: [Key: Int] = [:]
        var objectsRead = 0
        var objectsAdded = 0
        var bytesIn = 0
        var bytesOut = 0
        var seconds = 0.0
        /// Requests that took up to so many seconds, by ``HubMetrics/bounds``; the last counts all.
        var buckets = [Int](repeating: 0, count: HubMetrics.bounds.count + 1)
    }

    private struct Key: Hashable {
        let action: String
        let status: Int
    }

    private static let bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10]
    private let counts = Mutex(Counts())

    /// Counts an answer.
    func count(action: String, status: Int, objects: Int, bytesIn: Int, bytesOut: Int, seconds: Double) {
        counts.withLock { counts in
            counts.requests[Key(action: action, status: status), default: 0] += 1
            if action == "objects.add" { counts.objectsAdded += objects } else { counts.objectsRead += objects }
            counts.bytesIn += bytesIn
            counts.bytesOut += bytesOut
            counts.seconds += seconds
            let bucket = HubMetrics.bounds.firstIndex { seconds <= $0 } ?? HubMetrics.bounds.count
            counts.buckets[bucket] += 1
        }
    }

    /// The text for Prometheus.
    var text: String {
        let counts = counts.withLock { $0 }
        var text = """
            # HELP outflow_hub_requests_total Answers, by action and status.
            # TYPE outflow_hub_requests_total counter

            """
        for (key, count) in counts.requests.sorted(by: {
            ($0.key.action, $0.key.status) < ($1.key.action, $1.key.status)
        }) {
            text += "outflow_hub_requests_total{action=\"\(key.action)\",status=\"\(key.status)\"} \(count)\n"
        }
        for (name, help, value) in [
            ("objects_read", "Objects sent to clients.", counts.objectsRead),
            ("objects_added", "Objects stored for clients.", counts.objectsAdded),
            ("received_bytes", "Bytes of bodies received.", counts.bytesIn),
            ("sent_bytes", "Bytes of bodies sent.", counts.bytesOut),
        ] {
            text += "# HELP outflow_hub_\(name)_total \(help)\n# TYPE outflow_hub_\(name)_total counter\n"
            text += "outflow_hub_\(name)_total \(value)\n"
        }
        text += "# HELP outflow_hub_request_seconds Time to answer.\n# TYPE outflow_hub_request_seconds histogram\n"
        var sum = 0
        for (index, count) in counts.buckets.enumerated() {
            sum += count
            let bound = index < HubMetrics.bounds.count ? String(HubMetrics.bounds[index]) : "+Inf"
            text += "outflow_hub_request_seconds_bucket{le=\"\(bound)\"} \(sum)\n"
        }
        return text + "outflow_hub_request_seconds_sum \(counts.seconds)\noutflow_hub_request_seconds_count \(sum)\n"
    }
}
