public import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Gathers what many ask for at the same time into few requests, and tells each what became of its own part.
///
/// A request goes out as soon as none is under way; what comes meanwhile goes with the next, or at once where it fills one.
/// With a time to linger it goes when that has passed for the first in it.
public final class Batcher<Item: Sendable, Output: Sendable>: Sendable {
  /// What became of an item.
  public typealias Outcome = Result<Output, Failure>

  /// How much goes in one request.
  public struct Bounds: Sendable {
    /// Items.
    let count: Int
    /// Bytes of all items.
    let bytes: Int
    /// How long the first item waits for others.
    let linger: Duration
    /// How many requests may be under way.
    let flights: Int

    /// Bounds; ten items without arguments, which go at once, and one request at a time.
    public init(count: Int = 10, bytes: Int = .max, linger: Duration = .zero, flights: Int = 1) {
      self.count = count
      self.bytes = bytes
      self.linger = linger
      self.flights = flights
    }
  }

  private struct Entry {
    let number: Int
    let item: Item
    let size: Int
  }

  private struct State {
    var next = 0
    var waiting: [Entry] = []
    var bytes = 0
    var flights = 0
    var isDue = false
    var timer: ScheduledAction?
    var callers: [Int: UnsafeContinuation<Outcome, Never>] = [:]
    var cancelled: Set<Int> = []
    var flying: [Int: (left: Int, task: Task<Void, Never>?)] = [:]
    var flightOf: [Int: Int] = [:]
  }

  private let bounds: Bounds
  private let reactors: ReactorGroup
  private let clock: any EngineClock
  private let send: @Sendable ([Item]) async -> [Outcome]
  private let state = Mutex(State())

  /// A batcher that sends by `send`, which answers as many outcomes as it was given items.
  public init(_ bounds: Bounds, _ context: Context, send: @escaping @Sendable ([Item]) async -> [Outcome]) {
    self.bounds = bounds
    reactors = context.reactors
    clock = context.clock
    self.send = send
  }

  /// Sends an item with others, and waits for what becomes of it. Cancelling the task takes it back where it has not gone
  /// yet; a request that nobody waits for any more is given up.
  public func submit(_ item: Item, size: Int = 0) async throws(Failure) -> Output {
    let number = state.withLock { state in
      state.next += 1
      return state.next
    }
    let outcome = await withTaskCancellationHandler {
      await withUnsafeContinuation { caller in add(Entry(number: number, item: item, size: size), caller) }
    } onCancel: {
      cancel(number)
    }
    state.withLock { _ = $0.cancelled.remove(number) }
    return try outcome.get()
  }

  private static var givenUp: Outcome { .failure(Failure(.cancelled, "the request was given up")) }

  private func add(_ entry: Entry, _ caller: UnsafeContinuation<Outcome, Never>) {
    let (isCancelled, mayFly) = state.withLock { state -> (Bool, Bool) in
      if state.cancelled.remove(entry.number) != nil { return (true, false) }
      state.callers[entry.number] = caller
      state.waiting.append(entry)
      state.bytes += entry.size
      return (false, true)
    }
    if isCancelled { caller.resume(returning: Self.givenUp) }
    if mayFly { fly() }
  }

  private func cancel(_ number: Int) {
    let (caller, task) = state.withLock { state -> (UnsafeContinuation<Outcome, Never>?, Task<Void, Never>?) in
      guard let caller = state.callers.removeValue(forKey: number) else {
        // It has not come yet, or it is over.
        state.cancelled.insert(number)
        return (nil, nil)
      }
      if let place = state.waiting.firstIndex(where: { $0.number == number }) {
        state.bytes -= state.waiting.remove(at: place).size
        return (caller, nil)
      }
      guard let flight = state.flightOf.removeValue(forKey: number), var flying = state.flying[flight] else {
        return (caller, nil)
      }
      flying.left -= 1
      state.flying[flight] = flying
      return (caller, flying.left == 0 ? flying.task : nil)
    }
    task?.cancel()
    caller?.resume(returning: Self.givenUp)
  }

  /// Starts a request where one is due. It takes what there is when it runs, so that what comes in the same turn goes along.
  private func fly() {
    state.withLock { state in
      guard !state.waiting.isEmpty, state.flights < bounds.flights else { return }
      let isFull = state.waiting.count >= bounds.count || state.bytes >= bounds.bytes
      guard isFull || isDue(&state) else { return }
      state.flights += 1
      state.next += 1
      let flight = state.next
      let task = Task(executorPreference: Reactor.current ?? reactors.next()) { [self] in await run(flight) }
      state.flying[flight] = (left: 0, task: task)
    }
  }

  private func isDue(_ state: inout State) -> Bool {
    guard bounds.linger > .zero else { return state.flights == 0 }
    if state.isDue { return true }
    if state.timer == nil {
      state.timer = clock.schedule(after: bounds.linger) { [weak self] in
        self?.state.withLock { state in
          state.timer = nil
          state.isDue = true
        }
        self?.fly()
      }
    }
    return false
  }

  private func run(_ flight: Int) async {
    let batch = state.withLock { take(&$0, flight) }
    fly()
    if !batch.isEmpty {
      let outcomes = await send(batch.map(\.item))
      let callers = state.withLock { state in
        batch.map { entry -> UnsafeContinuation<Outcome, Never>? in
          state.flightOf[entry.number] = nil
          return state.callers.removeValue(forKey: entry.number)
        }
      }
      for (place, caller) in callers.enumerated() {
        let missing = Outcome.failure(Failure(.outcomeUnknown, "there was no outcome of the request"))
        caller?.resume(returning: place < outcomes.count ? outcomes[place] : missing)
      }
    }
    state.withLock { state in
      state.flights -= 1
      state.flying[flight] = nil
    }
    fly()
  }

  /// What goes in one request: as much as fits, one at least.
  private func take(_ state: inout State, _ flight: Int) -> [Entry] {
    var (count, bytes) = (0, 0)
    for entry in state.waiting.prefix(bounds.count) {
      guard count == 0 || bytes + entry.size <= bounds.bytes else { break }
      count += 1
      bytes += entry.size
    }
    let batch = Array(state.waiting.prefix(count))
    state.waiting.removeFirst(count)
    state.bytes -= bytes
    for entry in batch { state.flightOf[entry.number] = flight }
    state.flying[flight]?.left = batch.count
    // What is left waits anew.
    state.isDue = false
    state.timer?.cancel()
    state.timer = nil
    return batch
  }
}
