internal import Synchronization

/// Lets one suite of the process run at a time: suites compute much and measure, and other tests have time-outs.
enum Turns {
  private static let state = Mutex((isTaken: false, waiting: [UnsafeContinuation<Void, Never>]()))

  /// Runs `body` when nobody else runs.
  static func take<Result>(_ body: () async -> Result) async -> Result {
    await withUnsafeContinuation { continuation in
      let isFree = state.withLock { state in
        if state.isTaken { state.waiting.append(continuation) }
        defer { state.isTaken = true }
        return !state.isTaken
      }
      if isFree { continuation.resume() }
    }
    defer { pass() }
    return await body()
  }

  private static func pass() {
    let next = state.withLock { state -> UnsafeContinuation<Void, Never>? in
      state.isTaken = !state.waiting.isEmpty
      return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
    next?.resume()
  }
}
