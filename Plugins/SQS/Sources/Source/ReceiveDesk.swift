internal import Omnibus
internal import OmnibusAWS
internal import OmnibusReactor
internal import Synchronization

/// Where the workers of a source get their messages. One of those that wait asks for all, for ten messages at the most and
/// never for more than there are workers with leave to take one; for one where a message may come that failed before, as
/// others of its group would be counted with it. While the queue has nothing only one of them waits at the
/// queue, and the others here.
final class ReceiveDesk: Sendable {
  /// Messages of one group, which are worked on one after another; in queues without order a single one.
  typealias Unit = [ReceivedMessage]

  private enum Turn: Sendable {
    case asks
    case gets(Unit?)
  }

  private typealias Taker = UnsafeContinuation<Turn, Never>

  private struct State {
    var isIdle = true
    var isScouting = false
    var isStopped = false
    var isInTrouble = false
    var asking = 0
    var sleepers: [UnsafeContinuation<Bool, Never>] = []
    var takers: [Taker] = []
    var polls: [Int: Task<Result<[ReceivedMessage], Failure>, Never>] = [:]
    var nextPoll = 0
  }

  /// How long those wait at the queue who expect that it has more.
  private static let shortWait = Duration.seconds(1)
  private static let mostCalls = 8

  private let reader: SQSReader
  private let contentType: String?
  private let wait: Duration
  private let concurrency: Int
  private let state = Mutex(State())

  init(_ reader: SQSReader, _ options: SQSSourceOptions) {
    self.reader = reader
    contentType = options.contentType
    wait = options.wait
    concurrency = options.concurrency
  }

  /// Lets nobody wait any more: neither here nor at a queue that has nothing.
  func stop() {
    let (sleepers, polls) = state.withLock { state in
      state.isStopped = true
      defer { state.sleepers = [] }
      // Those that are asked when it has something come back soon, with messages that would else stay hidden for a while.
      return (state.sleepers, state.isIdle ? Array(state.polls.values) : [])
    }
    for sleeper in sleepers { sleeper.resume(returning: false) }
    for poll in polls { poll.cancel() }
  }

  /// Waits until the queue may have something for the caller, or it is the caller's turn to look; false when the source is
  /// to stop.
  func mayHaveMessages() async -> Bool {
    await withUnsafeContinuation { continuation in
      let answer: Bool? = state.withLock { state in
        if state.isStopped { return false }
        if !state.isIdle { return true }
        if !state.isScouting {
          state.isScouting = true
          return true
        }
        state.sleepers.append(continuation)
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  /// Messages to work on; nil where there are none.
  func take() async throws(Failure) -> Unit? {
    let turn = await withUnsafeContinuation { taker in
      let asks = state.withLock { state in
        let most = reader.most(within: waiting(state))
        let mostAsking = max(1, min(Self.mostCalls, concurrency / most))
        // With as many waiting as one call brings, another call is worth it.
        if state.asking > 0, state.asking >= mostAsking || state.takers.count + 1 < most {
          state.takers.append(taker)
          return false
        }
        state.asking += 1
        return true
      }
      if asks { taker.resume(returning: .asks) }
    }
    switch turn {
    case .gets(let unit): return unit
    case .asks: return try await ask()
    }
  }

  /// Asks the queue for the caller and all who wait with it.
  private func ask() async throws(Failure) -> Unit? {
    // Others who are woken with the caller come in the same turn.
    await Task.yield()
    let (others, wait) = state.withLock { state in
      let wait = waiting(state)
      let others = Array(state.takers.prefix(reader.most(within: wait) - 1))
      state.takers.removeFirst(others.count)
      return (others, state.isStopped ? nil as Duration? : wait)
    }
    guard let wait else {
      settle(others, [])
      return nil
    }
    let result = await poll(others.count + 1, wait)
    var units: [Unit] = []
    if case .success(let messages) = result { units = Self.units(messages) }
    settle(others, units)
    switch result {
    case .success: return units.first
    case .failure(let failure): throw failure
    }
  }

  /// How long a call waits.
  private func waiting(_ state: State) -> Duration { state.isIdle ? wait : min(wait, Self.shortWait) }

  /// A call in a task of its own, which ends when the source stops, too.
  private func poll(_ count: Int, _ wait: Duration) async -> Result<[ReceivedMessage], Failure> {
    let (number, poll) = state.withLock { state in
      state.nextPoll += 1
      let poll = Task(executorPreference: Reactor.current) { [reader, contentType] in
        do throws(Failure) {
          let messages = try await reader.receive(count, wait: wait)
          return Result<[ReceivedMessage], Failure>.success(
            messages.map { ReceivedMessage($0, contentType: contentType) })
        } catch {
          return .failure(error)
        }
      }
      if state.isStopped, state.isIdle { poll.cancel() }
      state.polls[state.nextPoll] = poll
      return (state.nextPoll, poll)
    }
    let result = await withTaskCancellationHandler {
      await poll.value
    } onCancel: {
      poll.cancel()
    }
    state.withLock { $0.polls[number] = nil }
    return result
  }

  /// Gives the others their part. Those for whom there is none wait on, where there was something at all.
  private func settle(_ others: [Taker], _ units: [Unit]) {
    let rest = others.dropFirst(max(units.count - 1, 0))
    let (next, none, sleepers) = state.withLock { state -> (Taker?, [Taker], [UnsafeContinuation<Bool, Never>]) in
      state.asking -= 1
      state.isScouting = false
      state.isIdle = units.isEmpty
      guard !units.isEmpty, !state.isStopped else {
        // Who waits for the answer to another call goes on waiting for it.
        let waiting = state.asking == 0 ? state.takers : []
        if state.asking == 0 { state.takers = [] }
        return (nil, Array(rest) + waiting, [])
      }
      state.takers.insert(contentsOf: rest, at: 0)
      defer { state.sleepers = [] }
      guard state.asking == 0, !state.takers.isEmpty else { return (nil, [], state.sleepers) }
      state.asking += 1
      return (state.takers.removeFirst(), [], state.sleepers)
    }
    for (place, other) in others.enumerated() where place + 1 < units.count {
      other.resume(returning: .gets(units[place + 1]))
    }
    for taker in none { taker.resume(returning: .gets(nil)) }
    next?.resume(returning: .asks)
    for sleeper in sleepers { sleeper.resume(returning: true) }
  }

  /// Messages of a group in their order, as the first of it came.
  private static func units(_ messages: [ReceivedMessage]) -> [Unit] {
    var units: [Unit] = []
    var places: [String: Int] = [:]
    for message in messages {
      if let group = message.held.group, let place = places[group] {
        units[place].append(message)
        continue
      }
      if let group = message.held.group { places[group] = units.count }
      units.append([message])
    }
    return units
  }

  /// Notes that the queue cannot be read; whether it could before.
  func isNewTrouble() -> Bool {
    state.withLock { state in
      defer { state.isInTrouble = true }
      return !state.isInTrouble
    }
  }

  /// Notes that the queue was read; whether it could not be before.
  func hasRecovered() -> Bool {
    state.withLock { state in
      defer { state.isInTrouble = false }
      return state.isInTrouble
    }
  }
}
