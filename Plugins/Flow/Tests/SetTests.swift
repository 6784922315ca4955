import Omnibus
import OmnibusTesting
import Testing

@testable import FlowPlugin

struct SetTests {
  let flow = FlowRun()

  @Test("status, headers, properties and body are set from the message as it came")
  func all() async throws {
    let message = try await flow.run(
      [
        [
          "set": [
            "status": "201", "headers": ["x": "${ body.a }", "content-type": "text/plain"],
            "properties": ["y": "${ body.a }"], "body": ["b": "${ body.a }", "old": "${ headers['x'] }"],
          ]
        ]
      ], Message(headers: ["content-type": "application/json", "X": "0"], body: .bytes(Array(#"{"a":1.50}"#.utf8)))
    ).message
    #expect(message.properties["status"]?.int == 201)
    #expect(message.headers.values("x") == ["1.50"])
    #expect(message.contentType == "application/json")
    #expect(message.text == #"{"b":1.50,"old":"0"}"#)
    #expect(message.properties["y"] != nil)
  }

  @Test("fields of a JSON body are set and removed by their paths, and what is not touched keeps its text")
  func fields() async throws {
    let message = try await flow.run(
      [
        ["set": ["fields": ["name.given[0]": "${ body.n }", "new.deep": "x", "n": "2"]]],
        ["remove": ["fields": ["gone", "list[0]"]]],
      ], .json(#"{"name": {"given": ["a", "b"]}, "n": 1.0, "gone": 1, "list": [1, 2.00]}"#)
    ).message
    #expect(message.text == #"{"name":{"given":[1.0,"b"]},"n":2,"list":[2.00],"new":{"deep":"x"}}"#)
  }

  @Test("a field of an empty body makes an object, one of another body fails")
  func fieldsOfOthers() async throws {
    let steps: Configuration = [["set": ["fields": ["a.b": "1"]]]]
    let made = try await flow.run(steps).message
    #expect(made.text == #"{"a":{"b":1}}"#)
    #expect(made.contentType == "application/json")
    let text = Message(headers: ["content-type": "text/plain"], body: .bytes([65]))
    #expect(await flow.failure(steps, text)?.kind == .invalid)
    #expect(await flow.failure(steps, .json(#"{"a": 1}"#))?.kind == .invalid)
  }

  @Test("map makes a new body of the old one")
  func map() async throws {
    let message = try await flow.run(
      [["map": ["id": "${ body.n }", "list": ["${ body.n }", "n=${ body.n }"]]]], .json(#"{"n": 7}"#)
    ).message
    #expect(message.text == #"{"id":7,"list":[7,"n=7"]}"#)
    #expect(message.contentType == "application/json")
  }

  @Test("headers and properties can be removed")
  func remove() async throws {
    var message = Message(headers: ["A": "1", "b": "2", "a": "3"])
    message.properties["p"] = .bool(true)
    let result = try await flow.run([["remove": ["headers": ["a"], "properties": ["p"]]]], message).message
    #expect(result.headers.count == 1)
    #expect(result.properties["p"] == nil)
  }

  @Test("no value ends a header and begins another")
  func headerInjection() async {
    let steps: Configuration = [["set": ["headers": ["x": "${ body.v }"]]]]
    for value in [#"a\r\nb: c"#, #"a\nb"#, #"a\u0000"#] {
      let failure = await flow.failure(steps, .json(#"{"v":"\#(value)"}"#))
      #expect(failure?.reason == "the value for the header x holds a control character")
    }
  }

  @Test("a status that is none fails", arguments: ["99", "600", "\"x\"", "2.5"])
  func status(value: String) async {
    #expect(await flow.failure([["set": ["status": "${ body.s }"]]], .json(#"{"s":\#(value)}"#))?.kind == .invalid)
  }

  @Test("wrong options are reported")
  func problems() {
    #expect(flow.problems([["set": [:]]]).first == "missing-option: set has nothing to set")
    #expect(flow.problems([["remove": [:]]]).first == "missing-option: remove has nothing to remove")
    #expect(flow.problems([["set": ["headers": ["a b": "x"]]]]).count == 1)
    #expect(flow.problems([["set": ["fields": ["a[": "x"]]]]).first?.hasPrefix("bad-path: ") == true)
    #expect(
      flow.problems([["set": ["fields": ["a": "x"], "body": "y"]]]).first?.hasPrefix("conflicting-options") == true)
  }
}
