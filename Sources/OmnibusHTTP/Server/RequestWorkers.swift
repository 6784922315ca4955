internal import OmnibusReactor

/// The tasks that run the handlers of one reactor's requests. A task takes one request after another, because to make a
/// task costs several times as much as to resume one; there are as many as there have been requests at the same time.
/// Touched by the reactor's thread alone.
final class RequestWorkers: @unchecked Sendable {  // see the line above
  /// How many tasks may wait for work.
  private static let spare = 256

  private let reactor: Reactor
  private var idle: [UnsafeContinuation<HTTPConnection?, Never>] = []
  private var isClosed = false

  init(reactor: Reactor) { self.reactor = reactor }

  /// Has a task answer the request that `connection` has read, soon.
  func answer(_ connection: HTTPConnection) {
    if let worker = idle.popLast() {
      worker.resume(returning: connection)
    } else {
      startTask(connection)
    }
  }

  /// Ends the tasks that wait; the others end after their request.
  func close() {
    isClosed = true
    for worker in idle { worker.resume(returning: nil) }
    idle = []
  }

  private func startTask(_ first: HTTPConnection) {
    Task.detached(executorPreference: reactor) { [self] in
      var next: HTTPConnection? = first
      while let connection = next {
        await connection.answer()
        // A handler that cancelled the task that it runs in has cancelled nothing but itself.
        guard !Task.isCancelled else { return }
        next = await work()
      }
    }
  }

  private func work() async -> HTTPConnection? {
    guard !isClosed, idle.count < Self.spare else { return nil }
    return await withUnsafeContinuation { idle.append($0) }
  }
}
