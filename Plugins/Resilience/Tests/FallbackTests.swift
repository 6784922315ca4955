import Omnibus
import OmnibusTesting
import Testing

@testable import ResiliencePlugin

struct FallbackTests {
  let seen = Recorder<Message>()

  @Test("where it fails the other steps get the message as it came in, with the failure as a variable")
  func runs() async throws {
    var message = Message(headers: ["x": "in"], body: .bytes([1]))
    let next = try await fallback().handle(&message, .testing()) { message, _ in
      message.headers["x"] = "changed"
      message.body = .empty
      throw Failure(.unavailable, "down", component: "rest")
    }
    #expect(next == .next)
    let given = try #require(seen.all.first)
    #expect(given.headers["x"] == "in")
    #expect(try given.bodyBytes() == [1])
    let failure = given.properties["failure"]
    #expect(failure?.member("kind")?.string == "unavailable")
    #expect(failure?.member("reason")?.string == "down")
    #expect(failure?.member("component")?.string == "rest")
    #expect(failure?.member("attempts")?.int == 1)
    #expect(message.headers["x-fallback"] == "1")
    #expect(message.properties["failure"] == nil)
  }

  @Test("where nothing fails, or it was cancelled, they do not run")
  func passes() async throws {
    var message = Message()
    #expect(try await fallback().handle(&message, .testing()) { _, _ in .stop } == .stop)
    await #expect(throws: CancellationError.self) {
      try await fallback().handle(&message, .testing()) { _, _ in throw CancellationError() }
    }
    #expect(seen.all.isEmpty)
  }

  @Test("only for the kinds that are named, where any are")
  func kinds() async throws {
    for kind in Failure.Kind.allCases where kind != .cancelled {
      let middleware = try fallback(["unavailable", "timeout"])
      var message = Message()
      var outcome: Failure?
      do {
        _ = try await middleware.handle(&message, .testing()) { _, _ in throw Failure(kind, "no") }
      } catch { outcome = Failure(error) }
      #expect(outcome?.kind == (kind == .unavailable || kind == .timeout ? nil : kind))
    }
  }

  @Test("where the other steps fail too, it is by their failure")
  func failsToo() async throws {
    let loader = ComponentLoader(
      [.resilience], steps: ["break": { _ in throw Failure(.rejected, "the other one says no") }])
    guard case .middleware(let middleware) = try loader.make(.middleware, "fallback", ["steps": [["break": [:]]]])
    else { return }
    var message = Message()
    let failure = await #expect(throws: Failure.self) {
      try await middleware.handle(&message, .testing()) { _, _ in throw Failure(.unavailable, "down") }
    }
    #expect(failure?.kind == .rejected && failure?.step == "break-1")
  }

  @Test("wrong options are reported")
  func options() {
    let loader = ComponentLoader([.resilience])
    for options: Configuration in [[:], ["steps": [["nothing": [:]]]], ["steps": [], "on": ["cancelled"]]] {
      #expect(throws: Diagnostics.self) { try loader.make(.middleware, "fallback", options) }
    }
  }

  private func fallback(_ kinds: Configuration? = nil) throws -> any Middleware {
    let steps: (String, Configuration) = ("steps", [["note": [:]]])
    let loader = ComponentLoader(
      [.resilience],
      steps: [
        "note": { [seen] message in
          seen.append(message)
          message.headers["x-fallback"] = "1"
          return .next
        }
      ])
    let options = Configuration(entries: [steps] + (kinds.map { [("on", $0)] } ?? []))
    guard case .middleware(let middleware) = try loader.make(.middleware, "fallback", options) else {
      throw Failure(.internal, "fallback is no middleware")
    }
    return middleware
  }
}
