internal import Omnibus
internal import Synchronization

/// Lets so many messages in at once. A place is held until the call has really ended, however it does.
final class Bulkhead: AdmittingMiddleware {
  private enum WaitEnd: Sendable { case entered, timedOut, cancelled }

  private struct State {
    var machine: BulkheadMachine
    var waiting: [Int: Race<WaitEnd>] = [:]
  }

  private enum Place {
    case entered
    case refused
    case wait(Int, Race<WaitEnd>)
  }

  private let name: String
  private let limit: Int
  private let longestWait: Duration?
  private let clock: any EngineClock
  private let held: Gauge
  private let waiting: Gauge
  private let refused: Counter
  private let state: Mutex<State>

  init(_ options: BulkheadOptions, _ context: Context) {
    name = context.place
    limit = options.limit
    longestWait = options.wait
    clock = context.clock
    let labels = [(name: "bulkhead", value: context.place)]
    held = context.metrics.gauge("omnibus_bulkhead_held", "Places of a bulkhead that are taken.", labels)
    waiting = context.metrics.gauge(
      "omnibus_bulkhead_waiting", "Messages and sources that wait for a place of a bulkhead.", labels)
    refused = context.metrics.counter(
      "omnibus_bulkhead_refused_total", "Messages for which a bulkhead had no place.", labels)
    state = Mutex(State(machine: BulkheadMachine(limit: options.limit, queue: options.queue)))
  }

  func admit(_ context: Context) async throws -> Permit { try await permit(isBounded: false) }

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    let permit: Permit
    if let admitted = message.delivery?.admission?.take(from: self) {
      permit = admitted
    } else {
      permit = try await self.permit(isBounded: true)
    }
    let place = HeldPermit(permit)
    defer { place.release() }
    return try await HeldPermit.$present.withValue(HeldPermit.present + [place]) {
      try await next(&message, context)
    }
  }

  private func permit(isBounded: Bool) async throws -> Permit {
    switch ask(isBounded: isBounded) {
    case .entered: break
    case .refused: throw refusal("all \(limit) places of the bulkhead \(name) are taken")
    case .wait(let number, let race): try await wait(number, race, isBounded ? longestWait : nil)
    }
    return Permit(of: self) { [self] in leave() }
  }

  private func ask(isBounded: Bool) -> Place {
    state.withLock { state in
      defer { show(state) }
      switch state.machine.ask(isBounded: isBounded) {
      case .enter: return .entered
      case .refuse: return .refused
      case .wait(let number):
        let race = Race<WaitEnd>()
        state.waiting[number] = race
        return .wait(number, race)
      }
    }
  }

  private func wait(_ number: Int, _ race: Race<WaitEnd>, _ longest: Duration?) async throws {
    let timer = longest.map { clock.schedule(after: $0) { race.end(.timedOut) } }
    let end = await withTaskCancellationHandler {
      await race.outcome()
    } onCancel: {
      race.end(.cancelled)
    }
    timer?.cancel()
    switch end {
    case .entered:
      guard Task.isCancelled else { return }
      leave()
      throw CancellationError()
    case .timedOut:
      giveUp(number)
      throw refusal("no place of the bulkhead \(name) was free within \(longest?.text ?? "")")
    case .cancelled:
      giveUp(number)
      throw CancellationError()
    }
  }

  private func giveUp(_ number: Int) {
    state.withLock { state in
      // Where it was handed a place meanwhile, `leave` hands that on: the race has ended.
      if state.machine.giveUp(number) { state.waiting[number] = nil }
      show(state)
    }
  }

  private func leave() {
    while let race = handOn() { if race.end(.entered) { return } }
  }

  /// Gives a place back; the race of who has it now, if anybody.
  private func handOn() -> Race<WaitEnd>? {
    state.withLock { state in
      defer { show(state) }
      return state.machine.leave().flatMap { state.waiting.removeValue(forKey: $0) }
    }
  }

  private func show(_ state: State) {
    held.set(state.machine.held)
    waiting.set(state.machine.waiters)
  }

  private func refusal(_ reason: String) -> Failure {
    refused.add()
    return Failure(.overloaded, reason, component: "bulkhead")
  }
}
