internal import Synchronization

/// So many places for work at once. One task waits for a free one.
final class Slots: Sendable {
  private struct State {
    var free: Int
    var waiter: UnsafeContinuation<Void, Never>?
  }

  private let state: Mutex<State>

  init(_ count: Int) { state = Mutex(State(free: count)) }

  /// Takes a place, once there is one.
  func take() async {
    await withUnsafeContinuation { continuation in
      let isFree = state.withLock { state in
        if state.free == 0 {
          state.waiter = continuation
          return false
        }
        state.free -= 1
        return true
      }
      if isFree { continuation.resume() }
    }
  }

  /// Takes up to `most` of the places that are free, and answers how many.
  func takeFree(_ most: Int) -> Int {
    state.withLock { state in
      let taken = min(state.free, most)
      state.free -= taken
      return taken
    }
  }

  /// Gives a place back.
  func give() {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      if state.waiter == nil { state.free += 1 }
      return state.waiter
    }
    waiter?.resume()
  }
}
