import OmnibusExpression
import Testing

@Suite("What is wrong with expressions when they are loaded")
struct CheckingTests {
  @Test("each problem has its place, its code and the nearest name")
  func problemsOfNames() {
    #expect(problems("bdy.x == 1") == [#"1:1 unknown-variable: unknown variable "bdy"; did you mean "body"?"#])
    #expect(
      problems("body.a.startWith('x')")
        == [#"1:8 unknown-function: unknown function "startWith"; did you mean "startsWith"?"#])
    #expect(problems("message.idd") == [#"1:9 unknown-variable: message has no member "idd"; did you mean "id"?"#])
    #expect(problems("size()") == ["1:1 expression-type: size takes 1 argument, found 0"])
  }

  @Test("types that are wrong for certain")
  func types() {
    #expect(problems("\"a\" + 1") == ["1:5 expression-type: + cannot take a string and an int"])
    #expect(problems("size(body.x) > 'a'") == ["1:14 expression-type: > cannot compare an int with a string"])
    #expect(problems("1 == 'a'") == ["1:3 expression-type: an int never equals a string"])
    #expect(problems("'a' && body.x") == ["1:1 expression-type: && takes true or false, found a string"])
    #expect(problems("body.x + 1 == 'a' || body.y.z[0] < 2.5") == [])
    #expect(problems("body.x.matches('(')").first?.contains("invalid regular expression") == true)
  }

  @Test("syntax errors say what was found and what was expected")
  func syntax() {
    #expect(problems("1 +") == [#"1:4 expression-syntax: found the end, expected a value"#])
    #expect(problems("a = 1") == [#"1:3 expression-syntax: unexpected character "="; did you mean "=="?"#])
    #expect(problems("(1") == [#"1:3 expression-syntax: found the end, expected ")" for the "(" at 1:1"#])
    #expect(problems("'a\nb'") == ["1:1 expression-syntax: the string is not closed"])
    #expect(problems("[1, 2").count == 1)
    #expect(problems("ä") == [#"1:1 expression-syntax: unexpected character "ä""#])
    #expect(problems("9223372036854775808").count == 1)
    #expect(problems("-9223372036854775808") == [])
    #expect(problems("let == 1") == [#"1:1 expression-syntax: "let" is a reserved word and cannot name a variable"#])
  }

  @Test("hostile nesting and length are refused, not crashed on")
  func nesting() {
    for text in [
      String(repeating: "(", count: 60_000), String(repeating: "[", count: 60_000),
      String(repeating: "!", count: 60_000),
      String(repeating: "-", count: 60_000), "1" + String(repeating: "+1", count: 30_000),
      "a" + String(repeating: ".b", count: 30_000), String(repeating: "true?", count: 10_000),
      String(repeating: "x", count: 70_000), String(repeating: "{1:", count: 20_000),
    ] {
      #expect(problems(text).count == 1)
    }
    #expect(problems(Array(repeating: "body.a == 1", count: 2000).joined(separator: " || ")) == [])
  }

  @Test("changed at random, expressions are refused or evaluated, and nothing crashes")
  func mutations() {
    let seeds = [
      #"body.resourceType == "Patient" && body.age > 65 && headers["x"].startsWith("A")"#,
      "[1, 2u, 3.0e1].map(x, x > 1, {'k': x, ?'o': optional.none()}).exists_one(m, has(m.k) ? m.k == 2 : false)",
      "b'a\\x00' + br'\\x' == bytes('''t''') || -0x1F % 7 <= 3 && timestamp('2020-01-01T00:00:00Z').getHours('+01:00') in [1]",
      "cel.bind(x, 'a(b|c)*d', 'abd'.matches(x)) ? '%s %d'.format([x, 1]).split(' ', 2)[?0].orValue('') : body.?a[?0].b",
    ].map { Array($0.utf8) }
    var random = SystemRandomNumberGenerator()
    let alphabet = Array(#"()[]{}.,?:'"\`&|!<>=+-*/%01xXuUeEbr anE_é$"#.utf8)
    for round in 0..<4000 {
      var text = seeds[round % seeds.count]
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: text[place] = alphabet.randomElement(using: &random) ?? 0x20
        case 1: text.insert(alphabet.randomElement(using: &random) ?? 0x20, at: place)
        case 2 where text.count > 1: text.remove(at: place)
        default: text.insert(contentsOf: text[place..<min(place + 8, text.count)], at: place)
        }
      }
      _ = failure(String(decoding: text, as: UTF8.self), body: #"{"a":[{"b":1}],"age":1}"#)
    }
  }
}
