// SPDX-License-Identifier: Apache-2.0

import OutflowEstate
import Testing

@Suite struct DestinationTests {
    @Test func theTableIsSortedAndSound() {
        let domains = DestinationClasses.standard.map { $0.domain }
        #expect(domains.count >= 150)
        #expect(zip(domains, domains.dropFirst()).allSatisfy { $0.0 < $0.1 }, "sorted, each domain once")
        for row in DestinationClasses.standard {
            #expect(DomainName.isValid(row.domain), "\(row.domain)")
            #expect(row.kind != .unknown && !row.service.isEmpty, "\(row.domain)")
        }
        let used = Set(DestinationClasses.standard.map { $0.kind })
        for kind in DestinationClass.allCases where kind != .unknown {
            #expect(used.contains(kind), "\(kind) has no row")
        }
    }

    @Test func theLongestDomainDecides() {
        let classes = DestinationClasses()
        #expect(classes.kind(of: "transfer.sh") == .fileSharing)
        #expect(classes.kind(of: "Content.DropboxAPI.com.") == .cloudStorage)
        #expect(classes.kind(of: "github.com") == .codeHosting)
        #expect(classes.kind(of: "gist.github.com") == .paste)
        #expect(classes.kind(of: "bucket.s3.amazonaws.com") == .cloudStorage)
        #expect(classes.kind(of: "ec2-192-0-2-1.compute.amazonaws.com") == .cloudHosting)
    }

    @Test(arguments: [
        "", ".", "com", "example.org", "notgithub.com", "github.com.evil.example", "192.0.2.1", "2001:db8::1", "..",
        "é.example",
    ])
    func otherNamesAreUnknown(_ name: String) {
        #expect(DestinationClasses().kind(of: name) == .unknown)
    }

    @Test func addedRowsGoFirst() {
        var classes = DestinationClasses()
        classes.add(.init("Git.Example.edu", .codeHosting, "Our git"))
        classes.add(.init("github.com", .cloudStorage, "as an example"))
        #expect(classes.row(of: "x.git.example.edu")?.service == "Our git")
        #expect(classes.kind(of: "github.com") == .cloudStorage)
        #expect(classes.kind(of: "gist.github.com") == .paste, "a longer row of the table still decides")
        #expect(DestinationClasses().kind(of: "github.com") == .codeHosting)
    }

    @Test(arguments: [
        ("www.example.com", "example.com"), ("example.com", "example.com"), ("a.b.example.ac.uk", "example.ac.uk"),
        ("example.co.uk", "example.co.uk"), ("co.uk", "co.uk"), ("Mail.Example.EDU.AU.", "example.edu.au"),
        ("a.me.github.io", "me.github.io"), ("github.io", "github.io"),
        ("x.account.blob.core.windows.net", "account.blob.core.windows.net"),
        ("blob.core.windows.net", "blob.core.windows.net"), ("localhost", "localhost"), ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"), ("", ""),
    ])
    func registeredDomains(_ name: String, _ expected: String) {
        #expect(DomainName.registeredDomain(of: name) == expected)
    }
}
