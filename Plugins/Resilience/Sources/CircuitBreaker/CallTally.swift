/// How many calls there were, and how they went.
struct CallTally: Sendable, Equatable {
  var calls = 0
  var failures = 0
  var slow = 0

  static func += (a: inout CallTally, b: CallTally) {
    a.calls += b.calls
    a.failures += b.failures
    a.slow += b.slow
  }

  static func -= (a: inout CallTally, b: CallTally) {
    a.calls -= b.calls
    a.failures -= b.failures
    a.slow -= b.slow
  }
}
