import JSONSchemaPlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("json_schema, conformance")
struct ConformanceTests {
  @Test("validate_json") func validateJSON() async {
    let folder = TemporaryDirectory()
    folder.write(
      "schema.json",
      ##"{"properties":{"id":{"type":"integer"},"n":{"maximum":5}},"required":["id"],"additionalProperties":{"maxLength":3}}"##
    )
    await Conformance.transformer(
      "validate_json", of: .jsonSchema, options: ["schema": "\(folder.path)/schema.json"],
      samples: [Self.message(##"{"id":1,"name":"a"}"##), Self.message(##"{ "id": 1.0 }"##)],
      growing: { Self.message("{\"id\":1,\"l\":[" + String(repeating: "1,", count: $0 / 2) + "1]}") })
  }

  private static func message(_ text: String) -> Message {
    Message(headers: ["content-type": "application/json"], body: .bytes(Array(text.utf8)))
  }
}
