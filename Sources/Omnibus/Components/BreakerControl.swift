/// What operators may see and set of a circuit breaker, and what sources that pause for it follow. A middleware that
/// conforms is found by the engine when a route is built with it.
public protocol BreakerControl: Middleware, AnyObject {
  /// Whether routes whose sources can wait take no messages while it is open.
  var pausesSource: Bool { get }

  /// How it stands at this moment.
  var status: BreakerStatus { get }

  /// Whether it takes a call now that a source brings.
  var takesCalls: Bool { get }

  /// A place for a call that a source is about to bring: half open, it gives as many as there are trial calls, so that no
  /// source takes a message for which there is none. Does not wait, and changes no state.
  func admit() -> BreakerPlace

  /// Keeps it open or closed whatever happens, until nil lets it go by what it sees again.
  func force(_ state: BreakerStatus.State?)

  /// Calls `body` at any thread after each change of state, and where one that pauses sources may take calls again; the
  /// number takes the observer back.
  func onChange(_ body: @escaping @Sendable (BreakerStatus) -> Void) -> Int

  /// Takes an observer back.
  func removeObserver(_ number: Int)
}

/// Whether a circuit breaker lets a source take a message.
public enum BreakerPlace: Sendable {
  /// It may: calls pass.
  case notNeeded
  /// It may: the permit is for one call on trial, which takes it; what is not taken is to be ended.
  case held(Permit)
  /// It may not.
  case none
}

/// How a circuit breaker stands.
public struct BreakerStatus: Sendable, Equatable {
  /// Whether calls pass.
  public enum State: String, Sendable, CaseIterable {
    /// Calls pass.
    case closed
    /// Calls are refused.
    case open
    /// So many calls as are configured pass on trial.
    case halfOpen = "half_open"
  }

  /// Whether calls pass.
  public var state: State
  /// Whether an operator set the state.
  public var isForced: Bool
  /// The calls in the window.
  public var calls: Int
  /// Those of them that failed.
  public var failures: Int
  /// Those of them that took too long.
  public var slow: Int
  /// The calls that were refused since the breaker was made.
  public var refused: Int

  /// A status.
  public init(state: State, isForced: Bool = false, calls: Int = 0, failures: Int = 0, slow: Int = 0, refused: Int = 0)
  {
    self.state = state
    self.isForced = isForced
    self.calls = calls
    self.failures = failures
    self.slow = slow
    self.refused = refused
  }
}
