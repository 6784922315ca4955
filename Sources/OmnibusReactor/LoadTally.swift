internal import Glibc
internal import Synchronization

/// Counts what a reactor does. Each number is written by one thread, the reactor's or the watchdog's, so an addition is a
/// load and a store.
final class LoadTally: Sendable {
  private let turns = Atomic<UInt64>(0)
  private let pieces = Atomic<UInt64>(0)
  private let holds = Atomic<UInt64>(0)
  private let longestHold = Atomic<UInt64>(0)
  /// The clock of the thread's CPU time; `none` while it does not run.
  private let clock = Atomic<Int32>(LoadTally.none)
  private static let none = Int32.max

  /// The calling thread is the reactor's from now on.
  func begin() {
    var number: clockid_t = 0
    if pthread_getcpuclockid(pthread_self(), &number) == 0 { clock.store(number, ordering: .relaxed) }
  }

  /// The thread ends.
  func end() { clock.store(Self.none, ordering: .relaxed) }

  /// One more turn of the loop, before which so many pieces of work had begun.
  @inline(__always)
  func turn(pieces count: UInt64) {
    turns.store(turns.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    pieces.store(count, ordering: .relaxed)
  }

  /// A piece of work was seen to run for `nanoseconds`; `isReported` when that reached the limit just now.
  func held(_ nanoseconds: UInt64, isReported: Bool) {
    if nanoseconds > longestHold.load(ordering: .relaxed) { longestHold.store(nanoseconds, ordering: .relaxed) }
    if isReported { holds.store(holds.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }
  }

  /// All of it now.
  var load: ReactorLoad {
    var time = timespec()
    let number = clock.load(ordering: .relaxed)
    let isKnown = number != Self.none && clock_gettime(number, &time) == 0
    return ReactorLoad(
      turns: turns.load(ordering: .relaxed), pieces: pieces.load(ordering: .relaxed),
      busyNanoseconds: isKnown ? UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec) : 0,
      holds: holds.load(ordering: .relaxed), longestHold: longestHold.load(ordering: .relaxed))
  }
}
