import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("connections of steps")
struct RouteConnectionTests {
  let sample = Sample()
  let engine: Engine

  init() { engine = sample.engine() }

  private func routes(_ peers: String..., connection: String? = nil) -> RouteFiles {
    let options = peers.map {
      connection == nil ? "{ name: \($0) }" : "{ connection: \(connection ?? ""), name: \($0) }"
    }
    let connections = connection.map { "connections: { \($0): { peer: { overlaps: true } } }\n" } ?? ""
    let steps = options.map { "{ to: { peer: \($0) } }" }.joined(separator: ", ")
    return .sample(text: "\(connections)routes: [ { id: a, from: { feed: { name: a } }, steps: [ \(steps) ] } ]")
  }

  @Test("they are made before the route takes messages, of a stopped route when it starts, and not to be checked")
  func prepared() async throws {
    #expect(engine.check(routes("p")).isEmpty)
    #expect(sample.peers.all.map(\.prepared.all) == [[]])
    _ = try await engine.apply(routes("p"))
    #expect(sample.peers.all.last?.prepared.all == ["p"])
    #expect(sample.started.all == ["a"])
    try await engine.stop(route: "a")
    _ = try await engine.apply(routes("q"))
    #expect(sample.peers.all.last?.prepared.all == [])
    sample.broken.append("q")
    let failure = await #expect(throws: Failure.self) { try await engine.start(route: "a") }
    #expect(failure?.reason == #"route "a" cannot start: peer (step to-1): there is no such exchange"#)
    #expect(await engine.status().first?.state == .stopped)
  }

  @Test("what is refused keeps a generation from being applied, each by its name, once the others had their turn")
  func refused() async throws {
    _ = try await engine.apply(routes("good"))
    sample.broken.append("bad")
    let problems = await #expect(throws: Diagnostics.self) {
      try await engine.apply(routes("better", "bad", connection: "broker"))
    }
    #expect(
      problems?.all.map(\.message) == [
        #"route "a" cannot start: connection "broker" (step to-2): there is no such exchange"#
      ])
    #expect(sample.peers.all.map(\.prepared.all) == [["good"], ["better"], ["bad", "bad"]])
    #expect(await engine.status().map(\.isReady) == [true])
  }

  @Test(
    "a route is not ready while one is broken or blocked, and says which; only one that is blocked pauses its source")
  func conditions() async throws {
    _ = try await engine.apply(routes("p", "q", connection: "broker"))
    let peer = try #require(sample.peers.all.last)
    let deliver = try #require(sample.feeds["a"])
    peer.become(.broken(Failure(.unavailable, "it is not there")))
    #expect(
      await engine.status().first?.notReady == #"connection "broker" (step to-2): unavailable: it is not there"#)
    try await deliver.admit()?.end()
    peer.become(.blocked(Failure(.unavailable, "it is full")))
    #expect(await engine.status().first?.pausedBy == [#"connection "broker""#])
    #expect(await engine.status().first?.notReady == #"connection "broker" (step to-2): unavailable: it is full"#)
    let waiting = Task { try await deliver.admit() }
    // Who has his message already is not refused: the step waits.
    #expect(try await sample.send("a") == .done)
    peer.become(.ready)
    #expect(try await waiting.value != nil)
    #expect(await engine.status().first?.isReady == true)
  }

  @Test("a later revision follows its own, also within middleware that it takes over")
  func revisions() async throws {
    func files(_ mark: String) -> RouteFiles {
      .sample(
        text: """
          resources: { kept: { places: {} } }
          routes:
            - id: a
              from: { feed: { name: a } }
              steps: [ { mark: { text: \(mark) } }, { to: { peer: { name: p } } } ]
          """)
    }
    _ = try await engine.apply(files("one"))
    _ = try await engine.apply(files("two"))
    let peers = sample.peers.all
    #expect(peers.map(\.observers) == [0, 1])
    peers[0].become(.blocked(Failure(.unavailable, "it is full")))
    #expect(await engine.status().first?.isReady == true)
    _ = try await engine.apply(RouteFiles([]), grace: .zero)
    #expect(peers.map(\.observers) == [0, 0])
  }
}
