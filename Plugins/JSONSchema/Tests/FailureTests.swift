import JSONSchemaPlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("validate_json, failures")
struct FailureTests {
  private let schema = ##"""
    {"type":"object","required":["client"],"properties":{
      "client":{"type":"object","required":["name","born"],
        "properties":{"name":{"type":"string","maxLength":5},"born":{"pattern":"^[0-9]{4}$"}},
        "additionalProperties":false},
      "tags":{"additionalProperties":{"type":"integer"}},
      "visits":{"items":{"enum":["home","clinic"]}}}}
    """##

  @Test("all problems are told, each with its pointer, rule, and line and column, and no value")
  func all() throws {
    let run = try SchemaRun(["schema.json": schema])
    let body = """
      {"client": {"name": "SECRETNAME", "SECRETKEY": 1},
       "tags": {"SECRETTAG": "SECRET"},
       "visits": ["home", "SECRET"]}
      """
    let failure = try #require(run.failure(of: body))
    #expect(failure.kind == .invalid)
    #expect(
      failure.problems.map(\.place) == ["/client/name", "/client/*", "/client", "/tags/*", "/visits/1"])
    let details = failure.problems.map(\.detail)
    #expect(
      details[0]
        == "expected at most 5 characters (maxLength, schema.json#/properties/client/properties/name/maxLength), at line 1, column 21"
    )
    #expect(details[1].hasPrefix("expected nothing here (additionalProperties, "))
    #expect(details[2].hasPrefix("expected a member \"born\" (required, "))
    #expect(details[4].hasPrefix("expected one of [\"home\",\"clinic\"] (enum, "))
    #expect(details[4].hasSuffix("at line 3, column 21"))
    #expect(
      failure.loggedReason
        == "the body is not as the schema says: 5 problems, first maxLength at schema.json#/properties/client/properties/name/maxLength"
    )
    let all = "\(failure.reason) \(failure.problems)"
    #expect(!all.contains("SECRET"))
  }

  @Test("names that no schema has are shown where the route says so, short and escaped")
  func names() throws {
    let run = try SchemaRun(
      ["schema.json": ##"{"additionalProperties":{"type":"integer"}}"##], ["show_all_names": true])
    #expect(run.places(of: ##"{"a/b~c":"x"}"##) == ["/a~1b~0c"])
    #expect(run.places(of: ##"{"a\u0001b":"x"}"##) == ["/a\u{FFFD}b"])
    let long = String(repeating: "n", count: 500)
    #expect(run.places(of: "{\"\(long)\":\"x\"}") == ["/\(String(repeating: "n", count: 64))…"])
  }

  @Test("no more than so many problems are told")
  func bounded() throws {
    let run = try SchemaRun(["schema.json": ##"{"items":{"type":"integer"}}"##])
    let body = "[" + String(repeating: "\"a\",", count: 10_000) + "\"a\"]"
    let failure = try #require(run.failure(of: body))
    #expect(failure.problems.count == 50)
    #expect(failure.reason.contains("50 or more problems"))
  }

  @Test("the body stays the very bytes that came in")
  func bytes() throws {
    let run = try SchemaRun(["schema.json": schema])
    let text = "{ \"client\":\t{\"name\":\"a\", \"born\":\"1950\"} }"
    for type in ["application/json", "text/plain", nil] {
      var message = Message(body: .bytes(Array(text.utf8)))
      message.contentType = type
      let after = try run.run(message)
      #expect(try after.bodyBytes() == Array(text.utf8))
      #expect(after.contentType == type)
    }
  }

  @Test("a decoded body, an edited one and a part of one are checked as they are")
  func documents() throws {
    let run = try SchemaRun(["schema.json": ##"{"properties":{"a":{"type":"integer"}},"required":["a"]}"##])
    var document = try JSONDocument(parsing: Array(##"{"a":"x","b":{"a":1}}"##.utf8))
    #expect(run.failure(of: Message(body: .document(document)))?.problems.first?.place == "/a")
    let part = try #require(document.root.member("b"))
    #expect(run.failure(of: Message(body: .document(JSONDocument(part)))) == nil)
    try document.set(JSONPath(parsing: "a"), to: .int(3))
    #expect(run.failure(of: Message(body: .document(document))) == nil)
  }

  @Test("a body that is missing, a stream or no JSON is invalid, and a stream stays unread")
  func noJSON() throws {
    let run = try SchemaRun(["schema.json": "true"])
    let stream = BodyStream { nil }
    for body in [Body.empty, .stream(stream), .bytes(Array("{".utf8)), .bytes([])] {
      #expect(run.failure(of: Message(body: body))?.kind == .invalid)
    }
    try stream.claim()
  }
}
