/// What became of a delivery.
enum Verdict: Sendable {
  /// It was worked on.
  case acknowledged
  /// It goes back to its queue.
  case requeued
  /// It goes to where dead messages go.
  case rejected
}

/// Which deliveries of one connection are settled, and what is to be said of them: as many as can be in one frame. Numbers
/// begin with 1.
struct Settled {
  /// How long one waits for those before it, in nanoseconds; then it is told by itself.
  static let patience: UInt64 = 5_000_000

  /// What is to be sent.
  struct Frame: Equatable {
    let number: UInt64
    let multiple: Bool
  }

  /// The lowest number that is not settled.
  private var next: UInt64 = 1
  /// Worked on and not told, with the time since when.
  private var ahead: [UInt64: UInt64] = [:]
  /// Told, and above `next`.
  private var told: Set<UInt64> = []

  /// Whether something waits to be told.
  var isBehind: Bool { !ahead.isEmpty }

  /// Notes what the caller tells by itself.
  mutating func noteTold(_ number: UInt64) {
    guard number >= next else { return }
    ahead[number] = nil
    told.insert(number)
  }

  /// Notes a delivery that was worked on at `now`.
  mutating func noteWorkedOn(_ number: UInt64, at now: UInt64) {
    guard number >= next, !told.contains(number) else { return }
    ahead[number] = now
  }

  /// The frames that tell what is due at `now`: one for all up to the first that is under way, and one for each that has
  /// waited long enough behind it.
  mutating func frames(at now: UInt64) -> [Frame] {
    var (last, count): (UInt64, Int) = (0, 0)
    while true {
      if ahead.removeValue(forKey: next) != nil {
        (last, count) = (next, count + 1)
      } else if told.remove(next) == nil {
        break
      }
      next += 1
    }
    // A number that was told already is unknown to the broker, so the last one is one that was not.
    var frames = count > 0 ? [Frame(number: last, multiple: count > 1)] : []
    for (number, since) in ahead where now &- since >= Self.patience {
      ahead[number] = nil
      told.insert(number)
      frames.append(Frame(number: number, multiple: false))
    }
    return frames
  }
}
