/// How a route stands at one moment.
public struct RouteStatus: Sendable, Equatable {
  /// What becomes of new messages.
  public enum State: String, Sendable, CaseIterable {
    /// They are taken.
    case started
    /// None are taken, and the source keeps its place.
    case paused
    /// None are taken, and those under way are waited for.
    case draining
    /// The source has ended.
    case stopped
    /// The source broke, and is started again before long.
    case broken
  }

  /// The id.
  public var id: String
  /// What the route is for, as its author says.
  public var description: String?
  /// What its messages come from: `POST 127.0.0.1:8080/referrals`.
  public var source: String
  /// The name of the revision that takes new messages.
  public var revision: String
  /// What becomes of new messages.
  public var state: State
  /// Why it is paused: `operator`, `breaker NAME`, `connection "NAME"`; empty where it is not.
  public var pausedBy: [String]
  /// How many messages are under way, on this revision and on earlier ones.
  public var underWay: Int
  /// Why messages are not worked on although they are meant to be: the source does not take them, the store that the route
  /// needs cannot be written, the connection of a step cannot send, a circuit breaker is open. Nil where they are, or where
  /// an operator keeps them away.
  public var notReady: String?

  /// Whether it does what it is meant to.
  public var isReady: Bool { notReady == nil }
}
