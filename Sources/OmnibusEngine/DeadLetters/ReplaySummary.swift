/// What a replay of several dead letters has come to.
public struct ReplaySummary: Sendable, Equatable {
  /// Letters whose message was worked on.
  public var replayed = 0
  /// Letters whose message failed again.
  public var failed = 0
  /// Letters with which nothing was done.
  public var refused = 0
  /// Whether all letters were come to; false where the work was given up before, or the engine stops.
  public var isComplete = true

  /// Nothing yet.
  public init() {}

  /// Counts a result.
  mutating func add(_ outcome: ReplayResult.Outcome) {
    switch outcome {
    case .replayed: replayed += 1
    case .failed: failed += 1
    case .refused: refused += 1
    }
  }
}
