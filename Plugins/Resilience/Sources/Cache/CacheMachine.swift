/// Which answers there are, and who waits for one that somebody else has asked for, by the times that it is told.
struct CacheMachine: Sendable {
  /// What becomes of a message.
  enum Decision: Sendable {
    case hit(CachedAnswer)
    /// It is the one that asks; `end` must follow.
    case ask
    /// Another one asks already; wait under this number.
    case wait(Int)
  }

  private struct Entry {
    var answer: CachedAnswer
    var size: Int
    var expires: UInt64
  }

  /// The bytes that the answers take, nearly.
  private(set) var bytes = 0
  private let lifetime: UInt64
  private let maxEntries: Int
  private let maxBytes: Int
  private var entries = RecentlyUsed<String, Entry>()
  /// Those who wait, by the key that is asked for, in their order.
  private var asked: [String: [Int]] = [:]
  private var next = 0

  /// Answers live for `lifetime` nanoseconds.
  init(lifetime: UInt64, maxEntries: Int, maxBytes: Int) {
    self.lifetime = lifetime
    self.maxEntries = maxEntries
    self.maxBytes = maxBytes
  }

  /// How many answers there are.
  var count: Int { entries.count }

  mutating func begin(_ key: String, at now: UInt64) -> Decision {
    if let entry = entries.use(key) {
      if now < entry.expires { return .hit(entry.answer) }
      forget(entries.remove(key))
    }
    guard asked[key] != nil else {
      asked[key] = []
      return .ask
    }
    next += 1
    asked[key]?.append(next)
    return .wait(next)
  }

  /// The one that asked has its answer, or none; those who waited for it are answered.
  mutating func end(_ key: String, _ answer: CachedAnswer?, at now: UInt64) -> [Int] {
    if let answer { keep(answer, key, until: now &+ lifetime) }
    return asked.removeValue(forKey: key) ?? []
  }

  /// Waits no longer.
  mutating func giveUp(_ number: Int, _ key: String) { asked[key]?.removeAll { $0 == number } }

  private mutating func keep(_ answer: CachedAnswer, _ key: String, until expires: UInt64) {
    let size = answer.size + key.utf8.count
    guard size <= maxBytes else { return }
    forget(entries.set(key, Entry(answer: answer, size: size, expires: expires)))
    bytes += size
    while entries.count > maxEntries || bytes > maxBytes { forget(entries.removeOldest()) }
  }

  private mutating func forget(_ entry: Entry?) { bytes -= entry?.size ?? 0 }
}
