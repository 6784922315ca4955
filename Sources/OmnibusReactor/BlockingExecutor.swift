internal import Synchronization

/// Threads for what blocks: files, name look-ups, C libraries without an asynchronous interface. Threads start when
/// they are needed, and stay.
public final class BlockingExecutor: Sendable {
  private struct State {
    var queue: [@Sendable () -> Void] = []
    var head = 0
    var idle = 0
    var threads = 0

    /// There is one for each signal of `available`. What was taken is let go of at once, not when the queue is tidied.
    mutating func takeFirst() -> @Sendable () -> Void {
      let work = queue[head]
      queue[head] = {}
      head += 1
      if head == queue.count || head > 1024 {
        queue.removeFirst(head)
        head = 0
      }
      return work
    }
  }

  private let limit: Int
  private let name: String
  private let state = Mutex(State())
  private let available = Semaphore()

  /// An executor of at most `threads` threads; work beyond that waits in the order in which it came.
  public init(name: String = "blocking", threads: Int = 16) {
    self.name = name
    limit = threads
  }

  /// Runs `body` on one of the threads and gives its result; the caller's task waits without holding a reactor.
  public func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withUnsafeThrowingContinuation { continuation in
      submit { continuation.resume(with: Swift.Result { try body() }) }
    }
  }

  /// Starts `body` on one of the threads, and goes on.
  public func start<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) -> BlockingWork<Result> {
    let work = BlockingWork<Result>()
    submit { work.end(Swift.Result { try body() }) }
    return work
  }

  private func submit(_ work: @escaping @Sendable () -> Void) {
    let mustStart = state.withLock { state in
      state.queue.append(work)
      guard state.idle < state.queue.count - state.head, state.threads < limit else { return false }
      state.threads += 1
      return true
    }
    if mustStart { startThread() }
    available.signal()
  }

  /// Where the system has no thread to give, the work waits for the threads that there are, or for the next work that
  /// comes.
  private func startThread() {
    do {
      try OperatingSystemThread.start(named: name) { [self] in serve() }
    } catch {
      state.withLock { $0.threads -= 1 }
    }
  }

  private func serve() {
    while true {
      state.withLock { $0.idle += 1 }
      available.wait()
      let work = state.withLock { state in
        state.idle -= 1
        return state.takeFirst()
      }
      work()
    }
  }
}
