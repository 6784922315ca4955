import JSONPlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("the json plugin")
struct JSONPluginTests {
  private let context = Context.testing(formats: Formats(Plugin.json.formats))

  private func run(_ step: String, _ body: Body, type: String?) throws -> Message {
    var message = Message(body: body)
    message.contentType = type
    guard case .transformer(let transformer) = try ComponentLoader([.json]).make(.step, step, [:]) else {
      return message
    }
    try transformer.transform(&message, context)
    return message
  }

  private func bytes(_ text: String) -> Body { .bytes(Array(text.utf8)) }

  @Test(
    "JSON's media types are decoded by the content type",
    arguments: ["application/json", "text/json", "application/fhir+json; charset=utf-8", "Application/JSON"])
  func mediaTypes(type: String) throws {
    var message = Message(body: bytes("{\"a\": 1}"))
    message.contentType = type
    try message.decodeBody(context.formats)
    guard case .document(let document) = message.body else {
      Issue.record("not decoded")
      return
    }
    #expect(document.root.member("a")?.int == 1)
  }

  @Test("parse_json decodes whatever the header says, and sets it")
  func parse() throws {
    let message = try run("parse_json", bytes("[1]"), type: "text/plain")
    #expect(message.contentType == "application/json")
    #expect(try message.bodyBytes() == Array("[1]".utf8))
    #expect(try run("parse_json", bytes("{}"), type: "application/fhir+json").contentType == "application/fhir+json")
  }

  @Test("parse_json refuses what is no JSON, and no body")
  func refuse() {
    #expect(throws: Failure.self) { try run("parse_json", bytes("{"), type: nil) }
    #expect(throws: Failure.self) { try run("parse_json", .empty, type: nil) }
    #expect(throws: Failure.self) { try run("parse_json", .stream(BodyStream { nil }), type: nil) }
  }

  @Test("write_json gives bytes, of JSON as they were and of other documents as their values")
  func write() throws {
    let same = try run("write_json", bytes("[ 1 ]"), type: "application/json")
    #expect(try same.bodyBytes() == Array("[ 1 ]".utf8))
    let made = try run("write_json", .document(JSONDocument(.list([.int(1)]))), type: "text/csv")
    guard case .bytes(let written) = made.body else {
      Issue.record("no bytes")
      return
    }
    #expect(written == Array("[1]".utf8))
    #expect(made.contentType == "application/json")
    #expect(throws: Failure.self) { try run("write_json", bytes("a,b"), type: "text/csv") }
  }
}
