internal import Logging
internal import Omnibus

/// Tries again what failed, with the message as it came in. What decides after each attempt is that attempt's failure;
/// the count goes on whatever kind it is. Being cancelled ends it at once, also while it waits.
struct Retry: Middleware {
  private let attempts: Int
  private let backoff: Backoff
  private let budget: Duration?
  private let kinds: [Failure.Kind]

  init(_ options: RetryOptions) {
    attempts = options.attempts
    backoff = options.backoff.backoff
    budget = options.budget
    kinds = options.on
  }

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    let original = message
    let start = context.clock.now
    var attempt = 1
    // Attempts of a retry within this one count one by one.
    var tried = 0
    while true {
      do {
        return try await next(&message, context)
      } catch {
        var failure = Failure(error)
        tried += failure.attempts
        failure.attempts = tried
        guard shouldRetry(failure, after: attempt), original.canBeSentAgain else { throw given(up: failure, attempt) }
        guard let delay = delay(after: attempt, failure) else { throw given(up: failure, attempt) }
        if let budget, context.clock.elapsed(since: start) + delay >= budget { throw given(up: failure, attempt) }
        context.logger.debug(
          "trying again",
          metadata: message.logMetadata.merging([
            "attempt": "\(attempt)", "failure": "\(failure.kind.rawValue)", "reason": "\(failure.loggedReason)",
            "delay": "\(delay.text)",
          ]) { first, _ in first })
        try await context.clock.sleep(for: delay)
        context.metrics.counter(
          "omnibus_retries_total", "Attempts that retry made after one that failed.",
          [("route", context.route), ("step", context.step)]
        ).add()
        message = original
        attempt += 1
      }
    }
  }

  private func shouldRetry(_ failure: Failure, after attempt: Int) -> Bool {
    guard attempt < attempts, failure.kind != .cancelled, !Task.isCancelled else { return false }
    return kinds.contains(failure.kind)
  }

  /// The backoff's wait, or as long as the other side asks for where that is longer. Nil where it asks for more than
  /// `max`: to come earlier would be refused, and to wait so long is more than the route allows.
  private func delay(after attempt: Int, _ failure: Failure) -> Duration? {
    let wait = backoff.delay(after: attempt, chance: Double.random(in: 0..<1))
    guard let asked = failure.retryAfter else { return wait }
    return asked > backoff.max ? nil : max(wait, asked)
  }

  private func given(up failure: Failure, _ attempt: Int) -> Failure {
    guard attempt > 1 else { return failure }
    var failure = failure
    failure.reason += ", after \(attempt) attempts"
    return failure
  }
}

extension Message {
  /// Whether the body can be sent twice; a stream is read once.
  fileprivate var canBeSentAgain: Bool { if case .stream = body { false } else { true } }
}

extension EngineClock {
  /// The time since `start`, a reading of `now`.
  fileprivate func elapsed(since start: UInt64) -> Duration { .nanoseconds(Int64(clamping: now &- start)) }
}
