import JSONSchemaPlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("validate_json, files of schemas")
struct SchemaFileTests {
  @Test("references go from file to file, relative to the one they stand in, and round in circles")
  func files() throws {
    let run = try SchemaRun([
      "schema.json": ##"{"properties":{"client":{"$ref":"parts/client.json"}}}"##,
      "parts/client.json":
        ##"{"properties":{"name":{"$ref":"../common.json#/$defs/name"},"contacts":{"items":{"$ref":"client.json"}}}}"##,
      "common.json": ##"{"$defs":{"name":{"type":"string"}}}"##,
    ])
    #expect(run.failure(of: ##"{"client":{"name":"a","contacts":[{"name":"b"}]}}"##) == nil)
    #expect(run.places(of: ##"{"client":{"contacts":[{"name":1}]}}"##) == ["/client/contacts/0/name"])
  }

  @Test("schemas with identifiers on the web are found beside each other, and where the route says they are")
  func identifiers() throws {
    let run = try SchemaRun(
      [
        "schema.json":
          ##"{"$id":"https://x.example/a/schema.json","allOf":[{"$ref":"b.json"},{"$ref":"https://y.example/c"},{"$ref":"https://z.example/d/e.json"}]}"##,
        "b.json": ##"{"minimum":1}"##, "c.json": ##"{"maximum":9}"##, "other/e.json": ##"{"multipleOf":2}"##,
      ], ["documents": ["https://y.example/c": "c.json", "https://z.example/d/": "other"]])
    #expect(run.failure(of: "4") == nil)
    for body in ["0", "10", "5"] { #expect(run.failure(of: body) != nil) }
  }

  static let refused: [(files: [String: String], code: String, place: String, message: String)] = [
    (
      ["schema.json": "{\n \"type\": \"strin\",\n \"minLength\": -1}"], "invalid-schema", "schema.json:2:10", "expected"
    ),
    (["schema.json": "{\n \"type\": }"], "invalid-schema", "schema.json:2:10", "not JSON: expected a value"),
    (["schema.json": ##"{"$ref":"#/$defs/x"}"##], "unknown-schema", "schema.json:1:9", "has nothing at"),
    (["schema.json": ##"{"$ref":"#x"}"##], "unknown-schema", "schema.json:1:9", "has no anchor"),
    (["schema.json": ##"{"$ref":"x.json"}"##], "unknown-schema", "schema.json:1:9", "no such file"),
    (["schema.json": ##"{"$ref":"http://127.0.0.1:1/x"}"##], "unknown-schema", "schema.json:1:9", "none is fetched"),
    (["schema.json": ##"{"$ref":"../../../etc/hostname"}"##], "unknown-schema", "schema.json:1:9", "outside"),
    (["schema.json": ##"{"$ref":"file:///etc/hostname"}"##], "unknown-schema", "schema.json:1:9", "outside"),
    (["schema.json": ##"{"pattern":"(?!a)"}"##], "invalid-schema", "schema.json:1:12", "bounded"),
    (
      ["schema.json": ##"{"$schema":"http://json-schema.org/draft-04/schema##"}"##], "unknown-schema-version",
      "schema.json:1:12", "no version"
    ),
    ([:], "unusable-file", "test.yaml:1:1", "no such file"),
    (
      ["schema.json": ##"{"$ref":"b.json"}"##, "b.json": ##"{"properties":[]}"##], "invalid-schema", "b.json:1:15",
      "expected an object"
    ),
  ]

  @Test("what is wrong with a schema is told with its file, line and column")
  func diagnostics() {
    for (files, code, place, message) in Self.refused {
      let problems = #expect(throws: Diagnostics.self) { try SchemaRun(files) }
      let found = problems?.all.first
      #expect(found?.code == code, "\(files)")
      #expect(found.map { "\($0.location)".hasSuffix(place) } == true, "\(files): \(found?.location.description ?? "")")
      #expect(found?.message.contains(message) == true, "\(files): \(found?.message ?? "")")
    }
  }

  @Test("all that is wrong is told at once")
  func several() {
    let problems = #expect(throws: Diagnostics.self) {
      try SchemaRun(["schema.json": ##"{"minLength":-1,"maxLength":"a","pattern":"(","$ref":"x.json"}"##])
    }
    #expect(problems?.all.count == 4)
  }
}
