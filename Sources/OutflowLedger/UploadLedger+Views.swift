// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension UploadLedger {
    /// How a content is identified: by one kind of hash, or (4) by none. Hashes of different kinds prove nothing about each other.
    private static func identification(_ sending: Sending) -> Int { sending.content.map { Int($0 & 3) } ?? 4 }

    /// Marks what may be another sensor's view of a content that is counted already.
    ///
    /// Two sensors may identify one content by different hashes, and one that missed a part by none. Of sendings of one size,
    /// and without hashes in one connection, that are identified in different ways, those of the kind of hash that proves most count; the others count
    /// in the upper bound only.
    func settleViews(_ sendings: inout [Sending]) {
        let groups = Dictionary(grouping: sendings.indices.filter { !sendings[$0].mayBeCounted }) {
            GroupKey(sendings[$0])
        }
        for members in groups.values where Set(members.map { Self.identification(sendings[$0]) }).count > 1 {
            for (index, isView) in doubtful(members, sendings) {
                sendings[index].mayBeCounted = true
                sendings[index].mayRepeat = true
                guard isView else { continue }
                sendings[index].wire = nil
                sendings[index].wireBounds = ByteBounds(atLeast: 0, atMost: sendings[index].wireBounds.atMost)
            }
        }
    }

    /// Those of a group that count in the upper bound only, and whether they may be another sensor's view of a sending rather
    /// than a sending by themselves.
    private func doubtful(_ members: [Int], _ sendings: [Sending]) -> [(index: Int, isView: Bool)] {
        func order(_ index: Int) -> (UInt16, UInt64, Int64, UInt64) {
            let sending = sendings[index]
            return (sending.clientPort, sending.bounds.atMost ?? .max, sending.span.first, sending.identity)
        }
        let sorted = members.sorted { order($0) < order($1) }
        var sets = DisjointSets(count: sorted.count)
        var ofContent: [UInt64: Int] = [:]
        var ofChain: [Int: Int] = [:]
        var firstOfPort: [UInt16: Int] = [:]
        var ofSize: [UInt64: Int] = [:]
        let open = Set(sorted.filter { sendings[$0].bounds.atMost == nil }.map { sendings[$0].clientPort })
        for (place, index) in sorted.enumerated() {
            let sending = sendings[index]
            if place > 0 {
                // Logs tell of one body at its beginning or at its end.
                let before = sendings[sorted[place - 1]]
                if before.clientPort == sending.clientPort, before.bounds.atMost == sending.bounds.atMost,
                    sending.span.first &- before.span.first <= RequestIndex.requestDuration
                {
                    sets.join(place - 1, place)
                }
            }
            // What is proven the same, or may be sent again, stays together; a size that is not known fits any.
            if let content = sending.content, let known = ofContent.updateValue(place, forKey: content) {
                sets.join(known, place)
            }
            // Of two kinds of hashes nobody can tell whether they are of one content, whenever it was sent.
            if sending.content != nil, let size = sending.bounds.atMost,
                let known = ofSize.updateValue(place, forKey: size)
            {
                sets.join(known, place)
            }
            if let known = ofChain.updateValue(place, forKey: sending.chain) { sets.join(known, place) }
            if open.contains(sending.clientPort),
                let known = firstOfPort.updateValue(place, forKey: sending.clientPort)
            {
                sets.join(known, place)
            }
        }
        var result: [(index: Int, isView: Bool)] = []
        for places in Dictionary(grouping: sorted.indices, by: { sets.root($0) }).values {
            let all = places.map { sorted[$0] }
            let proven = proven(all, sendings)
            guard proven.count > 1 else { continue }
            // Without hashes nobody knows whether bodies are different: where a sensor had them, they decide. Of equals, a
            // hash of a stronger kind rather than a weaker.
            let counted = proven.filter { $0.key != 4 }.max { ($0.value, $0.key) < ($1.value, $1.key) }
            var ports: Set<UInt16> = []
            for index in all where Self.identification(sendings[index]) == counted?.key {
                ports.insert(sendings[index].clientPort)
            }
            for index in all where Self.identification(sendings[index]) != counted?.key {
                let port = sendings[index].clientPort
                result.append((index, port == 0 || ports.contains(port) || ports.contains(0)))
            }
        }
        return result
    }

    /// What sendings come to at least, by how their contents are identified.
    private func proven(_ all: [Int], _ sendings: [Sending]) -> [Int: UInt64] {
        var ofContent: [UInt64: UInt64] = [:]
        var ofChain: [Int: UInt64] = [:]
        for index in all {
            let low = sendings[index].bounds.atLeast
            if let content = sendings[index].content {
                ofContent[content] = max(ofContent[content] ?? 0, low)
            } else {
                ofChain[sendings[index].chain] = max(ofChain[sendings[index].chain] ?? 0, low)
            }
        }
        var result: [Int: UInt64] = [:]
        func add(_ low: UInt64, _ identification: Int) {
            let known = result[identification] ?? 0
            result[identification] = known + min(low, .max - known)
        }
        for (content, low) in ofContent { add(low, Int(content & 3)) }
        for low in ofChain.values { add(low, 4) }
        return result
    }
}
