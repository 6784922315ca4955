internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Work on a thread of its own beside that of the thread which starts it, and which waits for its end.
final class Companion: Sendable {
  private let result = Mutex<Result<Void, Failure>>(.success(()))
  private let hasEnded = Semaphore()

  /// Starts `body`. Fails as `overloaded` where the system has no thread to give.
  init(named name: String, _ body: @escaping @Sendable () throws(Failure) -> Void) throws(Failure) {
    do throws(SystemError) {
      try OperatingSystemThread.start(named: name) { [self] in
        let ended = Result { () throws(Failure) in try body() }
        result.withLock { $0 = ended }
        hasEnded.signal()
      }
    } catch {
      throw Failure(.overloaded, "there is no thread for the work: \(error)", cause: error)
    }
  }

  /// Waits for the end; once.
  func wait() -> Result<Void, Failure> {
    hasEnded.wait()
    return result.withLock { $0 }
  }
}
