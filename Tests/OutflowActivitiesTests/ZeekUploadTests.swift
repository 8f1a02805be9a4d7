// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@Suite("Zeek: uploads and the files in them")
struct ZeekUploadTests {
    private static func body(_ upload: WebUpload) -> String {
        "\(upload.body.map { String($0) } ?? "-") \(upload.fileID.map { String($0 % 1000) } ?? "-")"
    }

    private static func id(_ text: String) -> String {
        withBytes(of: text) { String(ContentHash.of($0) % 1000) }
    }

    @Test(
        "Every file of a body is named, and the body counts once",
        arguments: [
            (#"["F1"]"#, ["F1"]), (#"["F1","F2","F3"]"#, ["F1", "F2", "F3"]), (#"["F1","F1","F2"]"#, ["F1", "F2"]),
        ])
    func filesOfABody(list: String, names: [String]) throws {
        let row =
            #"{"_path":"http","ts":1772400001.5,"uid":"C1","id.orig_h":"10.0.0.5","id.orig_p":50000,"#
            + #""id.resp_h":"203.0.113.9","id.resp_p":80,"trans_depth":1,"method":"POST","host":"up.example","uri":"/u","#
            + #""request_body_len":90000,"status_code":200,"orig_fuids":"# + list + "}"
        let found = try #require(
            StreamSample(row).read(as: ZeekJSON.self) { batch in
                #expect(Set(batch.uploads.map(\.mark.identity)).count == 1)
                return batch.uploads.map(Self.body)
            })
        #expect(found == names.enumerated().map { "\($0 == 0 ? 90000 : 0) \(Self.id($1))" })
    }

    @Test("TSV too")
    func filesOfABodyInTSV() throws {
        let text =
            "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n"
            + "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tmethod\turi\trequest_body_len\torig_fuids\n"
            + "1772400001.5\tC1\t10.0.0.5\t5000\t203.0.113.9\t80\tPOST\t/u\t90000\tF1,F2\n"
        let found = try #require(StreamSample(text).read(as: ZeekTSV.self) { $0.uploads.map(Self.body) })
        #expect(found == ["90000 \(Self.id("F1"))", "0 \(Self.id("F2"))"])
    }
}
