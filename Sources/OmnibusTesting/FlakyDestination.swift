public import Omnibus
internal import Synchronization

/// A step that does what a script says: succeeds, fails, answers, waits or hangs. It stands for the other side in tests, and
/// keeps what it was sent.
///
/// ```swift
/// let hospital = FlakyDestination([.fail(.unavailable), .fail(.timeout)], then: .succeed)
/// ```
public final class FlakyDestination: Step {
  /// What becomes of one message.
  public enum Outcome: Sendable {
    /// It is taken.
    case succeed
    /// It is taken, and what follows is not run.
    case stop
    /// It is taken, and answered with this body.
    case answer(Body)
    /// It fails with this kind.
    case fail(Failure.Kind)
    /// It fails with this error, which need not be a `Failure`.
    case failWith(any Error)
    /// It is taken once the signal is given; being cancelled ends that with a `CancellationError`.
    case wait(StopSignal)
    /// It is taken once the signal is given, and being cancelled changes nothing of that.
    case waitUncancelled(StopSignal)
    /// It waits until it is cancelled.
    case hang
  }

  private struct State {
    var script: ArraySlice<Outcome>
    var then: Outcome
    var underWay = 0
    var mostUnderWay = 0
  }

  /// The messages as they came in, in order.
  public let received = Recorder<Message>()
  /// The bodies of the messages that it has taken; streams are read, and large ones counted only.
  public let taken = Recorder<Arrival>()
  /// The ids of messages whose task was cancelled while they were under way.
  public let cancelled = Recorder<MessageID>()
  private let state: Mutex<State>

  /// A destination that does as `script` says, an outcome a message, and as `then` says after its end.
  public init(_ script: [Outcome] = [], then: Outcome = .succeed) {
    state = Mutex(State(script: script[...], then: then))
  }

  /// How many messages are under way.
  public var underWay: Int { state.withLock { $0.underWay } }

  /// How many messages were under way at once at the most.
  public var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

  /// Replaces the script: messages that come from now on end as `script` says, and then as `then` says.
  public func become(_ script: [Outcome] = [], then: Outcome) {
    state.withLock {
      $0.script = script[...]
      $0.then = then
    }
  }

  /// What middleware and sources call.
  public var handler: Handler { Handler { message, context in try await self.process(&message, context) } }

  /// Does what the script says next.
  public func process(_ message: inout Message, _ context: Context) async throws -> Next {
    let outcome = state.withLock { state in
      state.underWay += 1
      state.mostUnderWay = max(state.mostUnderWay, state.underWay)
      return state.script.popFirst() ?? state.then
    }
    received.append(message)
    let id = message.id
    defer { state.withLock { $0.underWay -= 1 } }
    return try await withTaskCancellationHandler {
      try await end(&message, outcome)
    } onCancel: {
      cancelled.append(id)
    }
  }

  private func end(_ message: inout Message, _ outcome: Outcome) async throws -> Next {
    switch outcome {
    case .succeed, .stop, .answer: break
    case .fail(let kind): throw Failure(kind, "the test wants it so")
    case .failWith(let error): throw error
    case .wait(let signal):
      await signal.wait()
      try Task.checkCancellation()
    case .waitUncancelled(let signal):
      await withUnsafeContinuation { continuation in _ = signal.onStop { continuation.resume() } }
    case .hang:
      await StopSignal().wait()
      throw CancellationError()
    }
    taken.append(try await Arrival(reading: message.body))
    if case .answer(let body) = outcome { message.body = body }
    if case .stop = outcome { return .stop }
    return .next
  }
}
