// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#endif

/// Files that nobody but their owner may read.
enum OwnersAlone {
    /// Gives an empty file that is open for writing the rights 0600, whatever it had before; pipes and devices are left as they
    /// are.
    ///
    /// - Returns: false if it cannot be done; `errno` says why.
    static func protect(_ descriptor: Int32) -> Bool {
        // Only of files can the length be set (ftruncate(2), EINVAL).
        ftruncate(descriptor, 0) != 0 || fchmod(descriptor, 0o600) == 0
    }
}
