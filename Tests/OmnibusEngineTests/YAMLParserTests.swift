import Foundation
import Omnibus
import Testing

@testable import OmnibusEngine

@Suite("YAML")
struct YAMLParserTests {
  private func parse(_ text: String) throws -> Node {
    let document = YAMLParser.parse(Array(text.utf8), file: "a.yaml")
    #expect(document.problems.isEmpty)
    return try #require(document.node)
  }

  private func code(_ text: String) -> String? {
    YAMLParser.parse(Array(text.utf8), file: "a.yaml").problems.first?.code
  }

  @Test("nodes know file, line and column, counted in characters")
  func places() throws {
    let node = try parse("a: 1\nümläut: { b: [x, 'yy'] }\n")
    let list = try #require(node["ümläut"]?["b"])
    #expect(list.location.description == "a.yaml:2:14")
    #expect(list.elements?[1].location == Location(file: "a.yaml", line: 2, column: 18, length: 4))
    #expect(list.elements?[1].textOffset == 1)
  }

  @Test("places within a text are known only where text and source agree")
  func textOffsets() throws {
    let node = try parse("plain: a b\nescaped: \"a\\tb\"\nblock: |\n  a\nfolded: a\n  b\n")
    #expect(node["plain"]?.textOffset == 0)
    #expect(node["escaped"]?.textOffset == nil)
    #expect(node["block"]?.textOffset == nil)
    #expect(node["folded"]?.textOffset == nil)
  }

  @Test("merge keys add what is not there")
  func merges() throws {
    let node = try parse("x: &x { a: 1, b: 2 }\ny: &y { b: 3, c: 4 }\nz: { <<: [*x, *y], a: 9 }\n")
    let merged = try #require(node["z"]?.entries)
    #expect(merged.map(\.key.text) == ["a", "b", "c"])
    #expect(merged.map(\.value.text) == ["9", "2", "4"])
  }

  @Test("an empty file has no document")
  func empty() {
    #expect(YAMLParser.parse([], file: "a.yaml").node == nil)
    #expect(YAMLParser.parse(Array("# nothing\n".utf8), file: "a.yaml").node == nil)
  }

  @Test("text that only looks like a number or a truth stays text")
  func scalars() throws {
    let node = try parse("[yes, 010, 1e3, ~, '']")
    #expect(node.elements?.map(\.text) == ["yes", "010", "1e3", "~", ""])
    #expect(node.elements?.map(\.isNull) == [false, false, false, true, false])
  }

  @Test(
    "what cannot be read is refused",
    arguments: [
      ("a: [", "yaml-syntax"), ("a: 1\na: 2", "duplicate-key"), ("a: *b", "unknown-alias"),
      ("a: &a [*a]", "unknown-alias"), ("---\na\n---\nb", "several-documents"), ("? [a]\n: b", "bad-key"),
      ("a:\n\tb: c", "tab-indentation"), ("<<: 3", "bad-merge"),
    ])
  func refused(_ text: String, _ expected: String) { #expect(code(text) == expected) }

  @Test("an alias bomb is refused before it goes off")
  func bomb() {
    var text = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      text += "- &a\(level) [" + [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    #expect(code(text) == "too-large")
  }

  @Test("hostile nesting is refused")
  func nesting() {
    #expect(code(String(repeating: "[", count: 100_000)) == "too-deep")
    #expect(code(String(repeating: "- ", count: 10_000) + "x") == "too-deep")
    #expect(code(String(repeating: "{a: ", count: 100_000)) == "too-deep")
  }

  @Test("no piece of a file crashes the reader")
  func mutations() {
    let seed = Array("a: &x { b: [1, 'two', \"th\\u0041ree\"] }\nc: |\n  text\nd: { <<: *x }\n".utf8)
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<5_000 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        default: bytes.insert(seed[Int.random(in: 0..<seed.count, using: &generator)], at: place)
        }
      }
      let document = YAMLParser.parse(bytes, file: "a.yaml")
      #expect(document.node != nil || !document.problems.isEmpty)
    }
  }
}
