// SPDX-License-Identifier: Apache-2.0

import CFuzzer
import OutflowEstate

/// Any bytes as outflow.yaml: an estate, or errors that can be printed.
@main
enum FuzzConfiguration {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments) { start, count in
            let bytes = Array(UnsafeBufferPointer(start: start, count: count))
            do throws(ConfigurationErrors) {
                let estate = try Estate.parse(bytes: bytes, file: "outflow.yaml")
                precondition(estate.sanctioned.allSatisfy { !$0.name.isEmpty })
            } catch {
                precondition(!error.all.isEmpty && !error.description.isEmpty)
            }
            return 0
        }
    }
}
