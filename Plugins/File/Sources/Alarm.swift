internal import Omnibus
internal import Synchronization

/// Wakes a task that waits: when it is rung, when its time has come, and when it is to stop.
final class Alarm: Sendable {
  private struct State {
    var isRung = false
    var waiter: UnsafeContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Wakes the task that waits, or the next one.
  func ring() {
    let waiter = state.withLock { state in
      let waiter = state.waiter.take()
      state.isRung = waiter == nil
      return waiter
    }
    waiter?.resume()
  }

  /// Waits until it is rung or `duration` has passed; answers false when `stop` was signalled. For one task at a time.
  func wait(for duration: Duration, by clock: any EngineClock, unless stop: StopSignal) async throws -> Bool {
    let timer = clock.schedule(after: duration) { [self] in ring() }
    let observer = stop.onStop { [self] in ring() }
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isRung = state.withLock { state in
          defer { state.isRung = false }
          if !state.isRung { state.waiter = continuation }
          return state.isRung
        }
        if isRung { continuation.resume() }
      }
    } onCancel: {
      ring()
    }
    timer.cancel()
    stop.remove(observer)
    try Task.checkCancellation()
    return !stop.isStopped
  }
}
