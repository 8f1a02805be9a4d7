// SPDX-License-Identifier: Apache-2.0

/// The layouts that are recognised without configuration, each as the directive that writes it.
enum AccessLayouts {
    /// Directives, the more particular first. `%{...}x` stands for text that says nothing here.
    private static let directives = [
        // Squid: native, combined and common with the cache's result.
        #"%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %un %Sh/%<a %mt"#,
        #"%>a %ui %un %t "%r" %>Hs %<st "%{Referer}>h" "%{User-Agent}>h" %Ss:%Sh"#,
        #"%>a %ui %un %t "%r" %>Hs %<st %Ss:%Sh"#,
        // Apache and nginx: combined and common, with and without the virtual host in front.
        #"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#,
        #"%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
        #"%h %{ezproxy-session}i %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
        #"%v:%p %h %l %u %t "%r" %>s %O"#,
        #"%v %h %l %u %t "%r" %>s %b"#,
        // EZproxy: its default, and the same with the user agent, or the user's groups or database variables behind.
        #"%h %{ezproxy-session}i %u %t "%r" %s %b"#,
        #"%h %{ezproxy-session}i %u %t "%r" %s %b "%{User-Agent}i""#,
        // EZproxy with the time in front; its starting points (LogSPU) hold nothing but time, way and address.
        #"%t %h %{address}x %u %U %b %{ezproxy-session}i"#,
        #"%t %h %u %U %b %{ezproxy-session}i"#,
        #"%t %{ezproxy-spuaccess}i %U"#,
        // The same with more behind.
        #"%h %{ezproxy-session}i %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %{more}x"#,
        #"%h %{ezproxy-session}i %u %t "%r" %s %b %{more}x"#,
    ]

    /// The layouts with blanks between the fields.
    static let all = directives.map { LogFormat(known: $0) }

    /// The layouts with tabs between the fields.
    static let tabbed = directives.map { directive in
        LogFormat(known: String(directive.map { $0 == " " ? "\t" : $0 }))
    }

    /// The layout with user and session the other way round; nil if they do not stand side by side.
    static func swapped(_ format: LogFormat) -> LogFormat? {
        for gap in [" ", "\t"] {
            let (one, other) = ("%{ezproxy-session}i\(gap)%u", "%u\(gap)%{ezproxy-session}i")
            if let range = format.directive.firstRange(of: one) {
                return try? LogFormat(format.directive.replacingCharacters(in: range, with: other))
            }
        }
        return nil
    }
}

extension String {
    /// The string with the part at `range` replaced.
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
