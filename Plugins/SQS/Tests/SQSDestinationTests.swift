import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@testable import SQSPlugin

@Suite("sqs, destination")
struct SQSDestinationTests {
  private let clock = ManualClock()

  private func destination(
    _ server: TestSQS, _ queue: String = "orders", _ more: [(String, Configuration)] = []
  ) throws -> any Step {
    let context = Context.testing(step: "send", clock: clock)
    let made = try ComponentLoader([.sqs], context: context).make(.destination, "sqs", server.options(queue, more))
    guard case .step(let step) = made else { throw Failure(.internal, "expected a destination") }
    return step
  }

  /// Sends messages at once; how each fared, in their order.
  private func send(_ bodies: [String], _ step: any Step) async -> [Failure?] {
    await withTaskGroup(of: (Int, Failure?).self) { group in
      for (number, body) in bodies.enumerated() {
        group.addTask {
          var message = Message(body: .bytes(Array(body.utf8)))
          do {
            _ = try await step.process(&message, .testing(step: "send", clock: clock))
            return (number, nil)
          } catch {
            return (number, Failure(error))
          }
        }
      }
      var failures = [Failure?](repeating: nil, count: bodies.count)
      for await (number, failure) in group { failures[number] = failure }
      return failures
    }
  }

  private func sizes(_ server: TestSQS) -> [Int] {
    server.calls("SendMessageBatch").map { $0.parameters.member("Entries")?.count ?? 0 }
  }

  @Test("messages of the same time go together, ten at the most")
  func batches() async throws {
    let server = try TestSQS()
    let step = try destination(server)
    let failures = await send((0..<95).map { "\($0)" }, step)
    #expect(failures.allSatisfy { $0 == nil })
    #expect(Set(server.state.withLock { $0.sent.map(\.body) }).count == 95)
    #expect(sizes(server).max() ?? 0 <= 10 && sizes(server).count < 40)
  }

  @Test("with a time to linger a message waits for others, and goes when it has passed or the batch is full")
  func linger() async throws {
    let server = try TestSQS()
    let step = try destination(server, "orders", [("linger", "100ms"), ("batch", 4)])
    async let first = send(["a"], step)
    await clock.waitForTimers()
    async let second = send(["b", "c"], step)
    #expect(try await eventually { server.calls("SendMessageBatch").isEmpty })
    clock.advance(by: .milliseconds(100))
    #expect(try await eventually(clock) { server.state.withLock { $0.sent.count } == 3 })
    _ = await (first, second)
    async let full = send(["d", "e", "f", "g"], step)
    #expect(try await eventually { server.state.withLock { $0.sent.count } == 7 })
    #expect(await full.allSatisfy { $0 == nil })
  }

  @Test("a batch has as many bytes as it may, and a larger message is refused")
  func bytes() async throws {
    let server = try TestSQS()
    let step = try destination(server, "orders", [("batch_bytes", "1KiB")])
    let text = String(repeating: "x", count: 400)
    let failures = await send([text, text, text, text, text, String(repeating: "y", count: 1100)], step)
    #expect(failures.prefix(5).allSatisfy { $0 == nil } && failures[5]?.kind == .invalid)
    #expect(sizes(server).allSatisfy { $0 <= 2 })
  }

  @Test("each message of a batch is told its own outcome")
  func partial() async throws {
    let server = try TestSQS()
    server.answer("SendMessageBatch") { root in
      var (successful, failed): ([Value], [Value]) = ([], [])
      root.member("Entries")?.forEachElement { node in
        let id = Value.string(node.member("Id")?.string ?? "")
        switch node.member("MessageBody")?.string {
        case "bad":
          failed.append(
            .map(
              ValueMap([
                ("Id", id), ("Code", "InvalidMessageContents"), ("SenderFault", .bool(true)), ("Message", "TopSecret"),
              ])))
        case "later":
          failed.append(.map(ValueMap([("Id", id), ("Code", "InternalError"), ("SenderFault", .bool(false))])))
        case "odd": failed.append(.map(ValueMap([("Id", id), ("Code", "Odd Code\n"), ("SenderFault", .bool(false))])))
        case "lost": break
        default: successful.append(.map(ValueMap([("Id", id)])))
        }
      }
      successful += [.map(ValueMap([("Id", "99")])), .map(ValueMap([("Id", "-1")])), .int(7)]
      return .json([("Successful", .list(successful)), ("Failed", .list(failed))])
    }
    let step = try destination(server)
    let failures = await send(["good", "bad", "later", "lost", "odd"], step)
    #expect(failures.map { $0?.kind } == [nil, .rejected, .unavailable, .outcomeUnknown, .unavailable])
    #expect(failures[1]?.reason == "sqs answered 400 InvalidMessageContents")
  }

  @Test("a batch that the queue finds too long goes in parts")
  func tooLong() async throws {
    let server = try TestSQS()
    server.answer("SendMessageBatch") { root in
      (root.member("Entries")?.count ?? 0) > 2 ? .error(400, "com.amazonaws.sqs#BatchRequestTooLong") : nil
    }
    let step = try destination(server)
    let failures = await send((0..<30).map { "\($0)" }, step)
    #expect(failures.allSatisfy { $0 == nil })
    #expect(server.state.withLock { $0.sent.count } == 30)
  }

  @Test(
    "errors of the service are failures of their kind",
    arguments: [
      (400, #"{"__type":"com.amazonaws.sqs#RequestThrottled"}"#, Failure.Kind.overloaded),
      (503, "<Error><Code>SlowDown</Code></Error>", .overloaded), (503, "", .unavailable),
      (403, "<ErrorResponse><Errors><Error><Code>AccessDenied</Code></Error></Errors></ErrorResponse>", .unauthorized),
      (400, #"{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}"#, .unavailable), (200, "<html>", .outcomeUnknown),
      (200, "{}", .outcomeUnknown), (400, "", .rejected),
    ])
  func errors(status: Int, body: String, kind: Failure.Kind) async throws {
    let server = try TestSQS()
    server.answer("SendMessageBatch") { _ in .text(status, body) }
    let failures = await send(["a"], try destination(server))
    #expect(failures.map { $0?.kind } == [kind])
  }

  @Test("group, deduplication and attributes come from the message, and the type and the trace go along")
  func attributes() async throws {
    let server = try TestSQS()
    let step = try destination(
      server, "orders.fifo",
      [
        ("group", "${ headers.client }"), ("deduplication", "${ headers.client }-1"),
        ("attributes", ["client": "${ headers.client }", "none": "${ headers.?missing.orValue('') }"]),
      ])
    var message = Message(headers: ["client": "c7", "content-type": "text/plain"], body: .bytes(Array("Grüße".utf8)))
    message.trace = TraceContext(["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])
    _ = try await step.process(&message, .testing(step: "send", clock: clock))
    let sent = try #require(server.state.withLock { $0.sent.first })
    #expect(sent.group == "c7" && sent.deduplication == "c7-1" && sent.body == "Grüße")
    #expect(sent.attributes["client"] == "c7" && sent.attributes["content-type"] == "text/plain")
    #expect(sent.attributes["traceparent"]?.hasPrefix("00-0af7") == true && sent.attributes["none"] == nil)
    for client in ["", "a b", String(repeating: "x", count: 129)] {
      message.headers["client"] = client
      await #expect(throws: Failure.self) { try await step.process(&message, .testing(step: "send", clock: clock)) }
    }
  }

  @Test("the order of a queue that keeps it is that of the messages")
  func order() async throws {
    let server = try TestSQS()
    let step = try destination(server, "orders.fifo")
    for number in 0..<30 { #expect(await send(["\(number)"], step).allSatisfy { $0 == nil }) }
    #expect(server.state.withLock { $0.sent.map(\.body) } == (0..<30).map { "\($0)" })
  }

  @Test("a queue that is not there is made with its dead-letter queue, and not without being asked")
  func creation() async throws {
    let server = try TestSQS()
    server.state.withLock { $0.isThere = false }
    #expect(await send(["a"], try destination(server)).map { $0?.kind } == [.unavailable])
    let step = try destination(
      server, "orders.fifo", [("create", ["max_receives": 3, "dead_letter_queue": "orders-dead.fifo"])])
    // The stand-in has no queues of its own: once one was made all are there.
    server.answer("GetQueueUrl") { _ in .error(400, "QueueDoesNotExist") }
    #expect(await send(["a", "b"], step).allSatisfy { $0 == nil })
    let calls = server.calls("CreateQueue").map(\.parameters)
    #expect(calls.map { $0.member("QueueName")?.string } == ["orders-dead.fifo", "orders.fifo"])
    #expect(calls[0].member("Attributes")?.member("MessageRetentionPeriod")?.string == "259200")
    #expect(calls.allSatisfy { $0.member("Attributes")?.member("FifoQueue")?.string == "true" })
    let policy = calls[1].member("Attributes")?.member("RedrivePolicy")?.string
    #expect(policy == #"{"deadLetterTargetArn":"arn:aws:sqs:x:1:q","maxReceiveCount":"3"}"#)
  }

  @Test(
    "a queue that is made to send to has no dead-letter queue unless that is named",
    arguments: [[:], ["dead_letter_queue": "none"]])
  func plainCreation(create: [String: Configuration]) async throws {
    let server = try TestSQS()
    server.answer("GetQueueUrl") { _ in .error(400, "QueueDoesNotExist") }
    let step = try destination(server, "orders", [("create", Configuration(entries: create.map { ($0, $1) }))])
    #expect(await send(["a"], step).allSatisfy { $0 == nil })
    let calls = server.calls("CreateQueue").map(\.parameters)
    #expect(calls.map { $0.member("QueueName")?.string } == ["orders"])
    #expect(calls[0].member("Attributes")?.member("RedrivePolicy") == nil)
    #expect(calls[0].member("Attributes")?.member("VisibilityTimeout")?.string == "30")
  }

  @Test("a queue that is deleted beneath fails its messages as unavailable until it is there again, or is made again")
  func deletedQueue() async throws {
    for (isMade, more) in [(false, []), (true, [("create", [:])])] as [(Bool, [(String, Configuration)])] {
      let server = try TestSQS()
      let step = try destination(server, "orders", more)
      #expect(await send(["a"], step).map { $0?.kind } == [nil])
      server.state.withLock { $0.isThere = false }
      #expect(await send(["b"], step).map { $0?.kind } == [.unavailable])
      if !isMade {
        #expect(await send(["c"], step).map { $0?.kind } == [.unavailable])
        server.state.withLock { $0.isThere = true }
      }
      #expect(await send(["d"], step).map { $0?.kind } == [nil])
      #expect(server.calls("CreateQueue").count == (isMade ? 1 : 0))
    }
  }

  @Test("a message that the queue has otherwise than it was sent is not taken for sent")
  func digests() async throws {
    let server = try TestSQS()
    server.answer("SendMessageBatch") { root in
      var sent: [Value] = []
      root.member("Entries")?.forEachElement { node in
        let digest: Value =
          switch node.member("MessageBody")?.string {
          case "good": "755f85c2723bb39381c7379a604160d8"
          case "odd": "no digest"
          default: "00000000000000000000000000000000"
          }
        sent.append(.map(ValueMap([("Id", .string(node.member("Id")?.string ?? "")), ("MD5OfMessageBody", digest)])))
      }
      return .json([("Successful", .list(sent))])
    }
    let failures = await send(["good", "bad", "odd"], try destination(server))
    #expect(failures.map { $0?.kind } == [nil, .outcomeUnknown, nil])
  }

  @Test("who gives up leaves the others of the batch alone")
  func cancelled() async throws {
    let server = try TestSQS()
    let step = try destination(server, "orders", [("linger", "10s")])
    let gone = Task { await send(["gone"], step) }
    await clock.waitForTimers()
    async let kept = send(["kept"], step)
    gone.cancel()
    #expect(await gone.value.map { $0?.kind } == [.cancelled])
    #expect(try await eventually(clock, step: .seconds(1)) { server.state.withLock { $0.sent.count } == 1 })
    #expect(await kept.allSatisfy { $0 == nil })
    #expect(server.state.withLock { $0.sent.map(\.body) } == ["kept"])
  }

  @Test("options that contradict each other are reported")
  func options() throws {
    let loader = ComponentLoader([.sqs])
    _ = try loader.option(SQSDestinationOptions.self, ["queue": "orders"])
    let wrong: [Configuration] = [
      [:], ["queue": "a b"], ["queue": "ftp://x/y"], ["queue": "https://h/1/q", "create": [:]],
      ["queue": "orders", "deduplication": "x"], ["queue": "q.fifo", "delay": "1s"],
      ["queue": "orders", "attributes": ["a b": "x"]], ["queue": "orders", "attributes": ["AWS.x": "y"]],
      ["queue": "orders", "attributes": ["content-length": "0"]],
      ["queue": "orders", "create": ["dead_letter_queue": "x.fifo"]], ["queue": "orders", "batch": 11],
      ["queue": "orders", "create": ["max_receives": 3]],
      ["queue": "orders", "create": ["dead_letter_queue": "none", "dead_letter_retention": "1d"]],
      ["queue": "orders", "profile": "a", "access_key": "b", "secret_key": "${env:HOME}"],
    ]
    for options in wrong {
      #expect(throws: Diagnostics.self) { try loader.option(SQSDestinationOptions.self, options) }
    }
  }
}
