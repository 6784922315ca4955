import Logging
import Omnibus
import OmnibusTesting
import Testing

@testable import FlowPlugin

struct FlowTests {
  let flow = FlowRun()

  @Test("a filter stops what its condition does not hold for, and fails where it cannot tell")
  func filter() async throws {
    let steps: Configuration = [["filter": "body.kind == 'a'"], ["note": [:]]]
    #expect(try await flow.run(steps, .json(#"{"kind":"a"}"#)).next == .next)
    #expect(try await flow.run(steps, .json(#"{"kind":"b"}"#)).next == .stop)
    #expect(await flow.failure(steps, .json("{}"))?.kind == .invalid)
    #expect(flow.noted.all.count == 1)
  }

  @Test("a choice runs the first branch that holds, else the last one")
  func choice() async throws {
    let steps: Configuration = [
      [
        "choice": [
          ["when": "body.n > 10", "steps": [["set": ["headers": ["x": "large"]]]]],
          ["when": "body.n > 5", "steps": [["set": ["headers": ["x": "middle"]]]]],
          ["otherwise": [["set": ["headers": ["x": "small"]]]]],
        ]
      ]
    ]
    for (number, size) in [(20, "large"), (7, "middle"), (1, "small")] {
      #expect(try await flow.run(steps, .json(#"{"n":\#(number)}"#)).message.headers["x"] == size)
    }
  }

  @Test("stopping within a choice or a do ends the run around them")
  func stopThrough() async throws {
    let steps: Configuration = [
      ["choice": [["when": "true", "steps": [["do": ["steps": [["stop": [:]]]]]]]]], ["note": [:]],
    ]
    #expect(try await flow.run(steps).next == .stop)
    #expect(flow.noted.all.isEmpty)
  }

  @Test("a run that ends in a one-way destination within a choice or a do is done, whatever stands behind it runs")
  func oneWay() async throws {
    let sink: Configuration = ["to": ["sink": [:]]]
    let inner: Configuration = [
      "choice": [["when": "headers.x == '1'", "steps": [["do": ["steps": [sink]]]]], ["otherwise": [["note": [:]]]]]
    ]
    let (one, two) = (Message(headers: ["x": "1"]), Message(headers: ["x": "2"]))
    #expect(try await flow.run([inner], one).next == .done)
    #expect(try await flow.run([inner], two).next == .next)
    #expect(try await flow.run([inner, ["note": [:]]], one).next == .next)
    #expect(try await flow.run([["note": [:]], inner], one).next == .done)
    #expect(flow.noted.all.count == 3)
  }

  @Test("a dead letter is a one-way end")
  func deadLetter() async throws {
    let steps: Configuration = [["do": ["steps": [["fail": [:]]], "on_failure": [["to": ["sink": [:]]]]]]]
    #expect(try await flow.run(steps).next == .done)
  }

  @Test("a choice without a branch that holds goes on")
  func choiceWithoutMatch() async throws {
    #expect(try await flow.run([["choice": [["when": "false", "steps": [["stop": [:]]]]]]]).next == .next)
  }

  @Test("branches that make no sense are reported")
  func choiceProblems() {
    #expect(flow.problems([["choice": []]]).first?.hasPrefix("missing-option: ") == true)
    #expect(
      flow.problems([["choice": [["otherwise": []], ["when": "true", "steps": []]]]]).first?.hasPrefix(
        "misplaced-branch") == true)
    #expect(flow.problems([["choice": [["when": "true"]]]]).first?.hasPrefix("missing-option") == true)
    #expect(
      flow.problems([["choice": [["when": "true", "otherwise": []]]]]).first?.hasPrefix("conflicting-options") == true)
  }

  @Test("validate gathers every rule that is broken, with places and without values")
  func validate() async {
    let steps: Configuration = [
      [
        "validate": [
          "rules": [
            ["that": "has(body.id)", "message": "id is missing", "field": "id"],
            ["that": "body.age > 17", "message": "must be grown up"],
            ["that": "body.name != ''", "message": "name is empty", "field": "name"],
            ["that": "body.ok", "message": "is fine"],
          ]
        ]
      ]
    ]
    let failure = await flow.failure(steps, .json(#"{"age":12,"ok":true}"#))
    #expect(failure?.kind == .invalid)
    #expect(failure?.reason == "3 of 4 rules are broken")
    #expect(failure?.problems.prefix(2) == [.init("id is missing", place: "id"), .init("must be grown up")])
    #expect(failure?.problems.last?.detail.hasPrefix("name is empty (could not be evaluated: ") == true)
    #expect(await flow.failure(steps, .json(#"{"id":1,"age":18,"name":"x","ok":true}"#)) == nil)
  }

  @Test("a body that cannot be read is one failure, not one for each rule")
  func validateUnreadable() async {
    let rule: Configuration = ["that": "has(body.id)", "message": "id is missing"]
    let failure = await flow.failure([["validate": ["rules": [rule, rule]]]], .json("{"))
    #expect(failure?.kind == .invalid)
    #expect(failure?.problems.contains { $0.detail.contains("id is missing") } == false)
  }

  @Test("log writes the text with the message's id, and only where the level is wanted")
  func log() async throws {
    let message = Message.json(#"{"n":3}"#)
    try await flow.run([["log": ["message": "got ${ body.n } things", "level": "warning"]]], message)
    let line = try #require(flow.log.lines.all.first)
    #expect(line.message == "got 3 things" && line.level == .warning)
    #expect(line.fields["message_id"] == message.id.description)
  }

  @Test("a long text is cut in the log")
  func longLog() async throws {
    try await flow.run(
      [["log": ["message": "${ body.text }"]]], .json(#"{"text":"\#(String(repeating: "x", count: 100_000))"}"#))
    #expect(flow.log.lines.all.first?.message.count == LogStep.limit + 1)
  }

  @Test("delay waits for its time")
  func delay() async throws {
    async let result = flow.run([["delay": ["for": "5s"]]])
    await flow.clock.waitForTimers()
    #expect(flow.clock.next == .seconds(5))
    await flow.clock.advanceToNext()
    #expect(try await result.next == .next)
  }
}
