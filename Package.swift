// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// Libraries that others may build on.
let libraries = [
    "OutflowRecords", "OutflowJSON", "OutflowEstate", "OutflowEVTX", "OutflowActivities", "OutflowReaders",
    "OutflowLedger", "OutflowSketches", "OutflowDetection", "OutflowCases", "OutflowEvaluation", "OutflowReports",
    "OutflowSigma", "OutflowIntelligence", "OutflowSharing", "OutflowHub", "OutflowTAXII",
]

let package = Package(
    name: "outflow",
    products: [.executable(name: "outflow", targets: ["outflow"])]
        + libraries.map { .library(name: $0, targets: [$0]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // Byte masks; thin shims over system libraries.
        .target(name: "COutflowScan"),
        .target(name: "COutflowRules"),
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(
            name: "CCodecs",
            linkerSettings: ["archive", "isal", "zstd", "lz4", "lzma", "crypto"].map { .linkedLibrary($0) }),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "CPCRE2", linkerSettings: [.linkedLibrary("pcre2-8")]),

        .target(name: "OutflowRecords"),
        .target(name: "OutflowJSON", dependencies: ["CSimdjson", "OutflowRecords"]),
        .target(name: "OutflowEVTX", dependencies: ["CCodecs", "COutflowScan", "OutflowRecords"]),
        .target(name: "OutflowEstate", dependencies: ["OutflowRecords", yams]),
        .target(
            name: "OutflowActivities", dependencies: ["COutflowScan", "OutflowEVTX", "OutflowJSON", "OutflowRecords"]),
        .target(
            name: "OutflowReaders",
            dependencies: ["CCodecs", "COutflowScan", "OutflowActivities", "OutflowEVTX", "OutflowRecords"]),
        .target(
            name: "OutflowLedger",
            dependencies: ["CCodecs", "COutflowScan", "OutflowActivities", "OutflowEstate", "OutflowRecords"]),
        .target(
            name: "OutflowCases",
            dependencies: ["OutflowActivities", "OutflowEstate", "OutflowLedger", "OutflowRecords"]),
        .target(
            name: "OutflowEvaluation",
            dependencies: ["OutflowActivities", "OutflowEstate", "OutflowJSON", "OutflowLedger", "OutflowRecords"]),
        .target(
            name: "OutflowReports",
            dependencies: [
                "OutflowActivities",
                "OutflowCases",
                "OutflowEvaluation",
                "OutflowJSON",
                "OutflowLedger",
                "OutflowRecords",
            ]),
        .target(
            name: "OutflowSigma",
            dependencies: ["CCodecs", "COutflowRules", "COutflowScan", "CPCRE2", "CRE2", "OutflowRecords", yams]),
        .target(
            name: "OutflowIntelligence",
            dependencies: [
                "COutflowScan",
                "CPCRE2",
                "OutflowActivities",
                "OutflowJSON",
                "OutflowLedger",
                "OutflowRecords",
            ]),
        .target(
            name: "OutflowSharing",
            dependencies: [
                "CSodium",
                "OutflowActivities",
                "OutflowCases",
                "OutflowIntelligence",
                "OutflowJSON",
                "OutflowLedger",
                "OutflowRecords",
            ]),
        .target(name: "OutflowSketches"),
        .target(
            name: "OutflowDetection",
            dependencies: [
                "OutflowActivities",
                "OutflowEstate",
                "OutflowLedger",
                "OutflowRecords",
                "OutflowSketches",
            ]),
        .target(name: "OutflowSimulator", dependencies: ["OutflowEstate", "OutflowRecords", yams]),
        .target(
            name: "OutflowEngine",
            dependencies: [
                "OutflowActivities",
                "OutflowCases",
                "OutflowDetection",
                "OutflowEVTX",
                "OutflowEstate",
                "OutflowIntelligence",
                "OutflowLedger",
                "OutflowReaders",
                "OutflowRecords",
                "OutflowSigma",
            ]),
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "CCertificate", linkerSettings: [.linkedLibrary("crypto")]),
        .target(name: "CSodium", linkerSettings: [.linkedLibrary("sodium")]),
        .target(
            name: "OutflowHub",
            dependencies: [
                "CSQLite",
                "CSodium",
                "OutflowActivities",
                "OutflowIntelligence",
                "OutflowJSON",
                "OutflowLedger",
                "OutflowRecords",
                "OutflowReports",
                "OutflowSharing",
            ]),
        // Alone with its packages: nothing else waits for them.
        .target(
            name: "OutflowHubServer",
            dependencies: [
                "CCertificate",
                "CSodium",
                "OutflowHub",
                "OutflowRecords",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        // The client of TAXII: what goes onto the network goes through here.
        .target(
            name: "OutflowTAXII",
            dependencies: [
                "OutflowJSON",
                "OutflowRecords",
                "OutflowSharing",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .executableTarget(
            name: "outflow",
            dependencies: [
                "OutflowActivities",
                "OutflowDetection",
                "OutflowEngine",
                "OutflowEstate",
                "OutflowEvaluation",
                "OutflowHub",
                "OutflowHubServer",
                "OutflowIntelligence",
                "OutflowJSON",
                "OutflowLedger",
                "OutflowReaders",
                "OutflowRecords",
                "OutflowReports",
                "OutflowSharing",
                "OutflowSigma",
                "OutflowSimulator",
                "OutflowTAXII",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        .testTarget(name: "OutflowRecordsTests", dependencies: ["OutflowRecords"]),
        .testTarget(name: "OutflowJSONTests", dependencies: ["OutflowJSON"]),
        .testTarget(name: "OutflowEVTXTests", dependencies: ["OutflowEVTX"]),
        .testTarget(name: "OutflowEstateTests", dependencies: ["OutflowEstate"]),
        .testTarget(name: "OutflowActivitiesTests", dependencies: ["OutflowActivities", "OutflowReaders"]),
        .testTarget(name: "OutflowReadersTests", dependencies: ["OutflowEVTX", "OutflowReaders"]),
        .testTarget(name: "OutflowLedgerTests", dependencies: ["OutflowLedger"]),
        .testTarget(
            name: "OutflowCasesTests",
            dependencies: ["OutflowActivities", "OutflowCases", "OutflowLedger", "OutflowRecords"]),
        .testTarget(
            name: "OutflowEvaluationTests",
            dependencies: ["OutflowActivities", "OutflowEvaluation", "OutflowLedger", "OutflowRecords"]),
        .testTarget(name: "OutflowReportsTests", dependencies: ["OutflowCases", "OutflowJSON", "OutflowReports"]),
        .testTarget(
            name: "OutflowSigmaTests",
            dependencies: ["OutflowActivities", "OutflowEVTX", "OutflowRecords", "OutflowSigma", yams]),
        .testTarget(
            name: "OutflowIntelligenceTests",
            dependencies: [
                "OutflowActivities", "OutflowIntelligence", "OutflowJSON", "OutflowLedger", "OutflowRecords",
            ]),
        .testTarget(
            name: "OutflowSharingTests",
            dependencies: [
                "OutflowActivities",
                "OutflowIntelligence",
                "OutflowJSON",
                "OutflowLedger",
                "OutflowRecords",
                "OutflowSharing",
            ]),
        .testTarget(
            name: "OutflowSimulatorTests",
            dependencies: ["OutflowEstate", "OutflowJSON", "OutflowRecords", "OutflowSimulator"]),
        .testTarget(name: "OutflowSketchesTests", dependencies: ["OutflowSketches"]),
        .testTarget(
            name: "OutflowDetectionTests",
            dependencies: [
                "OutflowActivities",
                "OutflowDetection",
                "OutflowLedger",
                "OutflowRecords",
                "OutflowSketches",
            ]),
        .testTarget(
            name: "OutflowEngineTests",
            dependencies: [
                "CCodecs",
                "OutflowActivities",
                "OutflowCases",
                "OutflowEngine",
                "OutflowEstate",
                "OutflowLedger",
                "OutflowReaders",
                "OutflowRecords",
                "OutflowReports",
                "OutflowSigma",
                "OutflowSimulator",
            ]),
        .testTarget(
            name: "OutflowHubTests",
            dependencies: [
                "OutflowActivities",
                "OutflowHub",
                "OutflowJSON",
                "OutflowLedger",
                "OutflowRecords",
                "OutflowReports",
                "OutflowSharing",
            ]),
        .testTarget(name: "OutflowHubServerTests", dependencies: ["OutflowHub", "OutflowHubServer", "OutflowRecords"]),
        .testTarget(
            name: "OutflowTAXIITests",
            dependencies: ["OutflowHub", "OutflowJSON", "OutflowRecords", "OutflowSharing", "OutflowTAXII"]),
        .testTarget(
            name: "outflowTests", dependencies: ["CCodecs", "OutflowActivities", "outflow"], exclude: ["Peers"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + [.enableUpcomingFeature("MemberImportVisibility")]
}
