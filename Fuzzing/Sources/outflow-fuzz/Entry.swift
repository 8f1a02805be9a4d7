// SPDX-License-Identifier: Apache-2.0

import Glibc

// The two functions that libFuzzer calls. One executable holds all targets; `--target=NAME` says which one runs
// (libFuzzer passes over arguments with two dashes), `--list` prints their names, and `--samples=DIR FROM...` cuts small
// seeds out of real logs.

/// Set once by `LLVMFuzzerInitialize`, before the first input.
nonisolated(unsafe) private var target: FuzzTarget?

/// Called once, before the first input: chooses the target.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> Int32 {
    let words = (1..<max(Int(count.pointee), 1)).compactMap { arguments.pointee[$0].map { String(cString: $0) } }
    func value(of option: String) -> String? {
        words.first { $0.hasPrefix("--\(option)=") }.map { String($0.dropFirst(option.count + 3)) }
    }
    if words.contains("--list") {
        for target in FuzzTarget.all { print(target.name) }
        leave(0)
    }
    if let folder = value(of: "samples") {
        Samples.write(from: words.filter { !$0.hasPrefix("-") }, to: folder)
        leave(0)
    }
    let name = value(of: "target") ?? ""
    guard let found = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("outflow-fuzz: no target '\(name)'; --list prints their names")
        leave(2)
    }
    target = found
    return 0
}

/// Ends the program before libFuzzer begins, and before anybody looks for leaks in a program that is half way started.
private func leave(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
}

/// Called for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    target?.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
