import Omnibus
import OmnibusTesting
import Testing

/// Identifiers, anchors, references that are found while a body is checked, and schemas of one draft in those of another.
@Suite("validate_json, references and drafts")
struct ReferenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let schema: String
    var files: [String: String] = [:]
    var documents: Configuration = [:]
    let valid: [String]
    let invalid: [String]
    var testDescription: String { name }
  }

  static let identifiers = [
    Case(
      name: "names of parts of a URN",
      schema:
        ##"{"$id":"urn:uuid:deadbeef-1234-00ff-ff00-4321feebdaed","properties":{"a":{"$ref":"#/$defs/s"},"b":{"$ref":"urn:uuid:deadbeef-1234-00ff-ff00-4321feebdaed#t"}},"$defs":{"s":{"type":"string"},"n":{"$anchor":"t","type":"null"}}}"##,
      valid: [##"{"a":"x","b":null}"##], invalid: [##"{"a":1}"##, ##"{"b":1}"##]),
    Case(
      name: "a URN with components",
      schema:
        ##"{"$id":"urn:example:weather?=op=map&lat=39.56","properties":{"a":{"$ref":"#/$defs/s"}},"$defs":{"s":{"type":"string"}}}"##,
      valid: [##"{"a":"x"}"##], invalid: [##"{"a":1}"##]),
    Case(
      name: "the identifier of a file elsewhere",
      schema: ##"{"$id":"file:///somewhere/else.json","$ref":"#/$defs/a","$defs":{"a":{"type":"number"}}}"##,
      valid: ["1"], invalid: ["\"a\""]),
    Case(
      name: "a path from the root",
      schema:
        ##"{"$id":"http://x.example/ref/base.json","$ref":"/other/foo.json","$defs":{"a":{"$id":"http://x.example/ref/other/foo.json","type":"number"},"b":{"$id":"http://x.example/other/foo.json","type":"string"}}}"##,
      valid: ["\"a\""], invalid: ["1"]),
    Case(
      name: "pointers with empty names, escapes and quotes",
      schema:
        ##"{"$defs":{"":{"$defs":{"":{"type":"number"}}},"a\"b/c~d":{"minimum":2}},"allOf":[{"$ref":"#/$defs//$defs/"},{"$ref":"#/$defs/a%22b~1c~0d"}]}"##,
      valid: ["2"], invalid: ["1", "\"a\""]),
    Case(
      name: "a member that is called $ref",
      schema: ##"{"properties":{"$ref":{"$ref":"#/$defs/s"}},"$defs":{"s":{"type":"string"}}}"##,
      valid: [##"{"$ref":"a"}"##], invalid: [##"{"$ref":1}"##]),
    Case(
      name: "identifiers and anchors in values and unknown keywords are none",
      schema:
        ##"{"$id":"https://x.example/a","enum":[{"$id":"https://x.example/b","$anchor":"c","type":"null"},"s",1],"x":[{"$anchor":"c","type":"null"}],"const":"s","anyOf":[{"$ref":"#c"},{"$ref":"b"}],"$defs":{"n":{"not":{"array":[{"$id":"b","type":"null"}]}},"b":{"$id":"b","type":"string"},"c":{"$anchor":"c","type":"number"}}}"##,
      valid: ["\"s\""], invalid: ["1", "null"]),
    Case(
      name: "a reference into a keyword that nobody knows",
      schema:
        ##"{"unknown":{"a":[{"type":"integer"}]},"examples":[{"maximum":3}],"allOf":[{"$ref":"#/unknown/a/0"},{"$ref":"#/examples/0"}]}"##,
      valid: ["1"], invalid: ["\"a\"", "4"]),
    Case(
      name: "what stands in if, then and else is referred to, also where they say nothing",
      schema:
        ##"{"allOf":[{"$ref":"http://x.example/if"},{"$ref":"http://x.example/then"}],"if":{"$id":"http://x.example/if","type":"integer"},"not":{"then":{"$id":"http://x.example/then","const":7}}}"##,
      valid: [], invalid: ["1", "\"a\""]),
    Case(
      name: "in draft 7, what stands beside $ref is not there, its identifier neither",
      schema:
        ##"{"$schema":"http://json-schema.org/draft-07/schema#","$id":"http://x.example/base/","definitions":{"foo":{"$id":"http://x.example/foo.json","type":"string"},"base_foo":{"$id":"foo.json","type":"number"}},"allOf":[{"$id":"http://x.example/","$ref":"foo.json"}]}"##,
      valid: ["1"], invalid: ["\"a\""]),
  ]

  static let dynamic = [
    Case(
      name: "the outermost anchor counts",
      schema:
        ##"{"$id":"https://x.example/strict","$dynamicAnchor":"node","$ref":"tree","unevaluatedProperties":false,"$defs":{"t":{"$id":"tree","$dynamicAnchor":"node","type":"object","properties":{"data":true,"children":{"type":"array","items":{"$dynamicRef":"#node"}}}}}}"##,
      valid: [##"{"children":[{"data":1}]}"##], invalid: [##"{"children":[{"daat":1}]}"##]),
    Case(
      name: "without an anchor where it leads first, it is a reference",
      schema:
        ##"{"$id":"https://x.example/r","$ref":"list","$defs":{"foo":{"$dynamicAnchor":"items","type":"string"},"list":{"$id":"list","items":{"$dynamicRef":"#items"},"$defs":{"items":{"$anchor":"items","type":"integer"}}}}}"##,
      valid: ["[1]"], invalid: ["[\"a\"]"]),
    Case(
      name: "resources that a pointer skips are not on the way",
      schema:
        ##"{"$id":"https://x.example/main","properties":{"i":{"$ref":"bar#/$defs/item"}},"$defs":{"bar":{"$id":"bar","items":{"$ref":"item"},"$defs":{"item":{"$id":"item","properties":{"c":{"$dynamicRef":"#content"}},"$defs":{"d":{"$dynamicAnchor":"content","type":"integer"}}},"content":{"$dynamicAnchor":"content","type":"string"}}}}}"##,
      valid: [##"{"i":{"c":42}}"##], invalid: [##"{"i":{"c":"a"}}"##]),
    Case(
      name: "what a dynamic reference looked at is evaluated",
      schema:
        ##"{"$id":"https://x.example/derived","$ref":"./base","$defs":{"d":{"$dynamicAnchor":"more","prefixItems":[true,{"type":"string"}]},"base":{"$id":"./base","unevaluatedItems":false,"prefixItems":[{"type":"string"}],"$dynamicRef":"#more","$defs":{"n":{"$dynamicAnchor":"more"}}}}}"##,
      valid: [##"["a","b"]"##], invalid: [##"["a","b","c"]"##]),
  ]

  static let drafts = [
    Case(
      name: "2020-12 to 2019-09", schema: ##"{"type":"array","$ref":"old.json"}"##,
      files: [
        "old.json":
          ##"{"$schema":"https://json-schema.org/draft/2019-09/schema","prefixItems":[{"type":"string"}],"items":[{"type":"integer"}],"additionalItems":false}"##
      ],
      valid: ["[1]"], invalid: ["[\"a\"]", "[1,2]"]),
    Case(
      name: "draft 7 to 2019-09",
      schema:
        ##"{"$schema":"http://json-schema.org/draft-07/schema#","allOf":[{"properties":{"a":true}},{"$ref":"new.json"}]}"##,
      files: [
        "new.json": ##"{"$schema":"https://json-schema.org/draft/2019-09/schema","dependentRequired":{"a":["b"]}}"##
      ],
      valid: [##"{"a":1,"b":2}"##], invalid: [##"{"a":1}"##]),
    Case(
      name: "2020-12 to draft 7", schema: ##"{"$ref":"old.json"}"##,
      files: [
        "old.json":
          ##"{"$schema":"http://json-schema.org/draft-07/schema#","dependentRequired":{"a":["b"]},"definitions":{"t":{"type":"string"}},"additionalProperties":{"$ref":"#/definitions/t","maxLength":1}}"##
      ],
      valid: [##"{"a":"long"}"##], invalid: [##"{"a":1}"##]),
    Case(
      name: "2019-09: the outermost recursive anchor counts, elements that contains found do not",
      schema:
        ##"{"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://x.example/strict","$recursiveAnchor":true,"$ref":"tree","unevaluatedProperties":false,"$defs":{"t":{"$id":"tree","$recursiveAnchor":true,"properties":{"data":{"contains":{"const":1},"unevaluatedItems":false},"children":{"items":{"$recursiveRef":"#"}}}}}}"##,
      valid: [##"{"children":[{"children":[]}]}"##], invalid: [##"{"children":[{"daat":1}]}"##, ##"{"data":[1]}"##]),
    Case(
      name: "2019-09: without a recursive anchor, it is a reference",
      schema:
        ##"{"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://x.example/strict","$ref":"tree","unevaluatedProperties":false,"$defs":{"t":{"$id":"tree","properties":{"children":{"items":{"$recursiveRef":"#"}}}}}}"##,
      valid: [##"{"children":[{"daat":1}]}"##], invalid: [##"{"daat":[]}"##]),
    Case(
      name: "a meta-schema without validation",
      schema: ##"{"$schema":"https://m.example/meta","properties":{"a":{"minimum":10},"b":false}}"##,
      files: [
        "meta.json":
          ##"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://m.example/meta","$dynamicAnchor":"meta","$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/core":true,"https://json-schema.org/draft/2020-12/vocab/applicator":true,"https://x.example/unknown":false},"allOf":[{"$ref":"https://json-schema.org/draft/2020-12/meta/applicator"},{"$ref":"https://json-schema.org/draft/2020-12/meta/core"}]}"##
      ],
      documents: ["https://m.example/meta": "meta.json"], valid: [##"{"a":1}"##], invalid: [##"{"b":1}"##]),
    Case(
      name: "a meta-schema with formats, whether it needs them or not",
      schema: ##"{"$schema":"https://m.example/meta","format":"ipv4"}"##,
      files: [
        "meta.json":
          ##"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://m.example/meta","$dynamicAnchor":"meta","$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/core":true,"https://json-schema.org/draft/2020-12/vocab/format-assertion":false}}"##
      ],
      documents: ["https://m.example/meta": "meta.json"], valid: ["\"127.0.0.1\""], invalid: ["\"a\""]),
    Case(
      name: "a meta-schema in draft 7",
      schema: ##"{"$schema":"https://m.example/meta","items":[{"type":"integer"}],"dependentRequired":{"a":["b"]}}"##,
      files: [
        "meta.json":
          ##"{"$schema":"http://json-schema.org/draft-07/schema#","$id":"https://m.example/meta","allOf":[{"$ref":"http://json-schema.org/draft-07/schema#"}]}"##
      ],
      documents: ["https://m.example/meta": "meta.json"], valid: ["[1]", ##"{"a":1}"##], invalid: ["[\"a\"]"]),
    Case(
      name: "the meta-schema of 2019-09", schema: ##"{"$ref":"https://json-schema.org/draft/2019-09/schema"}"##,
      valid: [##"{"items":[{"minLength":1}]}"##, "true"],
      invalid: [
        ##"{"items":[{"minLength":-1}]}"##, ##"{"properties":{"a":{"type":"x"}}}"##,
        ##"{"$defs":{"a":{"contentSchema":1}}}"##,
      ]),
    Case(
      name: "dependencies in 2020-12",
      schema: ##"{"dependencies":{"a":["b"],"c":{"minProperties":2},"d":[],"e":false}}"##,
      valid: [##"{"a":1,"b":1}"##, ##"{"c":1,"d":1}"##, "[\"a\"]"],
      invalid: [##"{"a":1}"##, ##"{"c":1}"##, ##"{"e":1}"##]),
  ]

  @Test("what is valid passes, what is not fails", arguments: identifiers + dynamic + drafts)
  func reference(_ test: Case) throws {
    var files = test.files
    files["schema.json"] = test.schema
    let run = try SchemaRun(files, ["documents": test.documents])
    for body in test.valid { #expect(run.failure(of: body) == nil, "\(body)") }
    for body in test.invalid { #expect(run.failure(of: body)?.kind == .invalid, "\(body)") }
  }

  @Test("2019-09 can be the version of files that do not say")
  func option() throws {
    let schema = ["schema.json": ##"{"items":[{"type":"integer"}],"additionalItems":false}"##]
    let run = try SchemaRun(schema, ["draft": "2019-09"])
    #expect(run.failure(of: "[1]") == nil)
    #expect(run.failure(of: "[1,2]") != nil)
    #expect(throws: Diagnostics.self, "an array of schemas under items is no 2020-12") { try SchemaRun(schema) }
  }

  @Test("a vocabulary that a meta-schema needs and nobody knows is refused")
  func unknownVocabulary() {
    let meta =
      ##"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://m.example/meta","$vocabulary":{"https://x.example/unknown":true}}"##
    let problems = #expect(throws: Diagnostics.self) {
      try SchemaRun(
        ["schema.json": ##"{"$schema":"https://m.example/meta"}"##, "meta.json": meta],
        ["documents": ["https://m.example/meta": "meta.json"]])
    }
    #expect(problems?.all.first?.message.contains("needs the vocabulary \"https://x.example/unknown\"") == true)
  }
}
