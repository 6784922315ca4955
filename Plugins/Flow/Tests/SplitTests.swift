import Omnibus
import OmnibusTesting
import Testing

@testable import FlowPlugin

struct SplitTests {
  let flow = FlowRun()

  @Test("the steps run on each element, and the message stays as it was")
  func each() async throws {
    let message = Message.json(#"{"items":[{"n":1},{"n":2}]}"#)
    let result = try await flow.run([["split": ["each": "body.items", "steps": [["note": [:]]]]]], message).message
    #expect(flow.noted.all.map(\.text) == [#"{"n":1}"#, #"{"n":2}"#])
    #expect(flow.noted.all.map(\.id.description) == ["\(message.id)/0", "\(message.id)/1"])
    #expect(flow.noted.all.map { $0.properties["part"]?.member("number")?.int } == [1, 2])
    #expect(result.text == #"{"items":[{"n":1},{"n":2}]}"#)
    #expect(result.id == message.id)
    #expect(result.properties["split"]?.member("parts")?.int == 2)
  }

  @Test("parts of parts have their own place, and a step may set another")
  func nested() async throws {
    let message = Message.json("[[1,2],[3]]")
    let inner: Configuration = [
      "split": ["each": "body", "steps": [["note": [:]], ["set": ["properties": ["part": "own"]]], ["note": [:]]]]
    ]
    let result = try await flow.run([["split": ["each": "body", "steps": [inner, ["note": [:]]]]]], message).message
    let notes = flow.noted.all
    #expect(
      notes.map { "\($0.id)".dropFirst("\(message.id)".count) } == [
        "/0/0", "/0/0", "/0/1", "/0/1", "/0", "/1/0", "/1/0", "/1",
      ])
    #expect(notes.map { $0.properties["part"]?.member("number")?.int } == [1, nil, 2, nil, 1, 1, nil, 2])
    #expect(notes[1].properties["part"]?.string == "own")
    #expect(notes.allSatisfy { $0.properties.entries.filter { $0.name == "part" }.count == 1 })
    #expect(result.properties["part"] == nil)
  }

  @Test("a part that stops ends itself, not the split")
  func stop() async throws {
    let steps: Configuration = [
      ["split": ["each": "[1, 2, 3]", "steps": [["filter": "body != 2"], ["note": [:]]]]], ["note": [:]],
    ]
    try await flow.run(steps)
    #expect(flow.noted.all.map(\.text) == ["1", "3", ""])
  }

  @Test("the first part that fails fails the message, and says which it was")
  func strict() async {
    let steps: Configuration = [
      ["split": ["lines": [:], "steps": [["filter": "body != 'b'"], ["note": [:]]]]]
    ]
    let bad = await flow.failure(steps, lines("a\n!x\nc"))
    #expect(bad?.reason == "part 2 (line 3): the line is bad")
    #expect(bad?.problems.first?.place == "column 1")
    #expect(flow.noted.all.map(\.text) == [#""a""#])
    let failing = await flow.failure([["split": ["each": "[1, 2]", "steps": [["fail": ["reason": "no"]]]]]])
    #expect(failing?.description == "rejected: part 1: no (fail, step fail-2)")
  }

  @Test("with on_failure the bad parts and the failed ones are handled, and the rest goes on", arguments: [1, 4])
  func lenient(parallel: Int) async throws {
    let handled = Recorder<String>()
    let loader = ComponentLoader(
      [.flow, FlowRun.lines], context: .testing(formats: FlowRun.json),
      steps: [
        "good": { [noted = flow.noted] message in
          noted.append(message)
          return .next
        },
        "handle": { message in
          let failure = message.properties["failure"]
          handled.append(
            "\(failure?.member("record")?.int ?? 0) \(failure?.member("line")?.int ?? 0) \(failure?.member("reason")?.string ?? "") "
              + "\(failure?.member("place")?.string ?? "") \(message.text)")
          return .next
        },
      ])
    let block = try loader.steps([
      [
        "split": [
          "lines": [:], "parallel": "\(parallel)",
          "steps": [
            ["choice": [["when": "body == 'no'", "steps": [["fail": ["reason": "refused"]]]]]], ["good": [:]],
          ],
          "on_failure": [["handle": [:]]],
        ]
      ]
    ])
    var message = lines("a\n!x\nno\nb\n!y")
    _ = try await block.run(&message)
    #expect(Set(flow.noted.all.map(\.text)) == [#""a""#, #""b""#])
    #expect(
      Set(handled.all) == [
        "2 3 the line is bad column 1 !x", #"3 4 refused  "no""#, "5 6 the line is bad column 1 !y",
      ])
    #expect(message.properties["split"]?.member("failed")?.int == 3)
    #expect(message.properties["split"]?.member("parts")?.int == 5)
  }

  @Test("what fails in on_failure fails the message")
  func failingHandler() async {
    let failure = await flow.failure(
      [["split": ["lines": [:], "steps": [], "on_failure": [["fail": [:]]]]]], lines("!x"))
    #expect(failure?.reason == "the line is bad")
    #expect(failure?.problems.count == 1)
  }

  @Test("several parts at once: a failure ends the others")
  func parallelFailure() async throws {
    let steps: Configuration = [
      [
        "split": [
          "each": "[1, 2, 3]", "parallel": "2",
          "steps": [
            ["choice": [["when": "body == 1", "steps": [["fail": ["reason": "no"]]]]]], ["delay": ["for": "1h"]],
          ],
        ]
      ]
    ]
    #expect(await flow.failure(steps)?.reason == "part 1: no")
  }

  @Test("bodies can be collected, in the order of the parts, without those that stopped or failed", arguments: [1, 3])
  func collect(parallel: Int) async throws {
    let result = try await flow.run(
      [
        [
          "split": [
            "each": "body", "collect": "list", "parallel": "\(parallel)",
            "steps": [
              ["filter": "body != 2"],
              ["choice": [["when": "body == 3", "steps": [["fail": [:]]]]]],
              ["map": ["n": "${ body }"]],
            ],
            "on_failure": [],
          ]
        ]
      ], .json("[1,2,3,4,5]"))
    #expect(result.message.text == #"[{"n":1},{"n":4},{"n":5}]"#)
  }

  @Test("what on_failure made of those that failed can be collected instead", arguments: [1, 3])
  func collectFailures(parallel: Int) async throws {
    let result = try await flow.run(
      [
        [
          "split": [
            "each": "body", "collect": "failures", "parallel": "\(parallel)",
            "steps": [["choice": [["when": "body > 2", "steps": [["fail": [:]]]]]]],
            "on_failure": [["filter": "body != 4"], ["map": ["record": "${ failure.record }"]]],
          ]
        ]
      ], .json("[1,2,3,4,5]"))
    #expect(result.message.text == #"[{"record":3},{"record":5}]"#)
    #expect(
      flow.problems([["split": ["each": "body", "steps": [], "collect": "failures"]]]).first
        == "conflicting-options: split: collect: failures needs on_failure")
  }

  @Test("parts that end in a one-way destination are collected as they were, and the message goes on")
  func oneWayParts() async throws {
    let steps: Configuration = [
      ["split": ["each": "body", "collect": "list", "steps": [["to": ["sink": [:]]]]]], ["note": [:]],
    ]
    let result = try await flow.run(steps, .json("[1,2]"))
    #expect(result.message.text == "[1,2]")
    #expect(result.next == .next)
    #expect(flow.noted.all.count == 1)
  }

  @Test("a stream is read as the parts are worked on, and cannot be read again")
  func stream() async throws {
    let reads = Recorder<Int>()
    let stream = BodyStream { [noted = flow.noted] in
      reads.append(noted.all.count)
      return reads.all.count < 4 ? Array("a\nb\n".utf8) : nil
    }
    let result = try await flow.run(
      [["split": ["lines": [:], "steps": [["note": [:]]]]]], Message(body: .stream(stream)))
    #expect(reads.all == [0, 2, 4, 6])
    guard case .stream(let rest) = result.message.body else { Issue.record("there is no stream"); return }
    #expect(throws: Failure.self) { try rest.claim() }
  }

  @Test("many parts take the memory of a few")
  func many() async throws {
    let count = Recorder<Int>()
    let stream = BodyStream {
      count.append(1)
      return count.all.count <= 50 ? Array(String(repeating: "x\n", count: 1000).utf8) : nil
    }
    let result = try await flow.run(
      [["split": ["lines": [:], "parallel": "8", "steps": [["filter": "body == 'x'"]]]]], Message(body: .stream(stream))
    )
    #expect(result.message.properties["split"]?.member("parts")?.int == 50_000)
  }

  @Test("what is no list cannot be split")
  func noList() async {
    for text in ["{}", "1", "null", #""x""#] {
      let failure = await flow.failure([["split": ["each": "body", "steps": []]]], .json(text))
      #expect(failure?.kind == .invalid)
    }
  }

  @Test("wrong options are reported")
  func problems() {
    func codes(_ options: Configuration) -> [String] {
      flow.problems([["split": options]]).map { String($0.prefix { $0 != ":" }) }
    }
    #expect(codes(["steps": []]) == ["missing-option"])
    #expect(codes(["each": "body"]) == ["missing-option"])
    #expect(codes(["each": "body", "lines": [:], "steps": []]) == ["conflicting-options"])
    #expect(codes(["each": "body", "stepz": []]).contains("unknown-option"))
    #expect(codes(["nothing_of_that_name": [:], "steps": []]) == ["unknown-splitter"])
    #expect(codes(["each": "body", "steps": [], "parallel": 0]) == ["invalid-option"])
    #expect(codes([]) == ["mistyped-option"])
  }

  private func lines(_ text: String) -> Message { Message(body: .bytes(Array(text.utf8))) }
}
