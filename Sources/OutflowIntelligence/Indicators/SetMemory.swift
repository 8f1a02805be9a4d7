// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What a compiled set keeps besides values: the versions of its indicators, revoked ones too, and its allow-lists. So sets and
/// files that are used together mean the same as if all had been read from text.
struct SetMemory: Sendable {
    /// A version of an indicator.
    struct Version: Sendable, Hashable {
        var modified: Timestamp
        /// When somebody last said something of it.
        var told: Timestamp
        var isRevoked: Bool
        /// Numbers of its profiles in the set.
        var profiles: [UInt64] = []
    }

    var versions: [IndicatorFeed.Name: Version] = [:]
    var allowLists = AllowLists()

    var isEmpty: Bool { versions.isEmpty && allowLists.isEmpty }

    init() {}

    func write(into blob: inout BlobWriter) {
        allowLists.write(into: &blob)
        blob.number(UInt64(versions.count))
        for (name, version) in versions.sorted(by: { $0.key < $1.key }) {
            blob.text(name.id)
            blob.text(name.maker)
            blob.signed(version.modified.microseconds)
            blob.signed(version.told.microseconds)
            blob.byte(version.isRevoked ? 1 : 0)
            blob.number(UInt64(version.profiles.count))
            for number in version.profiles { blob.number(number) }
        }
    }

    /// Reads what ``write(into:)`` wrote, the versions only when they are wanted; nil when it is damaged.
    init?(from reader: inout BlobReader, withVersions: Bool) {
        func time(_ value: Int64) -> Timestamp? {
            let time = Timestamp(microseconds: value)
            return time >= .earliest && time <= .latest ? time : nil
        }
        guard let lists = AllowLists(from: &reader) else { return nil }
        allowLists = lists
        guard withVersions else { return }
        guard let count = reader.number() else { return nil }
        for _ in 0..<count {
            guard let id = reader.text(), let maker = reader.text(), let modified = reader.signed().flatMap(time),
                let told = reader.signed().flatMap(time), let revoked = reader.byte(), revoked <= 1,
                let profiles = reader.number()
            else { return nil }
            var version = Version(modified: modified, told: told, isRevoked: revoked == 1)
            for _ in 0..<profiles {
                guard let number = reader.number() else { return nil }
                version.profiles.append(number)
            }
            versions[.init(id: id, maker: maker)] = version
        }
    }
}
