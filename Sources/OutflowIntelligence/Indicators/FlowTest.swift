// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// What a STIX pattern asks of a connection beside the address by which it is found: `network-traffic:dst_port = 443`.
///
/// What a log does not say meets no test, negated or not.
public struct FlowTest: Sendable, Hashable {
    /// A property of `network-traffic` (STIX 2.1 section 6.12) that flows have.
    enum Property: UInt8, Sendable, CaseIterable {
        case source = 1
        case destination, sourcePort, destinationPort, protocols, sourceBytes, destinationBytes

        /// As it stands in a pattern.
        var name: String {
            switch self {
            case .source: "src_ref.value"
            case .destination: "dst_ref.value"
            case .sourcePort: "src_port"
            case .destinationPort: "dst_port"
            case .protocols: "protocols[*]"
            case .sourceBytes: "src_byte_count"
            case .destinationBytes: "dst_byte_count"
            }
        }
    }

    /// What may stand there: one of some ranges of numbers, or of some networks.
    enum Wanted: Sendable, Hashable {
        case numbers([ClosedRange<UInt64>])
        case networks([Network])
    }

    var property: Property
    var isNegated: Bool
    var wanted: Wanted

    /// Whether a flow meets the test.
    func meets(_ flow: Flow) -> Bool {
        switch (wanted, property.value(in: flow)) {
        case (.networks(let all), .address(let address)): all.contains { $0.contains(address) } != isNegated
        case (.numbers(let all), .number(let number)): all.contains { $0.contains(number) } != isNegated
        default: false
        }
    }
}

extension FlowTest.Property {
    /// What a flow shows of a property.
    enum Value {
        case address(IPAddress)
        case number(UInt64)
    }

    /// What a flow shows; nil when its log does not say.
    @inline(__always) func value(in flow: Flow) -> Value? {
        switch self {
        case .source: .address(flow.originator)
        case .destination: .address(flow.responder)
        case .sourcePort:
            Self.hasPorts(flow) && flow.originatorPort > 0 ? .number(UInt64(flow.originatorPort)) : nil
        case .destinationPort:
            Self.hasPorts(flow) && flow.responderPort > 0 ? .number(UInt64(flow.responderPort)) : nil
        case .protocols: .number(UInt64(flow.proto))
        case .sourceBytes: Self.exact(flow, flow.originatorLower, flow.originatorUpper)
        case .destinationBytes: Self.exact(flow, flow.responderLower, flow.responderUpper)
        }
    }

    /// TCP, UDP, SCTP: with others type and code stand in the place of ports.
    @inline(__always) private static func hasPorts(_ flow: Flow) -> Bool {
        flow.proto == 6 || flow.proto == 17 || flow.proto == 132
    }

    /// A number of bytes that the log knows exactly.
    @inline(__always) private static func exact(_ flow: Flow, _ lower: UInt64, _ upper: UInt64) -> Value? {
        flow.services.contains(.unbounded) || lower != upper ? nil : .number(lower)
    }
}

extension FlowTest: CustomStringConvertible {
    /// In the words of a pattern.
    public var description: String {
        let values: [String] =
            switch wanted {
            case .numbers(let ranges):
                ranges.map { $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : Self.words($0) }
            case .networks(let networks):
                networks.map { $0.prefixLength == 128 ? $0.base.description : $0.description }
            }
        return "\(property.name) \(isNegated ? "is not" : "is") \(values.joined(separator: " or "))"
    }

    private static func words(_ range: ClosedRange<UInt64>) -> String {
        range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}

extension FlowTest {
    /// Most values of one test that are kept.
    static let mostValues = 1_000

    func write(into blob: inout BlobWriter) {
        blob.byte(property.rawValue)
        blob.byte(isNegated ? 1 : 0)
        switch wanted {
        case .numbers(let ranges):
            blob.byte(0)
            blob.number(UInt64(ranges.count))
            for range in ranges {
                blob.number(range.lowerBound)
                blob.number(range.upperBound)
            }
        case .networks(let networks):
            blob.byte(1)
            blob.number(UInt64(networks.count))
            for network in networks {
                blob.append(network.base.bytes)
                blob.byte(UInt8(clamping: network.prefixLength))
            }
        }
    }

    init?(from reader: inout BlobReader) {
        guard let property = reader.byte().flatMap(Property.init(rawValue:)), let sign = reader.byte(), sign <= 1,
            let kind = reader.byte(), kind <= 1, let count = reader.number(), count <= UInt64(Self.mostValues)
        else { return nil }
        self.property = property
        isNegated = sign == 1
        var ranges: [ClosedRange<UInt64>] = []
        var networks: [Network] = []
        for _ in 0..<count {
            if kind == 0 {
                guard let low = reader.number(), let high = reader.number(), low <= high else { return nil }
                ranges.append(low...high)
            } else {
                guard let bytes = reader.view(), bytes.count == 16, let length = reader.byte(), length <= 128 else {
                    return nil
                }
                networks.append(Network(IPAddress(bytes: bytes.array[...]), prefixLength: Int(length)))
            }
        }
        wanted = kind == 0 ? .numbers(ranges) : .networks(networks)
    }

    /// Reads what ``write(into:)`` wrote and puts a flow to it, without copying anything: whether the flow meets the test, and
    /// nil where the bytes are damaged. Without a flow nothing is met.
    static func isMet(by flow: Flow?, _ reader: inout BlobReader) -> Bool? {
        guard let property = reader.byte().flatMap(Property.init(rawValue:)), let sign = reader.byte(), sign <= 1,
            let kind = reader.byte(), kind <= 1, let count = reader.number(), count <= UInt64(mostValues)
        else { return nil }
        let value = flow.flatMap { property.value(in: $0) }
        var holds = false
        for _ in 0..<count {
            if kind == 0 {
                guard let low = reader.number(), let high = reader.number(), low <= high else { return nil }
                if case .number(let number)? = value { holds = holds || (low...high).contains(number) }
            } else {
                guard let bytes = reader.view(), let base = IPAddress(network: bytes), let length = reader.byte(),
                    length <= 128
                else { return nil }
                if case .address(let address)? = value {
                    holds = holds || Network(base, prefixLength: Int(length)).contains(address)
                }
            }
        }
        switch (kind, value) {
        case (0, .number?), (1, .address?): return holds != (sign == 1)
        default: return false
        }
    }
}
