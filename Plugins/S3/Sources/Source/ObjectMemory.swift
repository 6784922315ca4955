internal import Omnibus
internal import Synchronization

/// What a source knows of objects while they are in the bucket: which are under way, which are not to be taken for now, and
/// those whose message has ended and that are where they were.
final class ObjectMemory: Sendable {
  /// An object whose message has ended, and with which the rest could not be done.
  struct Owed: Sendable {
    var object: FoundObject
    var work: AfterWork
  }

  /// An object that is in the bucket and not to be taken, as long as it is the same.
  private struct Left {
    var etag: String
    var attempts: Int
    /// The clock's nanoseconds.
    var until: UInt64
    /// In which sweep it was seen last.
    var sweep: Int
  }

  private struct State {
    var underWay: Set<String> = []
    var left: [String: Left] = [:]
    var owed: [Owed] = []
    var owedAttempts = 0
    var sweep = 0
  }

  /// How many objects are known; a source that is asked about others looks again.
  private static let most = 1_000_000
  private static let longestPause: UInt64 = 3_600_000_000_000
  private static let longestOwed: UInt64 = 60_000_000_000

  private let pause: UInt64
  private let state = Mutex(State())

  /// The first pause after a failure lasts `pause` nanoseconds.
  init(pause: UInt64) { self.pause = pause }

  /// Whether an object may be taken at `now`, and how often it was before; nil where not.
  func mayTake(_ object: ObjectSummary, at now: UInt64) -> Int? {
    state.withLock { state in
      guard !state.underWay.contains(object.key) else {
        state.left[object.key]?.sweep = state.sweep
        return nil
      }
      guard let left = state.left[object.key], left.etag == object.etag else { return 0 }
      state.left[object.key]?.sweep = state.sweep
      return left.until <= now ? left.attempts : nil
    }
  }

  /// An object is taken, unless it is under way. Whether it was taken.
  @discardableResult
  func begin(_ key: String) -> Bool { state.withLock { $0.underWay.insert(key).inserted } }

  /// Its work has ended.
  func end(_ key: String) { state.withLock { _ = $0.underWay.remove(key) } }

  /// An object failed and stays: it is left alone for longer each time.
  func leave(_ object: ObjectSummary, attempts: Int, at now: UInt64) {
    let doubled = pause << UInt64(min(attempts - 1, 20))
    let until = now + min(doubled, max(pause, Self.longestPause))
    keep(object, Left(etag: object.etag, attempts: attempts, until: until, sweep: 0))
  }

  /// An object is done and stays.
  func settled(_ object: ObjectSummary) {
    keep(object, Left(etag: object.etag, attempts: 0, until: .max, sweep: 0))
  }

  private func keep(_ object: ObjectSummary, _ left: Left) {
    state.withLock { state in
      guard state.left.count < Self.most || state.left[object.key] != nil else { return }
      state.left[object.key] = left
      state.left[object.key]?.sweep = state.sweep
    }
  }

  /// A sweep has seen the bucket as a whole: what it has not seen is gone.
  func endSweep() {
    state.withLock { state in
      state.left = state.left.filter { $0.value.sweep == state.sweep || state.underWay.contains($0.key) }
      state.sweep += 1
    }
  }

  /// Adds an object with which the rest is to be done later.
  func owe(_ object: FoundObject, _ work: AfterWork) {
    state.withLock { $0.owed.append(Owed(object: object, work: work)) }
  }

  /// Whether there is such an object: none should be added to them.
  var owes: Bool { state.withLock { !$0.owed.isEmpty } }

  /// Takes all of them, to try once more, and how long to wait where that fails: longer each time.
  func takeOwed() -> (owed: [Owed], pause: UInt64) {
    state.withLock { state in
      defer { state.owed = [] }
      state.owedAttempts = state.owed.isEmpty ? 0 : state.owedAttempts + 1
      let doubled = pause << UInt64(min(max(state.owedAttempts - 1, 0), 16))
      return (state.owed, min(doubled, max(pause, Self.longestOwed)))
    }
  }
}
