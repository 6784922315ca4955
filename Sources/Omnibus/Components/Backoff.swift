/// How long to wait before trying again: a pure function of the attempt and of chance.
public struct Backoff: Sendable, Equatable {
  /// How the wait grows from one attempt to the next.
  public enum Growth: Sendable, Equatable {
    /// Always the same.
    case constant
    /// By the first wait each time.
    case linear
    /// By a factor each time.
    case exponential(factor: Double)
  }

  /// How much of the wait is left to chance, so that many that failed together do not come again together.
  public enum Jitter: String, OptionEnum {
    /// Nothing.
    case none
    /// A half of it.
    case equal
    /// All of it.
    case full
  }

  /// The wait after the first attempt.
  public var initial: Duration
  /// How it grows.
  public var growth: Growth
  /// The longest wait.
  public var max: Duration
  /// What is left to chance.
  public var jitter: Jitter

  /// A backoff.
  public init(initial: Duration, growth: Growth, max: Duration, jitter: Jitter) {
    self.initial = initial
    self.growth = growth
    self.max = max
    self.jitter = jitter
  }

  /// The wait after `attempt`, counted from 1, has failed; `chance` is in 0..<1.
  public func delay(after attempt: Int, chance: Double) -> Duration {
    let limit = seconds(max)
    let whole = Swift.min(grown(attempt, limit: limit), limit)
    let part =
      switch jitter {
      case .none: whole
      case .equal: whole / 2 + whole / 2 * chance
      case .full: whole * chance
      }
    // A wait of `max` is given as such: its nanoseconds need not fit a Double.
    return part >= limit ? max : .seconds(part)
  }

  private func grown(_ attempt: Int, limit: Double) -> Double {
    let first = seconds(initial)
    switch growth {
    case .constant: return first
    case .linear: return first * Double(attempt)
    case .exponential(let factor):
      var wait = first
      var step = 1
      while step < attempt, wait < limit {
        wait *= factor
        step += 1
      }
      return wait
    }
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}
