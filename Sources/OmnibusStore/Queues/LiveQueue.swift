internal import Omnibus

/// What is known of a queue in memory: its counts, a window of what is ready, what is leased, and which order keys are
/// under way. All else is in the database, so a queue of millions takes no more than this.
final class LiveQueue {
  /// At most so many messages wait in the window, with so many bytes together.
  static let windowCount = 512
  static let windowBytes = 4 << 20
  /// A larger message is read again when it is leased.
  static let largestKept = 64 << 10
  /// At most so many messages behind others of their order key are known; beyond that the window goes no further.
  static let mostWaiting = 1 << 20

  /// A message that a consumer has.
  struct Held {
    var message: QueuedMessage
    let token: UInt64
    var until: Int64
    /// Whether the transaction that is open removes it or gives it back.
    var isEnding = false
  }

  let number: Int64
  let name: String
  /// The sequence of the next message.
  var next: Int64
  /// How many messages are in it.
  var depth: Int
  /// What `next` and `depth` were before the open transaction; nil where it has not touched the queue.
  var before: (next: Int64, depth: Int)?

  /// All messages up to this sequence are done, or known here, or delayed without an order key.
  private(set) var scanned: Int64 = 0
  private(set) var ready = ReadyMessages()
  private var readyBytes = 0
  private(set) var held: [Int64: Held] = [:]
  /// The first messages of order keys that are not ready yet.
  private var delayedHeads = DelayedMessages()
  /// The messages that wait behind the first one of their order key, which is ready, delayed or leased.
  private var keys: [String: WaitingMessages] = [:]
  private var waiting = 0

  /// How many messages were not ready at `maturedUpTo`.
  var delayed = 0
  var maturedUpTo: Int64 = 0
  /// Delayed messages without an order key up to this one were taken into the window.
  var loadedUpTo: (due: Int64, id: Int64) = (0, 0)
  /// Whether more of them are due than the window took.
  var hasMoreDue = false
  /// When the next message is due.
  var nextDue: Int64?
  /// The first messages of order keys that could not be read when their turn came.
  var unread: [(key: String, sequence: Int64)] = []
  /// A damage that was met while there were messages to answer with.
  var damage: Failure?

  init(number: Int64, name: String, next: Int64, depth: Int) {
    self.number = number
    self.name = name
    self.next = next
    self.depth = depth
  }

  /// The id of a message in the table of all queues.
  func id(_ sequence: Int64) -> Int64 { number << 40 | sequence }

  /// Whether all messages up to the last one were looked at.
  var isAtEnd: Bool { scanned == next - 1 }
  var hasRoom: Bool {
    ready.count < Self.windowCount && readyBytes < Self.windowBytes
      && waiting + keys.count + delayedHeads.count < Self.mostWaiting
  }

  // MARK: coming in

  /// Says that all messages up to `sequence` were looked at.
  func scan(to sequence: Int64) { scanned = sequence }

  /// Takes in the next message in order. One that is delayed and has no order key is left to the index of delays.
  func take(_ message: QueuedMessage, now: Int64) {
    scanned = message.sequence
    if let key = message.orderKey {
      if keys[key]?.append(message.sequence) != nil {
        waiting += 1
        return
      }
      keys[key] = WaitingMessages()
      takeFirst(message, now: now)
    } else if message.due == 0 {
      makeReady(message)
    }
  }

  /// Takes in the first message of an order key.
  func takeFirst(_ message: QueuedMessage, now: Int64) {
    guard message.due > now else {
      makeReady(message)
      return
    }
    var message = message
    message.message = nil
    delayedHeads.insert(message)
  }

  /// Lets a message be leased.
  func makeReady(_ message: QueuedMessage) {
    var message = message
    let size = message.message?.keptSize ?? 0
    if size > Self.largestKept { message.message = nil } else { readyBytes += size }
    ready.insert(message)
  }

  /// Makes the first messages of order keys ready whose time has come; false where there are none.
  func ripen(now: Int64) -> Bool {
    var isAny = false
    while let first = delayedHeads.first, first.due <= now, let message = delayedHeads.removeFirst() {
      makeReady(message)
      isAny = true
    }
    return isAny
  }

  // MARK: going out

  /// The oldest message that is ready, which leaves the window.
  func takeReady() -> QueuedMessage? {
    guard let message = ready.removeFirst() else { return nil }
    readyBytes -= message.message?.keptSize ?? 0
    return message
  }

  /// A consumer has the message.
  func hold(_ message: QueuedMessage, token: UInt64, until: Int64) {
    var message = message
    message.message = nil
    held[message.sequence] = Held(message: message, token: token, until: until)
  }

  /// The message that a lease is for, unless somebody else may have it by now, or the lease is about to be ended. A lease
  /// holds until `expire` was called: whoever waited for his turn has not lost it by that.
  func message(of lease: QueueLease) -> QueuedMessage? {
    guard let held = held[lease.sequence], held.token == lease.token, !held.isEnding else { return nil }
    return held.message
  }

  /// Changes how long a message is held.
  func hold(_ sequence: Int64, until: Int64) { held[sequence]?.until = until }

  /// Says whether the open transaction ends a lease.
  func setEnding(_ sequence: Int64, _ isEnding: Bool) { held[sequence]?.isEnding = isEnding }

  /// Nobody has the message any more.
  func letGo(_ sequence: Int64) -> QueuedMessage? { held.removeValue(forKey: sequence)?.message }

  /// The messages whose leases have run out, which nobody has any more.
  func expire(now: Int64) -> [QueuedMessage] {
    held.values.filter { $0.until <= now && !$0.isEnding }.compactMap { letGo($0.message.sequence) }
  }

  /// When the first lease runs out.
  var firstExpiry: Int64? { held.values.lazy.map(\.until).min() }

  /// The message that comes behind the first one of an order key, which is gone; nil where there is none.
  func follower(of key: String) -> Int64? {
    guard let follower = keys[key]?.removeFirst() else {
      keys[key] = nil
      return nil
    }
    waiting -= 1
    return follower
  }
}

/// The sequences of messages that wait for those before them, in order.
struct WaitingMessages {
  private var sequences: [Int64] = []
  private var start = 0

  mutating func append(_ sequence: Int64) { sequences.append(sequence) }

  mutating func removeFirst() -> Int64? {
    guard start < sequences.count else { return nil }
    defer {
      start += 1
      if start == sequences.count || start > 1024 {
        sequences.removeFirst(start)
        start = 0
      }
    }
    return sequences[start]
  }
}

extension Message {
  /// About how many bytes it takes in memory.
  var keptSize: Int {
    var size = 256
    if case .bytes(let bytes) = body { size += bytes.count }
    headers.forEachField { name, value in size += name.count + value.count }
    return size
  }
}
