internal import Synchronization

/// Work that is done one after another, in the order in which it was added.
final class Turns: Sendable {
  private let last = Mutex<Task<Void, Never>?>(nil)

  /// Does `work` when all that was added before is done.
  func add<Result: Sendable>(_ work: @escaping @Sendable () async -> Result) -> Task<Result, Never> {
    last.withLock { last -> Task<Result, Never> in
      let before = last
      let turn = Task { () -> Result in
        await before?.value
        return await work()
      }
      last = Task { _ = await turn.value }
      return turn
    }
  }
}
