// SPDX-License-Identifier: Apache-2.0

import OutflowReports

#if canImport(Glibc)
    import Glibc
#endif

/// Something that ends the command: in words for the user, with what to do.
struct Problem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// What a terminal can do.
enum Terminal {
    static var outputIsTerminal: Bool { isatty(1) == 1 }
    static var errorIsTerminal: Bool { isatty(2) == 1 }

    /// Columns of the terminal, 80 when unknown.
    static var width: Int {
        var size = winsize()
        if ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return 80
    }

    /// Whether to colour: a terminal, and the user does not object (no-color.org).
    static var hasColour: Bool {
        guard outputIsTerminal, getenv("NO_COLOR") == nil else { return false }
        guard let term = getenv("TERM") else { return false }
        return strcmp(term, "dumb") != 0
    }

    /// Writes to standard output; false when nobody reads it any more.
    @discardableResult
    static func write(_ text: String) -> Bool { put(text, 1) }

    /// Writes bytes to standard output; false when nobody reads it any more.
    static func write(bytes: [UInt8]) -> Bool { bytes.withUnsafeBufferPointer { put($0, 1) } }

    /// Writes a line to standard error.
    static func complain(_ text: String) { _ = put(text + "\n", 2) }

    /// Writes to standard error without a line end.
    static func mutter(_ text: String) { _ = put(text, 2) }

    private static func put(_ text: String, _ descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { put($0, descriptor) }
    }

    private static func put(_ bytes: UnsafeBufferPointer<UInt8>, _ descriptor: Int32) -> Bool {
        var at = 0
        while at < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + at, bytes.count - at)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return false }
            at += count
        }
        return true
    }
}

/// Lets writing to a closed pipe fail instead of killing the program.
func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }
