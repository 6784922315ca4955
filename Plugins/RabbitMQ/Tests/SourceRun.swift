import Omnibus
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

/// A source of a queue that runs, with a route that does as a test says.
struct SourceRun: Sendable {
  let route: FlakyDestination
  let clock: ManualClock
  let log = LogRecorder()
  let stop = StopSignal()
  let readiness = Recorder<Bool>()
  let task: Task<Void, any Error>

  init(
    _ queue: TestQueue, _ options: [(String, Configuration)] = [], broker: [(String, Configuration)]? = nil,
    route: FlakyDestination = FlakyDestination(), clock: ManualClock = ManualClock(),
    steps: (@Sendable (inout Message) async throws -> Void)? = nil
  ) async throws {
    (self.route, self.clock) = (route, clock)
    let context = Context.testing(clock: clock, log: log)
    let all = (broker ?? queue.broker) + [("queue", "\(queue.name)")] + options
    guard
      case .source(let source) = try ComponentLoader([.rabbitMQ], context: context).make(
        .source, "rabbitmq", Configuration(entries: all))
    else { throw Failure(.internal, "rabbitmq is no source") }
    try await source.prepare()
    let ready = StopSignal()
    let deliver = Deliver(
      context: context, stop: stop,
      ready: { [readiness] in
        readiness.append(true)
        ready.signal()
      }, notReady: { [readiness] _ in readiness.append(false) }
    ) { message, context in
      try await steps?(&message)
      return try await route.process(&message, context)
    }
    task = Task { try await source.run(deliver) }
    await ready.wait()
  }

  /// Waits for what happens on other threads, while time goes on by `step` with each look.
  func until(_ step: Duration = .zero, _ condition: @Sendable () async throws -> Bool) async throws -> Bool {
    try await eventually(within: .seconds(120)) {
      if try await condition() { return true }
      if step > .zero { clock.advance(by: step) }
      return false
    }
  }

  /// Stops the source and waits for its end.
  func end() async throws {
    stop.signal()
    try await task.value
  }
}

/// A destination with the options of a queue's broker.
func destination(
  _ name: String = "rabbitmq", _ queue: TestQueue, _ options: [(String, Configuration)] = [],
  broker: [(String, Configuration)]? = nil, context: Context = .testing()
) throws -> any Step {
  let all = (broker ?? queue.broker) + options
  guard
    case .step(let step) = try ComponentLoader([.rabbitMQ], context: context).make(
      .destination, name, Configuration(entries: all))
  else { throw Failure(.internal, "\(name) is no destination") }
  return step
}

extension Message {
  /// The body as text.
  var text: String { String(decoding: (try? bodyBytes()) ?? [], as: UTF8.self) }
}
