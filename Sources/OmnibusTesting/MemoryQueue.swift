internal import Omnibus
internal import OmnibusStore

/// A queue of a `MemoryStore`: what is in it, in order, and who has it. Times are nanoseconds of the store's clock.
struct MemoryQueue {
  private struct Entry {
    let sequence: Int64
    let message: Message
    let orderKey: String?
    let appended: Double
    /// When it is ready, if nobody has it.
    var due: UInt64
    var attempts = 0
    var lease: (token: UInt64, until: UInt64)?

    func isLeased(at now: UInt64) -> Bool { lease.map { $0.until > now } ?? false }
    func isReady(at now: UInt64) -> Bool { !isLeased(at: now) && due <= now }
  }

  let name: String
  var observers: [Int: @Sendable () -> Void] = [:]
  private var entries: [Entry] = []
  private var last: Int64 = 0
  /// When something becomes ready by itself: leases run out, delays end.
  private var moments: [Int64: UInt64] = [:]

  init(name: String) { self.name = name }

  /// When something becomes ready next by itself.
  var nextMoment: UInt64? { moments.values.min() }

  /// All that is in it, in order, whoever has it.
  var messages: [Message] { entries.map(\.message) }

  mutating func append(_ message: Message, _ orderKey: String?, appended: Double, due: UInt64, at now: UInt64) {
    last += 1
    entries.append(Entry(sequence: last, message: message, orderKey: orderKey, appended: appended, due: due))
    if due > now { moments[last] = due }
  }

  /// Leases what is ready, the first of each order key only.
  mutating func lease(
    atMost count: Int, until: UInt64, at now: UInt64, token: () -> UInt64
  ) -> [QueueLease] {
    var leases: [QueueLease] = []
    var keys: Set<String> = []
    for place in entries.indices {
      guard leases.count < count else { break }
      if let key = entries[place].orderKey, !keys.insert(key).inserted { continue }
      guard entries[place].isReady(at: now) else { continue }
      let number = token()
      entries[place].lease = (number, until)
      entries[place].attempts += 1
      moments[entries[place].sequence] = until
      leases.append(lease(of: entries[place], token: number))
    }
    return leases
  }

  private func lease(of entry: Entry, token: UInt64) -> QueueLease {
    var message = entry.message
    message.delivery = Delivery(
      key: "queue \(name) \(entry.sequence)", attempt: entry.attempts, received: entry.appended)
    return QueueLease(
      queue: name, sequence: entry.sequence, token: token, message: message, orderKey: entry.orderKey)
  }

  mutating func extend(_ lease: QueueLease, until: UInt64) -> Bool {
    guard let place = place(of: lease) else { return false }
    entries[place].lease?.until = until
    moments[lease.sequence] = until
    return true
  }

  /// Takes a leased message out; false where the lease is lost.
  mutating func remove(_ lease: QueueLease) -> Bool {
    guard let place = place(of: lease) else { return false }
    entries.remove(at: place)
    moments[lease.sequence] = nil
    return true
  }

  mutating func release(_ lease: QueueLease, due: UInt64, countingAttempt: Bool, at now: UInt64) -> Bool {
    guard let place = place(of: lease) else { return false }
    entries[place].lease = nil
    entries[place].due = due
    if !countingAttempt { entries[place].attempts -= 1 }
    moments[lease.sequence] = due > now ? due : nil
    return true
  }

  /// Forgets the moments that have come.
  mutating func pass(_ now: UInt64) { moments = moments.filter { $0.value > now } }

  func status(at now: UInt64) -> QueueStatus {
    let leased = entries.filter { $0.isLeased(at: now) }.count
    let delayed = entries.filter { !$0.isLeased(at: now) && $0.due > now }.count
    return QueueStatus(
      name: name, depth: entries.count, leased: leased, delayed: delayed, oldest: entries.first?.appended)
  }

  /// Whether a message is in it.
  func holds(_ sequence: Int64) -> Bool { place(of: sequence) != nil }

  /// Where the message of a lease is, as long as nobody else has leased it since.
  private func place(of lease: QueueLease) -> Int? {
    guard let place = place(of: lease.sequence), entries[place].lease?.token == lease.token else { return nil }
    return place
  }

  private func place(of sequence: Int64) -> Int? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].sequence == sequence ? low : nil
  }
}
