// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Credentials of virtual machines.
enum CloudInstance {
    /// Whether credentials that belong to a virtual machine were used by something that is none.
    ///
    /// The credentials that EC2 hands to an instance make sessions named after it: `.../assumed-role/ROLE/i-0123456789abcdef0`
    /// (docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html). A client that calls itself an AWS tool on
    /// macOS or Windows Subsystem for Linux is somebody's desk. Where an instance runs such a system itself (EC2 has Mac
    /// instances), its own past tells.
    static func isForeignUse(of principal: Bytes, client: Bytes) -> Bool {
        var slash = principal.count
        while slash > 0, principal[slash - 1] != UInt8(ascii: "/") { slash -= 1 }
        let session = principal.suffix(from: slash)
        guard slash > 0, session.hasPrefix("i-"), session.count == 10 || session.count == 19 else { return false }
        for index in 2..<session.count {
            let digit = session[index]
            guard (0x30...0x39).contains(digit) || (0x61...0x66).contains(digit) else { return false }
        }
        return client.firstIndex(of: "Darwin/") != nil || client.firstIndex(of: "os/macos") != nil
            || client.firstIndex(of: "-microsoft-standard") != nil || client.firstIndex(of: "Microsoft-WSL") != nil
            || client.firstIndex(of: "Macintosh") != nil
    }
}
