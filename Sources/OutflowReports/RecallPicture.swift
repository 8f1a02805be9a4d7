// SPDX-License-Identifier: Apache-2.0

import OutflowEvaluation

/// Recall by size as an SVG picture of its own.
public enum RecallPicture {
    /// The picture as UTF-8: a column for each size, as high as the share of thefts that were found.
    public static func render(_ chart: RecallChart) -> [UInt8] {
        let (left, top, height, step) = (52.0, 20.0, 200.0, 92.0)
        let width = left + step * Double(max(chart.bins.count, 1)) + 20
        var writer = HTMLWriter()
        writer.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"name text\"")
        writer.attribute("viewBox", "0 0 \(HTMLWriter.decimal(width)) 290")
        writer.attribute("width", width)
        writer.raw(" height=\"290\" font-family=\"system-ui,sans-serif\" font-size=\"12\">")
        writer.raw("<title id=\"name\">Recall by size of theft</title><desc id=\"text\">")
        let words = chart.bins.map { "\(EvaluationText.name($0)): \($0.found) of \($0.thefts)" }
        writer.text(words.joined(separator: "; "))
        writer.raw("</desc>\n<rect width=\"100%\" height=\"100%\" fill=\"#fbfaf7\"/>\n")
        for share in [0, 50, 100] {
            let y = top + height - height * Double(share) / 100
            writer.raw("<line stroke=\"#dcd8ce\"")
            writer.attribute("x1", left)
            writer.attribute("x2", width - 10)
            writer.attribute("y1", y)
            writer.attribute("y2", y)
            writer.raw("/><text fill=\"#55606d\" text-anchor=\"end\"")
            writer.attribute("x", left - 8)
            writer.attribute("y", y + 4)
            writer.raw(">")
            writer.text("\(share) %")
            writer.raw("</text>\n")
        }
        for (index, bin) in chart.bins.enumerated() {
            let x = left + step * Double(index)
            let tall = bin.thefts > 0 ? height * Double(bin.found) / Double(bin.thefts) : 0
            writer.raw("<rect fill=\"#1d4f7c\" rx=\"2\"")
            writer.attribute("x", x + 14)
            writer.attribute("y", top + height - tall)
            writer.attribute("width", step - 28)
            writer.attribute("height", max(tall, 1))
            writer.raw("/><text fill=\"#1c2530\" text-anchor=\"middle\"")
            writer.attribute("x", x + step / 2)
            writer.attribute("y", top + height + 18)
            writer.raw(">")
            writer.text(EvaluationText.name(bin))
            writer.raw("</text><text fill=\"#55606d\" text-anchor=\"middle\"")
            writer.attribute("x", x + step / 2)
            writer.attribute("y", top + height + 36)
            writer.raw(">")
            writer.text("\(bin.found) of \(bin.thefts)")
            writer.raw("</text>\n")
        }
        writer.raw("</svg>\n")
        return writer.bytes
    }
}
