// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@Suite struct WordingTests {
    @Test func groups() {
        #expect(Wording.grouped(0) == "0")
        #expect(Wording.grouped(999) == "999")
        #expect(Wording.grouped(1_234_567) == "1,234,567")
        #expect(Wording.grouped(UInt64.max) == "18,446,744,073,709,551,615")
        #expect(Wording.grouped(Int.min) == "-9,223,372,036,854,775,808")
    }

    @Test func counts() {
        #expect(Wording.count(1, "read") == "1 read")
        #expect(Wording.count(0, "read") == "0 reads")
        #expect(Wording.count(2_000, "match", "matches") == "2,000 matches")
    }
}
