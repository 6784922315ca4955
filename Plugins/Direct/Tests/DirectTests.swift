import Omnibus
import OmnibusTesting
import Testing

@testable import DirectPlugin

struct DirectTests {
  let routes = DirectRoutes()

  @Test("the other route gets the message, and its reply is the new body")
  func requestReply() async throws {
    let source = await Served("x", routes) { message in
      #expect(message.headers["in"] == "1")
      #expect(message.properties["private"] == nil)
      message.body = .bytes([2])
      message.headers["content-type"] = "text/plain"
      message.headers["Out"] = "2"
      message.properties["status"] = .int(201)
      return .next
    }
    var message = Message(headers: ["in": "1"], body: .bytes([1]))
    message.properties["private"] = .bool(true)
    let next = try await destination("x").process(&message, .testing(step: "call"))
    #expect(next == .next)
    #expect(try message.bodyBytes() == [2])
    #expect(message.contentType == "text/plain")
    #expect(message.headers["out"] == nil)
    #expect(message.properties["call"]?.member("status")?.int == 201)
    #expect(message.properties["call"]?.member("headers")?.member("out")?.string == "2")
    #expect(message.properties["private"] != nil)
    try await source.end()
  }

  @Test("a route that stops answers without a body")
  func stopped() async throws {
    let source = await Served("x", routes) { _ in .stop }
    var message = Message(headers: ["content-type": "text/plain"], body: .bytes([1]))
    _ = try await destination("x").process(&message, .testing())
    guard case .empty = message.body else { Issue.record("there is a body"); return }
    #expect(message.contentType == nil)
    try await source.end()
  }

  @Test("the failure of the other route is that of the step")
  func failing() async throws {
    let source = await Served("x", routes) { _ in throw Failure(.rejected, "no") }
    var message = Message()
    let failure = await #expect(throws: Failure.self) { try await destination("x").process(&message, .testing()) }
    #expect(failure?.kind == .rejected)
    try await source.end()
  }

  @Test("a name that no route takes is unavailable, also after a route has ended")
  func unknown() async throws {
    var message = Message()
    let before = await #expect(throws: Failure.self) { try await destination("x").process(&message, .testing()) }
    #expect(before?.description == "unavailable: no route takes messages from direct \"x\"")
    try await Served("x", routes) { _ in .next }.end()
    let after = await #expect(throws: Failure.self) { try await destination("x").process(&message, .testing()) }
    #expect(after?.kind == .unavailable)
  }

  @Test("routes that call each other in a circle end")
  func circle() async throws {
    let calls = Recorder<Int>()
    let destination = destination("x")
    let source = await Served("x", routes) { message in
      calls.append(1)
      return try await destination.process(&message, .testing())
    }
    var message = Message()
    let failure = await #expect(throws: Failure.self) { try await destination.process(&message, .testing()) }
    #expect(failure?.kind == .internal)
    #expect(calls.all.count == Int(DirectDestination.depthLimit))
    try await source.end()
  }

  @Test("the newest of two routes takes the messages, and the older one again when that ends")
  func reload() async throws {
    let old = await Served("x", routes) { message in
      message.body = .bytes([1])
      return .next
    }
    let new = await Served("x", routes) { message in
      message.body = .bytes([2])
      return .next
    }
    #expect(try await answer() == [2])
    try await new.end()
    #expect(try await answer() == [1])
    try await old.end()
  }

  @Test("a route that is to stop ends the calls that it has under way, and takes no new ones")
  func draining() async throws {
    let gate = StopSignal()
    let started = Recorder<Int>()
    let source = await Served("x", routes) { _ in
      started.append(1)
      await gate.wait()
      return .next
    }
    async let call = answer()
    await started.wait(for: 1)
    source.stop.signal()
    while true {
      // The route takes itself back on another thread.
      guard let entry = routes.begin("x") else { break }
      entry.end()
      await Task.yield()
    }
    gate.signal()
    #expect(try await call == [])
    try await source.end()
  }

  @Test("a route that is given up does not wait for the calls that it has under way")
  func givenUp() async throws {
    let gate = StopSignal()
    let started = Recorder<Int>()
    let source = await Served("x", routes) { _ in
      started.append(1)
      await gate.wait()
      return .next
    }
    async let call = answer()
    await started.wait(for: 1)
    source.stop.signal()
    source.cancel()
    try await source.end()
    gate.signal()
    #expect(try await call == [])
  }

  private func destination(_ name: String) -> DirectDestination { DirectDestination(name: name, routes: routes) }

  private func answer() async throws -> [UInt8] {
    var message = Message()
    _ = try await destination("x").process(&message, .testing())
    return try message.bodyBytes()
  }
}

/// A source that runs.
private struct Served {
  let stop = StopSignal()
  private let task: Task<Void, any Error>

  init(_ name: String, _ routes: DirectRoutes, _ route: @escaping @Sendable (inout Message) async throws -> Next) async
  {
    let ready = Recorder<Bool>()
    let deliver = Deliver.testing(context: .testing(), stop: stop, ready: { ready.append(true) }, route: route)
    task = Task { try await DirectSource(name: name, routes: routes).run(deliver) }
    await ready.wait(for: 1)
  }

  func cancel() { task.cancel() }

  func end() async throws {
    stop.signal()
    try await task.value
  }
}
