internal import CReactor
internal import Glibc

/// An `epoll` set and the handlers of its descriptors. Used by one thread, except for `wake`.
final class Poller {
  private struct Registration {
    var handler: (any ReadinessHandler)?
    var generation: UInt32 = 0
  }

  private static let capacity = 256

  private let poll: Int32
  private let wakeUp: Int32
  private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
  private var registrations: [Registration] = []

  init() throws(SystemError) {
    poll = try SystemError.check("epoll_create1", epoll_create1(Int32(EPOLL_CLOEXEC)))
    wakeUp = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    try SystemError.check("eventfd", wakeUp)
    try control(EPOLL_CTL_ADD, wakeUp, .readable, generation: 0)
  }

  deinit {
    close(wakeUp)
    close(poll)
    events.deallocate()
  }

  func register(_ descriptor: Int32, _ interest: Readiness, handler: any ReadinessHandler) throws(SystemError) {
    let place = Int(descriptor)
    if place >= registrations.count {
      registrations.append(contentsOf: repeatElement(Registration(), count: max(place + 1 - registrations.count, 64)))
    }
    let generation = registrations[place].generation &+ 1
    try control(EPOLL_CTL_ADD, descriptor, interest, generation: generation)
    registrations[place] = Registration(handler: handler, generation: generation)
  }

  func update(_ descriptor: Int32, _ interest: Readiness) throws(SystemError) {
    guard Int(descriptor) < registrations.count else { throw SystemError("epoll_ctl", code: ENOENT) }
    try control(EPOLL_CTL_MOD, descriptor, interest, generation: registrations[Int(descriptor)].generation)
  }

  func unregister(_ descriptor: Int32) {
    guard Int(descriptor) < registrations.count, registrations[Int(descriptor)].handler != nil else { return }
    registrations[Int(descriptor)].handler = nil
    epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil)
  }

  /// Lets go of all handlers.
  func removeAll() {
    for descriptor in registrations.indices { unregister(Int32(descriptor)) }
  }

  /// Ends the present or the next `wait` at once. For any thread.
  func wake() {
    var one: UInt64 = 1
    write(wakeUp, &one, 8)
  }

  /// Waits for readiness; answers how many descriptors are ready, to be dispatched by their place.
  func wait(milliseconds: Int32) -> Int {
    Int(epoll_wait(poll, events, Int32(Self.capacity), milliseconds))
  }

  /// Hands readiness to its handler, unless an earlier handler of the same turn unregistered the descriptor, also when
  /// the system has given its number to another file since.
  func dispatch(_ place: Int) {
    let event = events[place]
    let descriptor = Int32(truncatingIfNeeded: event.data.u64)
    if descriptor == wakeUp {
      var count: UInt64 = 0
      read(wakeUp, &count, 8)
      return
    }
    let registration = registrations[Int(descriptor)]
    guard registration.generation == UInt32(event.data.u64 >> 32), let handler = registration.handler else { return }
    handler.ready(Readiness(rawValue: event.events))
  }

  private func control(
    _ operation: Int32, _ descriptor: Int32, _ interest: Readiness, generation: UInt32
  ) throws(SystemError) {
    var event = epoll_event()
    event.events = interest.rawValue
    event.data.u64 = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    try SystemError.check("epoll_ctl", epoll_ctl(poll, operation, descriptor, &event))
  }
}
