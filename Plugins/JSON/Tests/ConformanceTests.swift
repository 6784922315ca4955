import JSONPlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("json, conformance")
struct ConformanceTests {
  @Test("parse_json") func parseJSON() async {
    await Conformance.transformer(
      "parse_json", of: .json, samples: [json(#"{"id":1,"name":"a"}"#), json("[1, 2.50, null]"), json("\"text\"")],
      produces: "application/json", growing: { json("[" + String(repeating: "1,", count: $0 / 2) + "1]") })
  }

  @Test("write_json") func writeJSON() async throws {
    await Conformance.transformer(
      "write_json", of: .json,
      samples: [
        json(#"{"id":1}"#),
        Message(body: .document(try JSONDocument(parsing: Array(#"{ "n": 1.50 }"#.utf8)))),
      ], produces: "application/json")
  }
}

private func json(_ text: String) -> Message {
  Message(headers: ["content-type": "application/json"], body: .bytes(Array(text.utf8)))
}
