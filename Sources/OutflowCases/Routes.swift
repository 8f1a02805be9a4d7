// SPDX-License-Identifier: Apache-2.0

import OutflowActivities

/// Which routes a technique takes, for findings that say how data left but not where to.
enum Routes {
    /// The routes of some techniques; empty when they tell of none.
    static func of(_ techniques: [String]) -> Set<Route> {
        var routes: Set<Route> = []
        for technique in techniques { routes.formUnion(table[String(technique.prefix(5))] ?? []) }
        return routes
    }

    private static let table: [String: Set<Route>] = [
        "T1020": [.network, .web], "T1029": [.network, .web], "T1030": [.network, .web],
        "T1041": [.network, .web, .dns], "T1048": [.network, .web, .dns, .email], "T1567": [.network, .web],
        "T1071": [.network, .web, .dns], "T1090": [.network, .web, .vpn], "T1572": [.network, .web, .dns, .vpn],
        "T1095": [.network], "T1052": [.endpoint],
        "T1114": [.mail, .email], "T1530": [.cloudObject, .snapshot], "T1537": [.snapshot, .cloudObject, .saasFile],
        "T1213": [.library, .saasFile, .sourceCode], "T1119": [.cloudObject, .saasFile, .library],
    ]
}
