public import Omnibus
internal import Synchronization

/// Keys whose work is under way at this moment, each claimed by one message; others wait for how that ends. They end with
/// the process, as the work does.
public final class KeyClaims: Sendable {
  /// A key within the scope that knows it.
  public struct Key: Sendable, Hashable {
    let scope: String
    let key: String

    /// A key.
    public init(_ key: String, in scope: String) {
      self.scope = scope
      self.key = key
    }
  }

  private let waiters = Mutex<[Key: [ClaimWaiter]]>([:])

  /// No claims yet.
  public init() {}

  /// Claims a key; where it is claimed, waits for at most `limit` until that claim ends. True gives the claim to the caller, who
  /// ends it; false says that the work was done meanwhile. A failure of kind `overloaded` where the time is over.
  public func claim(_ key: Key, waiting limit: Duration, _ clock: any EngineClock) async throws -> Bool {
    let waiter = ClaimWaiter()
    let isFirst = waiters.withLock { waiters in
      guard waiters[key] != nil else {
        waiters[key] = []
        return true
      }
      waiters[key]?.append(waiter)
      return false
    }
    if isFirst { return true }
    let timer = clock.schedule(after: limit) { [self] in leave(key, waiter, .timedOut) }
    let outcome = await withTaskCancellationHandler {
      await waiter.outcome()
    } onCancel: {
      leave(key, waiter, .cancelled)
    }
    timer.cancel()
    switch outcome {
    case .granted: return true
    case .done: return false
    case .cancelled: throw CancellationError()
    case .timedOut:
      throw Failure(.overloaded, "a message with the same key is still being worked on, after \(limit.text)")
    }
  }

  /// Ends a claim: with the work done, for all who wait; else the next of them has it.
  public func end(_ key: Key, isDone: Bool) {
    let (ended, outcome) = waiters.withLock { waiters -> ([ClaimWaiter], ClaimWaiter.Outcome) in
      let waiting = waiters[key] ?? []
      if isDone || waiting.isEmpty {
        waiters[key] = nil
        return (waiting, .done)
      }
      waiters[key]?.removeFirst()
      return ([waiting[0]], .granted)
    }
    for waiter in ended { waiter.end(outcome) }
  }

  /// Ends the wait, unless the claim has come meanwhile.
  private func leave(_ key: Key, _ waiter: ClaimWaiter, _ outcome: ClaimWaiter.Outcome) {
    let wasWaiting = waiters.withLock { waiters in
      guard let place = waiters[key]?.firstIndex(where: { $0 === waiter }) else { return false }
      waiters[key]?.remove(at: place)
      return true
    }
    if wasWaiting { waiter.end(outcome) }
  }
}
