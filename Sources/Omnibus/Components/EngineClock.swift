/// The time as components see it: injected, so that tests need not wait.
public protocol EngineClock: Sendable {
  /// Nanoseconds of a clock that never steps back.
  var now: UInt64 { get }
  /// Seconds since 1970-01-01T00:00:00Z, as the calendar goes.
  var wallTime: Double { get }
  /// Calls `action` once after `delay`, on the reactor of the caller where there is one. The result cancels it.
  func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> ScheduledAction
}

/// What `schedule` set up, to be cancelled.
public struct ScheduledAction: Sendable {
  private let onCancel: @Sendable () -> Void

  /// An action that `onCancel` calls off.
  public init(onCancel: @escaping @Sendable () -> Void) { self.onCancel = onCancel }

  /// Calls the action off; one that has run already is left alone.
  public func cancel() { onCancel() }
}

extension EngineClock {
  /// Waits for `duration`; throws `CancellationError` as soon as the task is cancelled.
  public func sleep(for duration: Duration) async throws {
    let once = Once()
    let scheduled = schedule(after: duration) { once.fire() }
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in once.set { continuation.resume() } }
    } onCancel: {
      once.fire()
    }
    scheduled.cancel()
    try Task.checkCancellation()
  }

  /// Waits for `duration` or until `stop` is signalled; answers whether the time passed.
  public func sleep(for duration: Duration, unless stop: StopSignal) async throws -> Bool {
    let once = Once()
    let scheduled = schedule(after: duration) { once.fire() }
    let observer = stop.onStop { once.fire() }
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in once.set { continuation.resume() } }
    } onCancel: {
      once.fire()
    }
    scheduled.cancel()
    stop.remove(observer)
    try Task.checkCancellation()
    return !stop.isStopped
  }
}
