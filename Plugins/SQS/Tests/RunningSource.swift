import Omnibus
import OmnibusTesting
import Synchronization

@testable import SQSPlugin

/// A source that runs for a test, and what its route got.
final class RunningSource: Sendable {
  let arrivals = Recorder<Message>()
  let log: LogRecorder
  let stop = StopSignal()
  private let task: Task<Void, any Error>

  init(
    _ options: Configuration, clock: any EngineClock, services: Services = Services(), log: LogRecorder = LogRecorder(),
    route: @escaping @Sendable (Message) async throws -> Void = { _ in },
    admission: @escaping @Sendable () async throws -> Admission? = { Admission() }
  ) async throws {
    self.log = log
    let context = Context.testing(clock: clock, log: log, services: services)
    guard case .source(let source) = try ComponentLoader([.sqs], context: context).make(.source, "sqs", options) else {
      throw Failure(.internal, "expected a source")
    }
    try await source.prepare()
    let deliver = Deliver(context: context, stop: stop, admission: admission) { [arrivals] message, _ in
      arrivals.append(message)
      try await route(message)
      return .next
    }
    task = Task { try await source.run(deliver) }
  }

  deinit { task.cancel() }

  /// The bodies that came, as texts.
  var bodies: [String] {
    arrivals.all.map { String(decoding: (try? $0.bodyBytes()) ?? [], as: UTF8.self) }
  }

  /// Stops it, and waits for its end.
  func end() async throws {
    stop.signal()
    try await task.value
  }
}

/// A test that waits for something while its clock goes on.
func eventually(_ clock: ManualClock, step: Duration = .milliseconds(200), _ condition: () -> Bool) async throws -> Bool
{
  try await eventually {
    if condition() { return true }
    clock.advance(by: step)
    return false
  }
}
