// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A package of its own, so that nobody who builds Outflow builds this. `script/test --fuzz` builds and runs it with the
// flags that it needs: `--sanitize fuzzer --sanitize address -Xswiftc -enable-testing`.
let package = Package(
    name: "outflow-fuzz",
    dependencies: [.package(name: "outflow", path: "..")],
    targets: [
        .executableTarget(
            name: "outflow-fuzz",
            dependencies: [
                "OutflowRecords", "OutflowJSON", "OutflowEstate", "OutflowEVTX", "OutflowActivities", "OutflowReaders",
                "OutflowLedger",
                "OutflowReports", "OutflowSigma", "OutflowIntelligence", "OutflowSharing", "OutflowHub",
            ].map { .product(name: $0, package: "outflow") },
            swiftSettings: [
                .enableUpcomingFeature("MemberImportVisibility"),
                // libFuzzer brings the main function.
                .unsafeFlags(["-parse-as-library"]),
            ])
    ],
    swiftLanguageModes: [.v6]
)
