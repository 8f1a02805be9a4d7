// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

// Fuzz targets, built and run by `script/test --fuzz`: each executable is one, and hands its function to libFuzzer.

import PackageDescription

let package = Package(
    name: "Fuzz",
    dependencies: [.package(name: "outflow", path: "..")],
    targets: [
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "FuzzConfiguration", dependencies: ["CFuzzer", .product(name: "OutflowEstate", package: "outflow")]),
        .executableTarget(
            name: "FuzzSources",
            dependencies: [
                "CFuzzer", .product(name: "OutflowActivities", package: "outflow"),
                .product(name: "OutflowRecords", package: "outflow"),
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
