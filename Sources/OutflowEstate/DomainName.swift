// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Names of domains as text: how they are compared, cut and checked.
public enum DomainName {
    /// In lower case (A to Z), without the dot of the root at the end.
    public static func normalised(_ name: String) -> String {
        var bytes = name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether `name` is `parent` or a subdomain of it. Both are in normal form.
    public static func isWithin(_ name: String, _ parent: String) -> Bool {
        let name = name.utf8
        let parent = parent.utf8
        guard name.count > parent.count else { return name.elementsEqual(parent) }
        let rest = name.dropFirst(name.count - parent.count)
        return rest.elementsEqual(parent) && name[name.index(before: rest.startIndex)] == UInt8(ascii: ".")
    }

    /// Whether a text can be the name of a host or domain in normal form: labels of 1 to 63 letters, digits, `-` and
    /// `_`, at least two of them, 253 bytes at most (RFC 1035 section 2.3.4), and no address.
    public static func isValid(_ name: String) -> Bool {
        guard name.utf8.count <= 253, IPAddress(name) == nil else { return false }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                    && label.allSatisfy {
                        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
                            || $0 == UInt8(ascii: "_")
                    }
            }
    }

    /// The part of a domain that somebody registered and answers for: `example.ac.uk` of `mail.example.ac.uk`,
    /// `me.github.io` of `a.me.github.io`. Addresses, single labels and public suffixes themselves are given back as
    /// they are.
    ///
    /// This is an approximation: the last two labels, or three under one of ``sharedSuffixes``. The public suffix list
    /// (publicsuffix.org) has thousands of entries and changes weekly; where it matters who owns a name, look there.
    public static func registeredDomain(of name: String) -> String {
        let name = normalised(name)
        guard IPAddress(name) == nil else { return name }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 2 else { return name }
        // The longest shared suffix has four labels.
        for length in stride(from: min(4, labels.count - 1), through: 2, by: -1) {
            if sharedSuffixes.contains(labels.suffix(length).joined(separator: ".")) {
                return labels.suffix(length + 1).joined(separator: ".")
            }
        }
        if sharedSuffixes.contains(name) { return name }
        return labels.suffix(2).joined(separator: ".")
    }

    /// Suffixes under which different people register names, as far as they have two labels or more: those of
    /// countries that sort registrations by kind, and those of services that give customers a name of their own.
    public static let sharedSuffixes: Set<String> = {
        let byCountry = [
            "ar": "com edu gob gov net org", "at": "ac co gv or", "au": "asn com edu gov id net org",
            "br": "com edu gov jus leg mil net org", "cn": "ac com edu gov mil net org", "co": "com edu gov net org",
            "eg": "com edu gov net org", "es": "com edu gob nom org", "gr": "com edu gov net org",
            "hk": "com edu gov idv net org", "hu": "co gov org", "id": "ac co go net or sch web",
            "il": "ac co gov k12 muni net org", "in": "ac co edu firm gen gov ind net nic org res",
            "ir": "ac co gov net org sch", "it": "edu gov", "jp": "ac ad co ed go gr lg ne or",
            "ke": "ac co go ne or sc", "kr": "ac co go hs mil ne or pe re", "mx": "com edu gob net org",
            "my": "com edu gov mil name net org", "ng": "com edu gov net org",
            "nz": "ac co cri geek gen govt iwi net org school",
            "pe": "com edu gob net nom org", "ph": "com edu gov net org", "pk": "com edu gov net org",
            "pl": "com edu gov info net org", "pt": "com edu gov org", "ro": "com edu gov org",
            "rs": "ac co edu gov in org",
            "ru": "com msk org spb", "sa": "com edu gov med net org", "sg": "com edu gov net org per",
            "th": "ac co go in mi net or", "tr": "av bel com edu gov k12 net org pol web",
            "tw": "com edu gov idv net org",
            "ua": "com edu gov in kiev net org", "uk": "ac co gov ltd me net nhs org plc police sch",
            "ve": "co com edu gob net org", "vn": "ac com edu gov net org",
            "za": "ac co edu gov law net nom org school web",
        ]
        let byService = """
            appspot.com azurefd.net azurewebsites.net blob.core.windows.net blogspot.com cloudapp.net cloudfront.net
            duckdns.org dynu.net file.core.windows.net firebaseapp.com fly.dev github.io gitlab.io glitch.me
            googleapis.com herokuapp.com hopto.org myshopify.com netlify.app ngrok-free.app ngrok.app ngrok.io
            no-ip.org onrender.com pages.dev r2.dev readthedocs.io repl.co replit.app s3.amazonaws.com serveo.net
            sharepoint.com surge.sh trycloudflare.com vercel.app web.app web.core.windows.net weebly.com wixsite.com
            wordpress.com workers.dev zapto.org
            """
        var all = Set(byService.split(whereSeparator: { $0 == " " || $0 == "\n" }).map { String($0) })
        for (country, kinds) in byCountry {
            for kind in kinds.split(separator: " ") { all.insert("\(kind).\(country)") }
        }
        return all
    }()
}
