// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A package of its own, so that nobody who builds Outflow builds this:
// `swift run -c release --package-path Benchmarks/Indicators indicators 10000000`.
let package = Package(
    name: "indicators",
    dependencies: [.package(name: "outflow", path: "../..")],
    targets: [
        .executableTarget(
            name: "indicators",
            dependencies: ["OutflowActivities", "OutflowIntelligence", "OutflowRecords"].map {
                .product(name: $0, package: "outflow")
            },
            swiftSettings: [.enableUpcomingFeature("MemberImportVisibility")])
    ],
    swiftLanguageModes: [.v6]
)
