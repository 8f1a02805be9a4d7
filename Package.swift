// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "outflow",
    products: [
        .executable(name: "outflow", targets: ["outflow"]),
        .library(name: "OutflowRecords", targets: ["OutflowRecords"]),
        .library(name: "OutflowJSON", targets: ["OutflowJSON"]),
        .library(name: "OutflowEstate", targets: ["OutflowEstate"]),
        .library(name: "OutflowActivities", targets: ["OutflowActivities"]),
        .library(name: "OutflowEVTX", targets: ["OutflowEVTX"]),
        .library(name: "OutflowReaders", targets: ["OutflowReaders"]),
        .library(name: "OutflowLedger", targets: ["OutflowLedger"]),
        .library(name: "OutflowSigma", targets: ["OutflowSigma"]),
        .library(name: "OutflowReports", targets: ["OutflowReports"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // Byte masks; thin shims over system libraries.
        .target(name: "COutflowScan"),
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(
            name: "CCodecs",
            linkerSettings: ["archive", "isal", "zstd", "lz4", "lzma", "crypto"].map { .linkedLibrary($0) }),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "CPCRE2", linkerSettings: [.linkedLibrary("pcre2-8")]),

        .target(name: "OutflowRecords"),
        .target(name: "OutflowJSON", dependencies: ["CSimdjson", "OutflowRecords"]),
        .target(name: "OutflowEVTX", dependencies: ["OutflowRecords", "COutflowScan", "CCodecs"]),
        .target(name: "OutflowEstate", dependencies: ["OutflowRecords", .product(name: "Yams", package: "Yams")]),
        .target(name: "OutflowActivities", dependencies: ["OutflowRecords", "OutflowJSON", "OutflowEVTX", "COutflowScan"]),
        .target(
            name: "OutflowReaders",
            dependencies: ["OutflowRecords", "OutflowActivities", "OutflowEVTX", "CCodecs", "COutflowScan"]),
        .target(
            name: "OutflowLedger",
            dependencies: ["OutflowRecords", "OutflowActivities", "OutflowEstate", "COutflowScan", "CCodecs"]),
        .target(
            name: "OutflowReports",
            dependencies: ["OutflowLedger", "OutflowActivities", "OutflowJSON", "OutflowRecords"]),
        .target(
            name: "OutflowSigma",
            dependencies: [
                "OutflowRecords", "COutflowScan", "CRE2", "CPCRE2", .product(name: "Yams", package: "Yams"),
            ]),
        .target(name: "OutflowSketches"),
        .target(
            name: "OutflowDetection",
            dependencies: [
                "OutflowSketches", "OutflowActivities", "OutflowLedger", "OutflowEstate", "OutflowRecords",
            ]),
        .target(name: "OutflowSimulator", dependencies: ["OutflowRecords"]),
        .target(
            name: "OutflowEngine",
            dependencies: [
                "OutflowReaders", "OutflowActivities", "OutflowLedger", "OutflowSigma", "OutflowDetection",
                "OutflowEstate",
                "OutflowRecords",
            ]),
        .executableTarget(
            name: "outflow",
            dependencies: [
                "OutflowEngine", "OutflowReports", "OutflowSimulator", "OutflowLedger", "OutflowDetection",
                "OutflowActivities", "OutflowSigma", "OutflowEstate", "OutflowRecords",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        .testTarget(name: "OutflowRecordsTests", dependencies: ["OutflowRecords"]),
        .testTarget(name: "OutflowJSONTests", dependencies: ["OutflowJSON"]),
        .testTarget(name: "OutflowEVTXTests", dependencies: ["OutflowEVTX"]),
        .testTarget(name: "OutflowEstateTests", dependencies: ["OutflowEstate"]),
        .testTarget(name: "OutflowActivitiesTests", dependencies: ["OutflowActivities", "OutflowReaders"]),
        .testTarget(name: "OutflowReadersTests", dependencies: ["OutflowReaders"]),
        .testTarget(name: "OutflowLedgerTests", dependencies: ["OutflowLedger"]),
        .testTarget(
            name: "OutflowSigmaTests",
            dependencies: ["OutflowSigma", "OutflowRecords", .product(name: "Yams", package: "Yams")]),
        .testTarget(name: "OutflowReportsTests", dependencies: ["OutflowReports"]),
        .testTarget(name: "OutflowSketchesTests", dependencies: ["OutflowSketches"]),
        .testTarget(
            name: "OutflowDetectionTests",
            dependencies: ["OutflowDetection", "OutflowSketches", "OutflowLedger", "OutflowActivities", "OutflowRecords"]),
        .testTarget(
            name: "OutflowSimulatorTests",
            dependencies: ["OutflowSimulator", "OutflowJSON", "OutflowRecords"]),
        .testTarget(
            name: "OutflowEngineTests",
            dependencies: [
                "OutflowEngine", "OutflowReports", "OutflowSimulator", "OutflowReaders", "OutflowLedger",
                "OutflowEstate",
                "OutflowActivities", "OutflowRecords", "CCodecs",
            ]),
        .testTarget(name: "outflowTests", dependencies: ["outflow", "OutflowActivities", "CCodecs"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + [.enableUpcomingFeature("MemberImportVisibility")]
}
