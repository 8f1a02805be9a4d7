// SPDX-License-Identifier: Apache-2.0

import OutflowIntelligence
import OutflowJSON

extension TLP {
    /// The id of its marking definition of TLP 2.0. Source: OASIS and FIRST, "TLP Version 2.0 Extension Definition"
    /// (oasis-open/cti-stix-common-objects).
    public var stixID: String {
        switch self {
        case .clear: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
        case .green: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
        case .amber: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
        case .amberStrict: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
        case .red: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
        }
    }

    /// Its marking definition, as it is published.
    public var stixObject: JSONTree {
        [
            "type": "marking-definition", "spec_version": "2.1", "id": .string(stixID),
            "created": "2022-10-01T00:00:00.000Z", "name": .string(label),
            "extensions": [
                "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": [
                    "extension_type": "property-extension",
                    "tlp_2_0": .string(String(label.dropFirst("TLP:".count)).lowercased()),
                ]
            ],
        ]
    }

    /// What a standard marking definition says, of TLP 2.0 or of version 1 (STIX 2.1 section 7.2.1.4), whose WHITE is CLEAR.
    public init?(stixID: String) {
        switch stixID {
        case "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": self = .clear
        case "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": self = .green
        case "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": self = .amber
        case "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": self = .red
        default:
            guard let known = Self.allCases.first(where: { $0.stixID == stixID }) else { return nil }
            self = known
        }
    }
}
