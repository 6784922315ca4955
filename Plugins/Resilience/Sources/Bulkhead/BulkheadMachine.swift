/// Who may come into a bulkhead, and who waits for that in which order.
struct BulkheadMachine: Sendable {
  /// What becomes of somebody who asks for a place.
  enum Decision: Sendable, Equatable {
    case enter
    /// Wait, under this number.
    case wait(Int)
    case refuse
  }

  private let limit: Int
  private let queue: Int
  /// The places that are taken.
  private(set) var held = 0
  /// Those who wait: whether they count for the queue, by their numbers.
  private var waiting: [Int: Bool] = [:]
  private var queued = 0
  /// The numbers in their order. Those before `first` had their turn; some of the others may have given up.
  private var order: [Int] = []
  private var first = 0
  private var next = 0

  /// At most `limit` hold a place, and at most `queue` wait for one, those not counted that may wait in any number.
  init(limit: Int, queue: Int) {
    self.limit = limit
    self.queue = queue
  }

  /// How many wait.
  var waiters: Int { waiting.count }

  mutating func ask(isBounded: Bool) -> Decision {
    if held < limit {
      held += 1
      return .enter
    }
    guard !isBounded || queued < queue else { return .refuse }
    next += 1
    waiting[next] = isBounded
    if isBounded { queued += 1 }
    order.append(next)
    return .wait(next)
  }

  /// Gives a place back; it is at once that of the one whose number is answered.
  mutating func leave() -> Int? {
    while first < order.count {
      let number = order[first]
      first += 1
      if forget(number) {
        compact()
        return number
      }
    }
    compact()
    held -= 1
    return nil
  }

  /// Waits no longer. False where it has a place already.
  mutating func giveUp(_ number: Int) -> Bool {
    defer { compact() }
    return forget(number)
  }

  private mutating func forget(_ number: Int) -> Bool {
    guard let isBounded = waiting.removeValue(forKey: number) else { return false }
    if isBounded { queued -= 1 }
    return true
  }

  /// Drops numbers that are not waiting once they are the greater part.
  private mutating func compact() {
    guard order.count > 16, order.count > 2 * waiting.count else { return }
    order = order[first...].filter { waiting[$0] != nil }
    first = 0
  }
}
