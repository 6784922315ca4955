import Dispatch
import OmnibusReactor
import Synchronization

/// Runs what is asynchronous for callers that are not, on a thread of its own: those of Swift's pool may all be waiting
/// here.
enum Waiting {
  private static let reactors: ReactorGroup = {
    do { return try ReactorGroup(count: 1) } catch { preconditionFailure("no reactor: \(error)") }
  }()

  static func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
    let done = DispatchSemaphore(value: 0)
    let box = Box<Result>()
    Task.detached(executorPreference: reactors.reactors[0]) {
      do {
        let result = try await body()
        box.result.withLock { $0 = .success(result) }
      } catch {
        box.result.withLock { $0 = .failure(error) }
      }
      done.signal()
    }
    done.wait()
    guard let result = box.result.withLock({ $0 }) else { throw Broken(description: "nothing came of it") }
    return try result.get()
  }

  private final class Box<Result: Sendable>: Sendable {
    let result = Mutex<Swift.Result<Result, any Error>?>(nil)
  }
}
