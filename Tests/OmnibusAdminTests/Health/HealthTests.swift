import Omnibus
import OmnibusAdmin
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Testing

struct HealthTests {
  private let request: HTTPRequest
  private let clock = ManualClock()

  init() throws {
    request = HTTPRequest(
      method: "GET", target: "/", path: "/", remote: try #require(SocketAddress("127.0.0.1:1")))
  }

  private func text(_ response: HTTPResponse) throws -> String {
    guard case .document(let document) = response.body else { return "" }
    return String(decoding: try document.serialize(), as: UTF8.self)
  }

  @Test func `it lives while its reactors turn`() async throws {
    let health = Health(reactors: Context.testing().reactors, clock: clock) { [] }
    let response = await health.live(request)
    #expect(response.status == 200)
    #expect(try text(response) == #"{"status":"live","problems":[]}"#)
  }

  @Test func `a reactor that is held is named`() async throws {
    let reactors = try ReactorGroup(count: 2)
    defer { reactors.stop() }
    let (isHeld, mayGo) = (StopSignal(), StopSignal())
    reactors.reactors[1].execute {
      isHeld.signal()
      while !mayGo.isStopped {}
    }
    await isHeld.wait()
    let health = Health(reactors: reactors, clock: clock) { [] }
    async let response = health.live(request)
    await clock.waitForTimers()
    clock.advance(by: .seconds(5))
    let answer = await response
    mayGo.signal()
    #expect(answer.status == 503)
    #expect(try text(answer).contains(#"{"part":"reactor","name":"1","reason":"#))
  }

  @Test func `what is not ready is named with its reason`() async throws {
    let health = Health(reactors: Context.testing().reactors, clock: clock) {
      [Health.Problem(part: "route", name: "orders", reason: "the source broke: unavailable")]
    }
    let response = await health.ready(request)
    #expect(response.status == 503)
    let problem = #"{"part":"route","name":"orders","reason":"the source broke: unavailable"}"#
    #expect(try text(response) == #"{"status":"not_ready","problems":["# + problem + "]}")
  }
}
