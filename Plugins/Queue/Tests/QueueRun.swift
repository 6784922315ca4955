import Omnibus
import OmnibusStore
import OmnibusTesting
import QueuePlugin
import Testing

/// A queue source that runs over a store in memory, with a route that does as a test says.
struct QueueRun: Sendable {
  let clock: ManualClock
  let store: MemoryStore
  /// What the source works on: the store, with what a test wants to go wrong.
  let flaky: FlakyStore
  let route: FlakyDestination
  let metrics = Metrics()
  let log = LogRecorder()
  let stop = StopSignal()
  let context: Context
  let task: Task<Void, any Error>

  /// Starts a source of the queue `orders` with further options.
  init(
    _ options: [(String, Configuration)] = [], clock: ManualClock = ManualClock(), store: MemoryStore? = nil,
    route: FlakyDestination = FlakyDestination(),
    admission: @escaping @Sendable () async throws -> Admission? = { Admission() },
    prepare: (FlakyStore) -> Void = { _ in },
    steps: (@Sendable (inout Message) async throws -> Void)? = nil
  ) async throws {
    let memory = store ?? MemoryStore(clock: clock)
    let flaky = FlakyStore(memory)
    prepare(flaky)
    let context = Context.testing(clock: clock, log: log, metrics: metrics, store: flaky)
    (self.clock, self.store, self.flaky, self.context, self.route) = (clock, memory, flaky, context, route)
    let all = Configuration(entries: [("name", "orders")] + options)
    guard case .source(let source) = try ComponentLoader([.queue], context: context).make(.source, "queue", all) else {
      throw Failure(.internal, "queue is no source")
    }
    let ready = StopSignal()
    let deliver = Deliver(context: context, stop: stop, ready: { ready.signal() }, admission: admission) {
      message, context in
      try await steps?(&message)
      return try await route.process(&message, context)
    }
    task = Task { try await source.run(deliver) }
    await ready.wait()
  }

  /// Appends messages with these bodies.
  func append(_ bodies: String..., key: String? = nil) async throws {
    for body in bodies {
      let message = Message(headers: ["x-own": "kept"], body: .bytes(Array(body.utf8)))
      try await store.append(QueueEntry(message, orderKey: key), to: "orders")
    }
  }

  /// Waits for what happens on other threads, while time goes on by `step` with each look.
  func until(_ step: Duration = .zero, _ condition: @Sendable () async throws -> Bool) async throws -> Bool {
    try await eventually {
      if try await condition() { return true }
      if step > .zero { clock.advance(by: step) }
      return false
    }
  }

  /// Waits until the queue holds nothing.
  func isEmpty(_ step: Duration = .zero) async throws -> Bool {
    try await until(step) { store.messages(in: "orders").isEmpty }
  }

  /// The dead letters, whole.
  var letters: [DeadLetter] {
    get async throws {
      var letters: [DeadLetter] = []
      for letter in try await store.deadLetters(.init(), after: nil, limit: 1000) {
        if let letter = try await store.deadLetter(letter.id, withBody: true) { letters.append(letter) }
      }
      return letters
    }
  }

  /// Stops the source, and waits for its end while time goes on.
  func end() async throws {
    stop.signal()
    let ended = Recorder<Bool>()
    let watch = Task { [task] in
      _ = await task.result
      ended.append(true)
    }
    #expect(try await until(.seconds(1)) { !ended.all.isEmpty })
    watch.cancel()
    try await task.value
  }

  /// A destination `queue` with these options, on the same store.
  func destination(_ options: Configuration) throws -> any Step {
    guard case .step(let step) = try ComponentLoader([.queue], context: context).make(.destination, "queue", options)
    else { throw Failure(.internal, "queue is no destination") }
    return step
  }
}

extension Message {
  /// The body as text.
  var text: String { String(decoding: (try? bodyBytes()) ?? [], as: UTF8.self) }
}
