import Omnibus
import Testing

@Suite("a JSON text")
struct JSONTextTests {
  private func parse(_ text: String) throws -> Value { try JSONDocument(parsing: Array(text.utf8)).root }

  private func refusal(_ text: [UInt8]) -> Failure? {
    do throws(Failure) {
      _ = try JSONDocument(parsing: text)
      return nil
    } catch {
      return error
    }
  }

  @Test("numbers keep what was written, and whole ones that fit are ints")
  func numbers() throws {
    guard case .int(9_223_372_036_854_775_807) = try parse("9223372036854775807").resolved else {
      Issue.record("the largest int is no int")
      return
    }
    for text in ["9223372036854775808", "1.00", "-0.0", "1e400", "123456789012345678901234567890"] {
      guard case .decimal(let number) = try parse(text).resolved else {
        Issue.record("\(text) is no decimal")
        continue
      }
      #expect(number.text == text)
    }
  }

  @Test("strings are unescaped, surrogate pairs put together")
  func strings() throws {
    #expect(try parse(#""a\u00e9\n\ud83d\ude00\"\\\/""#).string == "aé\n😀\"\\/")
    #expect(try parse(#""\u0000""#).string == "\0")
    #expect(try parse(#"{"\u0061b": 1}"#).member("ab")?.int == 1)
  }

  @Test(
    "half of a surrogate pair is refused", arguments: [#""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800\n""#])
  func loneSurrogates(text: String) {
    #expect(refusal(Array(text.utf8))?.reason == "not JSON: an escape for half of a surrogate pair at line 1, column 2")
  }

  @Test("of members with one name the last counts, and is the only one", arguments: [3, 40, 1000])
  func repeatedNames(count: Int) throws {
    let names = (0..<count).map { "\"name\($0)\":[{\"a\":[\($0)]},{}]" }
    let others = (0..<count).map { "\"other\($0)\":{\"b\":{}}" }
    let text = "{\"outer\":[{" + (names + others + names.shuffled()).joined(separator: ",") + "},7],\"last\":1}"
    let root = try parse(text)
    let outer = try #require(root.member("outer"))
    guard case .json(let list) = outer, let object = list.element(0) else {
      Issue.record("no object")
      return
    }
    #expect(list.count == 2 && list.element(1)?.scalar?.int == 7 && root.member("last")?.int == 1)
    #expect(object.count == 2 * count)
    var seen: Set<String> = []
    object.forEachMember { name, value in
      #expect(seen.insert(name).inserted)
      let inner = name.hasPrefix("name") ? value.element(0)?.member("a")?.element(0)?.scalar?.int : 0
      #expect(inner == Int(name.drop { !$0.isNumber }) || name.hasPrefix("other"))
    }
    #expect(seen.count == 2 * count)
  }

  @Test("names are compared as they are unescaped, and by their bytes")
  func equalNames() throws {
    #expect(try parse(#"{"a":1,"\u0061":2}"#).member("a")?.int == 2)
    // Canonically equivalent, and yet two names.
    let both = try parse("{\"\u{e9}\":1,\"e\u{301}\":2}")
    #expect(both.member("\u{e9}")?.int == 1)
    #expect(both.member("e\u{301}")?.int == 2)
  }

  @Test(
    "errors say line and column, in characters",
    arguments: [
      ("{\n  \"ä\": tru }", "expected true, false or null, found another word at line 2, column 8"),
      ("[1,]", "expected a value, found \"]\" at line 1, column 4"),
      ("{\"a\" 1}", "expected \":\" after a name, found a digit at line 1, column 6"),
      ("{a:1}", "expected a name in double quotes, found a letter at line 1, column 2"),
      ("[1 2]", "expected \",\" or \"]\", found a digit at line 1, column 4"),
      ("{\"a\":1", "expected \",\" or \"}\", found the end of the text at line 1, column 7"),
      ("[1]\n]", "expected the end after the value, found \"]\" at line 2, column 1"),
      ("01", "a number starts with a zero that stands before another digit at line 1, column 1"),
      ("-", "expected a digit, found the end of the text at line 1, column 2"),
      ("\"a\nb\"", "a control character within a string, which has to be escaped at line 1, column 3"),
      ("[\"abc", "a string that does not end at line 1, column 2"),
      ("\"\\x\"", "an escape that JSON does not have at line 1, column 2"),
      ("", "expected a value, found the end of the text at line 1, column 1"),
    ])
  func errors(text: String, expected: String) throws {
    let failure = try #require(refusal(Array(text.utf8)))
    #expect(failure.reason == "not JSON: \(expected)")
    #expect(failure.kind == .invalid)
  }

  @Test("an error never holds what stands in the text")
  func secrecy() throws {
    for text in ["[Secret]", "{\"name\": Secret}", "\"Secret", "Secret", "[\"Secret\" \"Secret\"]"] {
      let failure = try #require(refusal(Array(text.utf8)))
      #expect(!failure.description.contains("Secret") && !"\(failure.problems)".contains("Secret"))
    }
  }

  @Test("bytes that are not UTF-8 are refused, and UTF-16 is named")
  func encodings() {
    #expect(
      refusal([0x5B, 0x22, 0xC0, 0xAF, 0x22, 0x5D])?.reason == "not JSON: bytes that are not UTF-8 at line 1, column 3")
    let isUTF16 = "the text is UTF-16, and JSON is UTF-8 (RFC 8259, 8.1)"
    #expect(refusal([0xFF, 0xFE, 0x5B, 0x00])?.reason == isUTF16)
    #expect(refusal([0x00, 0x5B, 0x00, 0x5D])?.reason == isUTF16)
    #expect(refusal([0xEF, 0xBB, 0xBF, 0x5B, 0x5D]) == nil)
  }

  @Test("the depth has an end, and so has the size")
  func limits() throws {
    let deep = { (levels: Int) in String(repeating: "[", count: levels) + String(repeating: "]", count: levels) }
    #expect(throws: Never.self) { try parse(deep(128)) }
    #expect(refusal(Array(deep(129).utf8))?.reason == "not JSON: nested deeper than 128 levels at line 1, column 129")
    #expect(throws: Failure.self) { try JSONText.parse(Array("[1]".utf8), limits: JSONLimits(bytes: 2)) }
  }

  @Test(
    "hostile texts end in failures, quickly",
    arguments: ["[", "{", "\"", "\\", "-", "{\"a\":", "[[],", "\0", "\u{FEFF}", " "])
  func hostile(piece: String) {
    let text = Array(String(repeating: piece, count: (1 << 20) / piece.utf8.count).utf8)
    #expect(refusal(text) != nil)
  }

  @Test("a text that is cut anywhere is refused, and one with a byte changed never crashes")
  func mutations() throws {
    let text = Array(
      #"{"a":[1,-2.5e+3,true,null,"x\u00e9\\😀"],"b":{"c":{},"d":[],"c":false},"e":"long enough for eight"} "#.utf8)
    for length in 0..<text.count - 1 { #expect(refusal(Array(text.prefix(length))) != nil, "\(length)") }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var mutated = text
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: mutated.indices, using: &random)
        mutated[place] = Bool.random() ? Array("{}[]\",:\\u0-e".utf8).randomElement() ?? 0 : .random(in: 0...255)
      }
      guard let document = try? JSONDocument(parsing: mutated) else { continue }
      let copy = try Self.rebuilt(document.root).jsonBytes()
      let again = try Self.rebuilt(JSONDocument(parsing: copy).root).jsonBytes()
      #expect(copy == again)
    }
  }

  /// The value with nothing of the text left in it.
  static func rebuilt(_ value: Value) -> Value {
    guard case .json(let node) = value else { return value }
    switch node.kind {
    case .object:
      var map = ValueMap()
      node.forEachMember { map[$0] = rebuilt(.json($1)) }
      return .map(map)
    case .array:
      var list: [Value] = []
      node.forEachElement { list.append(rebuilt(.json($0))) }
      return .list(list)
    default: return value.resolved
    }
  }
}
