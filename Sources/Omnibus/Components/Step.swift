/// What a route does after a step.
public enum Next: Sendable {
  /// The next step.
  case next
  /// Nothing more: the innermost run (the route, a part of a split, a branch) ends, successfully.
  case stop
  /// The steps ended in a one-way destination, and so without a reply. What stands behind them runs; where nothing does,
  /// the route ends as by `stop`. A `Block` answers it, no step need do so.
  case done
}

/// A part of a route that may wait: a destination, a flow step.
public protocol Step: Sendable {
  /// Works on the message. Throwing a `Failure` stops the message; any other error counts as `internal`.
  func process(_ message: inout Message, _ context: Context) async throws -> Next
}

/// A step that never waits, and may stop the message: blocks of such steps and of transformers run without suspension.
public protocol ImmediateStep: Step {
  /// Works on the message, as `process` does.
  func processNow(_ message: inout Message, _ context: Context) throws -> Next
}

extension ImmediateStep {
  /// Works on the message.
  public func process(_ message: inout Message, _ context: Context) async throws -> Next {
    try processNow(&message, context)
  }
}

/// A step that changes the message and never waits.
public protocol Transformer: Sendable {
  /// Changes the message, or throws a `Failure` and leaves it for the error handling to see.
  func transform(_ message: inout Message, _ context: Context) throws
}

/// What a middleware calls to go on inwards; may be called again, or not at all.
///
/// A type of its own, as a bare closure is wrapped in two more functions wherever it goes through something generic, such
/// as an optional or an array, and each of them costs every message.
public struct Handler: Sendable {
  /// A closure that works on a message.
  public typealias Body = @Sendable (_ message: inout Message, _ context: Context) async throws -> Next

  /// What is called.
  public let body: Body

  /// A handler that calls `body`, which should not list what it captures: a closure that does changes executors for its
  /// work, and back.
  @inlinable
  public init(_ body: @escaping Body) { self.body = body }

  /// Works on the message.
  @inlinable @inline(__always)
  public func callAsFunction(_ message: inout Message, _ context: Context) async throws -> Next {
    try await body(&message, context)
  }
}

/// Wraps a step, a `do` block or a route.
public protocol Middleware: Sendable {
  /// Runs `next` as often as it sees fit, and answers for it.
  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next
}

/// Middleware that keeps messages which fail. When such a message is replayed, it goes on where the middleware stands; the
/// engine finds that when a route is built with it.
public protocol LetterKeeping: Middleware {}
