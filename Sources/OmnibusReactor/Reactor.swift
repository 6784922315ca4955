internal import CReactor
internal import Glibc
internal import Synchronization

/// One thread with an `epoll` loop that owns sockets and timers and is the `TaskExecutor` of the messages that came in
/// through them: from accept to acknowledgement nothing changes threads.
///
/// `execute`, `enqueue` and `stop` may be called from any thread, everything else on the reactor's own.
// @unchecked: what is not behind `inbox` or atomic is touched by the reactor's own thread alone.
public final class Reactor: TaskExecutor, @unchecked Sendable {
  /// The reactor whose thread this is; nil on any other thread.
  public static var current: Reactor? {
    guard let pointer = omnibus_reactor_current() else { return nil }
    return Unmanaged<Reactor>.fromOpaque(pointer).takeUnretainedValue()
  }

  private enum Work {
    case job(UnownedJob)
    case call(@Sendable () -> Void)
  }

  private struct Inbox {
    var work: [Work] = []
    var isAsleep = false
    var isStopping = false
  }

  private struct Registration {
    var handler: (any ReadinessHandler)?
    var generation: UInt32 = 0
  }

  /// The place of this reactor among those of its group, from 0.
  public let index: Int
  /// Monotonic nanoseconds since which the thread has been at the present piece of work; 0 while it waits.
  let busySince = Atomic<UInt64>(0)

  private let poll: Int32
  private let wake: Int32
  private let inbox = Mutex(Inbox())
  private var local: [Work] = []
  private var timers = TimerQueue<@Sendable () -> Void>()
  private var registrations: [Registration] = []
  private var idleHooks: [() -> Void] = []
  private var locals: [ObjectIdentifier: AnyObject] = [:]

  init(index: Int) throws(SystemError) {
    self.index = index
    poll = try SystemError.check("epoll_create1", epoll_create1(Int32(EPOLL_CLOEXEC)))
    wake = try SystemError.check("eventfd", eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)))
    try control(EPOLL_CTL_ADD, wake, .readable, generation: 0)
  }

  deinit {
    close(wake)
    close(poll)
  }

  /// Whether the caller runs on this reactor's thread.
  public var isCurrent: Bool { omnibus_reactor_current() == Unmanaged.passUnretained(self).toOpaque() }

  // MARK: work

  /// Runs `body` on the reactor's thread, soon and in the order of the calls of one thread.
  public func execute(_ body: @escaping @Sendable () -> Void) { add(.call(body)) }

  /// Takes a job of a task that prefers this executor.
  public func enqueue(_ job: consuming ExecutorJob) { add(.job(UnownedJob(job))) }

  private func add(_ work: Work) {
    if isCurrent {
      local.append(work)
      return
    }
    let mustWake = inbox.withLock { inbox in
      inbox.work.append(work)
      defer { inbox.isAsleep = false }
      return inbox.isAsleep
    }
    if mustWake { signalWake() }
  }

  private func signalWake() {
    var one: UInt64 = 1
    write(wake, &one, 8)
  }

  /// Adds a hook that is called before the reactor waits, whenever it handled readiness: for clients that gather
  /// what one turn brought.
  public func addTurnHook(_ hook: @escaping () -> Void) { idleHooks.append(hook) }

  /// The object of type `Object` that belongs to this reactor alone, such as a connection pool; `make` makes it when it
  /// is first asked for, and it lives as long as the reactor. May be called on this thread only.
  public func local<Object: AnyObject>(_ type: Object.Type, make: (Reactor) -> Object) -> Object {
    // The key is the object's type, so the cast cannot fail.
    if let found = locals[ObjectIdentifier(type)] { return unsafeDowncast(found, to: type) }
    let made = make(self)
    locals[ObjectIdentifier(type)] = made
    return made
  }

  // MARK: file descriptors

  /// Watches `descriptor` and hands its readiness to `handler`, which is retained until `unregister`.
  public func register(_ descriptor: Int32, _ interest: Readiness, handler: any ReadinessHandler) throws(SystemError) {
    let place = Int(descriptor)
    if place >= registrations.count {
      registrations.append(contentsOf: repeatElement(Registration(), count: max(place + 1 - registrations.count, 64)))
    }
    registrations[place].generation &+= 1
    try control(EPOLL_CTL_ADD, descriptor, interest, generation: registrations[place].generation)
    registrations[place].handler = handler
  }

  /// Changes what a registered descriptor is watched for.
  public func update(_ descriptor: Int32, _ interest: Readiness) throws(SystemError) {
    try control(EPOLL_CTL_MOD, descriptor, interest, generation: registrations[Int(descriptor)].generation)
  }

  /// Stops watching; must come before the descriptor is closed.
  public func unregister(_ descriptor: Int32) {
    guard Int(descriptor) < registrations.count, registrations[Int(descriptor)].handler != nil else { return }
    registrations[Int(descriptor)].handler = nil
    registrations[Int(descriptor)].generation &+= 1
    epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil)
  }

  private func control(
    _ operation: Int32, _ descriptor: Int32, _ interest: Readiness, generation: UInt32
  ) throws(SystemError) {
    var event = epoll_event()
    event.events = interest.rawValue
    event.data.u64 = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    try SystemError.check("epoll_ctl", epoll_ctl(poll, operation, descriptor, &event))
  }

  // MARK: timers

  /// Calls `action` on this reactor's thread once `delay` has passed. May be called on this thread only.
  @discardableResult
  public func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
    TimerHandle(key: timers.insert(action, deadline: MonotonicTime.now &+ delay.nanosecondsClamped))
  }

  /// Cancels a timer of this reactor; one that fired already is left alone. May be called on this thread only.
  public func cancel(_ timer: TimerHandle) { _ = timers.cancel(timer.key) }

  // MARK: the loop

  /// Ends `run` once the work at hand is done.
  func stop() {
    inbox.withLock { $0.isStopping = true }
    signalWake()
  }

  func run() {
    omnibus_reactor_set_current(Unmanaged.passUnretained(self).toOpaque())
    defer { omnibus_reactor_set_current(nil) }
    var events = [epoll_event](repeating: epoll_event(), count: 256)
    while true {
      busySince.store(MonotonicTime.now, ordering: .relaxed)
      runTimers()
      runWork()
      guard let timeout = prepareToWait() else { return }
      busySince.store(0, ordering: .relaxed)
      let count = epoll_wait(poll, &events, Int32(events.count), timeout)
      busySince.store(MonotonicTime.now, ordering: .relaxed)
      for place in 0..<max(Int(count), 0) { dispatch(events[place]) }
      if count > 0 { for hook in idleHooks { hook() } }
    }
  }

  private func dispatch(_ event: epoll_event) {
    let descriptor = Int32(truncatingIfNeeded: event.data.u64)
    if descriptor == wake {
      var count: UInt64 = 0
      read(wake, &count, 8)
      return
    }
    let registration = registrations[Int(descriptor)]
    guard registration.generation == UInt32(event.data.u64 >> 32), let handler = registration.handler else { return }
    handler.ready(Readiness(rawValue: event.events))
  }

  private func runTimers() {
    guard !timers.isEmpty else { return }
    let now = MonotonicTime.now
    while let action = timers.popDue(at: now) { action() }
  }

  /// Runs what is queued, and what that queues, for a bounded number of rounds so that sockets get their turn.
  private func runWork() {
    let executor = asUnownedTaskExecutor()
    var batch = inbox.withLock { inbox in
      inbox.isAsleep = false
      var taken: [Work] = []
      swap(&taken, &inbox.work)
      return taken
    }
    for _ in 0..<16 {
      batch.append(contentsOf: local)
      local.removeAll(keepingCapacity: true)
      if batch.isEmpty { return }
      for work in batch {
        switch work {
        case .job(let job): job.runSynchronously(on: executor)
        case .call(let body): body()
        }
      }
      batch.removeAll(keepingCapacity: true)
    }
  }

  /// Milliseconds for which `epoll_wait` may wait; nil when the reactor is to end.
  private func prepareToWait() -> Int32? {
    let (mayWait, isStopping) = inbox.withLock { inbox in
      inbox.isAsleep = inbox.work.isEmpty && local.isEmpty && !inbox.isStopping
      return (inbox.isAsleep, inbox.isStopping)
    }
    if isStopping { return nil }
    guard mayWait else { return 0 }
    guard let deadline = timers.nextDeadline else { return -1 }
    let now = MonotonicTime.now
    return deadline <= now ? 0 : Int32(min((deadline - now + 999_999) / 1_000_000, 60_000))
  }
}

/// Names a timer of one reactor.
public struct TimerHandle: Sendable {
  let key: TimerQueue<@Sendable () -> Void>.Key
}
