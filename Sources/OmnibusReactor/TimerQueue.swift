/// What is due when: a binary heap in which any entry can be cancelled in O(log n), so that a time-out which
/// nearly always is cancelled leaves nothing behind.
struct TimerQueue<Payload> {
  /// Names one entry; a key whose entry fired or was cancelled names nothing, also when its slot is used again.
  struct Key: Hashable, Sendable {
    fileprivate let slot: Int
    fileprivate let generation: UInt32
  }

  private struct Entry {
    var deadline: UInt64
    var order: UInt64
    var slot: Int
  }

  private struct Slot {
    var generation: UInt32
    var position: Int
    var payload: Payload?
  }

  private var heap: [Entry] = []
  private var slots: [Slot] = []
  private var free: [Int] = []
  private var order: UInt64 = 0

  var isEmpty: Bool { heap.isEmpty }
  var count: Int { heap.count }

  /// The earliest deadline, in the unit in which deadlines were given.
  var nextDeadline: UInt64? { heap.first?.deadline }

  mutating func insert(_ payload: Payload, deadline: UInt64) -> Key {
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
    } else {
      slot = slots.count
      slots.append(Slot(generation: 0, position: 0, payload: nil))
    }
    slots[slot].payload = payload
    order &+= 1
    heap.append(Entry(deadline: deadline, order: order, slot: slot))
    slots[slot].position = heap.count - 1
    siftUp(heap.count - 1)
    return Key(slot: slot, generation: slots[slot].generation)
  }

  /// Removes an entry; answers what it held, nil if it fired or was cancelled before.
  mutating func cancel(_ key: Key) -> Payload? {
    guard key.slot < slots.count, slots[key.slot].generation == key.generation else { return nil }
    return remove(at: slots[key.slot].position)
  }

  /// The earliest entry that is due at `now`, removed; entries of one deadline come in the order of their insertion.
  mutating func popDue(at now: UInt64) -> Payload? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    return remove(at: 0)
  }

  private mutating func remove(at position: Int) -> Payload? {
    let slot = heap[position].slot
    let payload = slots[slot].payload
    slots[slot].payload = nil
    slots[slot].generation &+= 1
    free.append(slot)
    let last = heap.removeLast()
    guard position < heap.count else { return payload }
    heap[position] = last
    slots[last.slot].position = position
    siftDown(position)
    siftUp(slots[last.slot].position)
    return payload
  }

  private func precedes(_ a: Entry, _ b: Entry) -> Bool {
    a.deadline != b.deadline ? a.deadline < b.deadline : a.order < b.order
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard precedes(heap[child], heap[parent]) else { return }
      exchange(child, parent)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if precedes(heap[child], heap[least]) { least = child }
      }
      guard least != parent else { return }
      exchange(parent, least)
      parent = least
    }
  }

  private mutating func exchange(_ a: Int, _ b: Int) {
    heap.swapAt(a, b)
    slots[heap[a].slot].position = a
    slots[heap[b].slot].position = b
  }
}
