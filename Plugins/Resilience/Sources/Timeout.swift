internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Bounds the time of what it wraps: when the time is over, the call is cancelled and the message fails, whether or not
/// the call heeds that. The call works on a copy of the message, and keeps what it holds until it really ends.
struct Timeout: Middleware {
  let limit: Duration

  func handle(_ message: inout Message, _ context: Context, next: @escaping Handler) async throws -> Next {
    let race = Race()
    let copy = message
    // Not a child task: a task group would wait for a call that cannot be cancelled.
    let call = Task.detached(executorPreference: Reactor.current) {
      var message = copy
      do {
        let next = try await next(&message, context)
        race.end(.returned(message, next))
      } catch {
        race.end(.threw(message, error))
      }
    }
    let timer = context.clock.schedule(after: limit) {
      if race.end(.timedOut) { call.cancel() }
    }
    let outcome = await withTaskCancellationHandler {
      await race.outcome()
    } onCancel: {
      call.cancel()
    }
    switch outcome {
    case .returned(let result, let next):
      timer.cancel()
      message = result
      return next
    case .threw(let result, let error):
      timer.cancel()
      message = result
      throw error
    case .timedOut:
      message.abandonStream()
      throw Failure(.timeout, "took longer than \(limit.text)")
    }
  }
}

/// How the call and its timer raced: the first to end decides.
private final class Race: Sendable {
  enum Outcome: Sendable {
    case returned(Message, Next)
    case threw(Message, any Error)
    case timedOut
  }

  private enum State {
    case running
    case awaited(UnsafeContinuation<Outcome, Never>)
    case ended(Outcome)
    case taken
  }

  private let state = Mutex(State.running)

  /// Answers whether it was the first to end.
  @discardableResult
  func end(_ outcome: Outcome) -> Bool {
    let (isFirst, waiting) = state.withLock { state -> (Bool, UnsafeContinuation<Outcome, Never>?) in
      switch state {
      case .running:
        state = .ended(outcome)
        return (true, nil)
      case .awaited(let continuation):
        state = .taken
        return (true, continuation)
      case .ended, .taken:
        return (false, nil)
      }
    }
    waiting?.resume(returning: outcome)
    return isFirst
  }

  /// Waits for the first to end. Called once.
  func outcome() async -> Outcome {
    await withUnsafeContinuation { continuation in
      let ended = state.withLock { state -> Outcome? in
        if case .ended(let outcome) = state {
          state = .taken
          return outcome
        }
        state = .awaited(continuation)
        return nil
      }
      if let ended { continuation.resume(returning: ended) }
    }
  }
}

extension Message {
  /// Takes a stream from all readers to come: a call which was given up may still be reading it.
  fileprivate mutating func abandonStream() {
    // One that was claimed already needs no more.
    if case .stream(let stream) = body { try? stream.claim() }
  }
}
