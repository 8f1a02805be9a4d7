// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import OutflowEngine

#if canImport(Glibc)
    import Glibc
#endif

/// Ctrl-C and progress while a scan runs.
enum Interruption {
    /// Runs `body`. SIGINT and SIGTERM end the scan cleanly, with a message and without a report; a second one at once.
    static func watch(_ scan: any InterruptibleReading, progress: Bool, _ body: () throws -> Void) throws {
        let queue = DispatchQueue(label: "outflow.interruption")
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                scan.cancel()
                signal(number, SIG_DFL)
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        let display = progress ? ProgressDisplay(scan) : nil
        display?.start()
        defer { display?.stop() }
        do {
            try body()
        } catch is Scan.Cancelled {
            display?.stop()
            throw Problem("interrupted; \(scan.lostWhenInterrupted)")
        }
    }
}

/// One line on standard error: bytes read of bytes to read, rate, remaining time.
final class ProgressDisplay: @unchecked Sendable {
    // Unchecked: all that changes is touched on `queue` only.
    private let scan: any InterruptibleReading
    private let queue = DispatchQueue(label: "outflow.progress")
    private let began = Date()
    private var timer: (any DispatchSourceTimer)?
    private var isShown = false

    init(_ scan: any InterruptibleReading) { self.scan = scan }

    func start() {
        queue.sync {
            let timer = DispatchSource.makeTimerSource(queue: queue)
            timer.schedule(deadline: .now() + 0.5, repeating: 0.25)
            timer.setEventHandler { [self] in show() }
            timer.resume()
            self.timer = timer
        }
    }

    func stop() {
        queue.sync {
            timer?.cancel()
            timer = nil
            if isShown { Terminal.mutter("\r\u{1B}[K") }
            isShown = false
        }
    }

    private func show() {
        isShown = true
        let (read, total) = scan.progress
        let seconds = max(Date().timeIntervalSince(began), 0.001)
        let rate = Double(read) / seconds
        var line = "read \(Self.size(Double(read)))"
        if let total, total > 0 {
            line += " of \(Self.size(Double(total))) (\(min(100, read * 100 / total)) %)"
            if rate > 0, total > read { line += ", \(Self.time(Double(total - read) / rate)) left" }
        }
        line += ", \(Self.size(rate))/s"
        Terminal.mutter("\r\u{1B}[K\(line)")
    }

    private static func size(_ bytes: Double) -> String {
        var value = bytes
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 1000 { return unit == "B" ? "\(Int(value)) B" : "\((value * 10).rounded() / 10) \(unit)" }
            value /= 1000
        }
        return "\((value * 10).rounded() / 10) TB"
    }

    private static func time(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return whole < 60
            ? "\(whole) s"
            : whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
    }
}
