internal import CReactor
internal import Glibc
internal import Synchronization

/// A reactor that one piece of work holds: nothing else moves on it.
public struct HeldReactor: Sendable {
  /// The index of the reactor.
  public let reactor: Int
  /// For how long it had been held when it was noticed; it may go on.
  public let duration: Duration
  /// What holds it, where that said so with `Activity.begin`; nil also for work that was resumed after waiting.
  public let activity: String?
}

/// A thread that looks at reactors a few times in the time that they may be held.
final class Watchdog: Sendable {
  private let isStopped = Atomic(false)

  /// Watches `reactors`, and calls `report` on the watchdog's own thread, once for each piece of work that takes longer
  /// than `limit`.
  func start(
    _ reactors: [Reactor], limit: Duration, _ report: @escaping @Sendable (HeldReactor) -> Void
  ) throws(SystemError) {
    let limit = limit.nanosecondsClamped
    try OperatingSystemThread.start(named: "watchdog") { [self] in
      var detectors = [HoldDetector](repeating: HoldDetector(limit: limit), count: reactors.count)
      while !isStopped.load(ordering: .relaxed) {
        usleep(UInt32(max(limit / 4000, 1000)))
        for (index, reactor) in reactors.enumerated() {
          let piece = reactor.piece.load(ordering: .relaxed)
          let now = MonotonicTime.now
          let reached = detectors[index].observe(piece: piece, at: now)
          reactors[index].tally.held(detectors[index].held(at: now), isReported: reached != nil)
          guard let held = reached else { continue }
          report(
            HeldReactor(reactor: index, duration: .nanoseconds(Int64(clamping: held)), activity: reactor.activityName))
        }
      }
    }
  }

  /// Ends the thread, soon.
  func stop() { isStopped.store(true, ordering: .relaxed) }
}
