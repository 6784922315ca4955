internal import Logging
internal import Omnibus
internal import Synchronization

/// Refuses calls to what fails or is slow too often, and after a while tries whether it is well again.
final class CircuitBreaker: BreakerControl {
  let pausesSource: Bool
  private let name: String
  private let clock: any EngineClock
  private let logger: Logger
  private let kinds: [Failure.Kind]?
  private let openFor: Duration
  private let meters: BreakerMeters
  private let state: Mutex<State>

  private struct State {
    var machine: BreakerMachine
    /// Makes it half open; there is one as long as it is open and not forced. Half open, it is that of `openFor`, after which
    /// trial calls are allowed anew, where sources wait for that.
    var timer: ScheduledAction?
    var observers = Observers<@Sendable (BreakerStatus) -> Void>()
  }

  /// A change, to be told outside of the lock.
  private struct Change {
    /// How it stands where its state is another; nil where only a trial call has a place again.
    var status: BreakerStatus?
    var observers: [@Sendable (BreakerStatus) -> Void]
  }

  init(_ options: CircuitBreakerOptions, _ context: Context) {
    pausesSource = options.pauseSource
    name = context.place
    clock = context.clock
    logger = context.logger
    kinds = options.on
    openFor = options.openFor
    meters = BreakerMeters(context.place, context.metrics)
    state = Mutex(State(machine: BreakerMachine(options.settings)))
    meters.show(.closed)
  }

  deinit { state.withLock { $0.timer?.cancel() } }

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    let call = try begin(pausesSource ? message.delivery?.admission?.take(from: self) : nil)
    do {
      let next = try await next(&message, context)
      end(call, .success)
      return next
    } catch {
      end(call, outcome(of: error))
      throw error
    }
  }

  private func begin(_ permit: Permit?) throws -> BreakerMachine.Call {
    let now = clock.now
    switch change({ $0.begin(at: now, place: permit?.number) }) {
    case .pass(let call): return call
    case .refuse(let retryAfter):
      meters.refused.add()
      throw Failure(
        .unavailable, "the circuit breaker \(name) is open", component: "circuit_breaker",
        retryAfter: retryAfter.map { .nanoseconds(Int64(clamping: $0)) })
    }
  }

  private func end(_ call: BreakerMachine.Call, _ outcome: BreakerMachine.Outcome) {
    let now = clock.now
    let isSlow = change { machine in
      machine.end(call, outcome, at: now)
      return machine.isSlow(call, at: now)
    }
    switch outcome {
    case .success: meters.succeeded.add()
    case .failure: meters.failed.add()
    case .givenUp: meters.givenUp.add()
    }
    if isSlow { meters.slow.add() }
  }

  private func outcome(of error: any Error) -> BreakerMachine.Outcome {
    var failure = Failure(error)
    if failure.kind == .cancelled {
      // A timeout around this gave up waiting for what was called, which is what that timeout would say of it.
      guard TimeLimit.present?.isOver == true else { return .givenUp }
      failure.kind = .timeout
    }
    return kinds?.contains(failure.kind) ?? failure.isTransient ? .failure : .success
  }

  // MARK: changes

  /// Does `work` with the machine, and tells everybody where it changed its state.
  private func change<Result>(_ work: (inout BreakerMachine) -> Result) -> Result {
    let (result, change) = state.withLock { state -> (Result, Change?) in
      let (period, wasForced, left) = (state.machine.period, state.machine.isForced, state.machine.trialsLeft)
      let result = work(&state.machine)
      guard period == state.machine.period, wasForced == state.machine.isForced else {
        return (result, hasChanged(&state))
      }
      guard pausesSource, state.machine.trialsLeft > left else { return (result, nil) }
      return (result, Change(status: nil, observers: state.observers.all))
    }
    if let change { announce(change) }
    return result
  }

  /// What goes with a change of state, under the lock so that it keeps the order of the changes.
  private func hasChanged(_ state: inout State) -> Change {
    let status = state.machine.status(at: clock.now)
    meters.show(status.state)
    state.timer?.cancel()
    state.timer = nil
    if status.state == .open, !status.isForced {
      // A source that is paused brings no call that would find out.
      state.timer = clock.schedule(after: openFor) { [weak self] in
        guard let self else { return }
        let now = clock.now
        change { $0.refresh(at: now) }
      }
    }
    if status.state == .halfOpen, pausesSource { allowTrialsLater(&state) }
    return Change(status: status, observers: state.observers.all)
  }

  /// Lets sources ask again when trial calls are allowed anew, as long as it is half open.
  private func allowTrialsLater(_ state: inout State) {
    state.timer = clock.schedule(after: openFor) { [weak self] in
      guard let self else { return }
      let observers = self.state.withLock { state -> [@Sendable (BreakerStatus) -> Void] in
        guard state.machine.state == .halfOpen else { return [] }
        allowTrialsLater(&state)
        return state.observers.all
      }
      announce(Change(status: nil, observers: observers))
    }
  }

  private func announce(_ change: Change) {
    if let status = change.status { log(status) }
    // How it stands now, not then: of two threads the one that is late must not have the last word.
    for observer in change.observers { observer(self.status) }
  }

  private func log(_ status: BreakerStatus) {
    let metadata: Logger.Metadata = [
      "breaker": "\(name)", "forced": "\(status.isForced)", "calls": "\(status.calls)",
      "failures": "\(status.failures)", "slow": "\(status.slow)",
    ]
    switch status.state {
    case .open: logger.warning("circuit breaker opened", metadata: metadata)
    case .halfOpen: logger.info("circuit breaker is half open", metadata: metadata)
    case .closed: logger.info("circuit breaker closed", metadata: metadata)
    }
  }

  // MARK: sources

  var takesCalls: Bool {
    let now = clock.now
    return state.withLock { $0.machine.hasPlace(at: now) }
  }

  func admit() -> BreakerPlace {
    let now = clock.now
    switch state.withLock({ $0.machine.promise(at: now) }) {
    case .notNeeded: return .notNeeded
    case .none: return .none
    case .held(let number):
      return .held(Permit(of: self, number: number) { [self] in change { $0.takeBack(number) } })
    }
  }

  // MARK: operators

  var status: BreakerStatus {
    let now = clock.now
    return state.withLock { $0.machine.status(at: now) }
  }

  func force(_ wanted: BreakerStatus.State?) {
    let now = clock.now
    change { $0.force(wanted, at: now) }
  }

  func onChange(_ body: @escaping @Sendable (BreakerStatus) -> Void) -> Int {
    state.withLock { $0.observers.add(body) }
  }

  func removeObserver(_ number: Int) { _ = state.withLock { $0.observers.remove(number) } }
}
