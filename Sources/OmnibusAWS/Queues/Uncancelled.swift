internal import OmnibusReactor

/// Work that goes on when the task which waits for it is cancelled.
enum Uncancelled {
  /// Runs `body` to its end, on the reactor that the caller is on.
  static func run<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
    await Task(executorPreference: Reactor.current) { await body() }.value
  }
}
