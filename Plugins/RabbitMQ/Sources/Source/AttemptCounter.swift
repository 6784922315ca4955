internal import Synchronization

/// How often messages were worked on. Quorum queues count that; of the messages of others that come again as many are
/// remembered here as are likely to be under way.
final class AttemptCounter: Sendable {
  private static let capacity = 10_000

  private let counts = Mutex<[Int: Int]>([:])

  /// Which attempt this is, from 1.
  func next(of content: Content, counted deliveries: Int?) -> Int {
    if let deliveries { return deliveries + 1 }
    guard content.isRedelivered else { return 1 }
    let key = Self.key(content)
    return counts.withLock { counts in
      if counts.count >= Self.capacity { counts = [:] }
      // It was worked on before.
      let count = (counts[key] ?? 1) + 1
      counts[key] = count
      return count
    }
  }

  /// Forgets a message that is settled for good.
  func forget(_ content: Content) {
    guard content.isRedelivered else { return }
    counts.withLock { counts in
      guard !counts.isEmpty else { return }
      counts[Self.key(content)] = nil
    }
  }

  /// What tells messages apart: their properties, and what their bodies begin with.
  private static func key(_ content: Content) -> Int {
    var hasher = Hasher()
    hasher.combine(content.properties)
    hasher.combine(content.size)
    content.body.prefix(4096).withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize()
  }
}
