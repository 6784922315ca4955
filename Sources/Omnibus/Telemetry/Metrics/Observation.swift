internal import Synchronization

/// A series whose value is asked for when metrics are read. It is there as long as this is: whoever observes something keeps
/// it, and what it observes should be held weakly, or neither goes away.
public final class Observation: Sendable {
  private let registration: Mutex<MetricRegistry.Registration?>

  init(_ registration: MetricRegistry.Registration?) { self.registration = Mutex(registration) }

  /// Takes the series away now.
  public func end() { registration.withLock { $0 = nil } }
}
