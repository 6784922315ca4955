internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// A route whose source runs. The source stays while the revision behind it is replaced.
final class RunningRoute: Sendable {
  private struct Current {
    var revision: Revision
    var handler: Handler
    var context: Context
    var description: String?

    init(_ revision: Revision, _ built: BuiltRoute) {
      self.revision = revision
      handler = built.handler
      context = built.context
      description = built.description
    }
  }

  let id: String
  let source: any Source
  private let current: Mutex<Current>
  private let stopSignal = StopSignal()
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(id: String, revision: Revision, built: BuiltRoute) {
    self.id = id
    source = built.source
    current = Mutex(Current(revision, built))
  }

  var revision: Revision { current.withLock { $0.revision } }
  var mayOverlap: Bool { source.mayOverlap }
  var isFedByRoutes: Bool { source.isFedByRoutes }
  var summary: String { source.summary }

  /// New messages take the new revision; those under way finish on the one that they began with.
  func replace(revision: Revision, built: BuiltRoute) {
    current.withLock { $0 = Current(revision, built) }
  }

  /// Starts the source, and waits until it takes messages or breaks for the first time.
  func start() async {
    let context = current.withLock { $0.context }
    let ready = StopSignal()
    let deliver = Deliver(
      context: context, stop: stopSignal, ready: { ready.signal() },
      description: { [self] in current.withLock { $0.description } }
    ) { [self] message, _ in
      let (handler, context) = current.withLock { ($0.handler, $0.context) }
      do {
        return try await handler(&message, context)
      } catch {
        context.report(Failure(error), of: message)
        throw error
      }
    }
    let task = Task.detached(executorPreference: context.reactors.next()) { [self] in
      await run(deliver)
      ready.signal()
    }
    self.task.withLock { $0 = task }
    await ready.wait()
  }

  /// Runs the source until it is stopped; one that breaks is started again, after longer and longer pauses as long as it
  /// breaks soon.
  private func run(_ deliver: Deliver) async {
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
        deliver.context.logger.error(
          "source broke, starting it again", metadata: ["failure": "\(Failure(error))", "pause": "\(pause.text)"])
        deliver.ready()
      }
      if clock.now - start > Duration.seconds(60).nanosecondsClamped { pause = .seconds(1) }
      guard (try? await clock.sleep(for: pause, unless: stopSignal)) == true else { return }
      pause = min(pause * 2, .seconds(60))
    }
  }

  /// Lets the source take no more messages.
  func stop() { stopSignal.signal() }

  /// Waits until the source has ended and nothing is under way; what is after `grace` is given up.
  func drain(within grace: Duration) async {
    stop()
    guard let task = task.withLock({ $0 }) else { return }
    let context = current.withLock { $0.context }
    let id = id
    let overdue = context.clock.schedule(after: grace) {
      context.logger.warning("messages still under way are given up", metadata: ["route": "\(id)"])
      task.cancel()
    }
    await task.value
    overdue.cancel()
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
      "failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)", "step": "\(failure.step ?? step)",
      "revision": "\(revision)",
    ]
    logger.log(level: level, "message failed", metadata: metadata.merging(message.logMetadata) { own, _ in own })
  }
}
