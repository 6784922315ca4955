internal import Omnibus
internal import Synchronization

/// Stands between a source and its route: counts what is under way, and holds new messages back while there is a reason.
///
/// An operator holds back all messages; an open breaker, and a connection on the way of all messages whose peer takes none,
/// only sources that ask for admission, as all others have their messages already. A breaker that is half open lets so many
/// of them go on as it tries calls.
final class RouteGate: Sendable {
  private struct State {
    var control: RouteControl
    /// The breakers and the connections that pause the source.
    var followed: [BuiltRoute.Breaker] = []
    var connections: [RouteConnection] = []
    /// What of these holds messages back.
    var holding: [String] = []
    var observers = Observers<@Sendable () -> Void>()
  }

  private let state: Mutex<State>
  /// Whether `state.control` lets no message pass, to be asked without a lock.
  private let isClosed: Atomic<Bool>
  private let messages = Atomic<Int>(0)
  private let admissions = Atomic<Int>(0)
  private let isAsked = Atomic<Bool>(false)

  init(_ control: RouteControl) {
    state = Mutex(State(control: control))
    isClosed = Atomic(control != .started)
  }

  /// The messages under way.
  var underWay: Int { messages.load(ordering: .sequentiallyConsistent) }
  var control: RouteControl { state.withLock { $0.control } }

  /// Why no messages are taken, for people.
  var reasons: [String] {
    let isAsked = isAsked.load(ordering: .relaxed)
    return state.withLock { state in
      (state.control == .started ? [] : ["operator"])
        + (isAsked ? state.holding : [])
    }
  }

  /// Lets a message pass, which is under way until `leave`; false while an operator holds messages back. One that was
  /// `admitted` passes always: its source has taken it.
  func enter(admitted: Bool) -> Bool {
    // Sequentially consistent, as is closing: either the message sees the gate closed, or who closed it sees the message.
    messages.wrappingAdd(1, ordering: .sequentiallyConsistent)
    if admitted || !isClosed.load(ordering: .sequentiallyConsistent) { return true }
    leave()
    return false
  }

  /// Ends what `enter` began.
  func leave() {
    messages.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    if isClosed.load(ordering: .sequentiallyConsistent) { tellIfIdle() }
  }

  /// Lets a source take a message, until the result is ended; nil while there is a reason not to.
  func admit(_ permits: [Permit]) -> Admission? {
    isAsked.store(true, ordering: .relaxed)
    let (trials, isOpen) = state.withLock { state -> ([Permit], Bool) in
      var trials: [Permit] = []
      guard state.control == .started, state.holding.isEmpty else { return (trials, false) }
      for breaker in state.followed {
        switch breaker.control.admit() {
        case .notNeeded: break
        case .held(let permit): trials.append(permit)
        case .none:
          Self.look(&state)
          return (trials, false)
        }
      }
      admissions.wrappingAdd(1, ordering: .sequentiallyConsistent)
      return (trials, true)
    }
    guard isOpen else {
      // Not under the lock: whoever may have the place now is told of it, and asks here.
      for trial in trials { trial.end() }
      return nil
    }
    return Admission(permits + trials) { [self] in
      admissions.wrappingSubtract(1, ordering: .sequentiallyConsistent)
      if isClosed.load(ordering: .sequentiallyConsistent) { tellIfIdle() }
    }
  }

  func set(_ control: RouteControl) {
    change { state in
      state.control = control
      isClosed.store(control != .started, ordering: .sequentiallyConsistent)
    }
  }

  /// Ends a drain, unless somebody wants something else of the route by now.
  func endDrain() { change { if $0.control == .draining { $0.control = .paused } } }

  /// Goes by these breakers and connections from now on, and by no others.
  func follow(_ breakers: [BuiltRoute.Breaker], _ connections: [RouteConnection] = []) {
    change { state in
      state.followed = breakers
      state.connections = connections
      Self.look(&state)
    }
  }

  /// Looks again which breakers take no calls, and which connections no messages. They are asked under the lock, so that of
  /// two who were told of changes the one that is late does not have the last word.
  func refresh() { change { Self.look(&$0) } }

  private static func look(_ state: inout State) {
    let breakers = state.followed.filter { !$0.control.takesCalls }.map { "breaker \($0.name)" }.sorted()
    let connections = state.connections.filter(\.step.condition.isBlocked).map(\.name)
    state.holding = breakers + Set(connections).sorted()
  }

  /// Waits until sources may take messages, or `stop` is signalled; answers whether they may.
  func waitUntilOpen(unless stop: StopSignal) async throws -> Bool {
    isAsked.store(true, ordering: .relaxed)
    try await wait(unless: stop) { $0.control == .started && $0.holding.isEmpty }
    return !stop.isStopped
  }

  /// Waits until no message is under way, or `stop` is signalled. The gate must be closed.
  func waitUntilEmpty(unless stop: StopSignal) async throws { try await wait(unless: stop) { _ in underWay == 0 } }

  /// Waits until nothing is under way, or `stop` is signalled; answers whether nothing is. The gate must be closed.
  func waitUntilIdle(unless stop: StopSignal) async throws -> Bool {
    try await wait(unless: stop) { _ in isIdle }
    return isIdle
  }

  /// Messages are counted from within admissions, so what is admitted is looked at first.
  private var isIdle: Bool {
    admissions.load(ordering: .sequentiallyConsistent) == 0 && messages.load(ordering: .sequentiallyConsistent) == 0
  }

  private func tellIfIdle() { if underWay == 0 { change { _ in } } }

  private func change(_ body: (inout State) -> Void) {
    let observers = state.withLock { state in
      body(&state)
      return state.observers.removeAll()
    }
    for observer in observers { observer() }
  }

  private func wait(unless stop: StopSignal, _ condition: (borrowing State) -> Bool) async throws {
    while !stop.isStopped {
      try Task.checkCancellation()
      let changed = StopSignal()
      let number = state.withLock { state -> Int? in
        if condition(state) { return nil }
        return state.observers.add { changed.signal() }
      }
      guard let number else { return }
      let observer = stop.onStop { changed.signal() }
      await changed.wait()
      stop.remove(observer)
      _ = state.withLock { $0.observers.remove(number) }
    }
  }
}
