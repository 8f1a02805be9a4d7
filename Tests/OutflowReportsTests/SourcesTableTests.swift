// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import Testing

@testable import OutflowReports

@Suite struct SourcesTableTests {
    private let cards = [
        SourceCard(
            format: "cloudtrail", title: "AWS CloudTrail", routes: [.cloudObject, .snapshot],
            recognisedBy: "eventVersion, eventSource",
            activities: "object accesses, sharing changes", bytes: "sometimes: additionalEventData of S3 data events",
            switchOn:
                "data events for the buckets that matter, with read events: without them no read of an object is logged",
            reference: "https://docs.aws.amazon.com/awscloudtrail/"),
        SourceCard(
            format: "squid", title: "Squid | native", routes: [.web], recognisedBy: "ten fields",
            activities: "web requests", bytes: "yes",
            switchOn: "", reference: "https://wiki.squid-cache.org/"),
    ]

    @Test func listFor80Columns() {
        #expect(
            SourcesTable.render(cards) == """
                cloudtrail  AWS CloudTrail
                  routes      cloud-object, snapshot
                  known by    eventVersion, eventSource
                  becomes     object accesses, sharing changes
                  bytes       sometimes: additionalEventData of S3 data events
                  switch on   data events for the buckets that matter, with read events: without
                              them no read of an object is logged
                  see         https://docs.aws.amazon.com/awscloudtrail/

                squid  Squid | native
                  routes      web
                  known by    ten fields
                  becomes     web requests
                  bytes       yes
                  see         https://wiki.squid-cache.org/

                """)
    }

    @Test func markdown() {
        let lines = SourcesTable.markdown(cards).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(
            lines[3]
                == "| `squid` | Squid \\| native | web | ten fields | web requests | yes |  | https://wiki.squid-cache.org/ |"
        )
    }
}
