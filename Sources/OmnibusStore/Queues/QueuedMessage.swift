internal import Omnibus

/// A message of a queue as the writer knows it while nobody has it, or while one consumer does.
struct QueuedMessage {
  let sequence: Int64
  let orderKey: String?
  let appended: Double
  /// When it is ready, by the store's time; 0 for one that was never delayed.
  var due: Int64
  /// How often it was leased.
  var attempts: Int
  /// The message; nil where it is read again when it is leased.
  var message: Message?
  /// Its mark in the file of attempts.
  var mark: Int?
}

/// Messages of a queue, the first one first: a binary heap.
struct MessageHeap {
  private var messages: [QueuedMessage] = []
  private let isBefore: @Sendable (borrowing QueuedMessage, borrowing QueuedMessage) -> Bool

  /// The one with the least sequence comes first.
  static var bySequence: MessageHeap { MessageHeap { $0.sequence < $1.sequence } }
  /// The one that is due first comes first.
  static var byDue: MessageHeap { MessageHeap { ($0.due, $0.sequence) < ($1.due, $1.sequence) } }

  private init(isBefore: @escaping @Sendable (borrowing QueuedMessage, borrowing QueuedMessage) -> Bool) {
    self.isBefore = isBefore
  }

  var count: Int { messages.count }
  var isEmpty: Bool { messages.isEmpty }
  var first: QueuedMessage? { messages.first }

  mutating func insert(_ message: QueuedMessage) {
    messages.append(message)
    var place = messages.count - 1
    while place > 0, isBefore(messages[place], messages[(place - 1) / 2]) {
      messages.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func removeFirst() -> QueuedMessage? {
    guard !messages.isEmpty else { return nil }
    messages.swapAt(0, messages.count - 1)
    let first = messages.removeLast()
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < messages.count && isBefore(messages[child], messages[least]) { least = child }
      guard least != place else { return first }
      messages.swapAt(place, least)
      place = least
    }
  }
}
