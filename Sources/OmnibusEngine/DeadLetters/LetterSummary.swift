/// What replaying or dropping many dead letters has come to.
public struct LetterSummary: Sendable, Equatable {
  /// Letters that are gone: their messages were worked on, or they were dropped.
  public var done = 0
  /// Letters whose message failed again.
  public var failed = 0
  /// Letters with which nothing was done.
  public var refused = 0
  /// The last reason why a letter is not gone.
  public var reason: String?
  /// Whether all letters were come to; false where the work was given up before, or the engine stops.
  public var isComplete = true

  /// Nothing yet.
  public init() {}

  /// Counts the result of a replay.
  mutating func add(_ outcome: ReplayResult.Outcome) {
    switch outcome {
    case .replayed: done += 1
    case .failed(_, let reason):
      failed += 1
      self.reason = reason
    case .refused(let reason):
      refused += 1
      self.reason = reason
    }
  }
}
