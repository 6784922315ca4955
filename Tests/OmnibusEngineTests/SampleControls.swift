import Omnibus
import OmnibusTesting
import Synchronization

/// A circuit breaker that a test opens and closes.
final class SampleBreaker: BreakerControl {
  private struct State {
    var status = BreakerStatus(state: .closed)
    var observers = Observers<@Sendable (BreakerStatus) -> Void>()
  }

  let resource: String?
  let place: String
  let pausesSource = true
  private let state = Mutex(State())

  init(resource: String?, place: String = "") {
    self.resource = resource
    self.place = place
  }

  var status: BreakerStatus { state.withLock { $0.status } }
  var takesCalls: Bool { status.state != .open }
  func admit() -> BreakerPlace { takesCalls ? .notNeeded : .none }
  var observers: Int { state.withLock { $0.observers.count } }

  func force(_ forced: BreakerStatus.State?) { become(forced ?? .closed, isForced: forced != nil) }

  /// Opens it as failures do.
  func trip() { become(.open, isForced: false) }

  private func become(_ next: BreakerStatus.State, isForced: Bool) {
    let (status, observers) = state.withLock { state in
      state.status.state = next
      state.status.isForced = isForced
      return (state.status, state.observers.all)
    }
    for observer in observers { observer(status) }
  }

  func onChange(_ body: @escaping @Sendable (BreakerStatus) -> Void) -> Int {
    state.withLock { $0.observers.add(body) }
  }

  func removeObserver(_ number: Int) { _ = state.withLock { $0.observers.remove(number) } }

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    state.withLock { $0.status.calls += 1 }
    return try await next(&message, context)
  }
}

/// Middleware with one place, which a message takes that was admitted to it.
final class SamplePlaces: AdmittingMiddleware {
  private let isTaken = Mutex(false)
  /// Told whenever the place was given back.
  let given = Recorder<String>()
  /// Told when somebody asks.
  let asked = Recorder<String>()
  private let freed = Recorder<Int>()

  func admit(_ context: Context) async throws -> Permit {
    asked.append("asked")
    while true {
      try Task.checkCancellation()
      let isFree = isTaken.withLock { isTaken in
        defer { isTaken = true }
        return !isTaken
      }
      if isFree { return Permit(of: self) { [self] in giveBack() } }
      let wait = StopSignal()
      waiters.withLock { $0.append(wait) }
      await wait.wait()
    }
  }

  private let waiters = Mutex<[StopSignal]>([])

  private func giveBack() {
    isTaken.withLock { $0 = false }
    given.append("given")
    let all = waiters.withLock { waiters in
      defer { waiters = [] }
      return waiters
    }
    for waiter in all { waiter.signal() }
  }

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    let permit = message.delivery?.admission?.take(from: self)
    defer { permit?.end() }
    return try await next(&message, context)
  }
}
