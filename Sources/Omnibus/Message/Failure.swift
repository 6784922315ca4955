/// Why a message could not be worked on. What it says never holds a value of the message, unless it is marked so.
public struct Failure: Error, Sendable, CustomStringConvertible {
  /// What sort of failure it is; decides over retries and over what the sender is told.
  public enum Kind: String, Sendable, CaseIterable {
    /// The message is wrong, and will be wrong next time: HTTP 400.
    case invalid
    /// The message is well formed, and was refused: HTTP 422.
    case rejected
    /// An upstream refused the engine's credentials: HTTP 502.
    case unauthorized
    /// An upstream cannot be reached or says that it is down: HTTP 503.
    case unavailable
    /// Something took longer than it may: HTTP 504.
    case timeout
    /// A limit was reached, here or upstream: HTTP 429.
    case overloaded
    /// The request may or may not have taken effect: HTTP 504.
    case outcomeUnknown = "outcome_unknown"
    /// The work was given up because the engine stops or the sender went away.
    case cancelled
    /// An error of the engine or of a plugin: HTTP 500.
    case `internal`
  }

  /// One of several problems of the same message, such as one failed rule.
  public struct Problem: Sendable, Equatable {
    /// What is wrong, without the value.
    public var detail: String
    /// Where: a JSON pointer (RFC 6901), a field name, a column; nil for the message as a whole.
    public var place: String?

    /// A problem at a place of the message.
    public init(_ detail: String, place: String? = nil) {
      self.detail = detail
      self.place = place
    }
  }

  /// What sort of failure it is.
  public var kind: Kind
  /// What was found and what was expected: lower case, no full stop, no value of the message.
  public var reason: String
  /// Whether the route made the reason out of the message: it is for the sender then, and in no log.
  public var reasonIsOfMessage = false
  /// The component that failed, such as `rest`.
  public var component: String?
  /// The id of the step that failed.
  public var step: String?
  /// All problems that were found, where there can be several.
  public var problems: [Problem]
  /// How long the other side asks to be left alone.
  public var retryAfter: Duration?
  /// How often it was tried, where that was more than once.
  public var attempts = 1
  /// The error underneath.
  public var cause: (any Error)?

  /// A failure; the step is filled in by the route that runs it.
  public init(
    _ kind: Kind, _ reason: String, component: String? = nil, problems: [Problem] = [], retryAfter: Duration? = nil,
    cause: (any Error)? = nil
  ) {
    self.kind = kind
    self.reason = reason
    self.component = component
    self.problems = problems
    self.retryAfter = retryAfter
    self.cause = cause
  }

  /// Any error as a failure: one that is a failure already as it is, a cancelled task as `cancelled`, others `internal`.
  public init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case is CancellationError: self.init(.cancelled, "the work was cancelled", cause: error)
    default: self.init(.internal, "unexpected \(type(of: error))", cause: error)
    }
  }

  /// Whether the same message may succeed when it is tried again: what `retry` retries and a breaker counts.
  public var isTransient: Bool {
    switch kind {
    case .unavailable, .timeout, .overloaded, .outcomeUnknown: true
    case .invalid, .rejected, .unauthorized, .cancelled, .internal: false
    }
  }

  /// The reason for logs, and for whoever may not see messages: without what was made out of the message.
  public var loggedReason: String { reasonIsOfMessage ? "as the route says" : reason }

  /// `unavailable: connection refused (rest, step deliver)`, with the `loggedReason`.
  public var description: String {
    let place = [component, step.map { "step \($0)" }].compactMap { $0 }.joined(separator: ", ")
    return "\(kind.rawValue): \(loggedReason)" + (place.isEmpty ? "" : " (\(place))")
  }
}
