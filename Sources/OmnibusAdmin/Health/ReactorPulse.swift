internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Asks each reactor for a sign of life.
final class ReactorPulse: Sendable {
  private struct State {
    var silent: Set<Int>
    var waiting: UnsafeContinuation<[Int], Never>?
  }

  private let state: Mutex<State>

  private init(_ reactors: ReactorGroup) { state = Mutex(State(silent: Set(reactors.reactors.map(\.index)))) }

  /// The reactors that do not run a piece of work within `limit`; none where all are well.
  static func silent(_ reactors: ReactorGroup, within limit: Duration, _ clock: any EngineClock) async -> [Int] {
    let pulse = ReactorPulse(reactors)
    let overdue = clock.schedule(after: limit) { pulse.end() }
    defer { overdue.cancel() }
    return await withUnsafeContinuation { continuation in
      pulse.state.withLock { $0.waiting = continuation }
      for reactor in reactors.reactors { reactor.execute { pulse.heard(reactor.index) } }
    }
  }

  private func heard(_ reactor: Int) {
    let isComplete = state.withLock { state in
      state.silent.remove(reactor)
      return state.silent.isEmpty
    }
    if isComplete { end() }
  }

  private func end() {
    let (waiting, silent) = state.withLock { state in
      defer { state.waiting = nil }
      return (state.waiting, state.silent.sorted())
    }
    waiting?.resume(returning: silent)
  }
}
