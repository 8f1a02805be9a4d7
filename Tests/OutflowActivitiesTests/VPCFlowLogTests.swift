// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@Suite("VPC Flow Logs")
struct VPCFlowLogTests {
    static let header =
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"

    static func line(
        source: String = "10.0.0.5", target: String = "198.51.100.7", ports: String = "40000 443", proto: String = "6",
        packets: String = "20", bytes: String = "4249", tail: String = "ACCEPT OK"
    ) -> String {
        "2 123456789010 eni-1235b8ca123456789 \(source) \(target) \(ports) \(proto) \(packets) \(bytes) "
            + "1418530010 1418530070 \(tail)"
    }

    @Test func aRecordIsOneDirectionWithinBounds() throws {
        let sample = CloudSample(Self.line())
        #expect(sample.format == "vpc-flow")
        let flow = try #require(sample.flows.first)
        #expect(flow.originator == IPAddress("10.0.0.5") && flow.responder == IPAddress("198.51.100.7"))
        #expect(flow.originatorPort == 40000 && flow.responderPort == 443 && flow.proto == 6)
        // 20 packets of at most 120 bytes of headers each.
        #expect(flow.originatorLower == 4249 - 2400 && flow.originatorUpper == 4249)
        #expect(flow.responderLower == 0 && flow.responderUpper == 0)
        #expect(flow.start == Timestamp(microseconds: 1_418_530_010_000_000) && flow.duration == 60_000_000)
        #expect(flow.sensor == .netflow && flow.isRegular)
    }

    @Test func bothDirectionsAreOneConversation() throws {
        let there = try #require(CloudSample(Self.line()).flows.first)
        let back = try #require(
            CloudSample(Self.line(source: "198.51.100.7", target: "10.0.0.5", ports: "443 40000", bytes: "9000")).flows
                .first)
        #expect(there.originator == back.originator && there.responderPort == back.responderPort)
        #expect(back.originatorUpper == 0 && back.responderUpper == 9000)
        // Equal ports do not say who asked; both directions still agree.
        let equal = [
            Self.line(ports: "123 123"), Self.line(source: "198.51.100.7", target: "10.0.0.5", ports: "123 123"),
        ]
        .compactMap { CloudSample($0).flows.first }
        #expect(equal.count == 2 && equal[0].originator == equal[1].originator)
        #expect(equal[0].originatorUpper != equal[1].originatorUpper)
    }

    @Test func withoutPortsOrPacketsLessIsKnown() throws {
        let text = """
            srcaddr dstaddr protocol packets bytes start end action
            10.0.0.1 198.51.100.7 6 2 1000 1418530010 1418530070 ACCEPT
            """
        #expect(CloudSample(text).flows.map { $0.services.contains(.unbounded) } == [true])
        let zero = CloudSample(text.replacing(" 6 2 1000 ", with: " 6 0 1000 "))
        #expect(zero.flows.map { max($0.originatorLower, $0.responderLower) } == [0])
    }

    @Test func flagsTellWhoOpened() {
        let header = Self.header + " tcp-flags"
        func originator(_ ports: String, flags: Int) -> IPAddress? {
            CloudSample(header + "\n" + Self.line(ports: ports) + " \(flags)").flows.first?.originator
        }
        #expect(originator("1024 50000", flags: 3) == IPAddress("10.0.0.5"))
        #expect(originator("50000 1024", flags: 19) == IPAddress("198.51.100.7"))
        #expect(originator("50000 1024", flags: 0) == IPAddress("10.0.0.5"))
    }

    @Test func theHeaderNamesTheFields() throws {
        let text = """
            bytes dstaddr packets srcaddr new-field end start pkt-srcaddr
            1000 2001:db8::1 2 fd00::5 x 1418530070 1418530010 fd00::9
            1000 198.51.100.7 2 10.0.0.1 x 1418530070 1418530010 203.0.113.9
            """
        let sample = CloudSample(text)
        #expect(sample.rejectedCount == 0 && sample.records == 2)
        // A second address of the same interface is the sender; the far side of a gateway is not.
        #expect(Set(sample.flows.map(\.originator)).contains(IPAddress("10.0.0.1")!))
        #expect(sample.flows[0].originator == IPAddress("fd00::9") || sample.flows[0].responder == IPAddress("fd00::9"))
        #expect(max(sample.flows[0].originatorUpper, sample.flows[0].responderUpper) == 1000)
    }

    @Test func throughANatGatewayTheOuterLegAloneLeaves() throws {
        // AWS's own example: 10.0.1.5 behind the gateway 10.0.0.220 talks to 203.0.113.5.
        let text = """
            interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr bytes start end
            eni-1 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5 500 1418530010 1418530070
            eni-1 10.0.0.220 203.0.113.5 10.0.0.220 203.0.113.5 500 1418530010 1418530070
            """
        let outside = CloudSample(text).flows.filter {
            $0.responder == IPAddress("203.0.113.5") || $0.originator == IPAddress("203.0.113.5")
        }
        #expect(outside.count == 1)
    }

    @Test func silenceRefusalAndLoss() {
        let quiet = "2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - NODATA"
        let skipped = "2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - SKIPDATA"
        let sample = CloudSample([quiet, skipped, Self.line(tail: "REJECT OK"), Self.line()].joined(separator: "\n"))
        #expect(sample.records == 4 && sample.irrelevant == 2 && sample.flows.count == 1 && sample.rejectedCount == 0)
        #expect(
            sample.losses == [
                .init(
                    from: Timestamp(microseconds: 1_431_280_876_000_000),
                    to: Timestamp(microseconds: 1_431_280_934_000_000))
            ])
    }

    @Test(arguments: ["-1", "18446744073709551616", "9223372036854775808", "NaN", "", "1e9", "-"])
    func anAmountThatIsNoneIsRejected(bytes: String) {
        let sample = CloudSample(Self.line() + "\n" + Self.line(bytes: bytes))
        #expect(sample.flows.count == 1 && sample.rejectedCount == 1)
        #expect(sample.rejected.first?.offset == UInt64(Self.line().utf8.count + 1))
    }

    @Test func hugeNumbersStayBounds() throws {
        let sample = CloudSample(Self.line(packets: "9223372036854775807", bytes: "9223372036854775807"))
        let flow = try #require(sample.flows.first)
        #expect(flow.originatorLower == 0 && flow.originatorUpper == UInt64(Int64.max))
        #expect(CloudSample(Self.line(packets: "-")).flows.first?.originatorLower == 0)
    }

    @Test func damagedLinesAreRejected() {
        let good = Self.line()
        for bad in [
            Self.line(source: "10.0.0.256"), Self.line(ports: "70000 443"), Self.line(proto: "256"), good + " more",
            String(good.dropLast(10)), good.replacing("1418530010", with: "x").replacing("1418530070", with: "y"),
            good.replacing(" ", with: "\t"), "\0",
        ] {
            let sample = CloudSample(good + "\n" + bad + "\n" + good)
            #expect(sample.flows.count == 2 && sample.rejectedCount == 1, "\(bad)")
        }
    }

    @Test func exportsFromCloudWatchBeginWithATime() {
        let sample = CloudSample("2014-12-14T04:07:50.000Z " + Self.line() + "\r\n")
        #expect(sample.format == "vpc-flow" && sample.flows.count == 1)
    }

    @Test func otherLogsAreNotTaken() {
        for text in [
            "", "2 3 4", "version account-id", Self.header.replacing("interface-id", with: "tgw-id"),
            Self.line().replacing("eni-", with: "x-"),
        ] {
            #expect(CloudSample(text).format == nil, "\(text)")
        }
    }
}
