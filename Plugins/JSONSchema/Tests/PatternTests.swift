import Omnibus
import OmnibusTesting
import Testing

@Suite("validate_json, patterns")
struct PatternTests {
  static let cases: [(pattern: String, valid: [String], invalid: [String])] = [
    ("^abc$", ["abc"], ["abc\n", "abcd"]), ("a+", ["xaay"], ["xyz", "A"]),
    ("^\\t$", ["\t"], ["\\t", " "]), ("^\\cC$", ["\u{3}"], ["C"]), ("^\\cc$", ["\u{3}"], ["c"]),
    ("^\\d$", ["0"], ["\u{7D6}", "a"]), ("^\\D$", ["\u{7D6}", "a"], ["0"]),
    ("^\\w$", ["a", "_"], ["é", "-"]), ("^\\W$", ["é"], ["a"]),
    (
      "^\\s$", [" ", "\t", "\u{B}", "\u{C}", "\u{A0}", "\u{FEFF}", "\n", "\u{2029}", "\u{2003}"], ["\u{1}", "\u{2013}"]
    ),
    ("^\\S$", ["\u{1}", "\u{2013}"], [" ", "\u{A0}", "\u{FEFF}", "\u{2029}"]),
    ("\\p{Letter}cole", ["Les hivers de mon enfance étaient... l'école"], ["1cole"]),
    ("\\wcole", ["xcole"], ["l'école"]), ("[a-z]cole", ["ecole"], ["école"]),
    ("^\\p{digit}+$", ["42", "\u{9EA}\u{9E9}"], ["-%#", "a"]), ("^\\P{L}$", ["1"], ["a"]),
    ("^🐲*$", ["", "🐲", "🐲🐲"], ["🐉", "🐲🐉", "D"]), ("^\\ud83d\\udc32$", ["🐲"], ["🐉"]),
    ("^\\u{1F432}.$", ["🐲x", "🐲🐲"], ["🐲"]), ("^[\\w-]+$", ["a-b"], ["a b"]), ("^[^]$", ["a", "\n"], [""]),
    ("^[\\s\\S]{0,3}$", ["a\nb", ""], ["abcd"]), ("^(?<year>\\d{4})-\\d\\d$", ["2024-05"], ["24-05"]),
    ("a|b(", [], []), ("^x*?y$", ["xxy"], ["xx"]), ("\\/a", ["/a"], ["a"]), ("^\\-$", ["-"], ["\\"]),
    // Assertions at the beginning.
    ("^(?!\\s*$).+", ["a", " a"], ["", "  "]), ("^(?=.*[A-Z])(?=.*\\d).{4,}$", ["aB3d"], ["ab3d", "aBcd", "B3"]),
    ("^(?!(?:10|127)\\.)\\d+\\.\\d+$", ["11.1", "100.2"], ["10.1", "127.0", "x"]),
    ("^(?!.*\\.\\.)[a-z.]+$", ["a.b"], ["a..b"]), ("^(?=[)|\\]]).$", [")", "|"], ["a"]),
    ("^(?!a|b)", ["", "c"], ["a", "b"]),
    ("^(?!a)", ["ba", ""], ["a"]),
  ]

  @Test("are read as ECMA-262 has them")
  func patterns() throws {
    for (pattern, valid, invalid) in Self.cases where !valid.isEmpty {
      let quoted = String(decoding: try Value.string(pattern).jsonBytes(), as: UTF8.self)
      let run = try SchemaRun(["schema.json": "{\"pattern\":\(quoted)}"])
      let names = try SchemaRun(["schema.json": "{\"patternProperties\":{\(quoted):false}}"])
      for text in valid + invalid {
        let isValid = valid.contains(text)
        let body = String(decoding: try Value.string(text).jsonBytes(), as: UTF8.self)
        #expect((run.failure(of: body) == nil) == isValid, "\(pattern): \(body)")
        #expect((names.failure(of: "{\(body):1}") != nil) == isValid, "\(pattern): \(body)")
      }
    }
  }

  @Test(
    "that cannot be matched in bounded time, or are none, are refused",
    arguments: [
      "(?!a)b", "^a(?=b)", "^(?!a)b|c", "^(?=(?!a)b)", "^(?!a)*b", "(?<=a)b", "(a)\\1", "\\p{Script=Greek}", "\\a",
      "\\Z",
      "(", "^(?!", "^(?!a", "[a", "a\\", "(?i)a", "a{2,1}", "\\k<a>", "(a{1000}){1000}",
    ])
  func refused(_ pattern: String) throws {
    let quoted = String(decoding: try Value.string(pattern).jsonBytes(), as: UTF8.self)
    let problems = #expect(throws: Diagnostics.self) { try SchemaRun(["schema.json": "{\"pattern\":\(quoted)}"]) }
    #expect(problems?.all.first?.code == "invalid-schema")
  }

  @Test("that others take exponential time for do not take it here")
  func catastrophes() throws {
    let long = String(repeating: "a", count: 100_000)
    for pattern in ["^(a+)+$", "^(a|a)*$", "^(.*a){20}$", "^(?!(a*)*b)(a|aa)+$", "([a-z]+)*=", "(a?){200}a{200}$"] {
      let run = try SchemaRun(["schema.json": "{\"pattern\":\"\(pattern)\"}"])
      let start = ContinuousClock.now
      _ = run.failure(of: "\"\(long)!\"")
      // Exponential time would not end at all; this is what a slow machine takes that does other things as well.
      #expect(ContinuousClock.now - start < .seconds(120), "\(pattern)")
    }
  }
}
