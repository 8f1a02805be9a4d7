// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Who may read a bucket's objects by its policy.
///
/// Source: AWS IAM User Guide, "IAM JSON policy elements"; Amazon S3 User Guide, "The meaning of public".
enum BucketPolicy {
    /// Calls `body` with everybody whom a statement allows to read objects: anyone, or an account by its number (its name
    /// is the principal's ARN). Deny statements are not weighed: who is named here may still be denied a part.
    static func forEachReader(of policy: JSONValue, _ body: (EntityView) -> Void) {
        guard let statements = policy["Statement"] else { return }
        if statements.kind == .object { read(statements, body) }
        for (_, statement) in statements.elements { read(statement, body) }
    }

    private static func read(_ statement: JSONValue, _ body: (EntityView) -> Void) {
        guard statement.string("Effect") == "Allow", allowsReading(statement) else { return }
        // "Everyone but these" is everyone.
        if statement["NotPrincipal"] != nil { return body(CloudTrailEvent.anyone) }
        guard let principal = statement["Principal"] else { return }
        if let text = principal.string { return share(text, statement, body) }
        guard let named = principal["AWS"] else { return }
        if let text = named.string { return share(text, statement, body) }
        for (_, element) in named.elements { if let text = element.string { share(text, statement, body) } }
    }

    private static func share(_ principal: Bytes, _ statement: JSONValue, _ body: (EntityView) -> Void) {
        if principal == "*" {
            if !isRestricted(statement) { body(CloudTrailEvent.anyone) }
        } else if isAccount(principal) {
            body(EntityView(.account, id: principal))
        } else if principal.hasPrefix("arn:"), let service = principal.firstIndex(of: "::") {
            // arn:aws:iam::ACCOUNT:root, :user/NAME, :role/NAME. CloudFront's identities have no number there.
            let account = principal.suffix(from: service + 2)
            let number = account.prefix(upTo: account.firstIndex(of: UInt8(ascii: ":")) ?? account.count)
            if isAccount(number) { body(EntityView(.account, id: number, name: principal)) }
        }
    }

    private static func isAccount(_ text: Bytes) -> Bool { text.count == 12 && text.unsigned != nil }

    // MARK: Actions

    private static func allowsReading(_ statement: JSONValue) -> Bool {
        if let allowed = statement["Action"] { return matchesReading(allowed) }
        // All actions but the listed ones.
        if let excepted = statement["NotAction"] { return !matchesReading(excepted) }
        return false
    }

    private static func matchesReading(_ actions: JSONValue) -> Bool {
        if let text = actions.string { return matchesReading(text) }
        for (_, element) in actions.elements { if let text = element.string, matchesReading(text) { return true } }
        return false
    }

    private static func matchesReading(_ pattern: Bytes) -> Bool {
        matches(pattern, "s3:getobject") || matches(pattern, "s3:getobjectversion")
    }

    /// Whether a pattern with `*` (any text) and `?` (any one character) fits `name`, which is in lower case; actions do not
    /// distinguish case. Linear but for the last `*`: at most pattern times name steps.
    static func matches(_ pattern: Bytes, _ name: StaticString) -> Bool {
        let text = Bytes(name)
        var at = 0
        var inPattern = 0
        var star: (pattern: Int, text: Int)?
        while at < text.count {
            if inPattern < pattern.count, pattern[inPattern] == UInt8(ascii: "*") {
                star = (inPattern, at)
                inPattern += 1
            } else if inPattern < pattern.count,
                pattern[inPattern] == UInt8(ascii: "?") || lower(pattern[inPattern]) == text[at]
            {
                inPattern += 1
                at += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                inPattern = last.pattern + 1
                at = last.text + 1
            } else {
                return false
            }
        }
        while inPattern < pattern.count, pattern[inPattern] == UInt8(ascii: "*") { inPattern += 1 }
        return inPattern == pattern.count
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    // MARK: Conditions

    /// Whether a condition ties the caller to fixed networks, organisations, accounts or resources, so that a statement for
    /// `*` is not public. Whom it lets in then is not judged here.
    private static func isRestricted(_ statement: JSONValue) -> Bool {
        for (name, tests) in statement["Condition"]?.members ?? JSONValue.Children.none {
            var test = name
            if test.hasPrefix("ForAnyValue:") { test = test.suffix(from: 12) }
            guard
                test == "StringEquals" || test == "StringLike" || test == "StringEqualsIgnoreCase"
                    || test == "ArnEquals"
                    || test == "ArnLike" || test == "IpAddress"
            else { continue }
            for (key, values) in tests.members where ties(key) && !admitsAll(values) { return true }
        }
        return false
    }

    private static func ties(_ key: Bytes) -> Bool {
        for known: StaticString in [
            "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcearn", "aws:sourceaccount", "aws:sourceowner",
            "aws:sourceorgid", "aws:sourceorgpaths", "aws:principalorgid", "aws:principalorgpaths",
            "aws:principalaccount", "aws:principalarn", "aws:userid", "s3:dataaccesspointarn",
            "s3:dataaccesspointaccount",
        ] where matches(key, known) && key.firstIndex(of: UInt8(ascii: "*")) == nil {
            return true
        }
        return false
    }

    private static func admitsAll(_ values: JSONValue) -> Bool {
        func isAll(_ text: Bytes) -> Bool { text == "*" || text == "0.0.0.0/0" || text == "::/0" }
        if let text = values.string { return isAll(text) }
        for (_, value) in values.elements { if let text = value.string, isAll(text) { return true } }
        return false
    }
}
