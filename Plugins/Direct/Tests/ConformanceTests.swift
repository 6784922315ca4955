import DirectPlugin
import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@Suite("direct, conformance")
struct ConformanceTests {
  @Test("as a source") func source() async {
    await Conformance.source("direct", of: .direct) { _ in Caller() }
  }

  @Test("as a destination") func destination() async {
    await Conformance.destination("direct", of: .direct) { try await Called() }
  }
}

/// A route that sends to the source under test.
private final class Caller: SourcePeer {
  let options: Configuration = ["name": "\(MessageID())"]
  let headers: Headers = ["x-own": "kept"]

  func send(_ body: [UInt8]) async throws -> SentMessage {
    let options = self.options
    let headers = self.headers
    return .answered {
      guard case .step(let step) = try ComponentLoader([.direct]).make(.destination, "direct", options) else {
        return .refused
      }
      var message = Message(headers: headers, body: .bytes(body))
      do {
        _ = try await step.process(&message, .testing())
        return .acknowledged
      } catch {
        return Failure(error).kind == .cancelled ? .pending : .refused
      }
    }
  }
}

/// A route that the destination under test sends to.
private final class Called: DestinationPeer {
  let options: Configuration = ["name": "\(MessageID())"]
  private let route = FlakyDestination()
  private let source = Mutex<(stop: StopSignal, ended: Task<Void, any Error>)?>(nil)

  init() async throws { _ = try await become(.well) }

  deinit { source.withLock { $0?.stop.signal() } }

  var echoes: Bool { true }

  func arrivals() async throws -> [Arrival] { route.taken.all }

  func become(_ state: PeerState) async throws -> Bool {
    switch state {
    case .well: route.become(then: .succeed)
    case .refusing: route.become(then: .fail(.rejected))
    case .overloaded: route.become(then: .fail(.overloaded))
    case .hanging: route.become(then: .hang)
    case .away:
      let running = source.withLock { $0.take() }
      running?.stop.signal()
      try await running?.ended.value
      return true
    case .nonsense, .breaking: return false
    }
    try await serve()
    return true
  }

  /// Runs a source, unless one runs.
  private func serve() async throws {
    guard source.withLock({ $0 == nil }),
      case .source(let running) = try ComponentLoader([.direct]).make(.source, "direct", options)
    else { return }
    let stop = StopSignal()
    let ready = StopSignal()
    let deliver = Deliver.testing(
      context: .testing(), stop: stop, ready: { ready.signal() }
    ) { [route] message in try await route.process(&message, .testing()) }
    let ended = Task { try await running.run(deliver) }
    source.withLock { $0 = (stop, ended) }
    await ready.wait()
  }
}
