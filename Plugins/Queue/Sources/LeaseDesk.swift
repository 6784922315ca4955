internal import Omnibus
internal import OmnibusReactor
internal import OmnibusStore
internal import Synchronization

/// Where the workers of a source get their messages. They wait here while there is none, without asking again and again;
/// and what several ask for while the store is at work goes to it as one call.
final class LeaseDesk: Sendable {
  private enum Turn: Sendable {
    case asks
    case gets(Result<QueueLease?, any Error>)
  }

  private struct State {
    var mayHaveMessages = true
    var rings = 0
    var isStopped = false
    var isAsking = false
    var isInTrouble = false
    var waiting: [UnsafeContinuation<Bool, Never>] = []
    var asking: [UnsafeContinuation<Turn, Never>] = []
  }

  private let queue: String
  private let store: any Store
  private let duration: Duration
  private let state = Mutex(State())

  init(_ queue: String, _ store: any Store, duration: Duration) {
    self.queue = queue
    self.store = store
    self.duration = duration
  }

  /// Says that messages may have become ready.
  func ring() {
    let waiter = state.withLock { state -> UnsafeContinuation<Bool, Never>? in
      state.mayHaveMessages = true
      state.rings += 1
      return state.waiting.popLast()
    }
    waiter?.resume(returning: true)
  }

  /// Lets nobody wait any more.
  func stop() {
    let waiting = state.withLock { state in
      state.isStopped = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for waiter in waiting { waiter.resume(returning: false) }
  }

  /// Waits until messages may be there; false when the source is to stop. One waiter is woken at a time: where it finds that
  /// there are more, it wakes the next.
  func mayHaveMessages() async -> Bool {
    await withUnsafeContinuation { continuation in
      let answer: Bool? = state.withLock { state in
        if state.isStopped { return false }
        if state.mayHaveMessages { return true }
        state.waiting.append(continuation)
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  /// Leases a message; nil where none is ready. Goes on to its end when the task is cancelled, as nobody else would know
  /// what was leased.
  func take() async throws -> QueueLease? {
    let turn = await withUnsafeContinuation { continuation in
      let isFirst = state.withLock { state in
        if state.isAsking { state.asking.append(continuation) }
        defer { state.isAsking = true }
        return !state.isAsking
      }
      if isFirst { continuation.resume(returning: .asks) }
    }
    switch turn {
    case .gets(let result): return try result.get()
    case .asks: return try await ask()
    }
  }

  /// Asks the store for all who wait for an answer, and lets the first who came meanwhile ask next.
  private func ask() async throws -> QueueLease? {
    let (others, rings) = state.withLock { state in
      defer { state.asking = [] }
      return (state.asking, state.rings)
    }
    let count = others.count + 1
    let result: Result<[QueueLease], any Error>
    do {
      result = .success(
        try await Uncancelled.run { [store, queue, duration] in
          try await store.lease(from: queue, atMost: count, for: duration)
        })
    } catch {
      result = .failure(error)
    }
    let found = (try? result.get().count) ?? 0
    let (next, waiter) = state.withLock { state in
      if case .success = result, found < count, state.rings == rings { state.mayHaveMessages = false }
      let next = state.asking.isEmpty ? nil : state.asking.removeFirst()
      state.isAsking = next != nil
      return (next, found > 0 && state.mayHaveMessages ? state.waiting.popLast() : nil)
    }
    next?.resume(returning: .asks)
    waiter?.resume(returning: true)
    for (place, other) in others.enumerated() {
      other.resume(returning: .gets(result.map { place + 1 < $0.count ? $0[place + 1] : nil }))
    }
    return try result.get().first
  }

  /// Notes that the store failed; whether it did not before.
  func isNewTrouble() -> Bool {
    state.withLock { state in
      defer { state.isInTrouble = true }
      return !state.isInTrouble
    }
  }

  /// Notes that the store answered; whether it had failed before.
  func hasRecovered() -> Bool {
    state.withLock { state in
      defer { state.isInTrouble = false }
      return state.isInTrouble
    }
  }
}
