internal import Synchronization

/// Where a route's messages come from.
public protocol Source: Sendable {
  /// What messages come from, for people: `POST 127.0.0.1:8080/referrals`.
  var summary: String { get }

  /// What no other route may take messages from: `["POST 127.0.0.1:8080/referrals"]`.
  var claims: [SourceClaim] { get }

  /// What must be alike in all routes that share a place, such as how an address is made secure: the place, and terms that
  /// are equal texts where they agree.
  var sharedTerms: [(place: String, terms: String)] { get }

  /// Whether it may run beside the source that it replaces on a reload, as listeners do; others start after the former
  /// one has drained.
  var mayOverlap: Bool { get }

  /// Whether messages come from other routes of the same engine, as with `direct`. Such sources start before all others
  /// and stop after them, so that what is under way elsewhere still reaches them.
  var isFedByRoutes: Bool { get }

  /// What a message from it is in traces (OpenTelemetry, "SpanKind"): `server` where its sender waits for the answer,
  /// `consumer` where it was left for whoever takes it, `internal` where nobody sent it.
  var spanKind: Span.Origin.Kind { get }

  /// Acquires what may fail before anything is served: binds the address, looks for the folder. Called before `run`,
  /// while the former generation still runs, beside what others acquire, and where it throws perhaps once more after them,
  /// who may have made what it needs. What it throws then keeps the new generation from being applied.
  func prepare() async throws

  /// Hands each message on and waits: returning from `deliver` acknowledges, throwing refuses. Calls `deliver.ready()`
  /// once messages can come in. Returns after `deliver.stop` was signalled and all that was under way has ended;
  /// throwing means that the source broke. Cancelling the task gives up what is under way.
  func run(_ deliver: Deliver) async throws
}

extension Source {
  /// Any number of routes may take from the same place.
  public var claims: [SourceClaim] { [] }

  /// Nothing is shared that could differ.
  public var sharedTerms: [(place: String, terms: String)] { [] }

  /// Messages come from outside.
  public var isFedByRoutes: Bool { false }

  /// A message that was left for whoever takes it, unless routes of the same engine call this one.
  public var spanKind: Span.Origin.Kind { isFedByRoutes ? .internal : .consumer }

  /// Starts after the former one has drained.
  public var mayOverlap: Bool { false }

  /// Nothing to acquire.
  public func prepare() async throws {}
}

/// The route, as a source sees it: one function, whatever revision is current.
public struct Deliver: Sendable {
  /// Where the source runs.
  public let context: Context
  /// Signalled when the source is to take no more messages.
  public let stop: StopSignal
  private let route: Handler
  private let isReady: @Sendable () -> Void
  private let isBroken: @Sendable (Failure) -> Void
  private let describe: @Sendable () -> String?
  private let presentRevision: @Sendable () -> String?
  private let admission: @Sendable () async throws -> Admission?

  /// Made by the engine, and by tests.
  public init(
    context: Context, stop: StopSignal, ready: @escaping @Sendable () -> Void = {},
    notReady: @escaping @Sendable (Failure) -> Void = { _ in },
    description: @escaping @Sendable () -> String? = { nil }, revision: @escaping @Sendable () -> String? = { nil },
    admission: @escaping @Sendable () async throws -> Admission? = { Admission() }, route: @escaping Handler.Body
  ) {
    self.context = context
    self.stop = stop
    self.route = Handler(route)
    isReady = ready
    isBroken = notReady
    describe = description
    presentRevision = revision
    self.admission = admission
  }

  /// What the route's present revision says that it is for; nil where it does not say.
  public var description: String? { describe() }

  /// The route's present revision; that of `context` is the one with which the source began.
  public var revision: String { presentRevision() ?? context.revision }

  /// Runs the route on `message`, which afterwards is the reply. The await is the acknowledgement.
  @discardableResult
  public func callAsFunction(_ message: inout Message) async throws -> Next { try await route(&message, context) }

  /// Leave to take one more message, for a source that fetches them: waits while the route is paused, or holds as many as
  /// it may. Nil once the source is to stop. The caller puts it into the message's `delivery`, and ends it when the
  /// message was worked on or none was there to be taken.
  public func admit() async throws -> Admission? { stop.isStopped ? nil : try await admission() }

  /// Says that the source takes messages from now on.
  public func ready() { isReady() }

  /// Says that no messages can come in for now, as where a connection broke that the source makes anew by itself. Until it
  /// calls `ready()` again the route counts as broken.
  public func notReady(_ failure: Failure) { isBroken(failure) }
}

/// Tells a source, once, to take no more messages.
public final class StopSignal: Sendable {
  private struct State {
    var isStopped = false
    var observers = Observers<@Sendable () -> Void>()
  }

  private let state = Mutex(State())

  /// A signal that has not been given.
  public init() {}

  /// Whether the signal was given.
  public var isStopped: Bool { state.withLock { $0.isStopped } }

  /// Gives the signal; later calls do nothing.
  public func signal() {
    let observers = state.withLock { state in
      state.isStopped = true
      return state.observers.removeAll()
    }
    for observer in observers { observer() }
  }

  /// Calls `body` once when the signal is given, at once if it was; the number takes the observer back.
  @discardableResult
  public func onStop(_ body: @escaping @Sendable () -> Void) -> Int {
    let number = state.withLock { $0.isStopped ? nil : $0.observers.add(body) }
    if number == nil { body() }
    return number ?? 0
  }

  /// Takes an observer back.
  public func remove(_ number: Int) { _ = state.withLock { $0.observers.remove(number) } }

  /// Waits until the signal is given, or the task is cancelled.
  public func wait() async {
    let once = Once()
    var number = 0
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        once.set { continuation.resume() }
        number = onStop { once.fire() }
      }
    } onCancel: {
      once.fire()
    }
    remove(number)
  }
}

/// An action that runs at most once, after both `set` and `fire` were called.
final class Once: Sendable {
  private struct State {
    var action: (@Sendable () -> Void)?
    var isFired = false
  }

  private let state = Mutex(State())

  func set(_ action: @escaping @Sendable () -> Void) {
    let isFired = state.withLock { state in
      if !state.isFired { state.action = action }
      return state.isFired
    }
    if isFired { action() }
  }

  func fire() {
    let action = state.withLock { state in
      state.isFired = true
      defer { state.action = nil }
      return state.action
    }
    action?()
  }
}
