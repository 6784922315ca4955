import Omnibus
import OmnibusTesting
import Testing

@testable import ResiliencePlugin

struct CacheTests {
  let clock = ManualClock()
  let metrics = Metrics()
  let calls = Recorder<String>()

  var context: Context { .testing(route: "orders", step: "deliver", clock: clock, metrics: metrics) }

  @Test("a message with the same key gets the body, its type and what was set, and keeps the rest of its own")
  func hit() async throws {
    let cache = try cache()
    for (number, own) in ["a", "b"].enumerated() {
      var message = Message(
        headers: ["x-key": "1", "x-own": own, "content-type": "text/plain", "x-gone": own], body: .bytes([0]))
      message.properties["own"] = .string(own)
      message.properties["gone"] = .int(1)
      let id = message.id
      let next = try await cache.handle(&message, context) { [calls] message, _ in
        calls.append("")
        message.body = .document(JSONDocument(.map(ValueMap([("beds", .int(2))]))))
        message.contentType = "application/json"
        message.headers["x-set"] = "set"
        message.headers.append("x-set", "twice")
        message.headers.remove("x-gone")
        message.properties["deliver"] = .map(ValueMap([("status", .int(200))]))
        message.properties["gone"] = nil
        return .done
      }
      #expect(next == .done)
      #expect(String(decoding: try message.bodyBytes(), as: UTF8.self) == #"{"beds":2}"#)
      #expect(message.contentType == "application/json")
      #expect(message.headers.values("x-set") == ["set", "twice"])
      #expect(message.headers["x-own"] == own && message.headers["x-gone"] == nil)
      #expect(message.properties["own"]?.string == own && message.properties["gone"] == nil)
      #expect(message.properties["deliver"]?.member("status")?.int == 200)
      #expect(message.id == id)
      #expect(metrics.counter("omnibus_cache_hits_total", "", labels).value == number)
    }
    #expect(calls.all.count == 1)
  }

  @Test("the type goes with the body, also where only the other message had another one")
  func contentType() async throws {
    let cache = try cache()
    for type in ["text/plain", "application/json", nil] {
      var message = Message(headers: ["x-key": "1"])
      message.contentType = type
      _ = try await cache.handle(&message, context) { _, _ in .next }
      #expect(message.contentType == "text/plain")
    }
  }

  @Test("an answer is given again until its time is over")
  func lifetime() async throws {
    let cache = try cache(["ttl": "10s"])
    for (seconds, count) in [(0, 1), (9, 1), (1, 2), (9, 2)] {
      clock.advance(by: .seconds(seconds))
      try await call(cache, "1")
      #expect(calls.all.count == count)
    }
    #expect(clock.timers == 0)
  }

  @Test("so many answers are kept, the last ones used")
  func entries() async throws {
    let cache = try cache(["entries": 2])
    for key in ["a", "b", "a", "c", "a", "b"] { try await call(cache, key) }
    #expect(calls.all == ["a", "b", "c", "b"])
    #expect(metrics.gauge("omnibus_cache_entries", "", labels).value == 2)
  }

  @Test("answers take no more room than they may, and one that would alone is not kept")
  func size() async throws {
    let cache = try cache(["size": "10KiB"])
    for key in ["a", "b", "c", "c", "a"] { try await call(cache, key, body: [UInt8](repeating: 1, count: 4096)) }
    #expect(calls.all == ["a", "b", "c", "a"])
    for _ in 0..<2 { try await call(cache, "large", body: [UInt8](repeating: 1, count: 10 << 10)) }
    #expect(calls.all.count == 6)
    let bytes = metrics.gauge("omnibus_cache_bytes", "", labels).value
    #expect(8192...10_240 ~= bytes)
  }

  @Test("failures and streams are not kept")
  func notKept() async throws {
    let cache = try cache()
    for kind in [Failure.Kind.unavailable, .rejected] {
      for _ in 0..<2 {
        await #expect(throws: Failure.self) {
          try await call(cache, "1") { _ in throw Failure(kind, "no") }
        }
      }
    }
    for _ in 0..<2 {
      let message = try await call(cache, "1") { $0.body = .stream(BodyStream { nil }) }
      guard case .stream = message.body else { return #expect(Bool(false), "the stream is lost") }
    }
    #expect(calls.all.count == 6)
    try await call(cache, "1")
    try await call(cache, "1")
    #expect(calls.all.count == 7)
  }

  @Test("what ended as a dead letter is not kept, also not for those who wait")
  func deadLetters() async throws {
    let cache = try cache()
    for number in 1...2 {
      let message = try await call(cache, "1") { $0.properties["dead_letter"] = .string("letter \(number)") }
      #expect(message.properties["dead_letter"]?.string == "letter \(number)")
    }
    #expect(calls.all.count == 2)
    let release = StopSignal()
    let tasks = (0..<2).map { number in
      Task {
        try await call(cache, "1") { message in
          await release.wait()
          message.properties["dead_letter"] = .string("late letter \(number)")
        }
      }
    }
    #expect(try await eventually { cache.waiters == 1 })
    release.signal()
    for (number, task) in tasks.enumerated() {
      #expect(try await task.value.properties["dead_letter"]?.string == "late letter \(number)")
    }
    #expect(calls.all.count == 4)
  }

  @Test("of many that come at once one asks, and all get its answer")
  func flight() async throws {
    let cache = try cache()
    let release = StopSignal()
    let tasks = (0..<20).map { _ in
      Task {
        try await call(cache, "1") { message in
          await release.wait()
          message.body = .bytes([9])
        }
      }
    }
    await calls.wait(for: 1)
    try await call(cache, "2")
    release.signal()
    for task in tasks { #expect(try await task.value.bodyBytes() == [9]) }
    #expect(calls.all == ["1", "2"])
  }

  @Test("those who wait share a failure that may pass, and ask for themselves after one that was the other's own")
  func sharedFailure() async throws {
    for (kind, count) in [(Failure.Kind.unavailable, 1), (.rejected, 4)] {
      let cache = try cache()
      let before = calls.all.count
      let release = StopSignal()
      let tasks = (0..<4).map { _ in
        Task {
          try await call(cache, "1") { _ in
            await release.wait()
            throw Failure(kind, "no")
          }
        }
      }
      await calls.wait(for: before + 1)
      #expect(try await eventually { cache.waiters == 3 })
      release.signal()
      for task in tasks {
        let failure = await #expect(throws: Failure.self) { try await task.value }
        #expect(failure?.kind == kind)
      }
      #expect(calls.all.count - before == count)
    }
  }

  @Test("where the one that asks is cancelled another one asks, and who waits can be cancelled")
  func cancelled() async throws {
    let cache = try cache()
    let release = StopSignal()
    let asks = Task { try await call(cache, "1") { _ in try await clock.sleep(for: .seconds(60)) } }
    await calls.wait(for: 1)
    let waits = (0..<3).map { _ in Task { try await call(cache, "1") { _ in await release.wait() } } }
    #expect(try await eventually { cache.waiters == 3 })
    waits[2].cancel()
    await #expect(throws: CancellationError.self) { try await waits[2].value }
    #expect(cache.waiters == 2)
    asks.cancel()
    await #expect(throws: CancellationError.self) { try await asks.value }
    await calls.wait(for: 2)
    release.signal()
    for task in waits.prefix(2) { _ = try await task.value }
    #expect(calls.all.count == 2)
  }

  @Test("a text and a number that look alike are two keys")
  func kinds() async throws {
    let cache = try cache(["key": "properties.key"])
    for key in [Value.string("1"), .int(1), .string("1"), .bool(true), .string("true")] {
      var message = Message()
      message.properties["key"] = key
      _ = try await cache.handle(&message, context) { [calls] _, _ in
        calls.append("")
        return .next
      }
    }
    #expect(calls.all.count == 4)
  }

  @Test("wrong options are reported")
  func options() {
    for options: Configuration in [
      ["key": "1 +"], ["ttl": "0s"], ["entries": 0], ["size": "1B"],
    ] { #expect(throws: Diagnostics.self) { try cache(options) } }
    #expect(throws: Diagnostics.self) { try ComponentLoader([]).option(CacheOptions.self, [:]) }
  }

  private var labels: Metrics.Labels { [("cache", "orders/deliver")] }

  private func cache(_ options: Configuration = [:]) throws -> Cache {
    let given = options.node.entries?.map { ($0.key.text ?? "", $0.value.text ?? "") } ?? []
    var entries: [(String, Configuration)] = given.map { ($0.0, Configuration(stringLiteral: $0.1)) }
    if options.node["key"] == nil { entries.append(("key", #"headers["x-key"]"#)) }
    return Cache(try ComponentLoader([]).option(CacheOptions.self, Configuration(entries: entries)), context)
  }

  @discardableResult
  private func call(
    _ cache: Cache, _ key: String, body: [UInt8] = [],
    _ work: @escaping @Sendable (inout Message) async throws -> Void = { _ in }
  ) async throws -> Message {
    var message = Message(headers: ["x-key": key])
    _ = try await cache.handle(&message, context) { [calls] message, _ in
      calls.append(key)
      message.body = .bytes(body)
      try await work(&message)
      return .next
    }
    return message
  }
}
