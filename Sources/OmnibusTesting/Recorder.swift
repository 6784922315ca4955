internal import Synchronization

/// Keeps what comes in, and lets a test wait for it: the messages that a source delivered, for one.
public final class Recorder<Element: Sendable>: Sendable {
  private struct State {
    var elements: [Element] = []
    var waiters: [(count: Int, resume: @Sendable () -> Void)] = []
  }

  private let state = Mutex(State())

  /// A recorder with nothing in it.
  public init() {}

  /// All that has come in so far.
  public var all: [Element] { state.withLock { $0.elements } }

  /// Keeps `element`.
  public func append(_ element: Element) {
    let ready = state.withLock { state in
      state.elements.append(element)
      let ready = state.waiters.filter { $0.count <= state.elements.count }
      state.waiters.removeAll { $0.count <= state.elements.count }
      return ready
    }
    for waiter in ready { waiter.resume() }
  }

  /// Waits until `count` elements have come in, and gives them all.
  @discardableResult
  public func wait(for count: Int) async -> [Element] {
    await withUnsafeContinuation { continuation in
      let isThere = state.withLock { state in
        if state.elements.count >= count { return true }
        state.waiters.append((count, { continuation.resume() }))
        return false
      }
      if isThere { continuation.resume() }
    }
    return all
  }
}
