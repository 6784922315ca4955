/// Messages of a queue that are not ready yet, the one that is due first in front: a binary heap.
struct DelayedMessages {
  private var messages: [QueuedMessage] = []

  var count: Int { messages.count }
  var first: QueuedMessage? { messages.first }

  mutating func insert(_ message: QueuedMessage) {
    messages.append(message)
    var place = messages.count - 1
    while place > 0, isBefore(place, (place - 1) / 2) {
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
      where child < messages.count && isBefore(child, least) { least = child }
      guard least != place else { return first }
      messages.swapAt(place, least)
      place = least
    }
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    (messages[left].due, messages[left].sequence) < (messages[right].due, messages[right].sequence)
  }
}
