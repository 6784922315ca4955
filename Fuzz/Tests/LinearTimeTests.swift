import Testing

/// What is made to take a parser the square of its length, given to the targets in two sizes.
@Suite("time of parsers", .serialized, .timeLimit(.minutes(5))) struct LinearTimeTests {
  struct Case: Sendable, CustomStringConvertible {
    let target: String
    let name: String
    /// An input about as long as it is told.
    let make: @Sendable (Int) -> [UInt8]

    var description: String { "\(target): \(name)" }

    init(_ target: String, _ name: String, _ make: @escaping @Sendable (Int) -> String) {
      self.target = target
      self.name = name
      self.make = { Array(make($0).utf8) }
    }
  }

  private static func many(_ text: String, _ size: Int) -> String {
    String(repeating: text, count: max(1, size / text.utf8.count))
  }

  private static func numbered(_ size: Int, _ item: (Int) -> String) -> String {
    (0..<max(1, size / 10)).map(item).joined()
  }

  /// Layout and size of pieces, for `csv`, come first.
  static let cases: [Case] = [
    Case("json", "one name again and again") { "{" + many(#""a":1,"#, $0) + #""a":1}"# },
    Case("json", "names that differ in their middle") {
      "{" + numbered($0) { #""aaaaaaaa\#($0)aaaaaaaa":1,"# } + #""a":1}"#
    },
    Case("json", "names with escapes") { "{" + numbered($0) { #""\u0061\#($0)":1,"# } + #""a":1}"# },
    Case("json", "objects within objects, each with a name twice") {
      many(String(repeating: #"{"a":1,"a":"#, count: 100) + "1" + String(repeating: "}", count: 100) + "\n", 1)
        + many(" ", $0)
    },
    Case("json", "brackets that are not closed") { many("[", $0) },
    Case("json", "a number of many digits") { "[" + many("1", $0) + "]" },
    Case("json", "a string of escapes") { "\"" + many(#"\u0000"#, $0) + "\"" },
    Case("json", "a path of many steps") { many("a.", $0) + "a\0{}" },
    Case("yaml", "brackets that are not closed") { many("[", $0) },
    Case("yaml", "keys in braces that are not closed") { many("{a: ", $0) },
    Case("yaml", "aliases of aliases") { _ in
      "x-0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
        + (1..<20).map { level in
          "x-\(level): &a\(level) [" + (0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ",") + "]\n"
        }.joined()
    },
    Case("yaml", "merges of merges") { size in
      "x-0: &a0 { k: 1 }\n" + numbered(size / 3) { "x-\($0 + 1): &a\($0 + 1)\n  <<: *a\($0)\n  k\($0): 1\n" }
    },
    Case("yaml", "aliases of nothing") { numbered($0) { "- *unknown\($0)\n" } },
    Case("yaml", "anchors, and an alias of none") { numbered($0) { "x-\($0): &anchor\($0) 1\n" } + "x: *anchr\n" },
    Case("yaml", "one key again and again") { many("routes: 1\n", $0) },
    Case("yaml", "unknown keys") { numbered($0) { "rutes\($0): 1\n" } },
    Case("yaml", "a key of many letters") { many("a", $0) + ": 1\n" },
    Case("yaml", "a text of many lines") { "x-a: |\n" + many("  a\n", $0) },
    Case("yaml", "a quoted text that is not closed") { "x-a: \"" + many("a\n ", $0) },
    Case("yaml", "problems in one long line") { "x-a: [" + many("*a,", $0) + "]" },
    Case("yaml", "comments") { many("# a\n", $0) },
    Case("csv", "a quoted field that is not closed") { "\u{0}\u{1}a\n\"" + many("b", $0) },
    Case("csv", "quotes in a quoted field") { "\u{0}\u{1}a\n\"" + many("\"\"", $0) + "\"\n" },
    Case("csv", "delimiters") { "\u{0}\u{1}a\n" + many(",", $0) + "\n" },
    Case("csv", "empty lines") { "\u{0}\u{1}a\n" + many("\n", $0) },
    Case("csv", "records that are bad") { "\u{0}\u{1}a,b\n" + many("1,2,3\n", $0) },
    Case("csv", "columns") { "\u{0}\u{1}" + numbered(min($0, 90_000)) { "c\($0)," } + "c\n" },
    Case("cel", "a sum of many") { many("1+", $0) + "1" },
    Case("cel", "brackets that are not closed") { many("(", $0) },
    Case("cel", "unknown names") { many("a+", $0) + "a" },
    Case("cel", "a list of many") { "[" + many("1,", $0) + "1]" },
    Case("cel", "a text that is not closed") { "\"" + many("a", $0) },
    Case("cel", "a text of many escapes") { "\"" + many("\\n", $0) + "\"" },
    Case("cel", "operators without operands") { many("!-", $0) },
    Case("cel", "conditions") { many("true?", $0) },
    Case("cel", "bad characters") { many("§", $0) },
    Case("regex", "alternatives") { many("a|", min($0, 4000)) + "b\0" + many("a", $0) },
    Case("regex", "what backtracking dies of") { "^(a+)+$\0" + many("a", $0) + "b" },
    Case("regex", "options of nothing") { "(|||||a){100}c\0" + many("b", $0) },
    Case("regex", "assertions") { "(^|\\b|$|\\B){100}c\0" + many("b", $0) },
    Case("regex", "a class of many ranges") { size in
      "["
        + (0..<min(size / 4, 3000)).map { String(Character(Unicode.Scalar(UInt32(0x4E00 + 2 * $0)) ?? "a")) }.joined()
        + "]+$\0" + many("a", size)
    },
    Case("json_schema", "elements that are to be unique") {
      #"{"uniqueItems":true}"# + "\0[" + numbered($0) { #"{"n":\#($0)},"# } + "1]"
    },
    Case("json_schema", "members and elements that nothing looks at") {
      #"{"unevaluatedProperties":{"unevaluatedItems":{}},"patternProperties":{"(a+)+$":{}}}"# + "\0{"
        + numbered($0) { #""aaaa\#($0)":[1],"# } + #""a":1}"#
    },
    Case("json_schema", "a long enumeration of what is no text") { size in
      #"{"items":{"enum":["# + (0..<size / 10).map { "\($0)," }.joined() + "[]]}}\0[" + numbered(size) { "\($0)," }
        + "1]"
    },
    Case("json_schema", "names that are required and others depend on") { size in
      #"{"required":["# + (0..<min(size / 10, 200)).map { "\"m\($0)\"," }.joined() + "\"x\"]}\0{"
        + numbered(size) { "\"n\($0)\":1," } + "\"x\":1}"
    },
    Case("json_schema", "schemas that refer to each other") { size in
      ##"{"$ref":"#/$defs/d0","$defs":{"## + numbered(size / 4) { "\"d\($0)\":{\"$ref\":\"#/$defs/d\($0 + 1)\"}," }
        + "\"d\(max(1, size / 40))\":{}}}\01"
    },
    Case("json_schema", "schemas within schemas") { _ in
      String(repeating: #"{"not":"#, count: 120) + "{}" + String(repeating: "}", count: 120) + "\01"
    },
    Case("json_schema", "a number of many digits") {
      #"{"multipleOf":1e-308,"minimum":1"# + many("0", $0) + "}\0" + many("9", $0)
    },
    Case("json_schema", "what backtracking dies of") {
      #"{"pattern":"^(?!(b*)*$)(a+)+$"}"# + "\0\"" + many("a", $0) + "b\""
    },
    Case("json_schema", "names in other scripts") {
      #"{"properties":{"a":{"format":"idn-hostname"},"b":{"format":"hostname"}}}"# + "\0{\"a\":\"" + many("é.", $0)
        + "é\",\"b\":\"xn--" + many("4gbwdl", $0) + "\"}"
    },
    Case("json_schema", "contents in Base64") {
      #"{"$schema":"http://json-schema.org/draft-07/schema#","contentEncoding":"base64"}"# + "\0\"" + many("eyJh", $0)
        + "\""
    },
    Case("http", "fields") { "\u{1E}GET / HTTP/1.1\r\nHost: a\r\n" + many("X: y\r\n", $0) },
    Case("http", "a field") { "\u{1E}GET / HTTP/1.1\r\nHost: a\r\nX: " + many("y", $0) },
    Case("http", "empty lines") { "\u{1E}" + many("\r\n", $0) },
    Case("http", "chunks of one byte") {
      "\u{1E}POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + many("1\r\na\r\n", min($0, 5000))
    },
  ]

  @Test("four times the size takes about four times the time", arguments: cases)
  func time(_ item: Case) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == item.target })
    func taken(_ size: Int) throws -> Duration {
      let input = item.make(size)
      return try ContinuousClock().measure { try target.run(input) }
    }
    // Sixteen times would be the square. A machine that is busy with other tests is asked again.
    var isLinear = false
    for _ in 0..<4 where !isLinear {
      isLinear = try taken(20_000) < taken(5_000) * 11 + .milliseconds(300)
    }
    #expect(isLinear)
  }
}
