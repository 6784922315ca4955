internal import Omnibus
internal import OmnibusReactor

/// Bounds the time of what it wraps: when the time is over, the call is cancelled and the message fails, whether or not
/// the call heeds that. The call works on a copy of the message, and keeps what it holds until it really ends, places
/// in bulkheads around this included.
struct Timeout: Middleware {
  /// How the call and its timer raced.
  private enum Outcome: Sendable {
    case returned(Message, Next)
    case threw(Message, any Error)
    case timedOut
  }

  let limit: Duration

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    let race = Race<Outcome>()
    let copy = message
    let places = HeldPermit.present
    for place in places { place.hold() }
    let time = TimeLimit()
    // Not a child task: a task group would wait for a call that cannot be cancelled.
    let call = TimeLimit.$present.withValue(time) {
      Task(executorPreference: Reactor.current) {
        defer { for place in places { place.release() } }
        var message = copy
        do {
          let next = try await next(&message, context)
          race.end(.returned(message, next))
        } catch {
          race.end(.threw(message, error))
        }
      }
    }
    let timer = context.clock.schedule(after: limit) {
      guard race.end(.timedOut) else { return }
      time.pass()
      call.cancel()
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

extension Message {
  /// Takes a stream from all readers to come: a call which was given up may still be reading it.
  fileprivate mutating func abandonStream() {
    // One that was claimed already needs no more.
    if case .stream(let stream) = body { try? stream.claim() }
  }
}
