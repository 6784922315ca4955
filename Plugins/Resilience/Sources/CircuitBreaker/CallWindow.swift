internal import Omnibus
internal import OmnibusReactor

/// The calls of late: the last so many, or those of the last so long. A ring of slots; a slot holds one call, or those of
/// one span of time, which leave the window together.
struct CallWindow: Sendable {
  /// How far a window reaches back.
  enum Size: Sendable, Equatable {
    case calls(Int)
    case time(Duration)
  }

  /// Those of all slots.
  private(set) var total = CallTally()
  private var slots: [CallTally]
  /// The number of the slot that was written last: of the call, or of the span of time since the clock's zero.
  private var newest: UInt64 = 0
  /// The nanoseconds of a slot; nil where each call has its own.
  private let width: UInt64?

  init(_ size: Size) {
    switch size {
    case .calls(let count):
      slots = Array(repeating: CallTally(), count: count)
      width = nil
    case .time(let time):
      // A second a slot, where that makes neither few nor many of them.
      let count = min(max(Int(time.components.seconds), 5), 60)
      slots = Array(repeating: CallTally(), count: count)
      width = max(time.nanosecondsClamped / UInt64(count), 1)
    }
  }

  mutating func record(_ call: CallTally, at now: UInt64) {
    advance(to: width.map { now / $0 } ?? newest &+ 1)
    slots[Int(newest % UInt64(slots.count))] += call
    total += call
  }

  /// The total without what has left the window by `now`.
  mutating func tally(at now: UInt64) -> CallTally {
    if let width { advance(to: now / width) }
    return total
  }

  mutating func clear() {
    for place in slots.indices { slots[place] = CallTally() }
    total = CallTally()
  }

  private mutating func advance(to slot: UInt64) {
    // Calls of several threads may come in another order than their readings of the clock.
    guard slot > newest else { return }
    for passed in 0..<min(slot - newest, UInt64(slots.count)) {
      let place = Int((slot - passed) % UInt64(slots.count))
      total -= slots[place]
      slots[place] = CallTally()
    }
    newest = slot
  }
}
