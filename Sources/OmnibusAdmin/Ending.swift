internal import Omnibus

/// Work at the end of the program, which must not hold it up for longer than is allowed.
enum Ending {
  /// Runs `work`, which is cancelled after `grace`.
  static func run(
    within grace: Duration, _ clock: any EngineClock, _ work: @escaping @Sendable () async -> Void
  ) async {
    let ending = Task { await work() }
    let overdue = clock.schedule(after: grace) { ending.cancel() }
    await ending.value
    overdue.cancel()
  }
}
