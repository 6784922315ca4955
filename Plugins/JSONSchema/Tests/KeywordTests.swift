import Omnibus
import OmnibusTesting
import Testing

/// Keywords whose files the published suite of this project does not hold, and places where drafts differ.
@Suite("validate_json, keywords")
struct KeywordTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let schema: String
    let valid: [String]
    let invalid: [String]
    var testDescription: String { schema }
  }

  static let cases = [
    Case(schema: ##"{"not":{"type":"integer"}}"##, valid: ["\"a\"", "1.5"], invalid: ["1", "1.0"]),
    Case(schema: ##"{"oneOf":[{"type":"integer"},{"minimum":2}]}"##, valid: ["1", "2.5"], invalid: ["3", "1.5"]),
    Case(
      schema: ##"{"pattern":"^a*$"}"##, valid: ["\"aaa\"", "\"\"", "1"], invalid: ["\"abc\"", "\"a\\u0062\""]),
    Case(schema: ##"{"pattern":"^\\p{Letter}+$"}"##, valid: ["\"Größe\""], invalid: ["\"a1\""]),
    Case(schema: ##"{"pattern":"^\\S(|(.|\\n)*\\S)$"}"##, valid: ["\"a b\""], invalid: ["\" a\"", "\"a\\u00a0\""]),
    Case(
      schema: ##"{"patternProperties":{"a*":{"type":"integer"},"aaa*":{"maximum":20}}}"##,
      valid: [##"{"a":21}"##, ##"{"aaaa":18}"##], invalid: [##"{"a":"b"}"##, ##"{"aaaa":31}"##]),
    Case(
      schema: ##"{"prefixItems":[{"type":"integer"},{"type":"string"}],"items":false}"##, valid: ["[1,\"a\"]", "[1]"],
      invalid: ["[\"a\"]", "[1,\"a\",1]"]),
    Case(
      schema: ##"{"propertyNames":{"maxLength":3}}"##, valid: [##"{"abc":1}"##, "[]"],
      invalid: [##"{"abcd":1}"##, ##"{"\u0061bcd":1}"##]),
    Case(
      schema: ##"{"required":["a","b\u0063"]}"##, valid: [##"{"a":1,"bc":2}"##, ##"{"\u0061":1,"bc":2}"##, "1"],
      invalid: [##"{"a":1}"##]),
    Case(
      schema: ##"{"uniqueItems":true}"##, valid: ["[1,true]", "[[1],[true]]", ##"[{"a":1},{"a":2}]"##, "[1,\"1\"]"],
      invalid: ["[1,1.0]", "[1.00,1e0]", ##"[{"a":1,"b":2},{"b":2,"a":1}]"##, ##"["a","\u0061"]"##]),
    Case(schema: ##"{"multipleOf":0.01}"##, valid: ["1.13", "4.35", "1e3", "0"], invalid: ["1.005", "1e-3"]),
    Case(
      schema: ##"{"type":"integer","multipleOf":0.123456789}"##, valid: ["123456789"],
      invalid: ["1e308", "99999999999999999999999999999999"]),
    Case(
      schema: ##"{"minimum":9007199254740993}"##, valid: ["9007199254740993", "9007199254740993.0", "1e400"],
      invalid: ["9007199254740992", "9007199254740992.999999999999999", "-1e400"]),
    Case(schema: ##"{"const":1}"##, valid: ["1", "1.0", "10e-1"], invalid: ["true", "2", "1.00000000000000000001"]),
    Case(
      schema: ##"{"properties":{"a":{}},"unevaluatedProperties":false}"##, valid: [##"{"a":1}"##],
      invalid: [##"{"a":1,"b":2}"##]),
    Case(
      schema: ##"""
        {"anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":true},"required":["b"]}],
        "unevaluatedProperties":false}
        """##,
      valid: [##"{"a":1}"##, ##"{"a":1,"b":2}"##], invalid: [##"{"a":2,"b":2}"##, ##"{"a":1,"c":1}"##]),
    Case(
      schema:
        ##"{"allOf":[{"$ref":"#/$defs/x"}],"unevaluatedProperties":false,"$defs":{"x":{"properties":{"a":true}}}}"##,
      valid: [##"{"a":1}"##], invalid: [##"{"b":1}"##]),
    Case(
      schema:
        ##"{"if":{"properties":{"a":true},"required":["a"]},"else":{"properties":{"b":true}},"unevaluatedProperties":false}"##,
      valid: [##"{"a":1}"##, ##"{"b":1}"##], invalid: [##"{"a":1,"b":1}"##]),
    Case(
      schema: ##"{"allOf":[{"properties":{"a":true}},{"unevaluatedProperties":false}]}"##, valid: ["{}"],
      invalid: [##"{"a":1}"##]),
    Case(
      schema: ##"{"not":{"not":{"properties":{"a":true}}},"unevaluatedProperties":false}"##, valid: ["{}"],
      invalid: [##"{"a":1}"##]),
    Case(
      schema:
        ##"{"dependentSchemas":{"a":{"properties":{"b":true}}},"properties":{"a":true},"unevaluatedProperties":false}"##,
      valid: [##"{"a":1,"b":1}"##], invalid: [##"{"b":1}"##]),
    Case(
      schema: ##"{"prefixItems":[true],"contains":{"type":"string"},"unevaluatedItems":false}"##,
      valid: ["[1,\"a\"]", "[\"a\"]"], invalid: ["[1,2]", "[1,\"a\",2]"]),
    Case(
      schema: ##"{"properties":{"foo":{"type":"string"}},"additionalProperties":{"$ref":"#"}}"##,
      valid: [##"{"foo":"a","b":{"foo":"c"}}"##], invalid: [##"{"b":{"foo":1}}"##]),
    Case(
      schema: ##"{"$ref":"#/$defs/a%25b","$defs":{"a%b":{"$ref":"#/$defs/t~1d"},"t/d":{"type":"integer"}}}"##,
      valid: ["1"], invalid: ["\"a\""]),
    Case(
      schema: ##"{"$id":"https://x.example/a","$ref":"b","$defs":{"b":{"$id":"b","$anchor":"q","type":"integer"}}}"##,
      valid: ["1"], invalid: ["\"a\""]),
    Case(
      schema:
        ##"{"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"https://json-schema.org/draft/2020-12/schema"}"##,
      valid: [##"{"minLength":1}"##, "true"], invalid: [##"{"minLength":-1}"##, ##"{"items":{"type":"x"}}"##, "1"]),
    Case(
      schema:
        ##"{"$schema":"http://json-schema.org/draft-07/schema##","$ref":"#/definitions/a","maximum":1,"definitions":{"a":{"type":"integer"}}}"##,
      valid: ["5"], invalid: ["\"a\""]),
    Case(
      schema:
        ##"{"$schema":"http://json-schema.org/draft-07/schema##","items":[{"type":"integer"}],"additionalItems":{"type":"string"}}"##,
      valid: ["[1,\"a\"]"], invalid: ["[1,1]", "[\"a\"]"]),
    Case(
      schema:
        ##"{"$schema":"http://json-schema.org/draft-07/schema##","allOf":[{"$ref":"#x"}],"definitions":{"a":{"$id":"#x","type":"integer"}}}"##,
      valid: ["1"], invalid: ["\"a\""]),
  ]

  @Test("what is valid passes, what is not fails", arguments: cases)
  func keyword(_ test: Case) throws {
    let run = try SchemaRun(["schema.json": test.schema])
    for body in test.valid { #expect(run.failure(of: body) == nil, "\(body)") }
    for body in test.invalid { #expect(run.failure(of: body)?.kind == .invalid, "\(body)") }
  }

  static let formats: [(format: String, valid: [String], invalid: [String])] = [
    ("date", ["2024-02-29"], ["2023-02-29", "2024-2-9", "2024-02-29x"]),
    (
      "date-time", ["1998-12-31T23:59:60Z", "2024-01-01t00:00:00.5+01:00"],
      ["1998-12-31T22:59:60Z", "2024-01-01 00:00:00Z"]
    ),
    ("time", ["08:30:06Z", "08:30:06.28+02:00"], ["24:00:00Z", "08:30:06"]),
    ("duration", ["P4DT12H30M5S", "P2W", "PT1M"], ["PT", "P", "P1D2H", "P2D1Y", "P1Y2W", "4DT12H"]),
    ("email", ["joe.bloggs@example.com", "\"joe b\"@example.com", "a@[127.0.0.1]"], ["2962", ".a@b.c", "a..b@c.d"]),
    ("hostname", ["www.example.com", "xn--4gbwdl.xn--wgbh1c"], ["-bad", "a_b", "", "a..b"]),
    ("ipv4", ["192.168.0.1"], ["256.1.1.1", "127.0.0", "01.2.3.4"]),
    (
      "ipv6", ["::1", "::", "1:2:3:4:5:6:7:8", "::ffff:192.168.0.1", "1::"], ["12345::", ":::", "1:2:3", "::1::", "1:"]
    ),
    (
      "uri", ["http://foo.bar/?baz=qux#quux", "urn:oasis:names"],
      ["//foo", "/abc", "http:// shouldfail.com", "bar,baz:x[y]"]
    ),
    ("uri-reference", ["/abc", "#frag", "a/b:c"], ["\\\\WINDOWS", "#a\\b"]),
    ("uri-template", ["http://e.com/{id}/{?q*}"], ["http://e.com/{id"]),
    ("uuid", ["2EB8AA08-AA98-11EA-B4AA-73B441D16380"], ["2eb8aa08-aa98-11ea-b4aa73b441d16380"]),
    ("json-pointer", ["", "/foo/~0~1", "/"], ["/foo~", "a"]),
    ("relative-json-pointer", ["1", "0/a", "2#"], ["/a", "01/a", "-1"]),
    ("regex", ["^a[b-c]$"], ["^(abc]", "\\a"]),
  ]

  @Test("formats are checked where that is asked for, and only there")
  func format() throws {
    for (format, valid, invalid) in Self.formats {
      let schema = ["schema.json": "{\"format\":\"\(format)\"}"]
      let (checked, free) = (try SchemaRun(schema, ["check_formats": true]), try SchemaRun(schema))
      for text in valid { #expect(checked.failure(of: Self.quoted(text)) == nil, "\(format): \(text)") }
      for text in invalid {
        #expect(checked.failure(of: Self.quoted(text)) != nil, "\(format): \(text)")
        #expect(free.failure(of: Self.quoted(text)) == nil)
      }
    }
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
