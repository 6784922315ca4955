import FlowPlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("flow, conformance")
struct ConformanceTests {
  private let order = message(#"{"id":7,"status":"new","lines":[{"n":1},{"n":2}]}"#)

  @Test("filter") func filter() async {
    await Conformance.step("filter", of: .flow, options: "body.id == 7", samples: [order, message(#"{"id":8}"#)])
  }

  @Test("choice") func choice() async {
    await Conformance.step(
      "choice", of: .flow,
      options: [["when": "body.id == 7", "steps": [["probe": [:]]]], ["otherwise": []]],
      samples: [order, message(#"{"id":8}"#)])
  }

  @Test("do") func doBlock() async {
    await Conformance.step("do", of: .flow, options: ["steps": [["probe": [:]]]], samples: [order])
  }

  @Test("do with on_failure") func onFailure() async {
    await Conformance.step(
      "do", of: .flow, options: ["steps": [["probe": [:]]], "on_failure": [["set": ["headers": ["x-failed": "1"]]]]],
      samples: [order], handlesFailures: true)
  }

  @Test("split") func split() async {
    await Conformance.step(
      "split", of: .flow, options: ["each": "body.lines", "steps": [["probe": [:]]]], samples: [order], isRun: true)
  }

  @Test("split in parallel, with a list of what came out") func parallelSplit() async {
    await Conformance.step(
      "split", of: .flow,
      options: ["each": "body.lines", "parallel": 4, "collect": "list", "steps": [["probe": [:]]]], samples: [order],
      isRun: true)
  }

  @Test("split with on_failure") func splitOnFailure() async {
    await Conformance.step(
      "split", of: .flow,
      options: ["each": "body.lines", "steps": [["probe": [:]]], "on_failure": [["set": ["headers": ["x": "1"]]]]],
      samples: [order], handlesFailures: true, isRun: true)
  }

  @Test("stop") func stop() async {
    await Conformance.step("stop", of: .flow, samples: [order])
  }

  @Test("delay") func delay() async {
    await Conformance.step("delay", of: .flow, options: ["for": "5m"], samples: [order])
  }

  @Test("set") func set() async {
    await Conformance.transformer(
      "set", of: .flow,
      options: [
        "status": "${ body.id + 200 }", "headers": ["x-id": "${ body.id }", "x-name": "${ headers['x-patient'] }"],
        "properties": ["seen": "${ body.status }"], "fields": ["status": "done", "lines[0].n": "${ body.id }"],
      ],
      samples: [with(order, "x-patient", "p")])
  }

  @Test("set with a new body") func setBody() async {
    await Conformance.transformer(
      "set", of: .flow, options: ["body": ["id": "${ body.id }"]], samples: [order], produces: "application/json")
  }

  @Test("remove") func remove() async {
    await Conformance.transformer(
      "remove", of: .flow,
      options: ["headers": ["x-patient"], "properties": ["patient"], "fields": ["lines[1]", "status"]],
      samples: [order])
  }

  @Test("map") func map() async {
    await Conformance.transformer(
      "map", of: .flow, options: ["order": "${ body.id }", "lines": "${ body.lines.map(l, l.n) }"], samples: [order],
      produces: "application/json")
  }

  @Test("validate") func validate() async {
    await Conformance.transformer(
      "validate", of: .flow,
      options: ["rules": [["that": "body.id > 0", "message": "id must be positive", "field": "/id"]]], samples: [order])
  }

  @Test("log") func log() async {
    await Conformance.transformer(
      "log", of: .flow, options: ["message": "order of ${ size(body.lines) } lines"], samples: [order])
  }

  @Test("fail") func fail() async {
    await Conformance.transformer("fail", of: .flow, options: ["kind": "rejected"], samples: [], failing: [.rejected])
  }
}

private func message(_ json: String) -> Message {
  Message(headers: ["content-type": "application/json"], body: .bytes(Array(json.utf8)))
}

private func with(_ message: Message, _ name: String, _ value: String) -> Message {
  var message = message
  message.headers[name] = value
  return message
}
