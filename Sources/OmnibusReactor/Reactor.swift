internal import CReactor
internal import Glibc
internal import Synchronization

/// One thread with an `epoll` loop that owns sockets and timers and is the `TaskExecutor` of the messages that came in
/// through them: from accept to acknowledgement nothing changes threads.
///
/// `execute`, `enqueue` and `stop` may be called from any thread, everything else on the reactor's own.
///
/// Unchecked: what is neither behind `inbox` nor atomic is touched by the reactor's own thread alone, hence @unchecked.
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

  /// The place of this reactor among those of its group, from 0.
  public let index: Int
  /// The number of the piece of work that the thread is at, 0 while it waits: for the watchdog.
  let piece = Atomic<UInt64>(0)

  /// What the loop has done so far; the thread's own number of pieces is copied there, since `piece` is 0 now and then.
  let tally = LoadTally()

  private let poller: Poller
  private let inbox = Mutex(Inbox())
  private let activity = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
  private var pieces: UInt64 = 0
  private var local: [Work] = []
  private var batch: [Work] = []
  private var timers = TimerQueue<@Sendable () -> Void>()
  private var turnHooks: [() -> Void] = []
  private var locals: [ObjectIdentifier: AnyObject] = [:]

  init(index: Int) throws(SystemError) {
    self.index = index
    activity.initialize(to: 0)
    poller = try Poller()
  }

  deinit { activity.deallocate() }

  /// Whether the caller runs on this reactor's thread.
  public var isCurrent: Bool { omnibus_reactor_current() == Unmanaged.passUnretained(self).toOpaque() }

  /// What it did with its time so far; for any thread.
  public var load: ReactorLoad { tally.load }

  /// The name of what the thread is at; for any thread.
  var activityName: String? { Activity.name(of: omnibus_activity_at(activity)) }

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
    if mustWake { poller.wake() }
  }

  /// Adds a hook that is called before the reactor waits, whenever it handled readiness: for clients that gather
  /// what one turn brought.
  public func addTurnHook(_ hook: @escaping () -> Void) { turnHooks.append(hook) }

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
    try poller.register(descriptor, interest, handler: handler)
  }

  /// Changes what a registered descriptor is watched for.
  public func update(_ descriptor: Int32, _ interest: Readiness) throws(SystemError) {
    try poller.update(descriptor, interest)
  }

  /// Stops watching; must come before the descriptor is closed.
  public func unregister(_ descriptor: Int32) { poller.unregister(descriptor) }

  // MARK: timers

  /// Calls `action` on this reactor's thread once `delay` has passed. May be called on this thread only.
  @discardableResult
  public func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
    TimerHandle(key: timers.insert(action, deadline: MonotonicTime.now &+ delay.nanosecondsClamped))
  }

  /// Cancels a timer of this reactor; one that fired already is left alone. May be called on this thread only.
  public func cancel(_ timer: TimerHandle) { _ = timers.cancel(timer.key) }

  // MARK: the loop

  /// Ends `run` once the work that is queued is done.
  func stop() {
    inbox.withLock { $0.isStopping = true }
    poller.wake()
  }

  func run() {
    omnibus_reactor_set_current(Unmanaged.passUnretained(self).toOpaque())
    omnibus_activity_use(activity)
    tally.begin()
    let shard = ThreadShards.take()
    defer {
      ThreadShards.giveBack(shard)
      tally.end()
      omnibus_activity_use(nil)
      piece.store(0, ordering: .relaxed)
      poller.removeAll()
      omnibus_reactor_set_current(nil)
    }
    while true {
      runTimers()
      runWork()
      guard let timeout = prepareToWait() else { return }
      piece.store(0, ordering: .relaxed)
      tally.turn(pieces: pieces)
      let count = poller.wait(milliseconds: timeout)
      guard count > 0 else { continue }
      for place in 0..<count {
        beginPiece()
        poller.dispatch(place)
      }
      for hook in turnHooks {
        beginPiece()
        hook()
      }
    }
  }

  /// Tells the watchdog that the piece of work before has ended.
  @inline(__always)
  private func beginPiece() {
    pieces &+= 1
    piece.store(pieces, ordering: .relaxed)
    omnibus_activity_set(0)
  }

  private func runTimers() {
    guard let first = timers.nextDeadline else { return }
    let now = MonotonicTime.now
    guard first <= now else { return }
    while let action = timers.popDue(at: now) {
      beginPiece()
      action()
    }
  }

  /// Runs what is queued, and what that queues, for a bounded number of rounds so that sockets get their turn.
  private func runWork() {
    let executor = asUnownedTaskExecutor()
    inbox.withLock { inbox in
      inbox.isAsleep = false
      swap(&batch, &inbox.work)
    }
    for round in 0..<16 {
      if round > 0 || batch.isEmpty { swap(&batch, &local) }
      if batch.isEmpty { return }
      for work in batch {
        beginPiece()
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
      let isIdle = inbox.work.isEmpty && local.isEmpty
      inbox.isAsleep = isIdle && !inbox.isStopping
      return (isIdle, inbox.isStopping)
    }
    guard mayWait else { return 0 }
    guard !isStopping else { return nil }
    guard let deadline = timers.nextDeadline else { return -1 }
    let now = MonotonicTime.now
    return deadline <= now ? 0 : Int32(min((deadline - now + 999_999) / 1_000_000, 60_000))
  }
}

/// Names a timer of one reactor.
public struct TimerHandle: Sendable {
  let key: TimerQueue<@Sendable () -> Void>.Key
}
