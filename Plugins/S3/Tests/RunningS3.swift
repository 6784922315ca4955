import Omnibus
import OmnibusTesting

@testable import S3Plugin

/// An S3 source that runs until it is stopped, over a clock that stands still until the test moves it.
struct RunningS3: Sendable {
  let clock: ManualClock
  let stop = StopSignal()
  let log = LogRecorder()
  private let task: Task<Void, any Error>

  /// Starts a source over `store` with further options; `work` gets each message.
  init(
    _ store: ObjectStore, _ options: [(String, Configuration)] = [], clock: ManualClock = ManualClock(),
    _ work: @escaping @Sendable (Message) async throws -> Void
  ) async throws {
    self.clock = clock
    let context = Context.testing(clock: clock, log: log, services: store.services)
    let source = try Self.source(store, options, context)
    try await source.prepare()
    let deliver = Deliver.testing(context: context, stop: stop) { message in
      try await work(message)
      return .next
    }
    task = Task { try await source.run(deliver) }
  }

  static func source(
    _ store: ObjectStore, _ options: [(String, Configuration)], _ context: Context
  ) throws -> any Source {
    let all: [(String, Configuration)] = [
      ("bucket", "\(ObjectStore.bucket)"), ("prefix", "in/"), ("done", ["move": "out/"]), ("endpoint", "\(store.url)"),
    ]
    let given = Set(options.map(\.0))
    let made = try ComponentLoader([.s3], context: context)
      .make(.source, "s3", Configuration(entries: all.filter { !given.contains($0.0) } + options))
    guard case .source(let source) = made else { throw Failure(.internal, "expected a source") }
    return source
  }

  /// Waits while time goes on; answers whether `condition` came to hold.
  func settles(_ condition: () -> Bool) async throws -> Bool {
    try await eventually(within: .seconds(120)) {
      if condition() { return true }
      clock.advance(by: .seconds(1))
      return false
    }
  }

  /// Lets the source look `count` more times.
  func looks(_ count: Int, at store: ObjectStore) async throws {
    func lists() -> Int { store.requests.all.filter { $0.action == "list" }.count }
    let before = lists()
    _ = try await settles { lists() >= before + count }
  }

  /// The messages that were logged.
  var messages: [String] { log.lines.all.map(\.message) }

  /// Stops it, and waits for its end.
  func end() async throws {
    stop.signal()
    try await task.value
  }

  /// Cancels it, and waits for its end.
  func cancel() async {
    task.cancel()
    _ = await task.result
  }
}
