internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Gives the answer of an earlier message to those with the same key. Where several come while there is none, one asks and
/// the others wait for that.
final class Cache: Middleware {
  /// What those who wait get.
  private enum Flight: Sendable {
    case answer(CachedAnswer)
    /// It failed, and would for the others.
    case failure(Failure)
    /// What came of it is that message's alone: the others ask for themselves.
    case own
    /// It was given up: one of the others asks.
    case again
    /// The one who waits was cancelled.
    case cancelled
  }

  private struct State {
    var machine: CacheMachine
    var waiting: [Int: Race<Flight>] = [:]
  }

  private enum Turn {
    case hit(CachedAnswer)
    case ask
    case wait(Int, Race<Flight>)
  }

  private let key: StateKey
  private let clock: any EngineClock
  private let meters: CacheMeters
  private let state: Mutex<State>

  init(_ options: CacheOptions, _ context: Context) {
    key = options.key
    clock = context.clock
    meters = CacheMeters(context.place, context.metrics)
    let machine = CacheMachine(
      lifetime: options.ttl.nanosecondsClamped, maxEntries: options.entries, maxBytes: options.size.bytes)
    state = Mutex(State(machine: machine))
  }

  /// How many wait for the answer that another one has asked for.
  var waiters: Int { state.withLock { $0.waiting.count } }

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    let key = try await key.text(&message, context)
    while true {
      switch turn(key) {
      case .hit(let answer):
        meters.hits.add()
        return answer.give(to: &message)
      case .ask:
        meters.misses.add()
        return try await ask(key, &message, context, next)
      case .wait(let number, let race):
        switch await wait(number, key, race) {
        case .answer(let answer):
          meters.hits.add()
          return answer.give(to: &message)
        case .failure(let failure): throw failure
        case .own: return try await next(&message, context)
        case .again: continue
        case .cancelled: throw CancellationError()
        }
      }
    }
  }

  private func ask(
    _ key: String, _ message: inout Message, _ context: Context, _ next: Handler
  ) async throws -> Next {
    let before = message
    do {
      let next = try await next(&message, context)
      // What ended as a dead letter was not done, though it ended well: the others have to be tried, or kept, too.
      let isKept = message.properties["dead_letter"]?.string != before.properties["dead_letter"]?.string
      let answer = isKept ? nil : CachedAnswer(next, from: before, to: message)
      end(key, answer.map(Flight.answer) ?? .own, answer)
      return next
    } catch {
      let failure = Failure(error)
      end(key, failure.kind == .cancelled ? .again : failure.isTransient ? .failure(failure) : .own, nil)
      throw error
    }
  }

  private func turn(_ key: String) -> Turn {
    let now = clock.now
    return state.withLock { state in
      switch state.machine.begin(key, at: now) {
      case .hit(let answer): return .hit(answer)
      case .ask: return .ask
      case .wait(let number):
        let race = Race<Flight>()
        state.waiting[number] = race
        return .wait(number, race)
      }
    }
  }

  private func end(_ key: String, _ flight: Flight, _ answer: CachedAnswer?) {
    let now = clock.now
    let races = state.withLock { state in
      let numbers = state.machine.end(key, answer, at: now)
      meters.entries.set(state.machine.count)
      meters.bytes.set(state.machine.bytes)
      return numbers.compactMap { state.waiting.removeValue(forKey: $0) }
    }
    for race in races { race.end(flight) }
  }

  private func wait(_ number: Int, _ key: String, _ race: Race<Flight>) async -> Flight {
    let flight = await withTaskCancellationHandler {
      await race.outcome()
    } onCancel: {
      race.end(.cancelled)
    }
    if case .cancelled = flight {
      state.withLock { state in
        state.machine.giveUp(number, key)
        state.waiting[number] = nil
      }
    }
    return flight
  }
}
