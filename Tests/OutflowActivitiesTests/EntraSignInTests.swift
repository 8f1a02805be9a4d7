// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

/// Sign-in logs of Entra ID, as Microsoft Graph and as diagnostic settings export them.
@Suite struct EntraSignInTests {
    /// After the example of learn.microsoft.com/graph/api/signin-get.
    static func signIn(error: Int = 0, time: String = "2024-03-11T08:15:30Z") -> String {
        """
        {"id":"66ea54eb-6301-4ee5-be62-ff5a759b0100","createdDateTime":"\(time)","userDisplayName":"Test Contoso",\
        "userPrincipalName":"TestUser1@contoso.example","appId":"de8bc8b5-d9f9-48b1-a8ad-b748da725064",\
        "appDisplayName":"Graph explorer","ipAddress":"198.51.100.9","status":{"errorCode":\(error)},\
        "deviceDetail":{"deviceId":"","displayName":null,"operatingSystem":"Windows 10","browser":"Edge 80"},\
        "location":{"city":"Redmond","state":"Washington","countryOrRegion":"US","geoCoordinates":\
        {"altitude":null,"latitude":47.68050003051758,"longitude":-122.12094116210938}}}
        """
    }

    static func wrapped(_ record: String) -> String {
        #"{"time":"2024-03-11T08:16:00Z","category":"SignInLogs","operationName":"Sign-in activity","properties":"#
            + record
            + "}"
    }

    @Test(arguments: [false, true]) func aSignInAndItsPlace(_ isWrapped: Bool) throws {
        let sample = StreamSample(isWrapped ? Self.wrapped(Self.signIn()) : Self.signIn())
        #expect(sample.with { head, _ in LogSources.source(for: head)?.1.format } == "entra-sign-ins")
        let event: Void? =
            try sample.read(as: EntraSignIns.self) { batch in
                #expect(batch.records == 1 && batch.rejections.count == 0)
                let event = try #require(batch.identities.first)
                #expect(event.kind == .signIn)
                #expect(event.account == "testuser1@contoso.example")
                #expect(event.address == "198.51.100.9")
                #expect(event.country == "US")
                #expect(event.device == "Windows 10 Edge 80")
                #expect(event.place?.latitude == 47.68050003051758)
                #expect(event.place?.longitude == -122.12094116210938)
                #expect(event.mark.time == batch.first)
            }
        #expect(event != nil)
    }

    private static func identity(_ text: String) -> UInt64? {
        StreamSample(text).read(as: EntraSignIns.self) { $0.identities.first?.mark.identity } ?? nil
    }

    @Test func theSameSignInInBothShapesIsOne() throws {
        let graph = try #require(Self.identity(Self.signIn()))
        #expect(Self.identity(Self.wrapped(Self.signIn())) == graph)
    }

    @Test func aWrongPasswordIsRefused() throws {
        let kind = StreamSample(Self.signIn(error: 50126)).read(as: EntraSignIns.self) { $0.identities.first?.kind }
        #expect(kind == .refused)
    }

    @Test func damagedRecordsAreRejected() throws {
        let lines = [Self.signIn(), Self.signIn(time: "yesterday"), String(Self.signIn().dropLast(9)), "[1]"]
        let seen: Void? =
            StreamSample(lines.joined(separator: "\n")).read(as: EntraSignIns.self) { batch in
                #expect(batch.identities.count == 1)
                #expect(batch.rejections.count == 3)
            }
        #expect(seen != nil)
    }

    /// An audit record among sign-ins is read by its own source.
    @Test func otherRecordsArePassedOn() throws {
        let other =
            #"{"Id":"1","Operation":"UserLoggedIn","CreationTime":"2024-03-11T08:15:30","Workload":"AzureActiveDirectory","UserId":"a@b.example"}"#
        let count = StreamSample(Self.signIn() + "\n" + other).read(as: EntraSignIns.self) { $0.identities.count }
        #expect(count == 2)
    }
}
