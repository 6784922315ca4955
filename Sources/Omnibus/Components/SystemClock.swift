internal import Glibc
public import OmnibusReactor
internal import Synchronization

/// The real time, by the timers of the reactors.
public struct SystemClock: EngineClock {
  private let reactors: ReactorGroup

  /// A clock whose timers run on `reactors`.
  public init(reactors: ReactorGroup) { self.reactors = reactors }

  /// Nanoseconds of the monotonic clock.
  public var now: UInt64 { MonotonicTime.now }

  /// Seconds since 1970.
  public var wallTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// A timer of the caller's reactor, or of the next one for a caller on another thread.
  public func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> ScheduledAction {
    if let reactor = Reactor.current {
      let timer = reactor.schedule(after: delay, action)
      return ScheduledAction {
        if reactor.isCurrent { reactor.cancel(timer) } else { reactor.execute { reactor.cancel(timer) } }
      }
    }
    let reactor = reactors.next()
    let timer = Mutex<TimerHandle?>(nil)
    let box = Shared(timer)
    reactor.execute { box.value.withLock { $0 = reactor.schedule(after: delay, action) } }
    return ScheduledAction {
      reactor.execute { if let timer = box.value.withLock({ $0 }) { reactor.cancel(timer) } }
    }
  }
}

/// A noncopyable value that several closures hold.
final class Shared<Value: ~Copyable & Sendable>: Sendable {
  let value: Value
  init(_ value: consuming Value) { self.value = value }
}
