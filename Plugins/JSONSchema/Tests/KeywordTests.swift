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
    // Numbers beyond 64 bits and beyond what a double holds.
    Case(
      schema: ##"{"type":"integer","exclusiveMaximum":972783798187987123879878123.18878137,"minimum":-1e400}"##,
      valid: ["972783798187987123879878123", "-98249283749234923498293171823948729348710298301928331", "1.0"],
      invalid: ["972783798187987123879878124", "1.5", "-2e400", "\"1\""]),
    Case(schema: ##"{"type":"integer","multipleOf":0.5}"##, valid: ["1e308", "1e400"], invalid: ["0.5", "1e-1"]),
    Case(
      schema: ##"{"multipleOf":1e-308}"##, valid: ["1e-308", "1", "3e-307", "1e308"], invalid: ["1e-309", "1.5e-308"]),
    Case(schema: ##"{"multipleOf":1e308}"##, valid: ["0", "2e308", "1e309"], invalid: ["1", "1e307", "12e307"]),
    Case(
      schema: ##"{"enum":[1,2.0,[1],{"a":1},null,true,3,4,5,6,7,"x"]}"##,
      valid: ["1.0", "2", "[1.0]", ##"{"a":1e0}"##, "null", "true", "\"x\"", "7"],
      invalid: ["8", "false", "[true]", "[]", "{}", "\"y\"", "\"1\"", "0"]),
    Case(schema: ##"{"propertyNames":{"enum":["a","b"]}}"##, valid: [##"{"a":1}"##, "{}"], invalid: [##"{"c":1}"##]),
    Case(schema: ##"{"propertyNames":{"const":"a"}}"##, valid: [##"{"\u0061":1}"##], invalid: [##"{"b":1}"##]),
    Case(
      schema: ##"{"required":["__proto__","toString","constructor"]}"##,
      valid: [##"{"__proto__":1,"toString":1,"constructor":1}"##], invalid: [##"{"__proto__":1}"##, "{}"]),
    Case(
      schema: ##"{"minLength":2,"maxLength":2}"##, valid: ["\"💩💩\"", "\"\\ud83d\\udca9x\""],
      invalid: ["\"💩\"", "\"abc\""]),
    Case(
      schema: ##"{"type":["integer","string"],"minLength":2}"##, valid: ["1.0", "\"ab\""],
      invalid: ["1.5", "null", "\"a\""]),
    Case(
      schema: ##"{"minItems":1.0,"maxLength":2.0,"minProperties":1e0}"##, valid: ["[1]"],
      invalid: ["[]", "\"abc\"", "{}"]),
    // Elements and members that nothing else has looked at.
    Case(
      schema: ##"{"contains":{"type":"string"},"minContains":0,"unevaluatedItems":false}"##, valid: ["[]", "[\"a\"]"],
      invalid: ["[1]", "[\"a\",1]"]),
    Case(
      schema:
        ##"{"allOf":[{"contains":{"multipleOf":2}},{"contains":{"multipleOf":3}}],"unevaluatedItems":{"multipleOf":5}}"##,
      valid: ["[2,3,4,5,6]"], invalid: ["[2,3,4,7,8]"]),
    Case(
      schema:
        ##"{"prefixItems":[{"prefixItems":[true]}],"unevaluatedItems":false,"items":{"unevaluatedItems":false}}"##,
      valid: ["[[1],[]]"], invalid: ["[[1],[2]]"]),
    Case(
      schema:
        ##"{"anyOf":[{"prefixItems":[true,{"const":1}]},{"prefixItems":[true,true,{"const":2}]}],"unevaluatedItems":false}"##,
      valid: ["[0,1]", "[0,1,2]", "[0,9,2]"], invalid: ["[0,1,2,3]", "[0,1,9]"]),
    Case(
      schema: ##"{"allOf":[{"prefixItems":[true]},{"unevaluatedItems":false}]}"##, valid: ["[]"], invalid: ["[1]"]),
    Case(
      schema: ##"{"if":{"prefixItems":[{"const":1}]},"unevaluatedItems":false}"##, valid: ["[1]", "[]"],
      invalid: ["[2]"]),
    Case(schema: ##"{"unevaluatedItems":{"type":"null"}}"##, valid: ["[null]", "{}", "1"], invalid: ["[1]"]),
    Case(
      schema:
        ##"{"properties":{"a":true},"patternProperties":{"^x":true},"additionalProperties":{"type":"string"},"unevaluatedProperties":false}"##,
      valid: [##"{"a":1,"x":1,"b":"s"}"##], invalid: [##"{"b":1}"##]),
    Case(
      schema: ##"{"unevaluatedProperties":{"minLength":3}}"##, valid: [##"{"a":"abc"}"##, "[]"],
      invalid: [##"{"a":"ab"}"##]),
    Case(
      schema: ##"{"propertyNames":{"maxLength":1},"unevaluatedProperties":{"type":"number"}}"##, valid: [##"{"a":1}"##],
      invalid: [##"{"a":"b"}"##]),
    Case(
      schema: ##"{"properties":{"a":{"properties":{"b":true}}},"unevaluatedProperties":false}"##,
      valid: [##"{"a":{"b":1}}"##], invalid: [##"{"a":{"b":1},"b":1}"##]),
    Case(
      schema: ##"{"$defs":{"A":{"unevaluatedProperties":false}},"properties":{"a":true},"$ref":"#/$defs/A"}"##,
      valid: ["{}"],
      invalid: [##"{"a":1}"##]),
    Case(
      schema: ##"{"properties":{"x":{"$ref":"#"}},"unevaluatedProperties":false}"##,
      valid: [##"{"x":{"x":{}}}"##], invalid: [##"{"x":{"y":{}}}"##, ##"{"x":{},"y":{}}"##]),
    Case(
      schema:
        ##"{"oneOf":[{"$ref":"#/$defs/one"},{"required":["y"],"properties":{"y":true}}],"$defs":{"one":{"oneOf":[{"required":["a"],"properties":{"a":true}},{"required":["b"],"properties":{"b":true}}],"patternProperties":{"^c":true}}},"unevaluatedProperties":false}"##,
      valid: [##"{"a":1,"c1":1}"##, ##"{"b":1}"##, ##"{"y":1}"##],
      invalid: [##"{"a":1,"b":1}"##, ##"{"a":1,"d":1}"##, ##"{"y":1,"c1":1}"##, ##"{"a":1,"y":1}"##]),
    Case(
      schema:
        ##"{"if":{"required":["a"],"properties":{"a":true}},"then":{"properties":{"b":true}},"unevaluatedProperties":false}"##,
      valid: [##"{"a":1,"b":1}"##, "{}"], invalid: [##"{"b":1}"##, ##"{"a":1,"c":1}"##]),
    Case(
      schema:
        ##"{"allOf":[{"unevaluatedProperties":true},{"unevaluatedProperties":{"const":1}}],"properties":{"a":true}}"##,
      valid: [##"{"a":1}"##], invalid: [##"{"a":2}"##]),
  ]

  @Test("what is valid passes, what is not fails", arguments: cases)
  func keyword(_ test: Case) throws {
    let run = try SchemaRun(["schema.json": test.schema])
    for body in test.valid { #expect(run.failure(of: body) == nil, "\(body)") }
    for body in test.invalid { #expect(run.failure(of: body)?.kind == .invalid, "\(body)") }
  }
}
