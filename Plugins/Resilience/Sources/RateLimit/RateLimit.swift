internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Lets messages pass so often, at an even pace. What comes too soon waits for its turn or is refused.
final class RateLimit: Middleware {
  private struct State {
    var common = TokenBucket()
    var byKey = RecentlyUsed<String, TokenBucket>()
  }

  private let name: String
  private let pace: TokenBucket.Pace
  private let key: StateKey?
  private let keys: Int
  private let clock: any EngineClock
  private let waited: Counter
  private let refused: Counter
  private let state = Mutex(State())

  init(_ options: RateLimitOptions, _ context: Context) {
    name = context.place
    pace = options.pace
    key = options.key
    keys = options.keys
    clock = context.clock
    let labels = [(name: "rate_limit", value: context.place)]
    waited = context.metrics.counter(
      "omnibus_rate_limit_waited_total", "Messages that waited for their turn within a rate limit.", labels)
    refused = context.metrics.counter(
      "omnibus_rate_limit_refused_total", "Messages that a rate limit refused.", labels)
  }

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    let key = try await key?.text(&message, context)
    let now = clock.now
    switch change(key, { $0.take(at: now, pace) }) {
    case .refuse(let retryAfter):
      refused.add()
      throw Failure(
        .overloaded, "more messages than the rate limit \(name) lets pass", component: "rate_limit",
        retryAfter: .nanoseconds(Int64(clamping: retryAfter)))
    case .take(after: 0, _): break
    case .take(let wait, let reservation):
      waited.add()
      do {
        try await clock.sleep(for: .nanoseconds(Int64(clamping: wait)))
      } catch {
        change(key) { $0.giveBack(reservation, pace) }
        throw error
      }
    }
    return try await next(&message, context)
  }

  /// Does `work` with the bucket of a key.
  private func change<Result>(_ key: String?, _ work: (inout TokenBucket) -> Result) -> Result {
    state.withLock { state in
      guard let key else { return work(&state.common) }
      var bucket = state.byKey.use(key) ?? TokenBucket()
      let result = work(&bucket)
      state.byKey.set(key, bucket)
      if state.byKey.count > keys { _ = state.byKey.removeOldest() }
      return result
    }
  }
}
