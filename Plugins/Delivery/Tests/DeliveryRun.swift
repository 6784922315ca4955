import Omnibus
import OmnibusStore
import OmnibusTesting

@testable import DeliveryPlugin

/// A middleware of the plugin with a store in memory, and what stands within it.
struct DeliveryRun {
  let clock = ManualClock()
  let log = LogRecorder()
  let metrics = Metrics()
  let inner = FlakyDestination()
  let memory = MemorySystem()
  let store: FaultyStore
  let services: Services
  var route = "orders"
  var step = "route"

  init() {
    store = FaultyStore(clock: clock)
    var services = Services()
    services[StoreAccess.self] = StoreAccess(store)
    self.services = services
  }

  var context: Context {
    .testing(
      route: route, step: step, clock: clock,
      formats: Formats([
        Format(name: "json", mediaTypes: ["application/json"]) { bytes throws(Failure) in
          try JSONDocument(parsing: bytes)
        }
      ]), log: log, metrics: metrics, services: services)
  }

  func make(_ name: String, _ options: Configuration) throws -> any Middleware {
    let made = try ComponentLoader([.delivery, memory.plugin], context: context).make(.middleware, name, options)
    guard case .middleware(let middleware) = made else { throw Failure(.internal, "\(name) is no middleware") }
    return middleware
  }

  /// The message and the answer of the middleware around `next`, by default the inner destination.
  @discardableResult
  func run(
    _ middleware: any Middleware, _ message: Message, next: Handler.Body? = nil
  ) async throws -> (message: Message, next: Next) {
    var message = message
    let next = try await middleware.handle(&message, context, next: next.map(Handler.init) ?? inner.handler)
    return (message, next)
  }

  func failure(_ middleware: any Middleware, _ message: Message, next: Handler.Body? = nil) async -> Failure? {
    do {
      try await run(middleware, message, next: next)
      return nil
    } catch {
      return Failure(error)
    }
  }

  func letters() async throws -> [DeadLetter] {
    let ids = try await store.deadLetters(DeadLetterFilter(), after: nil, limit: 100).map(\.id)
    var letters: [DeadLetter] = []
    for id in ids { if let letter = try await store.deadLetter(id, withBody: true) { letters.append(letter) } }
    return letters
  }

  func problems(_ name: String, _ options: Configuration) -> [String] {
    do throws(Diagnostics) {
      _ = try ComponentLoader([.delivery, memory.plugin], context: context).make(.middleware, name, options)
      return []
    } catch {
      return error.all.map { "\($0.code): \($0.message)" }
    }
  }
}

extension Message {
  /// A message with a JSON body that is not yet decoded.
  static func json(_ text: String) -> Message {
    Message(headers: ["content-type": "application/json", "x": "in"], body: .bytes(Array(text.utf8)))
  }

  /// The body as text.
  var text: String { (try? bodyBytes()).map { String(decoding: $0, as: UTF8.self) } ?? "a stream" }
}
