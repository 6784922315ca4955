internal import Omnibus
internal import OmnibusStore

/// Goes through the dead letters that a filter lets through, oldest first, a page at a time and at a rate: those that are
/// there when it begins, each once, also where they fail again meanwhile.
struct LetterWalk {
  private static let pageSize = 100

  private let store: any DeadLetterStore
  private let clock: any EngineClock
  private let stop: StopSignal
  private let filter: DeadLetterFilter
  private var pace: ReplayPace?
  private var page: ArraySlice<String> = []
  private var last: String?
  /// Whether it was given up before all letters were come to: the task is cancelled, or `stop` is signalled.
  private(set) var isGivenUp = false

  init(
    _ filter: DeadLetterFilter, _ rate: Rate?, in store: any DeadLetterStore, clock: any EngineClock, stop: StopSignal
  ) {
    self.store = store
    self.clock = clock
    self.stop = stop
    var filter = filter
    filter.before = min(filter.before ?? .infinity, clock.wallTime.nextUp)
    self.filter = filter
    pace = rate.map { ReplayPace($0, from: clock.now) }
  }

  /// The id of the next letter when its time has come; nil at the end.
  mutating func next() async throws -> String? {
    if page.isEmpty {
      page = try await store.deadLetters(filter, after: last, limit: Self.pageSize).map(\.id)[...]
      last = page.last ?? last
    }
    guard let id = page.popFirst() else { return nil }
    let now = clock.now
    let wait = pace?.next(at: now) ?? .zero
    if wait > .zero { isGivenUp = (try? await clock.sleep(for: wait, unless: stop)) != true }
    isGivenUp = isGivenUp || stop.isStopped || Task.isCancelled
    return isGivenUp ? nil : id
  }
}
