internal import Synchronization

/// What a handler holds beside the body of its request, such as what that becomes when it is decoded. It counts as the
/// bodies themselves do (`HTTPLimits.memory`), for as long as anybody has this.
public final class ContentHold: Sendable {
  private let memory: BodyMemory?
  private let body: Int
  private let held = Atomic(0)

  init(_ memory: BodyMemory?, beside body: Int) {
    self.memory = memory
    self.body = body
  }

  deinit { memory?.remove(held.load(ordering: .relaxed)) }

  /// Counts `bytes` more; false where they are too much beside what other requests hold.
  public func add(_ bytes: Int) -> Bool {
    let own = held.wrappingAdd(bytes, ordering: .relaxed).newValue + body
    return memory?.add(bytes, own: own) ?? true
  }
}
