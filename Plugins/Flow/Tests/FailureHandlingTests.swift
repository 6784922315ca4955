import Omnibus
import OmnibusTesting
import Testing

@testable import FlowPlugin

struct FailureHandlingTests {
  let flow = FlowRun()

  @Test("fail says kind and reason, and stops the message")
  func fail() async {
    let failure = await flow.failure([["fail": ["kind": "overloaded", "reason": "too many"]], ["note": [:]]])
    #expect(failure?.kind == .overloaded)
    #expect(failure?.reason == "too many")
    #expect(failure?.step == "fail-1")
    #expect(
      await flow.failure([["fail": [:]]])?.description
        == "rejected: the route refused the message (fail, step fail-1)")
    #expect(flow.noted.all.isEmpty)
    #expect(!flow.problems([["fail": ["kind": "cancelled"]]]).isEmpty)
  }

  @Test("on_failure handles a failure, sees what it was, and leaves nothing of it behind")
  func handled() async throws {
    let result = try await flow.run([
      [
        "do": [
          "steps": [["set": ["headers": ["x": "1"]]], ["fail": ["reason": "no"]]],
          "on_failure": [["set": ["headers": ["seen": "${ failure.kind } ${ failure.reason } ${ failure.step }"]]]],
        ]
      ], ["note": [:]],
    ])
    #expect(result.next == .next)
    #expect(result.message.headers["seen"] == "rejected no fail-3")
    #expect(result.message.headers["x"] == "1")
    #expect(result.message.properties["failure"] == nil)
    #expect(flow.noted.all.count == 1)
  }

  @Test("fail within on_failure hands on the failure at hand, with all that it said")
  func rethrown() async {
    let rules: Configuration = [["that": "false", "message": "never", "field": "x"]]
    let failure = await flow.failure([
      ["do": ["steps": [["validate": ["rules": rules]]], "on_failure": [["fail": [:]]]]]
    ])
    #expect(failure?.kind == .invalid)
    #expect(failure?.reason == "1 of 1 rules are broken")
    #expect(failure?.problems == [.init("never", place: "x")])
    #expect(failure?.component == "validate")
    let changed = await flow.failure([
      ["do": ["steps": [["fail": ["reason": "no"]]], "on_failure": [["fail": ["kind": "unavailable"]]]]]
    ])
    #expect(changed?.kind == .unavailable && changed?.reason == "no")
  }

  @Test("a reason that was made out of the message is for the sender, and for no log, also when it is handed on")
  func reasonOfMessage() async {
    let fail: Configuration = ["fail": ["reason": "no ${ headers.mrn }"]]
    let steps: [Configuration] = [[fail], [["do": ["steps": [fail], "on_failure": [["fail": [:]]]]]]]
    for steps in steps {
      let failure = await flow.failure(steps, Message(headers: ["mrn": "4711"]))
      #expect(failure?.reason == "no 4711")
      #expect(failure?.loggedReason == "as the route says")
      #expect(failure?.description.contains("4711") == false)
    }
    let constant = await flow.failure([["fail": ["reason": "no"]]])
    #expect(constant?.loggedReason == "no")
  }

  @Test("an inner failure that was handled gives the outer one back")
  func nested() async throws {
    let inner: Configuration = ["do": ["steps": [["fail": ["reason": "inner"]]], "on_failure": [["note": [:]]]]]
    let failure = await flow.failure([
      ["do": ["steps": [["fail": ["reason": "outer"]]], "on_failure": [inner, ["fail": [:]]]]]
    ])
    #expect(flow.noted.all.first?.properties["failure"]?.member("reason")?.string == "inner")
    #expect(failure?.reason == "outer")
  }

  @Test("a message that was given up is not handled")
  func cancelled() async throws {
    let steps: Configuration = [
      ["do": ["steps": [["delay": ["for": "1h"]]], "on_failure": [["note": [:]]]]]
    ]
    let task = Task { [flow] in await flow.failure(steps) }
    await flow.clock.waitForTimers()
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    #expect(flow.noted.all.isEmpty)
  }

  @Test("do without on_failure runs its steps")
  func plain() async throws {
    #expect(try await flow.run([["do": ["steps": [["note": [:]]]]]]).next == .next)
    #expect(await flow.failure([["do": ["steps": [["fail": ["reason": "no"]]]]]])?.reason == "no")
  }
}
