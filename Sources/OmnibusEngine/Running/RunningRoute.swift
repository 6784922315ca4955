internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// A route whose source runs. The source stays while the revision behind it is replaced.
final class RunningRoute: Sendable {
  /// An object, as each message asks for it: a copy of the values in it would count as many references.
  final class Current: Sendable {
    let revision: Revision
    let built: BuiltRoute

    init(_ revision: Revision, _ built: BuiltRoute) {
      self.revision = revision
      self.built = built
    }
  }

  /// What the source is at.
  enum Phase {
    case new, starting, ready, ended
    case broken(Failure)
  }

  /// How long senders are asked to leave a paused route alone.
  static let pausedFor = Duration.seconds(10)

  let id: String
  let source: any Source
  let gate: RouteGate
  let stopSignal = StopSignal()
  /// Signalled when what is under way is not waited for any longer.
  private let isGivenUp = StopSignal()
  private let current: Mutex<Current>
  private let phaseNow = Mutex(Phase.new)
  private let task = Mutex<Task<Void, Never>?>(nil)
  /// What takes back what it observes.
  private let observers = Mutex<[@Sendable () -> Void]>([])

  /// A route that does not run yet, of which an operator wants `control`.
  init(id: String, revision: Revision, built: BuiltRoute, control: RouteControl) {
    self.id = id
    source = built.source
    gate = RouteGate(control)
    current = Mutex(Current(revision, built))
  }

  var now: Current { current.withLock { $0 } }
  var phase: Phase { phaseNow.withLock { $0 } }
  /// Whether the source was told to stop, and it or a message is still under way.
  var isEnding: Bool {
    guard stopSignal.isStopped else { return false }
    switch phase {
    case .new: return false
    case .ended: return gate.underWay > 0 && !isGivenUp.isStopped
    case .starting, .ready, .broken: return true
    }
  }
  var revision: Revision { now.revision }
  var mayOverlap: Bool { source.mayOverlap }
  var isFedByRoutes: Bool { source.isFedByRoutes }
  var summary: String { source.summary }

  /// New messages take the new revision; those under way finish on the one that they began with.
  func replace(revision: Revision, built: BuiltRoute) {
    current.withLock { $0 = Current(revision, built) }
    if case .new = phase { return }
    observe()
  }

  /// Runs a message through the present revision.
  func deliver(_ message: inout Message) async throws -> Next { try await deliver(&message, through: now) }

  /// Runs a message through the present revision if it has that name.
  func deliver(_ message: inout Message, ifRevisionIs name: String?) async throws -> Next {
    let now = now
    if let name, name != now.revision.name {
      throw Failure(.rejected, "the route \"\(id)\" has another revision, \(now.revision.name)")
    }
    return try await deliver(&message, through: now)
  }

  private func deliver(_ message: inout Message, through current: Current) async throws -> Next {
    let replay = message.delivery?.replay
    let handler = try replay.map { try current.built.handler(of: $0) } ?? current.built.handler
    guard gate.enter(admitted: message.delivery?.admission != nil) else {
      throw Failure(.unavailable, "the route \"\(id)\" takes no messages now", retryAfter: Self.pausedFor)
    }
    defer { gate.leave() }
    replay?.begin(on: current.built.context.revision)
    do {
      return try await handler(&message, current.built.context)
    } catch {
      current.built.context.report(Failure(error), of: message)
      throw error
    }
  }

  /// Starts the source, and waits until it takes messages or breaks for the first time.
  func start() async {
    observe()
    phaseNow.withLock { $0 = .starting }
    let context = now.built.context
    let ready = StopSignal()
    let deliver = Deliver(
      context: context, stop: stopSignal,
      ready: { [self] in
        phaseNow.withLock { $0 = .ready }
        ready.signal()
      },
      notReady: { [self] failure in
        phaseNow.withLock { $0 = .broken(failure) }
        ready.signal()
      },
      description: { [self] in now.built.description }, revision: { [self] in now.built.context.revision },
      admission: {
        if let admission = self.admitAtOnce() { return admission }
        return try await self.admit()
      }
    ) { message, _ in try await self.deliver(&message) }
    let task = Task.detached(executorPreference: context.reactors.next()) { [self] in
      await run(deliver, broke: ready)
      phaseNow.withLock { $0 = .ended }
      ready.signal()
    }
    self.task.withLock { $0 = task }
    await ready.wait()
  }

  /// Runs the source until it is stopped; one that breaks is started again, after longer and longer pauses as long as it
  /// breaks soon.
  private func run(_ deliver: Deliver, broke: StopSignal) async {
    let clock = deliver.context.clock
    var pause = Duration.seconds(1)
    while !stopSignal.isStopped, !Task.isCancelled {
      let start = clock.now
      do {
        try await source.run(deliver)
        return
      } catch is CancellationError {
        return
      } catch {
        let failure = Failure(error)
        deliver.context.logger.error(
          "source broke, starting it again", metadata: ["failure": "\(failure)", "pause": "\(pause.text)"])
        phaseNow.withLock { $0 = .broken(failure) }
        broke.signal()
      }
      if clock.now - start > Duration.seconds(60).nanosecondsClamped { pause = .seconds(1) }
      guard (try? await clock.sleep(for: pause, unless: stopSignal)) == true else { return }
      pause = min(pause * 2, .seconds(60))
    }
  }

  /// Lets the source take no more messages.
  func stop() { stopSignal.signal() }

  /// Waits until the source has ended and nothing is under way, also of what did not come from the source; what is after
  /// `grace` is given up. Of several who wait, the shortest time counts.
  func drain(within grace: Duration) async {
    stop()
    defer {
      forgetObservers()
      gate.follow([])
    }
    guard let task = task.withLock({ $0 }) else { return }
    let overdue = giveUp(after: grace)
    await task.value
    gate.set(.stopped)
    try? await gate.waitUntilEmpty(unless: isGivenUp)
    overdue.cancel()
  }

  /// Gives up what is still under way after `grace` where the route is ending.
  @discardableResult
  func giveUp(after grace: Duration) -> ScheduledAction {
    let context = now.built.context
    return context.clock.schedule(after: grace) { [self] in
      guard isEnding, !isGivenUp.isStopped else { return }
      context.logger.warning("messages still under way are given up", metadata: ["route": "\(id)"])
      task.withLock { $0 }?.cancel()
      isGivenUp.signal()
    }
  }

  /// Follows the breakers and connections of the present revision that pause the source, and no others.
  private func observe() {
    let built = now.built
    let breakers = built.breakers.filter(\.control.pausesSource)
    forgetObservers()
    for (_, breaker) in breakers {
      let number = breaker.onChange { [gate] _ in gate.refresh() }
      observers.withLock { $0.append { breaker.removeObserver(number) } }
    }
    let connections = built.connections.filter(\.holdsSource)
    for connection in connections {
      let number = connection.step.onBlock { [gate] in gate.refresh() }
      observers.withLock { $0.append { connection.step.removeObserver(number) } }
    }
    gate.follow(breakers, connections)
  }

  private func forgetObservers() {
    let former = observers.withLock { observers in
      defer { observers = [] }
      return observers
    }
    for forget in former { forget() }
  }
}

extension Context {
  /// Logs that a message failed: a sender's mistake is nothing to worry about, anything else may be.
  fileprivate func report(_ failure: Failure, of message: Message) {
    let level: Logger.Level =
      switch failure.kind {
      case .cancelled: .debug
      case .invalid, .rejected: .info
      case .unauthorized, .unavailable, .timeout, .overloaded, .outcomeUnknown: .warning
      case .internal: .error
      }
    let metadata: Logger.Metadata = [
      "failure": "\(failure.kind.rawValue)", "reason": "\(failure.loggedReason)", "step": "\(failure.step ?? step)",
      "revision": "\(revision)",
    ]
    logger.log(level: level, "message failed", metadata: metadata.merging(message.logMetadata) { own, _ in own })
  }
}
