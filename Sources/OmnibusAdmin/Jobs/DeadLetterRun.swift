internal import Omnibus
internal import OmnibusStore

/// Does something with all dead letters that a filter lets through, one after another, a page in memory at a time.
struct DeadLetterRun: Sendable {
  /// What came of one.
  enum Outcome: Sendable {
    /// It is gone.
    case done
    /// It was kept anew.
    case failed(String)
    /// It is as it was.
    case refused(String)
  }

  /// How many letters are looked at together.
  private static let page = 100

  let store: any DeadLetterStore
  /// Lets nothing through that failed after the beginning: what fails again is not taken again.
  let filter: DeadLetterFilter
  /// The time from one to the next.
  let pause: Duration
  let clock: any EngineClock

  /// The letters of `filter` that failed until now, at a rate.
  init(_ store: any DeadLetterStore, _ filter: DeadLetterFilter, pause: Duration?, clock: any EngineClock) {
    self.store = store
    self.clock = clock
    self.pause = pause ?? .zero
    var filter = filter
    filter.before = min(filter.before ?? .infinity, clock.wallTime)
    self.filter = filter
  }

  /// Hands the id of each letter to `act`, until there are no more or the task is cancelled.
  func run(
    _ change: @Sendable ((inout AdminJob) -> Void) -> Void, _ act: @Sendable (String) async throws -> Outcome
  ) async throws {
    var last: String?
    while true {
      let letters = try await store.deadLetters(filter, after: last, limit: Self.page)
      if letters.isEmpty { return }
      for letter in letters {
        guard !Task.isCancelled else { return }
        last = letter.id
        let start = clock.now
        switch try await act(letter.id) {
        case .done: change { $0.done += 1 }
        case .failed(let reason):
          change {
            $0.failed += 1
            $0.reason = reason
          }
        case .refused(let reason):
          change {
            $0.refused += 1
            $0.reason = reason
          }
        }
        try await wait(since: start)
      }
    }
  }

  private func wait(since start: UInt64) async throws {
    let passed = Duration.nanoseconds(Int64(clamping: clock.now &- start))
    if passed < pause { try await clock.sleep(for: pause - passed) }
  }
}
