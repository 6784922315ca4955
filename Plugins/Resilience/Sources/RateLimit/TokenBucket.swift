/// How often something may happen, by the times that it is told: the generic cell rate algorithm (ITU-T I.371), which is a
/// bucket of tokens that fills at an even pace, kept as the one moment at which it will be full.
struct TokenBucket: Sendable {
  /// How a bucket fills.
  struct Pace: Sendable, Equatable {
    /// The nanoseconds between two tokens.
    var interval: UInt64
    /// The nanoseconds that fill all of it.
    var capacity: UInt64
    /// The nanoseconds that somebody may have to wait.
    var longestWait: UInt64
  }

  /// What becomes of somebody who asks for a token.
  enum Decision: Sendable, Equatable {
    /// It is theirs in so many nanoseconds; they can give it back until then.
    case take(after: UInt64, Reservation)
    /// There will be one in so many nanoseconds, which is longer than anybody may wait.
    case refuse(retryAfter: UInt64)
  }

  /// A token that was taken.
  struct Reservation: Sendable, Equatable { fileprivate var fullAt: UInt64 }

  private var fullAt: UInt64 = 0

  mutating func take(at now: UInt64, _ pace: Pace) -> Decision {
    let fullAfter = max(fullAt, now) + pace.interval
    let wait = fullAfter > now + pace.capacity ? fullAfter - now - pace.capacity : 0
    guard wait <= pace.longestWait else { return .refuse(retryAfter: wait) }
    fullAt = fullAfter
    return .take(after: wait, Reservation(fullAt: fullAfter))
  }

  /// Takes a token back that nobody waits for any more; where others wait behind it, their turns stay as they are.
  mutating func giveBack(_ reservation: Reservation, _ pace: Pace) {
    if fullAt == reservation.fullAt { fullAt -= pace.interval }
  }
}
