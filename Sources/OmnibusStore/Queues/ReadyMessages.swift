/// The messages of a queue that are ready, in their order. Most come in behind the others, and they go from the front.
struct ReadyMessages {
  private var messages: [QueuedMessage?] = []
  private var start = 0

  var count: Int { messages.count - start }
  var isEmpty: Bool { count == 0 }

  mutating func insert(_ message: QueuedMessage) {
    var place = messages.count
    while place > start, let other = messages[place - 1], other.sequence > message.sequence { place -= 1 }
    messages.insert(message, at: place)
  }

  mutating func removeFirst() -> QueuedMessage? {
    guard !isEmpty else { return nil }
    var first: QueuedMessage?
    swap(&first, &messages[start])
    start += 1
    if start == messages.count || start > 256 {
      messages.removeFirst(start)
      start = 0
    }
    return first
  }
}
