public import Omnibus
internal import Synchronization

/// A system in memory, for routes that are tested whole: `from: { memory: { name: in } }` takes what a test sends, and
/// `to: { memory: { name: out } }` ends in a `FlakyDestination` that the test scripts and looks into.
///
/// ```swift
/// let memory = MemorySystem()
/// let engine = Engine(plugins: [.ours, memory.plugin], environment: …)
/// let reply = try await memory.send(Message(body: .bytes(bytes)), to: "in")
/// #expect(memory.destination("out").received.all.count == 1)
/// ```
public final class MemorySystem: Sendable {
  private struct State {
    var sources: [String: [MemoryEntry]] = [:]
    var destinations: [String: FlakyDestination] = [:]
  }

  private let state = Mutex(State())

  /// A system without messages.
  public init() {}

  /// The plugin with the source and the destination `memory`.
  public var plugin: Plugin {
    Plugin(
      name: "memory", version: "1.0.0",
      components: [
        .source("memory", "Takes what a test sends to a name.", MemoryOptions.self) { [self] options, _ in
          MemorySource(name: options.name, system: self)
        },
        .destination("memory", "Keeps messages for a test to look at.", MemoryOptions.self, answers: false) {
          [self] options, _ in destination(options.name)
        },
      ])
  }

  /// Sends `message` to the newest source of `name`, and waits for the acknowledgement; the result is the reply. Throws
  /// what the route threw, and `unavailable` where nobody takes messages of that name.
  public func send(_ message: Message, to name: String) async throws -> Message {
    let found = state.withLock { state in
      guard let entry = state.sources[name]?.last else { return MemoryEntry?.none }
      entry.begin()
      return entry
    }
    guard let entry = found else { throw Failure(.unavailable, "no source takes messages of this name") }
    defer { entry.end() }
    // In a task of its own, so that a source which is given up gives up what is under way.
    let call = Task {
      var message = message
      try await entry.deliver(&message)
      return message
    }
    let observer = entry.givenUp.onStop { call.cancel() }
    defer { entry.givenUp.remove(observer) }
    return try await withTaskCancellationHandler {
      try await call.value
    } onCancel: {
      call.cancel()
    }
  }

  /// Where the messages to `name` end up.
  public func destination(_ name: String) -> FlakyDestination {
    state.withLock { state in
      if let destination = state.destinations[name] { return destination }
      let destination = FlakyDestination()
      state.destinations[name] = destination
      return destination
    }
  }

  func add(_ entry: MemoryEntry, _ name: String) { state.withLock { $0.sources[name, default: []].append(entry) } }

  func remove(_ entry: MemoryEntry, _ name: String) {
    state.withLock { $0.sources[name]?.removeAll { $0 === entry } }
    entry.close()
  }
}

/// The options of `memory`, on both sides.
private struct MemoryOptions: Options {
  @Option(help: "the name that test and route have agreed on") var name: String
}

struct MemorySource: Source {
  let name: String
  let system: MemorySystem

  var summary: String { "memory \(name)" }
  var spanKind: Span.Origin.Kind { .server }
  var claims: [SourceClaim] { [SourceClaim(summary)] }
  var mayOverlap: Bool { true }

  func run(_ deliver: Deliver) async throws {
    let entry = MemoryEntry(deliver)
    system.add(entry, name)
    deliver.ready()
    await deliver.stop.wait()
    system.remove(entry, name)
    await withTaskCancellationHandler {
      await entry.drained.wait()
    } onCancel: {
      entry.givenUp.signal()
    }
  }
}

/// A running source, and how many messages it has under way.
final class MemoryEntry: Sendable {
  let deliver: Deliver
  /// Given when the source is closed and nothing is under way.
  let drained = StopSignal()
  /// Given when what is under way is to be given up.
  let givenUp = StopSignal()
  private let state = Mutex((calls: 0, isClosed: false))

  init(_ deliver: Deliver) { self.deliver = deliver }

  func begin() { state.withLock { $0.calls += 1 } }

  func end() { settle { $0.calls -= 1 } }

  func close() { settle { $0.isClosed = true } }

  private func settle(_ change: (inout (calls: Int, isClosed: Bool)) -> Void) {
    let isDrained = state.withLock { state in
      change(&state)
      return state.isClosed && state.calls == 0
    }
    if isDrained { drained.signal() }
  }
}
