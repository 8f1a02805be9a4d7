// SPDX-License-Identifier: Apache-2.0

import OutflowEstate
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("*.log", "conn.log"), ("*.log", "a/b/conn.log"), ("conn.?og", "x/conn.log"), ("**", "a/b"),
        ("**/ezproxy*.log", "ezproxy.log"), ("**/ezproxy*.log", "/srv/a/ezproxy-1.log"), ("a/**/b", "a/b"),
        ("a/**/b", "a/x/y/b"), ("a/**", "a/x/y"), ("/a/*/c", "/a/b/c"), ("a**b/c", "axxb/c"), ("[a-c]x", "bx"),
        ("[!a-c]x", "dx"), ("[]]x", "]x"), ("[a-]x", "-x"), ("é?", "éü"), ("**/**/x", "x"), ("**/*", "a"), ("*", ""),
    ])
    func fits(_ pattern: String, _ path: String) throws {
        #expect(try Glob(pattern).matches(path))
    }

    @Test(arguments: [
        ("*.log", "conn.log.gz"), ("a/*.log", "a/b/c.log"), ("**/x", "ax"), ("a/**/b", "a/xb"), ("a/**/b", "ab"),
        ("a/**", "b/a"),
        ("[a-c]x", "dx"), ("[!a-c]x", "ax"), ("a?c/", "a/c/"), ("a[!x]c/d", "a/c/d"), ("a**b/c", "a/b/c"), ("x", ""),
        ("?", "ab"),
    ])
    func doesNotFit(_ pattern: String, _ path: String) throws {
        #expect(try !Glob(pattern).matches(path))
    }

    @Test func brokenPatternsAreRefused() {
        #expect(throws: Glob.Failure.empty) { try Glob("") }
        #expect(throws: Glob.Failure.unclosedSet) { try Glob("a[") }
        #expect(throws: Glob.Failure.unclosedSet) { try Glob("a[]") }
    }

    @Test func manyStarsTakeNoTime() throws {
        let pattern = String(repeating: "*a", count: 200) + "/b"
        #expect(try !Glob(pattern).matches(String(repeating: "a", count: 4000)))
    }

    /// A plain recursive matcher agrees on random patterns.
    @Test func aNaiveMatcherAgrees() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var chance = SplitMix64(state: seed)
        func text(_ pieces: [String], _ most: Int) -> String {
            (0...Int.random(in: 0..<most, using: &chance)).map { _ in pieces.randomElement(using: &chance) ?? "" }
                .joined()
        }
        for _ in 0..<20_000 {
            // With a slash in front, so that the whole path is compared.
            let pattern = "/" + text(["a", "b", "*", "**/", "/", "?", "/**/"], 6).replacing("***", with: "**")
            let path = "/" + text(["a", "b", "/"], 7)
            let naive = Self.naive(Array(pattern)[...], Array(path)[...], atBorder: true)
            #expect(try Glob(pattern).matches(path) == naive, "seed \(seed): \(pattern) on \(path)")
        }
    }

    private static func naive(_ pattern: ArraySlice<Character>, _ path: ArraySlice<Character>, atBorder: Bool) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if atBorder, pattern.starts(with: "**"), pattern.count == 2 || pattern.dropFirst(2).first == "/" {
            if pattern.count == 2 { return true }
            let rest = pattern.dropFirst(3)
            if naive(rest, path, atBorder: true) { return true }
            return path.indices.contains {
                path[$0] == "/" && naive(rest, path[(path.index(after: $0))...], atBorder: true)
            }
        }
        if first == "*" {
            let run = pattern.prefix { $0 == "*" }.count
            let rest = pattern.dropFirst(run)
            for index in path.startIndex...path.endIndex {
                if naive(rest, path[index...], atBorder: false) { return true }
                if index < path.endIndex, path[index] == "/" { return false }
            }
            return false
        }
        guard let next = path.first, first == next || (first == "?" && next != "/") else { return false }
        return naive(pattern.dropFirst(), path.dropFirst(), atBorder: first == "/")
    }
}
