internal import Glibc

// @unchecked: `sem_post` and `sem_wait` may be called from any thread; the memory lives as long as the object.
/// A counting semaphore of the operating system.
public final class Semaphore: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  /// A semaphore whose count is 0.
  public init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  /// Lets one `wait` go on.
  public func signal() { sem_post(semaphore) }

  /// Holds the thread until there is a signal for it.
  public func wait() { while sem_wait(semaphore) != 0 {} }
}
