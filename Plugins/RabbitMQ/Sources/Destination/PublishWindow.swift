/// The messages that were sent and are not confirmed, by the numbers that the broker counts them by, from 1.
struct PublishWindow {
  private var slots: [Publication?] = []
  private var head = 0
  /// The number of `slots[0]`.
  private var first: UInt64 = 1

  /// How many messages there are from the oldest that is not confirmed to the newest.
  var count: Int { slots.count - head }

  /// The messages that are not confirmed, oldest first.
  var unconfirmed: some Collection<Publication> { slots[head...].lazy.compactMap { $0 } }

  mutating func append(_ publication: Publication) { slots.append(publication) }

  /// Takes out what is confirmed: the message with the number, or all up to it. Zero stands for all that were sent
  /// (AMQP 0-9-1, basic.ack).
  mutating func take(_ number: UInt64, multiple: Bool, _ body: (Publication) -> Void) {
    let last = number == 0 && multiple ? first + UInt64(slots.count) - 1 : number
    guard last >= first + UInt64(head), last < first + UInt64(slots.count) else { return }
    let place = Int(last - first)
    for taken in (multiple ? head : place)...place {
      if let publication = slots[taken] { body(publication) }
      slots[taken] = nil
    }
    while head < slots.count, slots[head] == nil { head += 1 }
    guard head == slots.count || head >= 4096 else { return }
    first += UInt64(head)
    slots.removeFirst(head)
    head = 0
  }
}
