// SPDX-License-Identifier: Apache-2.0

/// How the records of a world are laid out in files.
enum Layout {
    /// One file a log, in order, nothing twice.
    case plain
    /// Order, splits, repetitions, forms and compression as the dice fall.
    case random

    /// One file: its name and the lines in it.
    struct File {
        var name: String
        var bytes: [UInt8]
        /// The records in it, as they are written.
        var records: [String]
    }

    /// The files of a world. A record is whole in each file that has it.
    func files(_ world: SmallWorld, _ dice: inout Dice) -> [File] {
        var files: [File] = []
        for log in Log.allCases {
            for isCSV in [false, true] {
                let lines = world.lines.filter { $0.log == log && $0.isCSV == isCSV }
                if lines.isEmpty { continue }
                for part in parts(lines, &dice) {
                    files.append(file(part, log, isCSV: isCSV, number: files.count, &dice))
                }
            }
        }
        if case .random = self { files.shuffle(using: &dice) }
        return files
    }

    private func parts(_ lines: [LogLine], _ dice: inout Dice) -> [[LogLine]] {
        guard case .random = self else { return [lines] }
        var parts = [[LogLine]](repeating: [], count: dice.number(1...3))
        for line in lines {
            parts[dice.number(0...parts.count - 1)].append(line)
            while dice.chance(12) { parts[dice.number(0...parts.count - 1)].append(line) }
        }
        if dice.chance(30) { parts.append(parts[0]) }
        return parts.filter { !$0.isEmpty }.map { $0.shuffled(using: &dice) }
    }

    private func file(_ lines: [LogLine], _ log: Log, isCSV: Bool, number: Int, _ dice: inout Dice) -> File {
        let isRandom = if case .random = self { true } else { false }
        let isJSON = isRandom && log.isZeek && dice.chance(50)
        let isNamed = dice.chance(50)
        let records = lines.map { $0.text(json: isJSON, named: isNamed) }
        let end = isRandom && dice.chance(30) ? "\r\n" : "\n"
        var text: String
        if isCSV {
            text = "CreationDate,UserIds,Operations,AuditData\n" + records.joined(separator: "\n") + "\n"
        } else if log == .cloudtrail, isRandom, dice.chance(50) {
            text = "{\"Records\":[" + records.joined(separator: ",") + "]}"
        } else if log.isZeek, !isJSON {
            text = LogLine.header(log)
            for (index, record) in records.enumerated() {
                // A header may come again midway, as when files were put one after the other.
                if isRandom, index > 0, dice.chance(3) { text += LogLine.header(log) }
                text += record + "\n"
            }
        } else {
            text = records.joined(separator: end) + (isRandom && dice.chance(30) ? "" : end)
        }
        let name = "\(number)-\(log.rawValue)"
        guard isRandom, dice.chance(35) else { return File(name: name, bytes: Array(text.utf8), records: records) }
        return File(name: name + ".gz", bytes: gzip(Array(text.utf8)), records: records)
    }
}
