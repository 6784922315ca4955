import Omnibus
import OmnibusExpression
import Testing

@Suite("Expressions on messages")
struct EvaluationTests {
  private let patient =
    #"{"resourceType":"Patient","age":70,"price":1.10,"big":12345678901234567890,"name":[{"family":"M\u00fcller"}],"none":null}"#

  @Test("fields of the body, headers and literals are compared")
  func fields() throws {
    let text = #"body.resourceType == "Patient" && body.age > 65 && headers["X-Ward"].startsWith("A")"#
    #expect(try json(text, body: patient, headers: ["x-ward": "A1"]) == "true")
    #expect(try json(#"body.name[0].family == "Müller""#, body: patient) == "true")
    #expect(try json("body.resourceType != 'Patient' || body.age == 'x' || body.none == 0", body: patient) == "false")
    #expect(try json("[body.?age.orValue(0), body.?x.orValue(1)]", body: patient) == "[70,1]")
    #expect(
      try json("has(body.age) && !has(body.x) && 'x-ward' in headers", body: patient, headers: ["X-Ward": "1"])
        == "true")
  }

  @Test("numbers of JSON stay exact and compute with numbers of every type")
  func decimals() throws {
    #expect(try json("body.price * 3", body: patient) == "3.30")
    #expect(try json("body.price == 1.1 && body.price < 2 && body.big > 0u", body: patient) == "true")
    #expect(try json("body.big + 1", body: patient) == "12345678901234567891")
    #expect(try json("body.age * 1.5", body: patient) == "105.0")
    #expect(
      try json("string(body.price) + '/' + string(decimal('0.1') + decimal('0.2'))", body: patient) == #""1.10/0.3""#)
    #expect(try json("decimal('1') / decimal('8')") == "0.125")
    #expect(failure("1 + 1.0") == "1:3: no such overload")
  }

  @Test("an absent field is a failure that names the key and its place, never the value")
  func absent() {
    #expect(failure("body.age > 1 && body.agge == 2", body: patient) == #"1:22: no such key: "agge""#)
    #expect(failure("body[body.resourceType]", body: patient) == "1:5: no such key")
    #expect(failure("body.resourceType + 1", body: patient) == "1:19: no such overload")
    #expect(failure("\n  body.age.startsWith('x')", body: patient) == "2:12: no such overload: startsWith(int, string)")
  }

  @Test("a term that settles && or || makes up for the failure of another")
  func absorption() throws {
    #expect(try json("body.x == 1 || true", body: patient) == "true")
    #expect(try json("false && body.x == 1 && body.y", body: patient) == "false")
    #expect(try json("[1, 0].exists(n, 1 / n == 1) && ![0, 2].all(n, 1 / n == 1)") == "true")
  }

  @Test("macros over lists and maps of JSON")
  func macros() throws {
    let body = #"{"a":{"x":1,"y":2},"l":[3,4,5]}"#
    #expect(try json("body.l.filter(n, n > 3).map(n, n * 2)", body: body) == "[8,10]")
    #expect(try json("body.a.transformMap(k, v, v + 1)", body: body) == #"{"x":2,"y":3}"#)
    #expect(try json("body.l.transformList(i, v, i > 0, [i, v])", body: body) == "[[1,4],[2,5]]")
    #expect(try json("cel.bind(s, size(body.l), s * s)", body: body) == "9")
  }

  @Test("work is bounded")
  func bounds() throws {
    let list = "[1,1,1,1,1,1,1,1,1,1]"
    let deep = (0..<9).reduce("true") { inner, level in "\(list).all(v\(level), \(inner))" }
    #expect(failure(deep)?.contains("more work than is allowed") == true)
    let pattern = "(a*)*b"
    #expect(try json("'\(String(repeating: "a", count: 5000))'.matches('\(pattern)')") == "false")
    #expect(failure("'a'.matches('((a{1000}){1000}){1000}')")?.contains("too large") == true)
    #expect(failure("'a'.matches('((){1000}){1000}')")?.contains("too large") == true)
  }

  @Test("regular expressions follow RE2's syntax")
  func patterns() throws {
    let cases: [(String, String, Bool)] = [
      ("A12", #"^[A-Z]\d{2}$"#, true), ("A1", #"^[A-Z]\d{2}$"#, false), ("é", #"^\pL$"#, true),
      ("ABC", "(?i)abc", true), ("a\nb", "(?m)^b$", true), ("a.c", #"a\.c"#, true), ("foo bar", #"\bbar\b"#, true),
      ("x-y", "[^[:alnum:]]", true), ("aaa", "^a{2,3}?$", true), ("ac", "^ab?c$", true), ("", "^$", true),
    ]
    for (text, pattern, expected) in cases {
      let value = try evaluate("t.matches(p)", variables: ["t": .string(text), "p": .string(pattern)])
      #expect(try value.jsonBytes() == Array("\(expected)".utf8), "\(text) \(pattern)")
    }
    for pattern in ["(", ")", "[", "a**{", "\\", #"\1"#, "(?=a)", "x{2,1}", "[b-a]", "*"] where pattern != "a**{" {
      #expect(failure("'a'.matches(r'\(pattern)')") != nil, "\(pattern)")
    }
  }

  @Test("times in their zones")
  func times() throws {
    let time = "timestamp('2023-12-25T00:00:00.500-08:00')"
    #expect(try json("[\(time).getDate(), \(time).getMonth(), \(time).getHours('-08:00')]") == "[25,11,0]")
    #expect(try json("string(\(time) + duration('1h30m'))") == #""2023-12-25T09:30:00.5Z""#)
    #expect(try json("\(time) - timestamp('2023-12-25T08:00:00Z') == duration('500ms')") == "true")
    #expect(failure("timestamp('0000-01-01T00:00:00Z')") != nil)
    #expect(failure("timestamp('2023-02-30T00:00:00Z')") != nil)
  }

  @Test("strings that differ in their scalars are different")
  func scalars() throws {
    #expect(try json("'é' == 'e\u{301}' || {'é': 1}.exists(k, k == 'e\u{301}')") == "false")
    #expect(try json("[size('e\u{301}'), 'hé'.indexOf('é')]") == "[2,1]")
  }

  @Test("to look members of a large object up again and again counts as work")
  func lookups() {
    let members = (0..<50_000).map { #""a\#($0)":1"# }.joined(separator: ",")
    let elements = String(repeating: "1,", count: 2000)
    let body = #"{"m":{\#(members)},"l":[\#(elements)1]}"#
    #expect(failure("body.l.all(i, !has(body.m.b))", body: body)?.contains("more work than is allowed") == true)
    #expect(failure("body.l.exists(i, has(body.m.a9))", body: body) == nil)
  }
}
