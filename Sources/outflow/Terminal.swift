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

    /// Writes to standard output; false when nobody reads it any more. Ends the program when it cannot be written, as on a
    /// full disk: what stands there would look whole.
    @discardableResult
    static func write(_ text: String) -> Bool { put(text, 1) || mayGoOn() }

    /// Writes bytes to standard output, like ``write(_:)``.
    static func write(bytes: [UInt8]) -> Bool { write(bytes, to: 1) || mayGoOn() }

    /// Writes bytes to an open file; false when that fails, and `errno` says why.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBufferPointer { put($0, descriptor) }
    }

    /// False when the reader of standard output went away, which is no failure.
    private static func mayGoOn() -> Bool {
        let problem = errno
        if problem == EPIPE { return false }
        complain("outflow: standard output cannot be written: \(String(cString: strerror(problem)))")
        _exit(1)
    }

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
            if count < 0 && errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
                continue
            }
            if count <= 0 { return false }
            at += count
        }
        return true
    }
}

/// Lets writing to a closed pipe fail instead of killing the program.
func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

/// Opens what of standard input, output and error is closed: else the next file that is opened would take its place.
func openStandardDescriptors() {
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
        // The lowest that is free is this very one.
        _ = open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY)
    }
}
