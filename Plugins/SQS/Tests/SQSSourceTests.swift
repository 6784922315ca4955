import Omnibus
import OmnibusAWS
import OmnibusTesting
import Synchronization
import Testing

@testable import SQSPlugin

@Suite("sqs, source")
struct SQSSourceTests {
  private let clock = ManualClock()

  @Test("a message has its attributes as headers, and those that only SQS can say are not a sender's")
  func headers() async throws {
    let server = try TestSQS(clock: clock)
    server.put(
      #"{"a":1}"#,
      attributes: ["x-own": "kept", "sqs-receive-count": "99", "bad name": "x", "content-type": "application/json"])
    let source = try await RunningSource(server.options("orders", [("content_type", "text/plain")]), clock: clock)
    let message = await source.arrivals.wait(for: 1)[0]
    #expect(message.headers["x-own"] == "kept" && message.headers["sqs-message-id"] == "message-1")
    #expect(message.headers.values("sqs-receive-count") == ["1"])
    #expect(message.headers["sqs-sent-timestamp"] == "1700000000000")
    #expect(message.contentType == "application/json" && message.headers["bad name"] == nil)
    #expect(message.delivery?.key == "sqs orders message-1" && message.delivery?.attempt == 1)
    try await source.end()
  }

  @Test("a message that takes long stays hidden, by the queue's own time, and is delivered once")
  func heartbeat() async throws {
    let server = try TestSQS(clock: clock, visibility: 12)
    let release = StopSignal()
    let id = server.put("slow")
    let source = try await RunningSource(server.options(), clock: clock) { _ in await release.wait() }
    await source.arrivals.wait(for: 1)
    // Ten times as long as it would be hidden by itself.
    #expect(try await server.pass(.seconds(120), clock))
    #expect(source.arrivals.all.count == 1)
    let extensions = server.calls("ChangeMessageVisibilityBatch").compactMap {
      $0.parameters.member("Entries")?.element(0)?.member("VisibilityTimeout").flatMap { Value.json($0).int }
    }
    #expect(extensions.count >= 10 && Set(extensions) == [12])
    release.signal()
    #expect(try await eventually { server.deleted == [id] })
    try await source.end()
  }

  @Test("a failed message of a group holds the later ones back, and other groups go on")
  func groups() async throws {
    let server = try TestSQS(clock: clock)
    for body in ["a1", "a2", "b1", "a3", "b2"] { server.put(body, group: String(body.prefix(1))) }
    let fails = Mutex(true)
    let source = try await RunningSource(server.options("orders.fifo"), clock: clock) { message in
      let body = String(decoding: try message.bodyBytes(), as: UTF8.self)
      if body == "a1", fails.withLock({ $0 }) { throw Failure(.unavailable, "not now") }
    }
    #expect(try await eventually { server.deleted == ["message-3", "message-5"] })
    #expect(!source.bodies.contains("a2") && !source.bodies.contains("a3"))
    fails.withLock { $0 = false }
    #expect(try await eventually(clock) { server.deleted.count == 5 })
    let order = source.bodies.filter { $0.hasPrefix("a") }
    #expect(order.suffix(3) == ["a1", "a2", "a3"] && Set(order.dropLast(3)) == ["a1"])
    #expect(source.bodies.filter { $0.hasPrefix("b") } == ["b1", "b2"])
    try await source.end()
  }

  @Test("those behind a message that fails again and again are hardly counted, and come in their order when it is done")
  func countedOnce() async throws {
    let server = try TestSQS(clock: clock, visibility: 10)
    for number in 1...8 { server.put("a\(number)", group: "a") }
    let fails = Mutex(true)
    let source = try await RunningSource(server.options("orders.fifo"), clock: clock) { message in
      let body = String(decoding: try message.bodyBytes(), as: UTF8.self)
      if body == "a1", fails.withLock({ $0 }) { throw Failure(.unavailable, "not now") }
    }
    func receives(_ bodies: ClosedRange<Int>) -> Int {
      let bodies = bodies.map { "a\($0)" }
      return server.state.withLock { $0.entries.filter { bodies.contains($0.body) }.map(\.receives).max() ?? 0 }
    }
    // Others come all the time, so that several messages are asked for at once.
    var others = 0
    #expect(
      try await eventually(clock) {
        server.put("b\(others)", group: "b\(others)")
        others += 1
        return receives(1...1) >= 5
      })
    #expect(receives(2...8) <= 2)
    fails.withLock { $0 = false }
    #expect(try await eventually(clock) { server.deleted.count == others + 8 })
    let order = source.bodies.filter { $0.hasPrefix("a") }
    #expect(order.suffix(8) == (1...8).map { "a\($0)" } && Set(order.dropLast(8)) == ["a1"])
    try await source.end()
  }

  @Test("of one group one message is under way at a time, of several groups several")
  func oneOfAGroup() async throws {
    let server = try TestSQS(clock: clock)
    for number in 0..<12 { server.put("\(number)", group: number % 2 == 0 ? "even" : "odd") }
    let underWay = Mutex<[String: Int]>([:])
    let most = Mutex(0)
    let source = try await RunningSource(server.options("orders.fifo"), clock: clock) { message in
      let group = message.headers["sqs-group-id"] ?? ""
      underWay.withLock { $0[group, default: 0] += 1 }
      await Task.yield()
      let count = underWay.withLock { underWay in
        defer { underWay[group, default: 0] -= 1 }
        return underWay[group] ?? 0
      }
      most.withLock { $0 = max($0, count) }
    }
    #expect(try await eventually(clock) { server.deleted.count == 12 })
    #expect(most.withLock { $0 } == 1)
    let numbers = source.bodies.compactMap { Int($0) }
    #expect(numbers.filter { $0 % 2 == 0 } == [0, 2, 4, 6, 8, 10])
    #expect(numbers.filter { $0 % 2 == 1 } == [1, 3, 5, 7, 9, 11])
    try await source.end()
  }

  @Test("the permits of the route are taken before a message is")
  func permits() async throws {
    let server = try TestSQS(clock: clock)
    for number in 0..<20 { server.put("\(number)") }
    let left = Mutex(3)
    let release = StopSignal()
    let source = try await RunningSource(
      server.options("orders", [("concurrency", 10)]), clock: clock,
      admission: {
        let isLeft = left.withLock { left in
          left -= 1
          return left >= 0
        }
        if !isLeft { await release.wait() }
        return release.isStopped ? nil : Admission()
      })
    await source.arrivals.wait(for: 3)
    #expect(try await eventually { server.deleted.count == 3 })
    let received = server.state.withLock { $0.entries.filter { $0.receives > 0 }.count }
    #expect(received == 0)
    #expect(source.arrivals.all.count == 3)
    release.signal()
    try await source.end()
  }

  @Test("a deletion that fails in part is tried again for what failed", arguments: [true, false])
  func partialDeletion(isPart: Bool) async throws {
    let server = try TestSQS(clock: clock)
    let failures = Mutex(2)
    server.answer("DeleteMessageBatch") { root in
      let fails = failures.withLock { failures in
        failures -= 1
        return failures >= 0
      }
      guard fails else { return nil }
      guard isPart else { return .error(503, "ServiceUnavailable") }
      var failed: [Value] = []
      root.member("Entries")?.forEachElement { node in
        let id = Value.string(node.member("Id")?.string ?? "")
        failed.append(.map(ValueMap([("Id", id), ("Code", "InternalError"), ("SenderFault", .bool(false))])))
      }
      return .json([("Failed", .list(failed))])
    }
    for number in 0..<5 { server.put("\(number)") }
    let source = try await RunningSource(server.options(), clock: clock)
    #expect(try await eventually(clock) { server.deleted.count == 5 })
    #expect(source.arrivals.all.count == 5)
    try await source.end()
  }

  @Test(
    "what SQS answers in trouble is told once, and when it is over the queue is read again",
    arguments: ["throttled", "503", "xml", "huge", "no json", "no object", "cut", "nonsense"])
  func trouble(kind: String) async throws {
    let server = try TestSQS(clock: clock)
    server.answer("ReceiveMessage") { _ in
      switch kind {
      case "throttled": .error(400, "com.amazonaws.sqs#RequestThrottled")
      case "503": .text(503, "")
      case "xml":
        .text(
          500, "<?xml version=\"1.0\"?><ErrorResponse><Error><Code>InternalError</Code></Error></ErrorResponse>")
      case "huge":
        .endless
      case "no json": .text(200, "{\"Messages\": [")
      case "no object": .text(200, "[1]")
      case "cut":
        .cut
      default:
        .text(
          200, #"{"Messages": [7, {"Body": "x"}, {"ReceiptHandle": "r"}, {"ReceiptHandle": 1, "Body": {}}]}"#)
      }
    }
    let source = try await RunningSource(server.options(), clock: clock)
    #expect(try await eventually(clock) { server.calls("ReceiveMessage").count > 3 })
    #expect(source.arrivals.all.isEmpty)
    server.answer("ReceiveMessage", nil)
    server.put("after")
    #expect(try await eventually(clock) { server.deleted.count == 1 })
    let lines = source.log.lines.all.map(\.message)
    #expect(kind == "nonsense" || lines.filter { $0 == "the queue cannot be read" }.count == 1)
    #expect(!source.log.lines.all.contains { "\($0)".contains("TopSecret") })
    try await source.end()
  }

  @Test(
    "a queue that is deleted beneath is read again when it is back, and made again where that was asked for",
    arguments: [true, false])
  func deletedQueue(isMade: Bool) async throws {
    let server = try TestSQS(clock: clock)
    let more: [(String, Configuration)] = isMade ? [("create", [:])] : []
    server.put("first")
    let source = try await RunningSource(server.options("orders", more), clock: clock)
    #expect(try await eventually(clock) { server.deleted.count == 1 })
    server.state.withLock { $0.isThere = false }
    #expect(try await eventually(clock) { source.log.lines.all.contains { $0.message == "the queue cannot be read" } })
    if !isMade { server.state.withLock { $0.isThere = true } }
    server.put("second")
    #expect(try await eventually(clock) { server.deleted.count == 2 })
    #expect(
      server.calls("CreateQueue").map { $0.parameters.member("QueueName")?.string }
        == (isMade ? ["orders-dead", "orders"] : []))
    try await source.end()
  }

  @Test("keys that end in mid-traffic are read anew from their file, and nothing is lost")
  func expiredKeys() async throws {
    let server = try TestSQS(clock: clock)
    let folder = TemporaryDirectory()
    folder.write("credentials", "[care]\naws_access_key_id = AKOLD\naws_secret_access_key = s\n")
    var services = Services()
    services[AWSEnvironment.self] = AWSEnvironment {
      $0 == "AWS_SHARED_CREDENTIALS_FILE" ? "\(folder.path)/credentials" : nil
    }
    let options: Configuration = [
      "queue": "orders", "region": "eu-central-1", "endpoint": "\(server.url)", "profile": "care",
    ]
    let source = try await RunningSource(options, clock: clock, services: services)
    server.put("first")
    #expect(try await eventually(clock) { server.deleted.count == 1 })
    folder.write("credentials", "[care]\naws_access_key_id = AKNEW\naws_secret_access_key = s\n")
    for action in ["ReceiveMessage", "DeleteMessageBatch"] {
      server.answer(action) { [server] _ in
        server.calls.all.last?.authorization.contains("AKOLD") == true ? .error(400, "ExpiredToken") : nil
      }
    }
    for number in 0..<10 { server.put("\(number)") }
    #expect(try await eventually(clock) { server.deleted.count == 11 })
    #expect(server.calls.all.last?.authorization.contains("AKNEW") == true)
    #expect(source.arrivals.all.count == 11)
    try await source.end()
  }

  @Test("a message that fails is hidden for the backoff, longer each time")
  func backoff() async throws {
    let server = try TestSQS(clock: clock)
    let id = server.put("bad")
    let source = try await RunningSource(
      server.options("orders", [("backoff", ["initial": "100s", "factor": "4", "max": "1h"])]), clock: clock
    ) { _ in throw Failure(.rejected, "no") }
    #expect(try await eventually { server.state.withLock { $0.given[id] } != nil })
    let first = server.state.withLock { $0.given[id] ?? 0 }
    #expect(50...100 ~= first)
    #expect(try await eventually(clock, step: .seconds(1)) { source.arrivals.all.count == 2 })
    #expect(try await eventually { (server.state.withLock { $0.given[id] } ?? 0) >= 200 })
    try await source.end()
  }
}
